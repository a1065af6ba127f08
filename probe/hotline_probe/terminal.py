"""The terminal: harmless text from foreign sources, and the little colour there is."""

from __future__ import annotations

import contextlib
import logging
import os
import textwrap
import unicodedata
from typing import TextIO

MAX_TEXT = 400
_COLUMNS = 80
_NARROWEST = 20
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


class HarmlessLog(logging.Formatter):
    """Writes messages that may quote a collector or a device, without control, format or private characters.

    Lines stay, for a traceback has several.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the message."""
        return "".join(c for c in super().format(record) if c == "\n" or unicodedata.category(c)[0] != "C")


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
        return self.erase() + (text if len(text) <= width else text[: width - 1] + "…")

    def erase(self, lines: int = 1) -> str:
        """Return what takes away the current line and those above it, on a live terminal."""
        return "\r\x1b[K" + "\x1b[A\x1b[K" * (lines - 1) if self.live else ""

    def wrap(self, text: str) -> str:
        """Return the text in lines that break between words, if a terminal would break it anywhere."""
        width = self.columns() - 1
        if not self.live or len(text) <= width or "\n" in text:
            return text
        indent = " " * min(len(text) - len(text.lstrip()), width // 2)
        lines = textwrap.wrap(
            text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
        return "\n".join(lines) + text[len(text.rstrip()) :]

    def columns(self) -> int:
        """Return the width of the terminal; one that does not know its own has 80."""
        # Like shutil.get_terminal_size, whose module would load three compression libraries.
        width = 0
        with contextlib.suppress(OSError, ValueError):
            width = int(os.environ.get("COLUMNS") or os.get_terminal_size(self._stream.fileno()).columns)
        return max(width, _NARROWEST) if width > 0 else _COLUMNS
