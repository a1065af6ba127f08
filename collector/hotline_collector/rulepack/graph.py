"""The graph of causes as text for Graphviz and Mermaid."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from hotline_collector.model.rule import Rule

_COLOURS = {"critical": "#c0392b", "warning": "#b9770e", "info": "#2471a3"}


def around(rules: Mapping[str, Rule], root: str) -> list[str]:
    """Return a rule with everything that it explains and everything that explains it, in the pack's order."""
    down = {rule.id: list(rule.explains) for rule in rules.values()}
    up: dict[str, list[str]] = {rule_id: [] for rule_id in rules}
    for rule in rules.values():
        for other in rule.explains:
            up[other].append(rule.id)
    wanted = _reached(root, down) | _reached(root, up)
    return [rule_id for rule_id in rules if rule_id in wanted]


def dot(rules: Mapping[str, Rule], shown: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a Graphviz digraph; an arrow leads from a cause to its symptom."""
    ids = list(shown)
    yield "digraph causes {"
    yield "  rankdir=LR;"
    yield '  node [shape=box, fontname="sans-serif"];'
    for rule_id in ids:
        rule = rules[rule_id]
        label = _quoted(f"{rule.title.en}\n{rule_id}")
        yield f"  {_quoted(rule_id)} [label={label}, color={_quoted(_COLOURS[rule.severity])}];"
    for cause, symptom in _edges(rules, ids):
        yield f"  {_quoted(cause)} -> {_quoted(symptom)};"
    yield "}"


def mermaid(rules: Mapping[str, Rule], shown: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a Mermaid flowchart; an arrow leads from a cause to its symptom."""
    numbers = {rule_id: f"r{number}" for number, rule_id in enumerate(shown)}
    yield "flowchart LR"
    for rule_id, name in numbers.items():
        # Mermaid reads quotes in a label as its end and takes HTML's name for them.
        title = rules[rule_id].title.en.replace('"', "#quot;")
        yield f'  {name}["{title}<br/>{rule_id}"]'
    for cause, symptom in _edges(rules, numbers):
        yield f"  {numbers[cause]} --> {numbers[symptom]}"


def _edges(rules: Mapping[str, Rule], shown: Iterable[str]) -> Iterator[tuple[str, str]]:
    ids = dict.fromkeys(shown)
    for rule_id in ids:
        yield from ((rule_id, other) for other in rules[rule_id].explains if other in ids)


def _reached(start: str, edges: Mapping[str, list[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        current = waiting.pop()
        if current not in reached:
            reached.add(current)
            waiting += edges[current]
    return reached


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
