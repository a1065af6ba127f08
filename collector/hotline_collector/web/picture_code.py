"""Picture codes (QR, ISO/IEC 18004) as paths of SVG."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import segno

# The quiet zone that the standard asks for, in modules.
_MARGIN = 4
_MAX = 600


@dataclass(frozen=True, slots=True)
class PictureCode:
    """A code with its quiet zone: `size` modules wide, `path` the `d` of its dark modules."""

    size: int
    path: str


@functools.lru_cache(maxsize=256)
def picture_code(text: str) -> PictureCode | None:
    """Return a text as a picture code, None if it is too long to be read off a screen."""
    if not text or len(text) > _MAX:
        return None
    rows = segno.make_qr(text, error="m", boost_error=False).matrix
    path = "".join(_row(row, number + _MARGIN) for number, row in enumerate(rows))
    return PictureCode(len(rows) + 2 * _MARGIN, path)


def _row(row: bytes | bytearray, y: int) -> str:
    out, start = [], -1
    for x, dark in enumerate([*row, 0]):
        if dark and start < 0:
            start = x
        elif not dark and start >= 0:
            out.append(f"M{start + _MARGIN} {y}h{x - start}v1h{start - x}z")
            start = -1
    return "".join(out)
