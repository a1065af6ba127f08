"""A report as PDF in Latin, Greek, Cyrillic and many other letters; the same report gives the same bytes."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from importlib import resources

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from hotline_collector.calls.reports.document import Document, Section

_FONT, _LINE_MM, _INDENT_MM = "dejavu", 5.0, 6.0
_FILES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}
# Stands for the number of pages in a footer; foreign text cannot hold it, for no private sign is printed.
_PAGES = "\ue000" * 4
# Letters that join or run from right to left would be printed wrong, one by one from the left (UAX #9).
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
# Vietnamese needs two signs on one letter, and nearly all of those are one sign after composition.
_MOST_MARKS = 2


def pdf(shown: Document, created: datetime) -> bytes:
    """Return the file; `created` is the time that it carries."""
    paper = _Paper(shown.title)
    paper.set_creation_date(created)
    paper.set_title(shown.title)
    paper.set_producer("Hotline")
    paper.set_lang(shown.lang)
    paper.add_page()
    paper.line_of(shown.title, 15, bold=True)
    paper.ln(2)
    for name, value in shown.table:
        paper.line_of(f"{name}: {value}", 10)
    for section in shown.sections:
        _write(paper, section)
    return bytes(paper.output())


def printable(text: str, signs: frozenset[int]) -> str:
    """Return a text in the signs of a font; a sign that it lacks is shown by its number, such as [U+6771].

    The same holds for letters from right to left, and for what is no sign at all. Of the marks that are
    piled upon one letter those after the second are left out.
    """
    out, marks = [], 0
    for sign in unicodedata.normalize("NFC", text):
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks <= _MOST_MARKS:
            out.append(sign if _can_stand(sign, signs) else f"[U+{ord(sign):04X}]")
    return "".join(out)


def _can_stand(sign: str, signs: frozenset[int]) -> bool:
    return (
        ord(sign) in signs
        and unicodedata.category(sign)[0] != "C"
        and unicodedata.bidirectional(sign) not in _RIGHT_TO_LEFT
    )


def _write(paper: _Paper, section: Section) -> None:
    paper.ln(3)
    paper.line_of(section.title, 12, bold=True)
    for entry in section.entries:
        paper.line_of(f"• {entry.head}", 10)
        for line in entry.lines:
            paper.line_of(line, 9, indent=_INDENT_MM)
    for line in section.prose.splitlines():
        paper.line_of(line, 10)


class _Paper(FPDF):
    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        self._signs = frozenset.intersection(*map(self._load, _FILES))
        self._title = printable(title, self._signs)
        self.alias_nb_pages(_PAGES)
        self.set_auto_page_break(True, 20)
        self.set_margin(18)

    def _load(self, style: str) -> frozenset[int]:
        """Take a font in and return the signs that it has."""
        file = resources.files("hotline_collector") / "vendored" / _FILES[style]
        with resources.as_file(file) as path:
            self.add_font(_FONT, style, path)
        font = self.fonts[_FONT + style]
        return frozenset(font.cmap) if isinstance(font, TTFFont) else frozenset()

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font(_FONT, size=8)
        self.cell(0, _LINE_MM, f"{self._title} – {self.page_no()}/{_PAGES}", align="C")

    def line_of(self, text: str, size: int, *, bold: bool = False, indent: float = 0.0) -> None:
        """Write a paragraph, broken where the paper ends."""
        self.set_font(_FONT, style="B" if bold else "", size=size)
        self.set_x(self.l_margin + indent)
        height = _LINE_MM * size / 10
        shown = printable(text, self._signs)
        self.multi_cell(0, height, shown, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
