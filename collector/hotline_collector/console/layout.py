"""Rows of styled text, laid out on a given width with hanging indents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO

from rich.console import Console
from rich.text import Text

MIN_WIDTH = 20
# Wrapping needs a console for its cell widths only; it never prints.
_RULER = Console(file=StringIO(), color_system=None)


@dataclass(frozen=True, slots=True)
class Row:
    """One paragraph: its text, how far it is indented, what it belongs to (a finding's id).

    A row that is `whole` stays on one line, however long: something to be copied.
    """

    text: Text
    indent: int = 0
    anchor: str = ""
    whole: bool = False


def row(*parts: str | tuple[str, str], indent: int = 0, anchor: str = "", whole: bool = False) -> Row:
    """Return a row of plain and (text, style) parts; nothing in them is read as markup."""
    return Row(Text.assemble(*(part for part in parts if part)), indent, anchor, whole)


def joined(parts: Iterable[str | tuple[str, str]], separator: str = " · ") -> list[str | tuple[str, str]]:
    """Return the parts that are not empty with a separator between them."""
    out: list[str | tuple[str, str]] = []
    for part in parts:
        if part and part != ("", ""):
            out += [separator, part] if out else [part]
    return out


def lay_out(rows: Sequence[Row], width: int | None) -> list[Text]:
    """Return the lines of the rows, none but whole ones wider than `width` cells; one line a row for None."""
    return [line for _, lines in _wrapped(rows, width) for line in lines]


def line_of(rows: Sequence[Row], width: int, anchor: str) -> int:
    """Return the line on which the row with an anchor begins; 0 if there is none."""
    line = 0
    for each, lines in _wrapped(rows, width):
        if each.anchor == anchor:
            return line
        line += len(lines)
    return 0


def _wrapped(rows: Sequence[Row], width: int | None) -> Iterable[tuple[Row, list[Text]]]:
    for each in rows:
        pad = " " * each.indent
        if width is None or each.whole:
            line = Text.assemble(pad, each.text)
            line.rstrip()
            yield each, [line]
            continue
        # Lines after the first go two cells deeper, so that the start of each row can be found.
        wrapped = each.text.wrap(_RULER, max(width, MIN_WIDTH) - each.indent - 2, tab_size=1)
        lines = [
            Text.assemble(pad if number == 0 else pad + "  ", line) for number, line in enumerate(wrapped)
        ]
        for line in lines:
            line.rstrip()
        yield each, lines or [Text()]
