"""Evaluates conditions of the decision table in three-valued logic, with the standard library alone.

A condition is nested lists, as `hotline rules table` writes them. Unknown is contagious except where `and` or
`or` are decided by the rest; an error (a division by zero, a missing item) counts as unknown, because neither
can be a verdict.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Final, Protocol

from hotline_probe.errors import TableError


class _Unknown(Enum):
    UNKNOWN = "unknown"


UNKNOWN: Final = _Unknown.UNKNOWN
Locals = Mapping[str, Any]
Evaluator = Callable[["View", Locals], Any]
MAX_DEPTH = 60


class Element(Protocol):
    """One entity as the element of a list."""

    def field(self, name: str) -> Any:
        """Return a fact by its short name, or UNKNOWN."""
        ...


class View(Protocol):
    """Where a condition finds its facts."""

    def fact(self, kind: str, name: str) -> Any:
        """Return a fact of the machine (kind "") or of the bound entity, or UNKNOWN."""
        ...

    def count(self, kind: str, name: str, window: float) -> Any:
        """Return how many events of a log fact there were within seconds, or UNKNOWN."""
        ...

    def elements(self, kind: str) -> Any:
        """Return all entities of a kind, or UNKNOWN while they are not all told."""
        ...


def compile_tree(tree: Any, depth: int = 0) -> Evaluator:
    """Return a function that evaluates a condition.

    Raises:
        TableError: the condition is not one of the table's.
    """
    if depth > MAX_DEPTH:
        raise TableError("a condition is nested too deeply")
    try:
        kind, *parts = tree
        build = _BUILDERS[kind]
        return build(parts, depth + 1)
    except (KeyError, TypeError, ValueError) as error:
        raise TableError(f"a condition is damaged: {error!r}") from error


def _const(parts: list[Any], _depth: int) -> Evaluator:
    (value,) = parts
    return lambda _view, _names: value


def _fact(parts: list[Any], _depth: int) -> Evaluator:
    kind, name, function, window = parts
    if function == "count":
        return lambda view, _names: view.count(kind, name, window)
    if function == "known":
        return lambda view, _names: view.fact(kind, name) is not UNKNOWN
    if function:
        raise ValueError(function)
    return lambda view, _names: view.fact(kind, name)


def _late(_parts: list[Any], _depth: int) -> Evaluator:
    """A function over a window that a single look cannot cover."""
    return lambda _view, _names: UNKNOWN


def _list(parts: list[Any], _depth: int) -> Evaluator:
    (kind,) = parts
    return lambda view, _names: view.elements(kind)


def _local(parts: list[Any], _depth: int) -> Evaluator:
    (name,) = parts
    return lambda _view, names: names.get(name, UNKNOWN)


def _field(parts: list[Any], depth: int) -> Evaluator:
    operand, name = compile_tree(parts[0], depth), parts[1]

    def evaluate(view: View, names: Locals) -> Any:
        value = operand(view, names)
        return UNKNOWN if value is UNKNOWN else value.field(name)

    return evaluate


def _not(parts: list[Any], depth: int) -> Evaluator:
    (item,) = (compile_tree(part, depth) for part in parts)

    def evaluate(view: View, names: Locals) -> Any:
        value = item(view, names)
        return UNKNOWN if value is UNKNOWN else not value

    return evaluate


def _junction(decider: bool) -> Callable[[list[Any], int], Evaluator]:
    def build(parts: list[Any], depth: int) -> Evaluator:
        items = [compile_tree(part, depth) for part in parts]

        def evaluate(view: View, names: Locals) -> Any:
            result: Any = not decider
            for item in items:
                value = item(view, names)
                if value is decider:
                    return decider
                if value is UNKNOWN:
                    result = UNKNOWN
            return result

        return evaluate

    return build


def _call(parts: list[Any], depth: int) -> Evaluator:
    name, *rest = parts
    args = [compile_tree(part, depth) for part in rest]
    if name == "_?_:_":
        return _conditional(*args)
    if name == "@not_strictly_false":
        return lambda view, names: args[0](view, names) is not False
    return _strict(_FUNCTIONS[name], args)


def _conditional(condition: Evaluator, yes: Evaluator, no: Evaluator) -> Evaluator:
    def evaluate(view: View, names: Locals) -> Any:
        value = condition(view, names)
        if value is UNKNOWN:
            return UNKNOWN
        return yes(view, names) if value else no(view, names)

    return evaluate


def _strict(function: Callable[..., Any], args: Sequence[Evaluator]) -> Evaluator:
    def evaluate(view: View, names: Locals) -> Any:
        values = [arg(view, names) for arg in args]
        if any(value is UNKNOWN for value in values):
            return UNKNOWN
        try:
            return function(*values)
        except (ArithmeticError, LookupError, TypeError, ValueError):
            return UNKNOWN

    return evaluate


def _items(parts: list[Any], depth: int) -> Evaluator:
    return _strict(lambda *values: list(values), [compile_tree(part, depth) for part in parts])


def _fold(parts: list[Any], depth: int) -> Evaluator:
    variable, accumulator, *trees = parts
    range_, start, condition, step, result = (compile_tree(tree, depth) for tree in trees)

    def evaluate(view: View, names: Locals) -> Any:
        values = range_(view, names)
        if values is UNKNOWN:
            return UNKNOWN
        scope = {**names, accumulator: start(view, names)}
        for value in values:
            scope[variable] = value
            if condition(view, scope) is False:
                break
            scope[accumulator] = step(view, scope)
        return result(view, scope)

    return evaluate


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "_+_": operator.add,
    "_-_": operator.sub,
    "_*_": operator.mul,
    "@in": lambda item, items: item in items,
    "size": len,
    "contains": lambda text, part: part in text,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
}
_BUILDERS: dict[str, Callable[[list[Any], int], Evaluator]] = {
    "const": _const,
    "fact": _fact,
    "late": _late,
    "list": _list,
    "local": _local,
    "field": _field,
    "not": _not,
    "and": _junction(decider=False),
    "or": _junction(decider=True),
    "call": _call,
    "items": _items,
    "fold": _fold,
}
