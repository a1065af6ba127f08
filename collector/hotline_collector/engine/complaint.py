"""Maps what the caller says is wrong to symptoms, through the pack's lexicon."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rule import LexiconEntry

_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e", "-": " ", "'": ""})
_WORD = re.compile(r"[a-z0-9]+")
# Shorter words differ by one letter too often to forgive a typing error ("net", "nett", "bett").
_FORGIVE_FROM = 5


def fold(text: str) -> list[str]:
    """Return the words of a text in lower case, umlauts written out, punctuation gone."""
    return _WORD.findall(text.lower().translate(_FOLD))


def matching_entries(complaint: str, lexicon: Sequence[LexiconEntry]) -> list[LexiconEntry]:
    """Return the lexicon entries that a complaint speaks of, in the lexicon's order."""
    said = fold(complaint)
    return [entry for entry in lexicon if any(_contains(said, phrase) for phrase in entry.words)]


class Relevance:
    """Tells which rules have to do with a complaint.

    A rule does when a symptom of the complaint matches it, or when it explains a rule that matches.
    Without a complaint, or with one that no entry knows, every rule does.
    """

    def __init__(self, complaint: str, rules: RuleSet) -> None:
        self.entries = matching_entries(complaint, rules.pack.lexicon)
        self._rules = rules
        patterns = [symptom for entry in self.entries for symptom in entry.symptoms]
        self._direct = {rule_id for rule_id in rules.by_id if any(_matches(rule_id, p) for p in patterns)}

    def of(self, rule_id: str) -> int:
        """Return 2 for a rule that the complaint names, 1 for one that explains such a rule, else 0."""
        if not self.entries:
            return 1
        if rule_id in self._direct:
            return 2
        return 1 if self._rules.explained_by.get(rule_id, frozenset()) & self._direct else 0


def _matches(rule_id: str, pattern: str) -> bool:
    return rule_id.startswith(pattern[:-1]) if pattern.endswith("*") else rule_id == pattern


def _contains(said: list[str], phrase: str) -> bool:
    words = _phrase(phrase)
    last = len(said) - len(words)
    return bool(words) and any(
        all(_same(said[start + i], word) for i, word in enumerate(words)) for start in range(last + 1)
    )


@lru_cache(maxsize=4096)
def _phrase(phrase: str) -> tuple[str, ...]:
    return tuple(fold(phrase))


def _same(said: str, word: str) -> bool:
    if said == word:
        return True
    if len(word) < _FORGIVE_FROM or len(said) < _FORGIVE_FROM:
        return False
    if said.startswith(word):
        # Endings and compounds: "drucker" in "druckers", "internet" in "internetverbindung".
        return True
    return _one_edit(said, word)


def _one_edit(left: str, right: str) -> bool:
    """Tell whether two words differ by one letter changed, added, lost or swapped with its neighbour."""
    if abs(len(left) - len(right)) > 1:
        return False
    short, long = sorted((left, right), key=len)
    i = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[i:] == long[i + 1 :]
    return short[i + 1 :] == long[i + 1 :] or (
        short[i : i + 2] == long[i : i + 2][::-1] and short[i + 2 :] == long[i + 2 :]
    )
