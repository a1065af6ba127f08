"""The terminal: harmless text from foreign sources, and the little colour there is."""

from __future__ import annotations

import contextlib
import os
import unicodedata
from typing import TextIO

MAX_TEXT = 400
_COLUMNS = 80
_CODES = {"bold": "1", "green": "32", "yellow": "33", "red": "31"}


def harmless(text: str, limit: int = MAX_TEXT) -> str:
    """Return foreign text on one line without control, format or private characters.

    That takes away escape sequences and direction overrides (Unicode categories C*); what is longer
    than `limit` characters is cut.
    """
    clean = " ".join(
        "".join(
            " " if c in "\t\r\n" else c for c in text if c in "\t\r\n" or unicodedata.category(c)[0] != "C"
        ).split()
    )
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


class Style:
    """Colours text and redraws one status line, or does nothing of the kind.

    Honours NO_COLOR (no-color.org), TERM=dumb and output that is not a terminal.
    """

    def __init__(self, stream: TextIO, colour: bool = True) -> None:
        terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        self.live = terminal
        self._stream = stream
        self._colour = terminal and colour and not os.environ.get("NO_COLOR")

    def paint(self, text: str, style: str) -> str:
        """Return the text in a style of `_CODES`."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self._colour else text

    def redraw(self, text: str) -> str:
        """Return what replaces the current line by `text`, cut to the width of the terminal."""
        width = self.columns() - 1
        return "\r\x1b[K" + (text if len(text) <= width else text[: width - 1] + "…")

    def columns(self) -> int:
        """Return the width of the terminal."""
        # Like shutil.get_terminal_size, whose module would load three compression libraries.
        with contextlib.suppress(OSError, ValueError):
            return int(os.environ.get("COLUMNS") or os.get_terminal_size(self._stream.fileno()).columns)
        return _COLUMNS
