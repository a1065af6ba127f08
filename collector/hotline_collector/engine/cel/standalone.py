"""Evaluates one expression by itself, with values given by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hotline_collector.engine.cel.describe import describe_variable
from hotline_collector.engine.cel.environment import Environment
from hotline_collector.engine.cel.evaluate import Locals, compile_node
from hotline_collector.engine.cel.parse import parse_expression
from hotline_collector.engine.cel.tree import And, Fold, Local, Node, Not, Or, VarKey, children, walk
from hotline_collector.engine.cel.values import UNKNOWN, Failure, NoValue, weigh

# What a person or a log can still take in; macros over lists can make values of any size.
_LARGEST = 10_000


@dataclass(frozen=True, slots=True)
class Unknown:
    """The value depends on `needs`, none of which has a value."""

    needs: tuple[str, ...]


def evaluate_text(
    environment: Environment, source: str, values: Mapping[str, Any], for_each: str = ""
) -> Any | Unknown | Failure:
    """Return the value of an expression: see `values.py` for the types, Unknown or Failure if it has none.

    `values` are facts, facts of the bound entity (`resolver.reachable`) and declared variables by name;
    what is not among them is unknown.

    Raises:
        ConditionError: the expression has faults.
    """
    root = parse_expression(environment, source, for_each).root
    names = {**dict.fromkeys(environment.variables, UNKNOWN), **values}
    result = compile_node(root)(_Values(values), names)
    if result is UNKNOWN:
        return Unknown(tuple(dict.fromkeys(_needs(root, values, names))))
    if not isinstance(result, NoValue) and weigh(result, _LARGEST) > _LARGEST:
        return Failure(f"the value has more than {_LARGEST} parts")
    return result


def failure_without_facts(node: Node) -> Failure | None:
    """Return the error that a part of an expression has whatever the facts are, None if there is none."""
    result = compile_node(node)(_Values({}), {})
    if isinstance(result, Failure):
        return result
    # Within a macro the names that it binds have no value here.
    parts = (node.range,) if isinstance(node, Fold) else children(node)
    return next((failure for part in parts if (failure := failure_without_facts(part))), None)


class _Values:
    """A view of given values that notes what it was asked in vain."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self.missing: list[str] = []

    def value(self, key: VarKey) -> Any:
        name = f"{key.kind}.{key.fact}" if key.kind else key.fact
        if key.function == "known":
            return name in self._values
        if not key.function and name in self._values:
            return self._values[name]
        self.missing.append(describe_variable(key))
        return UNKNOWN

    def elements(self, kind: str) -> NoValue:
        self.missing.append(f"all {kind} entities")
        return UNKNOWN


def _needs(node: Node, values: Mapping[str, Any], names: Locals) -> list[str]:
    """Return what an unknown node still needs; parts of it that are decided need nothing."""
    view = _Values(values)
    if compile_node(node)(view, names) is not UNKNOWN:
        return []
    if isinstance(node, Not | And | Or):
        return [need for part in children(node) for need in _needs(part, values, names)]
    asked = (part.name for part in walk(node) if isinstance(part, Local))
    return [*view.missing, *(name for name in asked if names.get(name) is UNKNOWN)]
