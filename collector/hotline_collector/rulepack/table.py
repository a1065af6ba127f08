"""The rules as a small decision table that a probe without a network judges by itself.

The table is plain JSON, so that the probe needs nothing but the standard library; what its evaluator does not
know is left out, never approximated.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hotline_collector.engine.cel import tree
from hotline_collector.engine.circuit import TRUE, UNKNOWN
from hotline_collector.engine.ruleset import CompiledRule, RuleSet
from hotline_collector.model.rule import Text
from hotline_collector.rulepack.spoken import spoken_items, table_version

FORMAT = 1
# What the probe's evaluator knows (hotline_probe.local.evaluate).
_FUNCTIONS = frozenset(
    "== != < <= > >= @in size contains startsWith endsWith _+_ _-_ _*_ _?_:_ @not_strictly_false".split()
)
# Windows are longer than anybody waits without a call, so only these can be told at once.
_OVER_TIME = frozenset(("", "count", "known"))


class NotInTable(Exception):
    """A condition needs more than the table can say."""


def decision_table(rules: RuleSet) -> dict[str, Any]:
    """Return the table of all rules that the probe can judge without a human."""
    judged = [rule for rule in rules.rules if _is_judgeable(rule, rules)]
    return {
        "format": FORMAT,
        "pack": rules.pack.name,
        "version": rules.pack.version,
        "digest": rules.pack.digest,
        "number": table_version(rules),
        "rules": [_rule(compiled, rules) for compiled in judged],
        "spoken": [{"for_each": item.for_each, "when": _tree(item.when)} for item in spoken_items(rules)],
    }


def write_table(rules: RuleSet) -> bytes:
    """Return the table as canonical JSON, the same for the same rules."""
    table = decision_table(rules)
    return json.dumps(table, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def left_out(rules: RuleSet) -> Iterator[str]:
    """Yield the rules that the table cannot hold."""
    yield from (rule.rule.id for rule in rules.rules if not _is_judgeable(rule, rules))


def _is_judgeable(compiled: CompiledRule, rules: RuleSet) -> bool:
    """Tell whether a condition can be told by the probe alone, and come true without any answer."""
    circuit = compiled.circuit
    try:
        _tree(rules.conditions[compiled.rule.id][0].root)
    except NotInTable:
        return False

    def measured(leaf: int) -> bool:
        specs = (
            rules.catalogue.facts.get(key.fact) for key in circuit.leaves[leaf].variables if not key.kind
        )
        return all(spec is not None and rules.catalogue.sources[spec.source].platforms for spec in specs)

    return circuit.evaluate([UNKNOWN] * len(circuit.leaves), measured) == TRUE


def _rule(compiled: CompiledRule, rules: RuleSet) -> dict[str, Any]:
    rule = compiled.rule
    steps = [step.text for fix in rule.fixes if fix.by == "caller" for step in fix.steps if not step.only]
    return {
        "id": rule.id,
        "severity": rule.severity,
        "confidence": rule.confidence,
        "hazard": rule.hazard,
        "for_each": rule.for_each,
        "when": _tree(rules.conditions[rule.id][0].root),
        "explains": sorted(rules.explained_by.get(rule.id, frozenset())),
        "title": _text(rule.title),
        "symptom": _text(rule.symptom),
        "steps": [_text(step) for step in dict.fromkeys(steps)],
    }


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "de": text.de}


def _tree(node: tree.Node) -> list[Any]:
    """Return a condition as nested lists: the kind of each part, then what belongs to it."""
    match node:
        case tree.Const(value, _) if value is None or isinstance(value, bool | int | float | str):
            return ["const", value]
        case tree.Var(key) if key.function in _OVER_TIME:
            return ["fact", key.kind, key.fact, key.function, key.window / 1e6]
        case tree.Var(key):
            return ["late", key.kind, key.fact]
        case tree.ListVar(kind):
            return ["list", kind]
        case tree.Local(name):
            return ["local", name]
        case tree.Field(operand, name):
            return ["field", _tree(operand), name]
        case tree.Not(item):
            return ["not", _tree(item)]
        case tree.And(items):
            return ["and", *map(_tree, items)]
        case tree.Or(items):
            return ["or", *map(_tree, items)]
        case tree.Call(function, args) if function in _FUNCTIONS:
            return ["call", function, *map(_tree, args)]
        case tree.ListLiteral(items):
            return ["items", *map(_tree, items)]
        case tree.Fold():
            parts = (node.range, node.start, node.condition, node.step, node.result)
            return ["fold", node.variable, node.accumulator, *map(_tree, parts)]
        case _:
            raise NotInTable
