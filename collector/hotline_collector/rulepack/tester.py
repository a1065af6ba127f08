"""Tests rules by their cases, and the cases by mutated rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from hotline_proto.catalogue import Catalogue

from hotline_collector.engine.cel.tree import Condition
from hotline_collector.engine.circuit import UNKNOWN, Circuit
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.rulepack.casefiles import rule_files
from hotline_collector.rulepack.cases import Case, missing_kinds, read_cases
from hotline_collector.rulepack.document import Document
from hotline_collector.rulepack.faults import Fault
from hotline_collector.rulepack.loader import CASES_SUFFIX
from hotline_collector.rulepack.mutate import is_guard, mutants
from hotline_collector.rulepack.play import Player, play_case

_LOOK_ALIKE = re.compile(r"look-alike ([a-z][\w.]*\w)")


@dataclass(slots=True)
class RuleResult:
    """How one rule did: its cases, its mutants, and what the cases leave open.

    `parts` is how many parts its condition has, `undecided` those that decide in no case;
    `without_case` are the look-alikes that no silent case names.
    """

    rule: str
    cases: int = 0
    mutants: int = 0
    noticed: int = 0
    parts: int = 0
    undecided: tuple[str, ...] = ()
    without_case: tuple[str, ...] = ()
    faults: list[Fault] = field(default_factory=list)


def test_pack(
    rules: RuleSet, catalogue: Catalogue, only: str = "", *, strict: bool = False
) -> Iterator[RuleResult]:
    """Yield the result of every rule whose id begins with `only`.

    With `strict` a look-alike that no silent case names is a fault.
    """
    documents = rule_files(rules.pack)
    for rule_id in rules.by_id:
        if rule_id.startswith(only):
            yield _test_rule(rule_id, documents[rule_id], rules, catalogue, strict=strict)


def test_rule(rule_id: str, rules: RuleSet, catalogue: Catalogue) -> RuleResult:
    """Return the result of one rule that is in use."""
    return _test_rule(rule_id, rule_files(rules.pack)[rule_id], rules, catalogue, strict=False)


def _test_rule(rule_id: str, file: str, rules: RuleSet, catalogue: Catalogue, *, strict: bool) -> RuleResult:
    result = RuleResult(rule_id)
    name = file.removesuffix(".yaml") + CASES_SUFFIX
    raw = rules.pack.files.get(name)
    if raw is None:
        result.faults.append(Fault(file, 1, 1, f"no rule without cases: {name} is missing"))
        return result
    document = Document(name, raw.decode("utf-8", "replace"))
    cases = read_cases(document, catalogue, frozenset(rules.pack.questions))
    result.cases = len(cases)
    result.faults += document.faults
    result.faults += [document.fault((), f"there is no {kind} case") for kind in missing_kinds(cases)]
    if result.faults:
        return result
    result.without_case = _without_case(rules.pack.rules[rule_id].look_alikes, cases)
    alone = _alone(rule_id, rules, catalogue)
    first = next((case for case in cases if case.kind == "fires"), None)
    decided: set[int] = set()
    circuit = alone.by_id[rule_id].circuit
    for case in cases:
        player = Player(alone, catalogue)
        if problem := play_case(case, first, rule_id, player):
            result.faults.append(document.fault(case.path, f"{case.kind} “{case.name}”: {problem}"))
        for states in player.leaf_states(rule_id):
            decided |= _decided(circuit, states)
    open_to_cases = {i: leaf for i, leaf in enumerate(circuit.leaves) if not is_guard(leaf.node)}
    result.parts = len(open_to_cases)
    result.undecided = tuple(leaf.text for index, leaf in open_to_cases.items() if index not in decided)
    if not result.faults:
        _try_mutants(result, document, cases, first, alone, catalogue)
    result.faults += [document.fault((), f"no case is decided by {text}") for text in result.undecided]
    if strict:
        result.faults += [
            document.fault((), f"no silent case for the look-alike {other}; name it “… (look-alike {other})”")
            for other in result.without_case
        ]
    return result


def _without_case(look_alikes: Iterable[str], cases: list[Case]) -> tuple[str, ...]:
    named = {word for case in cases if case.kind == "silent" for word in _LOOK_ALIKE.findall(case.name)}
    return tuple(rule for rule in look_alikes if rule not in named)


def _decided(circuit: Circuit, states: bytes) -> set[int]:
    """Return the leaves of a condition without which its value would be another."""
    root = circuit.evaluate(states, _never)
    if root == UNKNOWN:
        return set()
    out = set()
    for index, state in enumerate(states):
        if state != UNKNOWN:
            flipped = states[:index] + bytes([1 - state]) + states[index + 1 :]
            if circuit.evaluate(flipped, _never) != root:
                out.add(index)
    return out


def _never(_leaf: int) -> bool:
    return False


def _try_mutants(
    result: RuleResult,
    document: Document,
    cases: list[Case],
    first: Case | None,
    alone: RuleSet,
    catalogue: Catalogue,
) -> None:
    when, expect = alone.conditions[result.rule]
    judging = [case for case in cases if case.kind in ("fires", "silent")]
    for what, root in mutants(when.root):
        result.mutants += 1
        changed = RuleSet(alone.pack, catalogue, {result.rule: (Condition(when.source, root), expect)}, {})
        if any(play_case(case, first, result.rule, Player(changed, catalogue)) for case in judging):
            result.noticed += 1
        else:
            result.faults.append(document.fault((), f"no case notices the rule {what}"))


def _alone(rule_id: str, rules: RuleSet, catalogue: Catalogue) -> RuleSet:
    # Without plans and words of callers, which no case needs and every mutant would pay for.
    rule = replace(rules.pack.rules[rule_id], explains=())
    pack = replace(rules.pack, rules={rule_id: rule}, plans={}, lexicon=())
    conditions: Mapping[str, tuple[Condition, Condition | None]] = {rule_id: rules.conditions[rule_id]}
    return RuleSet(pack, catalogue, conditions, {})
