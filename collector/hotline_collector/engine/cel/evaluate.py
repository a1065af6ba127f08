"""Evaluates condition trees in three-valued logic: a value, unknown, or an error.

The meaning is CEL's (github.com/google/cel-spec, doc/langdef.md): `&&` and `||` absorb errors and unknowns
in either order, everything else is strict, integers are 64 bits wide and do not wrap.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any, Final, Protocol

from cel_expr_python import cel

from hotline_collector.engine.cel.tree import (
    And,
    Call,
    Const,
    Field,
    Fold,
    ListLiteral,
    ListVar,
    Local,
    Node,
    Not,
    Or,
    Var,
    VarKey,
)


class NoValue(Enum):
    """What an expression yields when it has no value."""

    UNKNOWN = "unknown"
    ERROR = "error"


UNKNOWN: Final = NoValue.UNKNOWN
ERROR: Final = NoValue.ERROR


class Element(Protocol):
    """One entity as the element of a list."""

    def field(self, name: str) -> Any:
        """Return the value of a fact by its short name, or UNKNOWN."""
        ...


class View(Protocol):
    """Where an expression finds its facts."""

    def value(self, key: VarKey) -> Any:
        """Return the value of a variable, or UNKNOWN."""
        ...

    def elements(self, kind: str) -> Sequence[Element] | NoValue:
        """Return all entities of a kind, or UNKNOWN while the list is not complete."""
        ...


Locals = Mapping[str, Any]
Evaluator = Callable[[View, Locals], Any]
_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1


class UnsupportedFunction(Exception):
    """A condition uses a function that the rule language leaves out."""


def compile_node(node: Node) -> Evaluator:
    """Return a closure that evaluates a tree.

    Raises:
        UnsupportedFunction: a function of CEL that the rule language leaves out.
    """
    match node:
        case Const(value, _):
            return lambda _view, _locals: value
        case Var(key):
            return lambda view, _locals: view.value(key)
        case ListVar(kind):
            return lambda view, _locals: view.elements(kind)
        case Local(name):
            return lambda _view, names: names.get(name, ERROR)
        case Field(operand, name):
            return _field(compile_node(operand), name)
        case Not(item):
            return _negation(compile_node(item))
        case And(items):
            return _junction([compile_node(item) for item in items], decider=False)
        case Or(items):
            return _junction([compile_node(item) for item in items], decider=True)
        case ListLiteral(items):
            return _strict(lambda *values: list(values), [compile_node(item) for item in items])
        case Fold():
            return _fold(node)
        case Call(function, args):
            return _call(function, [compile_node(arg) for arg in args])


def _field(operand: Evaluator, name: str) -> Evaluator:
    def evaluate(view: View, names: Locals) -> Any:
        value = operand(view, names)
        return value if isinstance(value, NoValue) else value.field(name)

    return evaluate


def _negation(item: Evaluator) -> Evaluator:
    def evaluate(view: View, names: Locals) -> Any:
        value = item(view, names)
        return value if isinstance(value, NoValue) else not value

    return evaluate


def _junction(items: Sequence[Evaluator], *, decider: bool) -> Evaluator:
    """Build a conjunction (decider False) or disjunction (decider True); unknown outweighs error."""

    def evaluate(view: View, names: Locals) -> Any:
        result: Any = not decider
        for item in items:
            value = item(view, names)
            if value is decider:
                return decider
            if value is UNKNOWN or (isinstance(value, NoValue) and result is not UNKNOWN):
                result = value
        return result

    return evaluate


def _strict(function: Callable[..., Any], args: Sequence[Evaluator]) -> Evaluator:
    """Build a call that has no value as soon as one argument has none."""

    def evaluate(view: View, names: Locals) -> Any:
        values = []
        missing: NoValue | None = None
        for arg in args:
            value = arg(view, names)
            if isinstance(value, NoValue):
                missing = value if missing is not UNKNOWN else missing
            values.append(value)
        if missing is not None:
            return missing
        try:
            return function(*values)
        except (ArithmeticError, LookupError, ValueError, TypeError):
            return ERROR

    return evaluate


def _call(function: str, args: Sequence[Evaluator]) -> Evaluator:
    if function == "_?_:_":
        return _conditional(*args)
    if function in ("@not_strictly_false", "__not_strictly_false__"):
        item = args[0]
        return lambda view, names: item(view, names) is not False
    implementation = _FUNCTIONS.get(function)
    if implementation is None:
        raise UnsupportedFunction(f"{function.strip('_@')}() is not part of the rule language")
    return _strict(implementation, args)


def _conditional(condition: Evaluator, yes: Evaluator, no: Evaluator) -> Evaluator:
    def evaluate(view: View, names: Locals) -> Any:
        value = condition(view, names)
        if isinstance(value, NoValue):
            return value
        return yes(view, names) if value else no(view, names)

    return evaluate


def _fold(node: Fold) -> Evaluator:
    range_, start, condition, step, result = (
        compile_node(part) for part in (node.range, node.start, node.condition, node.step, node.result)
    )

    def evaluate(view: View, names: Locals) -> Any:
        values = range_(view, names)
        if isinstance(values, NoValue):
            return values
        scope = {**names, node.accumulator: start(view, names)}
        for value in values:
            scope[node.variable] = value
            if condition(view, scope) is False:
                break
            scope[node.accumulator] = step(view, scope)
        return result(view, scope)

    return evaluate


def _whole(value: Any) -> Any:
    if type(value) is int and not _INT_MIN <= value <= _INT_MAX:
        raise OverflowError
    return value


def _divide(left: Any, right: Any) -> Any:
    if isinstance(left, int):
        # CEL truncates towards zero, Python floors.
        quotient = abs(left) // abs(right)
        return _whole(quotient if (left < 0) == (right < 0) else -quotient)
    if right == 0:
        # IEEE 754, as CEL wants; Python would raise.
        return (
            math.nan
            if left == 0 or math.isnan(left)
            else math.copysign(math.inf, left) * math.copysign(1, right)
        )
    return left / right


def _modulo(left: int, right: int) -> int:
    return left - right * int(_divide(left, right))


def _to_int(value: Any) -> int:
    if isinstance(value, float) and not _INT_MIN < value < _INT_MAX:
        raise OverflowError
    return int(_whole(int(value)))


@cache
def _regex() -> Any:
    # RE2 of the official library: linear time whatever the pattern.
    environment = cel.NewEnv(variables={"text": cel.Type.STRING, "pattern": cel.Type.STRING})
    return environment.compile("text.matches(pattern)")


def _matches(text: str, pattern: str) -> bool:
    value = _regex().eval(data={"text": text, "pattern": pattern}).value()
    if not isinstance(value, bool):
        raise ValueError(pattern)
    return value


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "_+_": lambda a, b: _whole(a + b),
    "_-_": lambda a, b: _whole(a - b),
    "_*_": lambda a, b: _whole(a * b),
    "_/_": _divide,
    "_%_": _modulo,
    "-_": lambda a: _whole(-a),
    "@in": lambda item, items: item in items,
    "_[_]": lambda items, index: items[index] if index >= 0 else items[len(items)],
    "size": len,
    "contains": lambda text, part: part in text,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "matches": _matches,
    "double": float,
    "int": _to_int,
    "string": str,
}
