"""Undoes the ways in which programs write a text for other programs, so that what it says can be found."""

from __future__ import annotations

import base64
import contextlib
import re
import unicodedata
from collections.abc import Iterator

LAYERS = 3
_PERCENT = re.compile(r"(?:%[0-9a-f]{2})+", re.IGNORECASE)
# Quoted-printable (RFC 2045, 6.7), \x and octal escapes of C, systemd and the shell.
_QUOTED_PRINTABLE = re.compile(r"(?:=[0-9A-F]{2})+")
_HEX_ESCAPES = re.compile(r"(?<!\\)(?:\\+x[0-9a-f]{2})+", re.IGNORECASE)
_OCTAL_ESCAPES = re.compile(r"(?<!\\)(?:\\+[0-3][0-7]{2})+")
# JSON (RFC 8259, 7), with as many backslashes as it was nested, and numeric references of HTML.
_UNICODE = re.compile(r"(?<!\\)(?:(?:\\+u[0-9a-f]{4})+|\\+U[0-9a-f]{8}|\\+u\{[0-9a-f]{1,6}\})", re.IGNORECASE)
_REFERENCE = re.compile(
    r"&#(?:x([0-9a-f]{1,6})|(\d{1,7}));|&(amp|lt|gt|quot|apos|sol|bsol|colon|commat);", re.I
)
_NAMED = {
    "amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "sol": "/", "bsol": "\\", "colon": ":",
    "commat": "@",
}  # fmt: skip
_BACKSLASHED = re.compile(r"\\([\"'/\\])")
_HEX_PAIRS = re.compile(r"[0-9a-f]{2}", re.IGNORECASE)
_OCTALS = re.compile(r"[0-3][0-7]{2}")

_SHORTEST = 8
# Base 64 in both alphabets (RFC 4648); what stands in a path is tried without the path, too.
OPAQUE = (
    re.compile(rf"[A-Za-z0-9+/_-]{{{_SHORTEST},}}={{0,2}}"),
    re.compile(rf"[A-Za-z0-9+]{{{_SHORTEST},}}={{0,2}}"),
)
_HEX_WORD = re.compile(r"(?:[0-9a-f]{2}){5,}", re.IGNORECASE)
_URL_SAFE = str.maketrans("-_", "+/")


def plainer(text: str) -> Iterator[str]:
    r"""Yield what a text says with more and more of its escapes undone, composed as Unicode wants it (NFC).

    >>> [list(plainer(text)) for text in ("m%C3%BCller", "m=C3=BCller", r"m\u00fcller", "m&#252;ller", "50%")]
    [['müller'], ['müller'], ['müller'], ['müller'], []]
    """
    for _ in range(LAYERS):
        before = text
        for step in (_composed, _percent, _references, _backslashes, _quoted_printable):
            decoded = step(text)
            if decoded != text:
                text = decoded
                yield text
        if text == before:
            return


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _percent(text: str) -> str:
    return _PERCENT.sub(lambda match: _bytes(bytes.fromhex(match[0].replace("%", ""))), text)


def _references(text: str) -> str:
    return _REFERENCE.sub(_reference, text)


def _quoted_printable(text: str) -> str:
    return _QUOTED_PRINTABLE.sub(lambda match: _bytes(bytes.fromhex(match[0].replace("=", ""))), text)


def _backslashes(text: str) -> str:
    if "\\" not in text:
        return text
    text = _UNICODE.sub(_unicode, text)
    text = _HEX_ESCAPES.sub(_hex_escapes, text)
    text = _OCTAL_ESCAPES.sub(_octal_escapes, text)
    return _BACKSLASHED.sub(lambda match: match[1], text)


def opaque(run: str) -> list[str]:
    """Return what a run of letters and digits may say in base 64 or in hexadecimal; mostly nothing.

    >>> opaque("dXNlcjpTY2htaWR0Nw=="), opaque("616e6e61732d7063"), opaque("filesystem")
    (['user:Schmidt7'], ['annas-pc'], [])
    """
    bare = run.rstrip("=")
    found = []
    if _HEX_WORD.fullmatch(bare):
        found.append(_printable(bytes.fromhex(bare)))
    if len(bare) % 4 != 1:
        padded = bare.translate(_URL_SAFE) + "=" * (-len(bare) % 4)
        with contextlib.suppress(ValueError):
            found.append(_printable(base64.b64decode(padded, validate=True)))
    return [text for text in found if text]


def _printable(raw: bytes) -> str:
    # Windows writes two bytes a character (powershell -EncodedCommand).
    for encoding in ("utf-8", "utf-16-le") if raw[1:2] != b"\0" else ("utf-16-le",):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.isprintable() or "".join(text.split()).isprintable():
            return text
    return ""


def _bytes(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _hex_escapes(match: re.Match[str]) -> str:
    return _bytes(bytes.fromhex("".join(_HEX_PAIRS.findall(match[0].replace("\\", "")))))


def _octal_escapes(match: re.Match[str]) -> str:
    return _bytes(bytes(int(digits, 8) for digits in _OCTALS.findall(match[0])))


def _unicode(match: re.Match[str]) -> str:
    if match[0].lstrip("\\")[0] == "U" or "{" in match[0]:
        return _character(int(match[0].strip("\\uU{}"), 16))
    units = b"".join(int(part, 16).to_bytes(2, "little") for part in re.findall(r"[0-9a-fA-F]{4}", match[0]))
    return units.decode("utf-16-le", "replace")


def _reference(match: re.Match[str]) -> str:
    if match[3]:
        return _NAMED[match[3].lower()]
    return _character(int(match[1], 16) if match[1] else int(match[2]))


def _character(number: int) -> str:
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\N{REPLACEMENT CHARACTER}"
