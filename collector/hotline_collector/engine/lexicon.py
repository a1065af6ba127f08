"""Finds the entries of a pack's lexicon in what a caller says, in the order of mention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hotline_collector.engine.speech import Vocabulary, words_of
from hotline_collector.model.rule import LexiconEntry

# Words that may stand between the words of a phrase: "das Internet ist seit Tagen wieder so langsam".
_BETWEEN = 6
_BUT = frozenset(words_of("aber sondern jedoch dafür während but however though while"))
_ARTICLES = frozenset(
    words_of("der die das den dem des da de dat s mein meine meinem meiner mei unser unsere the my our a")
)
_AND = frozenset(words_of("und and"))
_BREAKS = _BUT | _ARTICLES | _AND | frozenset(words_of("oder or nur bloss only just"))
_GOES = frozenset(words_of("geht gut super prima einwandfrei normal problemlos fine ok okay"))
_WELL = _GOES | frozenset(words_of("wieder ja schon jetzt inzwischen danke well now again thanks"))
_FILLERS = frozenset(
    words_of("ist auch ja selber selbst an sich hier soweit zwar schon wieder jetzt inzwischen seems now")
)
_TROUBLE = frozenset(words_of("problem probleme problems ärger trouble"))
_WITH = frozenset(words_of("mit beim with"))
_DUE_TO = frozenset(words_of("am an beim wegen um with because of"))
_IS = frozenset(words_of("ist liegt its"))
_CONTEXT = frozenset(words_of("seit nach über trotz am auf since after over via despite on"))
# A preposition, an article and one word more: "since the new router".
_CONTEXT_WORDS = 3

Slot = frozenset[str]


class _Phrase(NamedTuple):
    entry: int
    slots: tuple[Slot, ...]


class _Match(NamedTuple):
    """A phrase found; `at` are the places of its words, ascending."""

    entry: int
    size: int
    at: tuple[int, ...]

    @property
    def looseness(self) -> tuple[int, int]:
        return (-self.size, self.at[-1] - self.at[0])


class Lexicon:
    """A pack's lexicon, ready to be searched in time linear in the length of a complaint.

    A phrase matches where all its words stand close together, in any order, not across a "but"; `a/b` is
    either word. Where two phrases share a word, the longer and then the tighter one counts. What is said to
    be in order ("the internet works", "no problem with the printer") does not count.
    """

    def __init__(self, entries: Sequence[LexiconEntry]) -> None:
        self._entries = entries
        self._by_id = {entry.id: entry for entry in entries}
        self._phrases: dict[Slot, list[_Phrase]] = {}
        for index, entry in enumerate(entries):
            for text in entry.words:
                phrase = _Phrase(index, _slots(text))
                for slot in phrase.slots:
                    self._phrases.setdefault(slot, []).append(phrase)
        self._slots: dict[str, list[Slot]] = {}
        for slot in self._phrases:
            for word in slot:
                self._slots.setdefault(word, []).append(slot)
        self._vocabulary = Vocabulary(self._slots)

    def entries_in(self, complaint: str) -> list[LexiconEntry]:
        """Return the entries that a complaint speaks of, in the order of mention.

        A complaint that is the id of an entry, or begins with `#` and an id, names that entry by its key.
        """
        first, _, rest = complaint.strip().partition(" ")
        named = self._by_id.get(first.removeprefix("#").lower())
        if named is not None and (first.startswith("#") or not rest):
            return [named, *(entry for entry in self._mentioned(rest) if entry is not named)]
        return self._mentioned(complaint)

    def _mentioned(self, text: str) -> list[LexiconEntry]:
        words = words_of(text)
        matches = _strongest(self._matches(words))
        starts = {match.at[0] for match in matches}
        meant = [m for m in matches if not _is_denied(words, m) and not _is_fine(words, m, starts)]
        meant.sort(key=lambda m: (_is_context(words, m), m.at[0], m.looseness, m.entry))
        found = [self._entries[index] for index in dict.fromkeys(match.entry for match in meant)]
        # "wifi.weak" says more than "wifi", and anything more than "the device".
        found = [e for e in found if not e.vague] or found
        return [e for e in found if not any(other.id.startswith(e.id + ".") for other in found)]

    def _matches(self, words: Sequence[str]) -> list[_Match]:
        """Return every phrase that the words contain."""
        found: dict[_Match, None] = {}
        last: dict[Slot, int] = {}
        for place, said in enumerate(words):
            if said in _BUT:
                last.clear()
                continue
            slots = [slot for word in sorted(self._vocabulary.meant_by(said)) for slot in self._slots[word]]
            last.update(dict.fromkeys(slots, place))
            for phrase in (phrase for slot in slots for phrase in self._phrases[slot]):
                places = {last[slot] for slot in phrase.slots if slot in last}
                size = len(phrase.slots)
                if last.keys() >= set(phrase.slots) and place - min(places) < size + _BETWEEN:
                    found[_Match(phrase.entry, size, tuple(sorted(places)))] = None
        return list(found)


def is_phrase(text: str) -> bool:
    """Tell whether a text has words, and exactly one on each side of every `/`."""
    choices = [choice for part in text.split() if "/" in part for choice in part.split("/")]
    return bool(words_of(text)) and all(len(words_of(choice)) == 1 for choice in choices)


def _slots(phrase: str) -> tuple[Slot, ...]:
    """Return for each word of a phrase the words that may stand for it."""
    slots: dict[Slot, None] = {}
    for part in phrase.split():
        if "/" in part:
            slots[frozenset(words_of(part))] = None
        else:
            slots.update(dict.fromkeys(frozenset({word}) for word in words_of(part)))
    return tuple(slots)


def _strongest(matches: Sequence[_Match]) -> list[_Match]:
    """Return the matches none of whose words a stronger match needs."""
    kept = []
    taken: dict[int, _Match] = {}
    for match in sorted(matches, key=lambda match: (match.looseness, match.at, match.entry)):
        stronger = [taken[place] for place in match.at if place in taken]
        if all(other.looseness == match.looseness for other in stronger):
            kept.append(match)
            for place in match.at:
                taken.setdefault(place, match)
    return kept


def _is_denied(words: Sequence[str], match: _Match) -> bool:
    """Tell whether it is said before that this is not it: "kein Problem mit dem", "it is not the"."""
    before = match.at[0] - 1
    article = before >= 0 and words[before] in _ARTICLES
    end = before if article else before + 1
    first, second, third = ("", "", "", *words[max(0, end - 3) : end])[-3:]
    if third in _WITH and second in _TROUBLE:
        return first == "kein"
    if third in _DUE_TO and second == "nicht":
        return first in _IS
    return article and third == "nicht" and second in _IS


def _is_fine(words: Sequence[str], match: _Match, starts: set[int]) -> bool:
    """Tell whether it is said after that this works, with nothing to follow that takes it back."""
    if words[match.at[-1]] == "nicht":
        return False
    after = match.at[-1] + 1
    if match.size > 1 and words[after : after + 1] == ["nicht"]:
        return not _BUT.isdisjoint(words[after + 1 : after + 2])
    while after < len(words) and words[after] in _AND:
        # "Internet und Telefon gehen wieder" speaks of both.
        other = _skip(words, after + 1, _ARTICLES)
        if other not in starts:
            return False
        after = other + 1
    goes = _skip(words, after, _FILLERS)
    if goes == len(words) or words[goes] not in _GOES:
        return False
    end = _skip(words, goes + 1, _WELL)
    return end == len(words) or words[end] in _BREAKS or (end in starts and words[end] != "nicht")


def _skip(words: Sequence[str], place: int, skipped: frozenset[str]) -> int:
    while place < len(words) and words[place] in skipped:
        place += 1
    return place


def _is_context(words: Sequence[str], match: _Match) -> bool:
    """Tell whether this is only when or how it happens: "seit dem Update", "via the wifi"."""
    start = match.at[0]
    before = words[max(0, start - _CONTEXT_WORDS) : start]
    return any(
        word in _CONTEXT and (place + 1 == len(before) or before[place + 1] in _ARTICLES)
        for place, word in enumerate(before)
    )
