"""Words as callers use them: one spelling for all spellings, one word for all dialects, typing errors."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"[a-z0-9]+")
_APOSTROPHES = re.compile("['`´’]")
_UMLAUT = re.compile(r"([aou])e+")
_DOUBLED = re.compile(r"(.)\1+")
# "kann" must not become "kan", the dialect's "kein".
_UNDOUBLE_FROM = 5
# Shorter words are found inside others by chance ("ton" in "telefonton", "uhr" in "uhrturm").
_INSIDE_FROM = 5
# Shorter words differ by one letter too often to forgive a typing error ("print", "point").
_FORGIVE_FROM = 6
# What may follow a word without making it another ("drucker-n"); longer rests make compounds.
_ENDINGS = frozenset(("", "e", "n", "s", "en", "er", "em", "es", "d", "ed", "ing", "ly", "in"))
_COMPOUND_FROM = 4
# What may stand before a word that ends a longer one; less only as a dialect's article ("s'Internet").
_SHORTEST_BEFORE = 3
_ARTICLES = frozenset("sdnme")
# A longer word is noise; the bound keeps the time linear.
_MAX_LETTERS = 40

_SAME = {
    "nicht": "net ned nid nit nod nich ni niad nimmer nimma nume numme neet not dont doesnt didnt wont cant "
    "cannot isnt arent never stopped nix nichts nie",
    "kein": "keine keinen keiner keines keinerlei ka koa koan kane kei keen keene keis no without ohne any",
    "geht": "gehen goht gaht geiht geit ged gehts jeht funktioniert funktionieren funzt lauft "
    "laufen lopt lopp tut klappt works work working",
    "ist": "is isch are sind war was",
    "weg": "wech fort verschwunden gone disappeared vanished",
    "computer": "rechner rechna reekner pc laptop lepptop leptop notebook mac macbook imac desktop kiste "
    "computa compjuta compi",
    "falsch": "foisch falsche falsches falschen wrong",
    "langsam": "laungsam lahm lahme lahmes zah zach zaach slow sluggish trage",
}
_JOINED = re.compile(r"\b(w lan|wi fi|e mails?|home office)\b")


def words_of(text: str) -> list[str]:
    """Return the words of a text, the same for every way to write them.

    Case, punctuation, accents and doubled letters go; `ü`, `ue` and `u` are one; German, dialect and English
    words for *not*, *no*, *works* and the like become one word.
    """
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text).casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    spaced = " ".join(_WORD.findall(letters))
    joined = _JOINED.sub(lambda match: match.group().replace(" ", ""), spaced)
    return [_canonical(word[:_MAX_LETTERS]) for word in joined.split()]


def _canonical(word: str) -> str:
    stem = _stem(word)
    return _CANONICAL.get(stem, stem)


def _stem(word: str) -> str:
    stem = _UMLAUT.sub(r"\1", word)
    return _DOUBLED.sub(r"\1", stem) if len(stem) >= _UNDOUBLE_FROM else stem


_CANONICAL = {_stem(said): word for word, variants in _SAME.items() for said in variants.split()}


class Vocabulary:
    """Finds which known words a said word may be, in time that depends on the said word alone."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        self._nearly: dict[str, set[str]] = {}
        for word in self._words:
            if len(word) >= _FORGIVE_FROM:
                for shorter in _shortened(word):
                    self._nearly.setdefault(shorter, set()).add(word)

    def meant_by(self, said: str) -> set[str]:
        """Return the known word that is the said one, else those at its ends, else those one letter off."""
        if said in self._words:
            return {said}
        inside = _longest(_parts(said) & self._words)
        return inside or {word for word in self._close_to(said) if _one_edit(said, word)}

    def _close_to(self, said: str) -> set[str]:
        """Return the words that share a form with a letter left out; all at one edit are among them."""
        return {word for shorter in _shortened(said) for word in self._nearly.get(shorter, ())}


def _parts(said: str) -> set[str]:
    """Return the words that a word may be made of: "drucker" for "druckers" and for "netzwerkdrucker"."""
    cuts = range(_INSIDE_FROM, len(said))
    heads = {said[:cut] for cut in cuts if said[cut:] in _ENDINGS or len(said) - cut >= _COMPOUND_FROM}
    first = 1 if said[:1] in _ARTICLES else _SHORTEST_BEFORE
    starts = (start for start in range(first, len(said) - _INSIDE_FROM + 1) if start != _SHORTEST_BEFORE - 1)
    return heads | {said[start:] for start in starts}


def _longest(parts: set[str]) -> set[str]:
    """Leave out what is only a piece of another part: "rauch" in the "verbrauch" of "datenverbrauch"."""
    return {part for part in parts if not any(part != other and part in other for other in parts)}


def _shortened(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


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
