"""Finds rules of a pack: by subject, and by words of their id, title, symptom, facts or of callers."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rule import LexiconEntry, Pack, Rule


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule, its subject (the first part of its id), and the texts in which it is found, best first."""

    rule: Rule
    subject: str
    texts: tuple[str, ...]


class RuleBook:
    """The rules of a pack, switched-off and deprecated ones included."""

    def __init__(self, rules: RuleSet) -> None:
        callers = _callers_words(rules.pack)
        self._entries = [
            _entry(rule, rules, callers.get(rule.id, "")) for _, rule in sorted(rules.pack.rules.items())
        ]

    def subjects(self) -> list[tuple[str, int]]:
        """Return the subjects with the number of rules in each."""
        return sorted(Counter(entry.subject for entry in self._entries).items())

    def find(self, search: str, subject: str = "") -> list[Rule]:
        """Return the rules of a subject, or of all, in which every word of a search occurs.

        A rule whose id or title has a word comes before one whose symptom or facts have it.
        """
        words = search.casefold().split()
        ranked = []
        for entry in self._entries:
            if subject not in ("", entry.subject):
                continue
            ranks = [_rank(word, entry.texts) for word in words]
            if None not in ranks:
                ranked.append((sum(rank or 0 for rank in ranks), entry.rule.id, entry.rule))
        return [rule for *_, rule in sorted(ranked, key=lambda each: each[:2])]


def subject_of(rule_id: str) -> str:
    """Return the subject of a rule."""
    return rule_id.partition(".")[0]


def _entry(rule: Rule, rules: RuleSet, callers: str) -> Entry:
    compiled = rules.by_id.get(rule.id)
    variables = (*compiled.variables, *compiled.expect_variables) if compiled else ()
    facts = " ".join(sorted({key.fact for key in variables}))
    texts = (
        rule.id,
        f"{rule.title.en}\n{rule.title.de}",
        f"{rule.symptom.en}\n{rule.symptom.de}\n{callers}",
        f"{facts}\n{rule.when}\n{rule.verify_expect}",
    )
    return Entry(rule, subject_of(rule.id), tuple(text.casefold() for text in texts))


def _rank(word: str, texts: tuple[str, ...]) -> int | None:
    return next((rank for rank, text in enumerate(texts) if word in text), None)


def _callers_words(pack: Pack) -> dict[str, str]:
    """Return the words of callers that point at each rule."""
    out: defaultdict[str, list[str]] = defaultdict(list)
    for entry in pack.lexicon:
        for rule_id in _pointed_at(entry, pack):
            out[rule_id] += entry.words
    return {rule_id: "\n".join(words) for rule_id, words in out.items()}


def _pointed_at(entry: LexiconEntry, pack: Pack) -> set[str]:
    out = set()
    for name in entry.symptoms:
        if name.endswith("*"):
            out |= {rule_id for rule_id in pack.rules if rule_id.startswith(name[:-1])}
        elif name in pack.rules:
            out.add(name)
    return out
