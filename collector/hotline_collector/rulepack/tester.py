"""Tests rules by their cases, and the cases by mutated rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from hotline_proto.catalogue import Catalogue

from hotline_collector.engine.cel.tree import Condition
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rule import Pack
from hotline_collector.rulepack.cases import Case, missing_kinds, read_cases
from hotline_collector.rulepack.document import Document
from hotline_collector.rulepack.faults import Fault
from hotline_collector.rulepack.loader import CASES_SUFFIX
from hotline_collector.rulepack.mutate import mutants
from hotline_collector.rulepack.play import play_case


@dataclass(slots=True)
class RuleResult:
    """How one rule did: its cases, and how many of its mutants they noticed."""

    rule: str
    cases: int = 0
    mutants: int = 0
    noticed: int = 0
    faults: list[Fault] = field(default_factory=list)


def test_pack(rules: RuleSet, catalogue: Catalogue, only: str = "") -> Iterator[RuleResult]:
    """Yield the result of every rule whose id begins with `only`."""
    documents = _rule_files(rules.pack)
    for rule_id in rules.by_id:
        if rule_id.startswith(only):
            yield _test_rule(rule_id, documents[rule_id], rules, catalogue)


def orphans(rules: RuleSet) -> list[Fault]:
    """Return a fault for every cases file that lies beside no rule."""
    files = rules.pack.files
    return [
        Fault(name, 1, 1, "there is no rule beside these cases")
        for name in files
        if name.endswith(CASES_SUFFIX) and name.removesuffix(CASES_SUFFIX) + ".yaml" not in files
    ]


def _rule_files(pack: Pack) -> dict[str, str]:
    out = {}
    for name, raw in pack.files.items():
        if not name.endswith(CASES_SUFFIX):
            data = Document(name, raw.decode()).data
            if isinstance(data, dict) and data.get("id") in pack.rules:
                out[data["id"]] = name
    return out


def _test_rule(rule_id: str, file: str, rules: RuleSet, catalogue: Catalogue) -> RuleResult:
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
    alone = _alone(rule_id, rules, catalogue)
    first = next((case for case in cases if case.kind == "fires"), None)
    for case in cases:
        if problem := play_case(case, first, rule_id, alone, catalogue):
            result.faults.append(document.fault(case.path, f"{case.kind} “{case.name}”: {problem}"))
    if not result.faults:
        _try_mutants(result, document, cases, first, alone, catalogue)
    return result


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
        changed = RuleSet(alone.pack, catalogue, {result.rule: (Condition(when.source, root), expect)})
        if any(play_case(case, first, result.rule, changed, catalogue) for case in judging):
            result.noticed += 1
        else:
            result.faults.append(document.fault((), f"no case notices the rule {what}"))


def _alone(rule_id: str, rules: RuleSet, catalogue: Catalogue) -> RuleSet:
    rule = replace(rules.pack.rules[rule_id], explains=())
    pack = replace(rules.pack, rules={rule_id: rule}, plans={})
    conditions: Mapping[str, tuple[Condition, Condition | None]] = {rule_id: rules.conditions[rule_id]}
    return RuleSet(pack, catalogue, conditions)
