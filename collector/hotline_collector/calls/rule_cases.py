"""The cases of the rules in use: how many there are, and what came of them when they were played here."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_collector.calls.actor import Actor
from hotline_collector.calls.errors import not_found
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.rulepack.casefiles import cases_of, rule_files
from hotline_collector.rulepack.tester import RuleResult, test_rule

if TYPE_CHECKING:
    from hotline_collector.calls.manager import CallManager

_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a rule's cases, and when they were played (µs since the epoch)."""

    result: RuleResult
    at: int


@dataclass(frozen=True, slots=True)
class CaseStatus:
    """The cases of a rule by kind, the file they lie beside, and the last play of this very pack, if any."""

    file: str
    kinds: Mapping[str, int]
    played: Played | None


class RuleCases:
    """Counts and plays the cases of rules, one rule at a time so that intake never waits for a CPU."""

    def __init__(self, manager: CallManager) -> None:
        self._manager = manager
        self._around = manager.around
        self._turn = asyncio.Lock()
        self._files: tuple[str, Mapping[str, str]] = ("", {})
        self._played: dict[tuple[str, str], Played] = {}

    async def status(self, rule_id: str) -> CaseStatus:
        """Return the cases of a rule in use and what is known of them.

        Raises:
            CallError: there is no such rule.
        """
        rules = self._rules(rule_id)
        file = (await self._files_of(rules)).get(rule_id, "")
        cases = await asyncio.to_thread(cases_of, rules.pack, file, self._around.catalogue) if file else []
        kinds = Counter[str](case.kind for case in cases)
        return CaseStatus(file, kinds, self._played.get((rules.pack.digest, rule_id)))

    async def play(self, who: Actor, rule_id: str) -> Played:
        """Play the cases of a rule that judges calls, and mutants of the rule against them.

        Raises:
            CallError: no rule in use has this id.
        """
        rules = self._rules(rule_id)
        if rule_id not in rules.by_id:
            raise not_found(f"the rule {rule_id[:100]!r} is not in use, so its cases are not played")
        self._around.saver.audit(f"agent:{who.name}", "rules.play", "", rule_id)
        key = (rules.pack.digest, rule_id)
        async with self._turn:
            if key in self._played:
                return self._played[key]
            result = await asyncio.to_thread(test_rule, rule_id, rules, self._around.catalogue)
            if len(self._played) >= _KEPT:
                self._played.clear()
            played = self._played[key] = Played(result, self._around.clock.now())
        return played

    def _rules(self, rule_id: str) -> RuleSet:
        rules = self._manager.rules
        if rule_id not in rules.pack.rules:
            raise not_found(f"the rules in use have none that is called {rule_id[:100]!r}")
        return rules

    async def _files_of(self, rules: RuleSet) -> Mapping[str, str]:
        digest, files = self._files
        if digest != rules.pack.digest:
            files = await asyncio.to_thread(rule_files, rules.pack)
            self._files = (rules.pack.digest, files)
        return files
