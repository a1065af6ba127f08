"""The words of a PDF as a reader finds them: codes of each font through its ToUnicode table.

Source: ISO 32000-1, 9.10.3 (ToUnicode), 7.3.4.2 (strings in parentheses). Only what fpdf2 writes is read.
"""

from __future__ import annotations

import re
import zlib

_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def words_of_pdf(data: bytes) -> str:
    """Return the text, one line for each line on the paper."""
    objects = {int(number): body for number, body in re.findall(rb"(\d+) 0 obj\n(.*?)\nendobj", data, re.S)}
    resources = re.search(rb"/Font <<(.*?)>>", data, re.S)
    assert resources is not None
    fonts = {
        name: _letters(objects, int(number))
        for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", resources[1])
    }
    pages = [body for body in objects.values() if re.search(rb"/Type /Page\n", body)]
    contents = (_number(rb"Contents", page) for page in pages)
    return "\n".join(_text(_stream(objects[number]), fonts) for number in contents)


def _letters(objects: dict[int, bytes], font: int) -> dict[int, str]:
    table = _stream(objects[_number(rb"ToUnicode", objects[font])])
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", table)
    return {int(code, 16): bytes.fromhex(sign.decode()).decode("utf-16-be") for code, sign in pairs}


def _text(content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    out: list[str] = []
    letters: dict[int, str] = {}
    for font, line, written in re.findall(
        rb"/(F\d+) [\d.]+ Tf|( Td )|\(((?:\\.|[^\\)])*)\) Tj", content, re.DOTALL
    ):
        letters = fonts[font] if font else letters
        out.append("\n" if line else "")
        codes = re.sub(rb"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), written, flags=re.DOTALL)
        out.extend(letters[int.from_bytes(codes[at : at + 2])] for at in range(0, len(codes), 2))
    return "".join(out)


def _number(key: bytes, body: bytes) -> int:
    found = re.search(rb"/" + key + rb" (\d+) 0 R", body)
    assert found is not None
    return int(found[1])


def _stream(body: bytes) -> bytes:
    found = re.search(rb"stream\n(.*)\nendstream", body, re.DOTALL)
    assert found is not None
    return zlib.decompress(found[1]) if b"/FlateDecode" in body else found[1]
