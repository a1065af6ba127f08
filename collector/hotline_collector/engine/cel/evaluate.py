"""Evaluates trees in three-valued logic: a value, unknown, or an error.

The meaning is CEL's (github.com/google/cel-spec, doc/langdef.md): `&&` and `||` absorb errors and unknowns
in either order, everything else is strict. A tree is compiled to closures once and run many times.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from hotline_collector.engine.cel import tree
from hotline_collector.engine.cel.functions import ORDERS, Function, standard
from hotline_collector.engine.cel.values import (
    UNKNOWN,
    EvaluationError,
    Failure,
    MapValue,
    NoValue,
    is_entity,
    type_name,
    weigh,
    weigh_top,
)
from hotline_collector.engine.cel.work import MOST_WORK, TooMuchWork, Work


class Element(Protocol):
    """One entity as the element of a list."""

    def field(self, name: str) -> Any:
        """Return the value of a fact by its short name, or UNKNOWN."""
        ...


class View(Protocol):
    """Where an expression finds its facts."""

    def value(self, key: tree.VarKey) -> Any:
        """Return the value of a variable, or UNKNOWN."""
        ...

    def elements(self, kind: str) -> Sequence[Element] | NoValue:
        """Return all entities of a kind, or UNKNOWN while the list is not complete."""
        ...


Locals = Mapping[str, Any]
Evaluator = Callable[[View, Locals], Any]
# The name under which the work of an evaluation travels with the names that macros bind.
_WORK = "@work"
_SCALARS = frozenset({bool, int, float, str})
_SIZED = frozenset({str, bytes, list, MapValue})
# What a call pays for one of its arguments, given how much work is left.
Price = Callable[[Any, int], int]
_PRICES: Mapping[str, Price] = {
    **dict.fromkeys(("_+_", "contains", "startsWith", "endsWith", "matches", "string", "bytes"), weigh_top),
    **dict.fromkeys(("==", "!=", "@in"), weigh),
}
_PYTHON: Mapping[str, Function] = {
    **ORDERS,
    "==": operator.eq,
    "!=": operator.ne,
}


def compile_node(node: tree.Node) -> Evaluator:
    """Return a closure that evaluates a tree, at bounded cost.

    Raises:
        ValueError: a function that CEL does not have.
    """
    evaluator = _compile(node)
    return _bounded(evaluator) if any(isinstance(part, tree.Fold) for part in tree.walk(node)) else evaluator


def _bounded(evaluator: Evaluator) -> Evaluator:
    def evaluate(view: View, names: Locals) -> Any:
        try:
            return evaluator(view, {**names, _WORK: Work()})
        except TooMuchWork:
            return Failure(f"too much work: more than {MOST_WORK} steps")

    return evaluate


def _compile(node: tree.Node) -> Evaluator:
    match node:
        case tree.Const(value, _):
            return lambda _view, _names: value
        case tree.Var(key):
            return lambda view, _names: view.value(key)
        case tree.ListVar(kind):
            return lambda view, _names: view.elements(kind)
        case tree.Local(name):
            missing = Failure(f"there is no name {name}")
            return lambda _view, names: names.get(name, missing)
        case tree.Field(operand, name, offset):
            return _selection(_compile(operand), name, offset)
        case tree.Has(operand, name, offset):
            return _strict(lambda value: _has(value, name), [_compile(operand)], offset)
        case tree.Not(item):
            return _negation(_compile(item))
        case tree.And(items):
            return _junction([_compile(item) for item in items], decider=False)
        case tree.Or(items):
            return _junction([_compile(item) for item in items], decider=True)
        case tree.ListLiteral(items):
            return _strict(lambda *values: list(values), [_compile(item) for item in items])
        case tree.MapLiteral(items, offset):
            return _strict(_map, [_compile(item) for item in items], offset)
        case tree.Fold():
            return _fold(node)
        case tree.Call():
            return _call(node)


def _selection(operand: Evaluator, name: str, offset: int) -> Evaluator:
    def evaluate(view: View, names: Locals) -> Any:
        value = operand(view, names)
        if isinstance(value, NoValue):
            return value
        if is_entity(value):
            return value.field(name)
        if type(value) is MapValue and name in value:
            return value[name]
        return Failure(f"this {type_name(value)} has no {name}", offset)

    return evaluate


def _has(value: Any, name: str) -> bool:
    if type(value) is MapValue:
        return name in value
    raise EvaluationError(f"has() asks a map, not {type_name(value)}")


def _map(*items: Any) -> MapValue:
    return MapValue(list(zip(items[::2], items[1::2], strict=True)))


def _negation(item: Evaluator) -> Evaluator:
    def evaluate(view: View, names: Locals) -> Any:
        value = item(view, names)
        if isinstance(value, bool):
            return not value
        return value if isinstance(value, NoValue) else _no_bool(value)

    return evaluate


def _no_bool(value: Any) -> Failure:
    return Failure(f"!, &&, || and ?: need a bool, not {type_name(value)}")


def _junction(items: Sequence[Evaluator], *, decider: bool) -> Evaluator:
    """Build a conjunction (decider False) or disjunction (decider True); unknown outweighs error."""
    neutral = not decider

    def evaluate(view: View, names: Locals) -> Any:
        result: Any = neutral
        for item in items:
            value = item(view, names)
            if value is decider:
                return decider
            if value is neutral or result is UNKNOWN:
                continue
            if value is UNKNOWN or result is neutral:
                result = value if isinstance(value, NoValue) else _no_bool(value)
        return result

    return evaluate


def _strict(
    function: Function, args: Sequence[Evaluator], offset: int = -1, price: Price | None = None
) -> Evaluator:
    """Build a call that has no value as soon as one argument has none; unknown outweighs error.

    With a price it pays for the size of its arguments wherever a macro could repeat it.
    """

    def evaluate(view: View, names: Locals) -> Any:
        values = [arg(view, names) for arg in args]
        for value in values:
            if isinstance(value, NoValue):
                return UNKNOWN if UNKNOWN in values else value
        if price is not None and (work := names.get(_WORK)) is not None:
            for value in values:
                if type(value) in _SIZED:
                    work.spend(price(value, work.left))
        try:
            return function(*values)
        except EvaluationError as error:
            return Failure(str(error), offset)

    return evaluate


def _call(node: tree.Call) -> Evaluator:
    args = [_compile(arg) for arg in node.args]
    if node.function == "_?_:_":
        return _conditional(*args)
    if node.function in ("@not_strictly_false", "__not_strictly_false__"):
        item = args[0]
        return lambda view, names: item(view, names) is not False
    function = standard(node.function)
    if function is None:
        raise ValueError(f"{node.function} is no function of CEL")
    match node:
        case tree.Call(name, (_, tree.Const(constant))) if name in _PYTHON and type(constant) in _SCALARS:
            return _against(constant, _PYTHON[name], function, args[0], node.offset)
        case tree.Call("@in", (tree.Var(), tree.ListLiteral(items))) if (
            known := _constants(items)
        ) is not None:
            return _membership(args[0], known)
        case _:
            return _strict(function, args, node.offset, _PRICES.get(node.function))


def _against(constant: Any, python: Function, function: Function, item: Evaluator, offset: int) -> Evaluator:
    """Build the comparison with a constant, which is Python's own for values of the same type."""
    kind = type(constant)

    def evaluate(view: View, names: Locals) -> Any:
        value = item(view, names)
        if type(value) is kind:
            return python(value, constant)
        if isinstance(value, NoValue):
            return value
        try:
            return function(value, constant)
        except EvaluationError as error:
            return Failure(str(error), offset)

    return evaluate


def _constants(items: Sequence[tree.Node]) -> frozenset[Any] | None:
    """Return the values of literals of one type, which a fact among them has too: the checker sees to it."""
    values = [item.value for item in items if isinstance(item, tree.Const)]
    kinds = {type(value) for value in values}
    return frozenset(values) if len(values) == len(items) and len(kinds) == 1 and kinds <= _SCALARS else None


def _membership(item: Evaluator, known: frozenset[Any]) -> Evaluator:
    def evaluate(view: View, names: Locals) -> Any:
        value = item(view, names)
        return value if isinstance(value, NoValue) else value in known

    return evaluate


def _conditional(condition: Evaluator, yes: Evaluator, no: Evaluator) -> Evaluator:
    def evaluate(view: View, names: Locals) -> Any:
        value = condition(view, names)
        if value is True:
            return yes(view, names)
        if value is False:
            return no(view, names)
        return value if isinstance(value, NoValue) else _no_bool(value)

    return evaluate


def _fold(node: tree.Fold) -> Evaluator:
    range_, start, condition, step, result = (
        _compile(part) for part in (node.range, node.start, node.condition, node.step, node.result)
    )
    price = sum(1 for part in (node.condition, node.step) for _ in tree.walk(part))

    def evaluate(view: View, names: Locals) -> Any:
        values = range_(view, names)
        if isinstance(values, NoValue):
            return values
        if not isinstance(values, list | MapValue):
            return Failure(f"a macro goes over a list or a map, not over {type_name(values)}", node.offset)
        work: Work = names[_WORK]
        scope = {**names, node.accumulator: start(view, names)}
        for value in values:
            work.spend(price)
            scope[node.variable] = value
            if condition(view, scope) is False:
                break
            scope[node.accumulator] = step(view, scope)
        return result(view, scope)

    return evaluate
