"""The ways in which programs write a value down: what to plant, and what to look for."""

from __future__ import annotations

import base64
import contextlib
import html
import json
import quopri
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus


def spellings(value: str) -> list[str]:
    """Return a value in the usual encodings of Unix, Windows, the web, mail and Python, each once."""
    return list(dict.fromkeys(_spellings(value)))


def _spellings(value: str) -> Iterator[str]:
    raw = value.encode()
    yield from (value, value.upper(), value.lower(), value.swapcase())
    yield from (unicodedata.normalize(form, value) for form in ("NFC", "NFD"))
    yield from (quote(value, safe=""), quote(quote(value, safe=""), safe=""), quote_plus(value))
    yield from ("".join(f"%{byte:02{case}}" for byte in raw) for case in "Xx")
    for text in (raw, b"user:" + raw, b"<" + raw + b">"):
        standard = base64.b64encode(text).decode()
        yield from (standard, standard.rstrip("="), base64.urlsafe_b64encode(text).decode(), quote(standard))
    yield base64.b64encode(value.encode("utf-16-le")).decode()
    yield from (json.dumps(value)[1:-1], json.dumps(json.dumps(value))[3:-3])
    yield "".join(f"\\u{ord(char):04x}" for char in value)
    yield quopri.encodestring(raw, quotetabs=True).decode()
    yield "".join(f"={byte:02X}" for byte in raw)
    yield html.escape(value)
    yield from (
        "".join(f"&#{ord(char):d};" for char in value),
        "".join(f"&#x{ord(char):x};" for char in value),
    )
    yield "".join(f"\\x{byte:02x}" for byte in raw)
    yield "".join(f"\\{byte:03o}" for byte in raw)
    yield from (raw.hex(), value.encode("utf-16-le").hex())
    yield raw.decode("latin-1")
    with contextlib.suppress(UnicodeError):
        yield value.encode("idna").decode()


def found_in(content: bytes, values: Iterable[str]) -> list[tuple[str, str]]:
    """Return which values occur in which spelling, whatever the letter case."""
    folded = content.lower()
    return [
        (value, spelt) for value in values for spelt in spellings(value) if spelt.encode().lower() in folded
    ]
