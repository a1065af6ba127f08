"""Expressions as trees of our own: facts resolved, functions over time folded into variables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from hotline_proto.catalogue import Catalogue, FactSpec

from hotline_collector.engine.cel.values import TypeValue, UInt


class VarKey(NamedTuple):
    """A variable: a fact, or a function of one over a window (µs), of the target or the bound entity."""

    kind: str
    fact: str
    function: str = ""
    window: int = 0


@dataclass(frozen=True, slots=True)
class Const:
    """A literal; `unit` is set when it was written as a quantity."""

    value: bool | int | UInt | float | str | bytes | TypeValue | None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Var:
    """A fact, or a function of one."""

    key: VarKey


@dataclass(frozen=True, slots=True)
class ListVar:
    """All entities of a kind."""

    kind: str


@dataclass(frozen=True, slots=True)
class Local:
    """A name bound by a macro, or a declared variable that is no fact."""

    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """operand.name of an entity in a list, or of a map."""

    operand: Node
    name: str
    offset: int = field(default=-1, compare=False)


@dataclass(frozen=True, slots=True)
class Has:
    """has(operand.name): whether a map has a key."""

    operand: Node
    name: str
    offset: int = field(default=-1, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """Logical negation."""

    item: Node


@dataclass(frozen=True, slots=True)
class And:
    """Logical conjunction; a false item decides."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Logical disjunction; a true item decides."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the standard; receiver-style calls have their target first.

    `offset` is where it stands in the source, in code points.
    """

    function: str
    args: tuple[Node, ...]
    offset: int = field(default=-1, compare=False)


@dataclass(frozen=True, slots=True)
class ListLiteral:
    """[a, b]."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class MapLiteral:
    """{key: value}: keys and values in turn."""

    items: tuple[Node, ...]
    offset: int = field(default=-1, compare=False)


@dataclass(frozen=True, slots=True)
class Fold:
    """What the macros all, exists, exists_one, map and filter expand to."""

    variable: str
    range: Node
    accumulator: str
    start: Node
    condition: Node
    step: Node
    result: Node
    offset: int = field(default=-1, compare=False)


Node = Const | Var | ListVar | Local | Field | Has | Not | And | Or | Call | ListLiteral | MapLiteral | Fold


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked expression: its text and its tree."""

    source: str
    root: Node


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def children(node: Node) -> tuple[Node, ...]:
    """Return the direct parts of a node."""
    match node:
        case Not(item):
            return (item,)
        case And(items) | Or(items) | ListLiteral(items) | MapLiteral(items):
            return items
        case Call(_, args):
            return args
        case Field(operand, _) | Has(operand, _):
            return (operand,)
        case Fold(_, range_, _, start, condition, step, result):
            return (range_, start, condition, step, result)
        case _:
            return ()


def find_spec(catalogue: Catalogue, key: VarKey) -> FactSpec | None:
    """Return the catalogue's entry of a variable, None for questions and entity keys."""
    if not key.kind:
        return catalogue.facts.get(key.fact)
    return catalogue.facts.get(f"{catalogue.entities[key.kind].prefix}.{key.fact}")
