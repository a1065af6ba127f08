"""A result as a picture code: a phone's camera reads it and opens the operator's page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hotline_probe.vendored.qrcodegen import QrCode, QrSegment

# ISO/IEC 18004 wants four light modules around the code, and it does not work without them.
QUIET_ZONE = 4
# Black on white whatever the terminal's own colours are (ECMA-48, select graphic rendition).
_INK, _PLAIN = "\x1b[0;30;47m", "\x1b[0m"
_PARTS = re.compile(r"[0-9]{8,}|(?:(?![0-9]{8}).)+", re.DOTALL)
# Two rows of modules in one line: neither dark, the upper, the lower, both.
_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def page_of(web: str, code: str, digits: str) -> str:
    """Return the address of the page that takes a result; `code` is the join code, empty without one."""
    return "/".join([web.rstrip("/"), "r", *([code] if code else []), "".join(digits.split())])


def modules(text: str) -> list[str]:
    """Return the code of a text as rows of "1" (dark) and "0" (light), with its quiet zone.

    The rows are all equally long, and as many as they are long. Runs of digits are packed as such, which
    keeps the picture small.

    Raises:
        ValueError: the text is too long for any code (some 2,900 bytes).
    """
    code = QrCode.encode_segments(_segments(text), QrCode.Ecc.MEDIUM)
    reach = range(-QUIET_ZONE, code.get_size() + QUIET_ZONE)
    return ["".join("1" if code.get_module(x, y) else "0" for x in reach) for y in reach]


def drawn(rows: Sequence[str]) -> str:
    """Return the rows as lines of half blocks for a terminal."""
    lines = []
    for upper, lower in zip(rows[::2], [*rows[1::2], "0" * len(rows[0])], strict=False):
        blocks = (_BLOCKS[above == "1", below == "1"] for above, below in zip(upper, lower, strict=True))
        lines.append(f"{_INK}{''.join(blocks)}{_PLAIN}")
    return "\n".join(lines)


def _segments(text: str) -> list[QrSegment]:
    return [segment for part in _PARTS.findall(text) for segment in QrSegment.make_segments(part)]
