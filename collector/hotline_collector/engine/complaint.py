"""Tells which rules have to do with what the caller says is wrong."""

from __future__ import annotations

from hotline_collector.engine.ruleset import RuleSet

# A check was named in the call, so it concerns the complaint more than any symptom's weight, which ends at 3.
NAMED_CHECK = 4


class Relevance:
    """Weighs rules by a complaint.

    A rule that a symptom of the complaint names has the best weight given to it, one that explains such a
    rule at least 1. Without a complaint, or with one that no entry knows, every rule has 1; with a vague one
    at least 1.
    """

    def __init__(self, complaint: str, rules: RuleSet) -> None:
        self.entries = rules.lexicon.entries_in(complaint)
        self._rules = rules
        self._named: dict[str, int] = {}
        for entry in self.entries:
            for pattern, weight in entry.symptoms.items():
                for rule_id in rules.by_id:
                    if _matches(rule_id, pattern):
                        self._named[rule_id] = max(weight, self._named.get(rule_id, 0))

    @property
    def wants_target(self) -> bool:
        """Whether what was mentioned first has an address that should be asked for and checked."""
        return bool(self.entries) and self.entries[0].first_check == "target"

    @property
    def by_answers(self) -> bool:
        """Whether what was mentioned first is known by answers alone, such as an appliance."""
        return bool(self.entries) and not self.entries[0].probe

    def names(self, rule_id: str) -> bool:
        """Tell whether the complaint names a rule itself."""
        return rule_id in self._named

    def of(self, rule_id: str) -> int:
        """Return the weight of a rule, from 0 (has nothing to do with the complaint) to 3."""
        if all(entry.vague for entry in self.entries):
            return self._named.get(rule_id, 1)
        if rule_id in self._named:
            return self._named[rule_id]
        return int(not self._rules.explained_by.get(rule_id, frozenset()).isdisjoint(self._named))


def _matches(rule_id: str, pattern: str) -> bool:
    return rule_id.startswith(pattern[:-1]) if pattern.endswith("*") else rule_id == pattern
