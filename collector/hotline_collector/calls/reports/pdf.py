"""A report as PDF, with the fonts that every reader has; the same report gives the same bytes."""

from __future__ import annotations

from datetime import datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from hotline_collector.calls.reports.document import Document, Section

# The standard fonts of PDF (ISO 32000-1, 9.6.2.2) know Latin-1 here; for the rest there are other signs.
_LIKE = str.maketrans(
    {
        "…": "...",
        "–": "-",
        "—": "-",
        "“": '"',
        "”": '"',
        "„": '"',
        "’": "'",
        "‘": "'",
        "≥": ">=",
        "≤": "<=",
        "≠": "!=",
        "→": "->",
        "−": "-",
        "€": "EUR",
        "•": "-",
    }
)
_FONT, _LINE_MM, _INDENT_MM = "helvetica", 5.0, 6.0


def pdf(shown: Document, created: datetime) -> bytes:
    """Return the file; `created` is the time that it carries."""
    paper = _Paper(latin(shown.title))
    paper.set_creation_date(created)
    paper.set_title(latin(shown.title))
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


def latin(text: str) -> str:
    """Return a text in Latin-1; a sign that has none there is shown by its number, such as [U+0142]."""
    near = text.translate(_LIKE)
    return "".join(c if c.isascii() or "\xa0" <= c <= "\xff" else f"[U+{ord(c):04X}]" for c in near)


def _write(paper: _Paper, section: Section) -> None:
    paper.ln(3)
    paper.line_of(section.title, 12, bold=True)
    for entry in section.entries:
        paper.line_of(f"- {entry.head}", 10)
        for line in entry.lines:
            paper.line_of(line, 9, indent=_INDENT_MM)
    for line in section.prose.splitlines():
        paper.line_of(line, 10)


class _Paper(FPDF):
    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        self._title = title
        self.set_auto_page_break(True, 20)
        self.set_margin(18)

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font(_FONT, size=8)
        self.cell(0, _LINE_MM, f"{self._title} - {self.page_no()}/{{nb}}", align="C")

    def line_of(self, text: str, size: int, *, bold: bool = False, indent: float = 0.0) -> None:
        """Write a paragraph, broken where the paper ends."""
        self.set_font(_FONT, style="B" if bold else "", size=size)
        self.set_x(self.l_margin + indent)
        height = _LINE_MM * size / 10
        self.multi_cell(0, height, latin(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
