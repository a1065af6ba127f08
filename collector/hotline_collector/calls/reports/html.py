"""A report as one HTML page: no script, nothing loaded, made to be printed."""

from __future__ import annotations

from html import escape

from hotline_collector.calls.reports.document import Document, Section

# A page opened from a disk has no headers; this says the same.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 1.5rem auto; padding: 0 1rem; }
* { overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; border-bottom: 1px solid; }
th { text-align: left; vertical-align: top; padding-right: 1.5rem; font-weight: 600; } td { padding: 0; }
li { margin-bottom: .5rem; } p { margin: 0 0 .25rem; } .prose { white-space: pre-wrap; }
@media print { body { margin: 0; max-width: none; font-size: 10pt; } li { break-inside: avoid; } }
"""


def html(shown: Document) -> str:
    """Return the page; everything foreign is escaped."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>\n'
        for name, value in shown.table
    )
    sections = "".join(map(_section, shown.sections))
    return (
        f'<!doctype html>\n<html lang="{shown.lang}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(shown.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(shown.title)}</h1>\n<table>\n{rows}</table>\n{sections}</main>\n</body>\n</html>\n"
    )


def _section(section: Section) -> str:
    items = "".join(
        f"<li><p>{escape(entry.head)}</p>{''.join(f'<p>{escape(line)}</p>' for line in entry.lines)}</li>\n"
        for entry in section.entries
    )
    listed = f"<ul>\n{items}</ul>\n" if items else ""
    prose = f'<p class="prose">{escape(section.prose)}</p>\n' if section.prose else ""
    return f"<section>\n<h2>{escape(section.title)}</h2>\n{listed}{prose}</section>\n"
