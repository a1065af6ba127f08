"""Conditions that can never be true or never be false, and comparisons that make no sense."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from hotline_proto.catalogue import Catalogue

from hotline_collector.engine.cel.describe import describe
from hotline_collector.engine.cel.tree import Call, Const, Fold, ListLiteral, ListVar, Node, Var, walk
from hotline_collector.model.hints import did_you_mean
from hotline_collector.model.rule import Question
from hotline_collector.rulepack.clauses import comparison, parts
from hotline_collector.rulepack.domains import Domain, Domains, Value
from hotline_collector.rulepack.solving import Goal, Solver

_COMPARED = ("==", "!=", "<", "<=", ">", ">=")


class Doubt(NamedTuple):
    """What is wrong with a condition; `about` is the text in it to point at, empty for the whole."""

    message: str
    about: str = ""


def doubts(
    root: Node, catalogue: Catalogue, questions: Mapping[str, Question], *, clears: bool = True
) -> list[Doubt]:
    """Return everything about a condition that type-checks but cannot be meant.

    With `clears` a condition that can never be false is told too: its finding would never end.
    """
    domains = Domains(catalogue, questions)
    found = [doubt for part in dict.fromkeys(parts(root)) for doubt in _part(part, domains)]
    if found:
        return found
    solver = Solver(domains)
    if solver.solve(Goal(root)) is None:
        return [Doubt(f"this can never be true: {_reason(solver.conflict)}")]
    if clears and solver.solve(Goal(root, False)) is None:
        return [Doubt(f"this can never be false, so that nothing would ever end: {_reason(solver.conflict)}")]
    return []


def vacuous(root: Node, catalogue: Catalogue) -> list[str]:
    """Return what is wrong where an `all` or a negated `exists` ranges over a list without a size test."""
    nodes = list(walk(root))
    sized = {
        node.args[0].kind
        for node in nodes
        if isinstance(node, Call) and node.function == "size" and isinstance(node.args[0], ListVar)
    }
    ranges = [node.range for node in nodes if isinstance(node, Fold) and node.start == Const(True)]
    kinds = {range_.kind for range_ in ranges if isinstance(range_, ListVar)}
    names = [catalogue.entities[kind].list_name for kind in sorted(kinds - sized)]
    return [
        f"true for an empty list: add size({name}) > 0 && to say that there must be one" for name in names
    ]


def _reason(conflict: tuple[str, ...]) -> str:
    match conflict:
        case ():
            return "it is constant"
        case (single,):
            return f"{single} is impossible"
        case _:
            return f"{', '.join(conflict[:-1])} and {conflict[-1]} exclude each other"


def _part(node: Node, domains: Domains) -> Iterator[Doubt]:
    if isinstance(node, Const):
        return
    values = list(_wrong_values(node, domains))
    yield from values
    yield from _units(node, domains)
    if values:
        return
    subject = comparison(node).subject
    if subject is node:
        return
    for wanted, word in ((True, "true"), (False, "false")):
        if Solver(domains).solve(Goal(node, wanted)) is None:
            limits = _limits(domains.of(subject))
            yield Doubt(f"{describe(node)} can never be {word}: {describe(subject)} {limits}", _name(subject))


def _wrong_values(node: Node, domains: Domains) -> Iterator[Doubt]:
    """Yield texts that a fact is compared with but never is."""
    match node:
        case Call("@in", (subject, ListLiteral(items))):
            constants = [item.value for item in items if isinstance(item, Const)]
        case _:
            subject, _, constant = comparison(node)
            constants = [constant.value]
    known = domains.of(subject).among
    if known is None or subject is node:
        return
    for value in constants:
        if isinstance(value, str) and value not in known:
            hint = did_you_mean(value, map(str, known))
            listed = ", ".join(map(str, known))
            yield Doubt(f'{describe(subject)} is never "{value}", only {listed}{hint}', value)


def _units(node: Node, domains: Domains) -> Iterator[Doubt]:
    """Yield comparisons of two facts that are measured in different units."""
    for part in walk(node):
        match part:
            case Call(operator, (left, right)) if operator in _COMPARED:
                pass
            case _:
                continue
        specs = [domains.spec(side) for side in (left, right)]
        units = [_dimension(spec.unit) for spec in specs if spec is not None and _keeps_unit(left, right)]
        if len(units) == 2 and units[0] != units[1]:
            yield Doubt(
                f"{describe(part)} compares a fact in {units[0] or '1'} with one in {units[1] or '1'}",
                _name(left),
            )


def _keeps_unit(*nodes: Node) -> bool:
    return all(not isinstance(n, Var) or n.key.function in ("", "avg", "min", "max") for n in nodes)


def _dimension(unit: str) -> str:
    return "" if unit == "1" or unit.startswith("{") else unit


def _limits(domain: Domain) -> str:
    if domain.among is not None:
        return f"is one of {', '.join(_spelled(value) for value in domain.among)}"
    bounds = {
        (False, False): "can be anything",
        (True, False): f"is never below {domain.low:g}",
        (False, True): f"is never above {domain.high:g}",
        (True, True): f"lies between {domain.low:g} and {domain.high:g}",
    }
    return bounds[(domain.low > -float("inf"), domain.high < float("inf"))]


def _spelled(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _name(subject: Node) -> str:
    """Return the text by which a part is found in its condition."""
    names = re.findall(r"[a-z_][\w.]*\.[\w.]+", describe(subject))
    return names[0].rpartition(".")[2] if names else ""
