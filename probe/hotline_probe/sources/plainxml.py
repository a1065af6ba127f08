"""XML from strangers: no document type, hence no entities of their own, and bounded in depth and number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from hotline_probe.errors import SourceFailed

MAX_ELEMENTS = 4096
MAX_DEPTH = 32


@dataclass(slots=True)
class Element:
    """One element without its attributes; `name` has no namespace prefix, `text` is all that stands in it."""

    name: str
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """Yield the element and everything below it, in the order of the document."""
        yield self
        for child in self.children:
            yield from child.walk()

    def says(self, name: str) -> str:
        """Return the text of the first child of that name, empty without one."""
        return next((child.text.strip() for child in self.children if child.name == name), "")


class _Builder:
    def __init__(self) -> None:
        self._open: list[Element] = []
        self._count = 0
        self.root: Element | None = None

    def start(self, name: str, _attributes: object) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise SourceFailed("the XML has too many elements")
        element = Element(name.rpartition(":")[2])
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _name: str) -> None:
        self._open.pop()

    def characters(self, text: str) -> None:
        self._open[-1].text += text

    @staticmethod
    def refuse(*_doctype: object) -> None:
        # What a document type declares can make a kilobyte unfold into gigabytes, or name files to read.
        raise SourceFailed("the XML declares a document type")


def parse_xml(document: bytes) -> Element:
    """Return the root element of a document.

    >>> parse_xml(b"<s:a xmlns:s='urn:x'><b> up </b></s:a>").says("b")
    'up'

    Raises:
        SourceFailed: it is not well-formed, declares a document type, or is deeper or bigger than a device's
            description may be.
    """
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    try:
        parser.Parse(document, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise SourceFailed(f"the XML cannot be read: {error}") from error
    if builder.root is None:
        raise SourceFailed("the XML is empty")
    return builder.root
