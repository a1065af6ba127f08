"""The Internet Printing Protocol as far as it takes to ask a print server how its printers are (RFC 8010)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hotline_probe.errors import SourceFailed

# RFC 8011 section 5.4.15 and the manual "CUPS Implementation of IPP".
GET_JOBS, CUPS_GET_DEFAULT, CUPS_GET_PRINTERS = 0x000A, 0x4001, 0x4002
OPERATION, JOB, PRINTER = 0x01, 0x02, 0x04
INTEGER, BOOLEAN, ENUM = 0x21, 0x22, 0x23
KEYWORD, URI, CHARSET, LANGUAGE = 0x44, 0x45, 0x47, 0x48
MAX_VALUES = 20_000
_END = 0x03
_BEGIN_COLLECTION, _END_COLLECTION = 0x34, 0x37
_WITH_LANGUAGE = (0x35, 0x36)
_TEXTS = frozenset({0x41, 0x42, *range(0x44, 0x4A)})
# RFC 8011, section 4.1.8: everything below is a success; CUPS answers 0x0406 where there is nothing to tell.
_SUCCESS, NOT_FOUND = 0x0100, 0x0406

Value = int | bool | str | None
Attributes = Mapping[str, tuple[Value, ...]]
Asked = tuple[str, int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of attributes; `tag` tells what it describes. A value of a kind that nobody needs is None."""

    tag: int
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a print server answered."""

    status: int
    groups: tuple[Group, ...]

    @property
    def ok(self) -> bool:
        """Whether the question was understood and allowed."""
        return self.status < _SUCCESS

    def of(self, tag: int) -> Iterator[Attributes]:
        """Yield the attributes of every group of a kind."""
        return (group.attributes for group in self.groups if group.tag == tag)


def question(operation: int, wanted: Sequence[str], *more: Asked) -> bytes:
    """Return a question of IPP/1.1 for attributes by name; `more` are others, as name, kind and values.

    Charset and language come first, as RFC 8011 section 4.1.4 demands; the language keeps what is answered
    independent of the caller's.
    """
    asked: list[Asked] = [
        ("attributes-charset", CHARSET, ("utf-8",)),
        ("attributes-natural-language", LANGUAGE, ("en",)),
        *more,
        ("requested-attributes", KEYWORD, wanted),
    ]
    head = struct.pack(">BBHI", 1, 1, operation, 1) + bytes((OPERATION,))
    return head + b"".join(_attribute(*one) for one in asked) + bytes((_END,))


def _attribute(name: str, kind: int, values: Sequence[str]) -> bytes:
    out = b""
    for place, value in enumerate(values):
        label, content = (name if place == 0 else "").encode(), value.encode()
        out += struct.pack(">BH", kind, len(label)) + label + struct.pack(">H", len(content)) + content
    return out


def parse_answer(data: bytes) -> Answer:
    r"""Return what an answer says (RFC 8010, section 3).

    >>> parse_answer(b"\x01\x01\0\0\0\0\0\1\x04\x23\0\x0dprinter-state\0\4\0\0\0\3\3").groups
    (Group(tag=4, attributes={'printer-state': (3,)}),)

    Raises:
        SourceFailed: it is cut off, or not IPP/1 or 2, or has too many values.
    """
    if len(data) < 8 or data[0] not in (1, 2):
        raise SourceFailed("this is no answer of IPP")
    groups: list[Group] = []
    attributes: dict[str, tuple[Value, ...]] = {}
    name, depth = "", 0
    for tag, label, content in _elements(data[8:]):
        if content is None:
            attributes = {}
            groups.append(Group(tag, attributes))
            name, depth = "", 0
        elif not groups:
            raise SourceFailed("an attribute stands before any group")
        elif tag in (_BEGIN_COLLECTION, _END_COLLECTION) or depth:
            # Nobody needs what is in a collection; all its members are without a name (section 3.1.6).
            depth = max(depth + (tag == _BEGIN_COLLECTION) - (tag == _END_COLLECTION), 0)
        elif label or name:
            name = label or name
            attributes[name] = (*(() if label else attributes.get(name, ())), _value(tag, content))
    return Answer(int.from_bytes(data[2:4], "big"), tuple(groups))


def _elements(data: bytes) -> Iterator[tuple[int, str, bytes | None]]:
    """Yield kind, name and content of values, and the beginnings of groups with None as content."""
    place = 0
    for _ in range(MAX_VALUES):
        tag, place = _take(data, place, 1)[0], place + 1
        if tag == _END:
            return
        if tag < 0x10:
            yield tag, "", None
            continue
        name, place = _counted(data, place)
        content, place = _counted(data, place)
        yield tag, name.decode("utf-8", "replace"), content
    raise SourceFailed("the answer has too many values")


def _counted(data: bytes, place: int) -> tuple[bytes, int]:
    size = int.from_bytes(_take(data, place, 2), "big")
    return _take(data, place + 2, size), place + 2 + size


def _take(data: bytes, place: int, size: int) -> bytes:
    taken = data[place : place + size]
    if len(taken) < size:
        raise SourceFailed("the answer is cut off")
    return taken


def _value(tag: int, content: bytes) -> Value:
    if tag in (INTEGER, ENUM):
        return int.from_bytes(content, "big", signed=True) if len(content) == 4 else None
    if tag == BOOLEAN:
        return content == b"\1" if len(content) == 1 else None
    if tag in _WITH_LANGUAGE:  # section 3.9: the language and the text, each with its length before it
        size = int.from_bytes(content[:2], "big")
        return content[2 + size + 2 :].decode("utf-8", "replace")
    return content.decode("utf-8", "replace") if tag in _TEXTS else None
