"""Which passwords are taken: long ones, of any characters, that nobody guesses from where they are used.

Length counts and nothing else is asked for: no kinds of characters, no change after some time
(NIST SP 800-63B-4 §3.1.1.2: 15 characters where the password is the only factor, at least 64 allowed,
compared with what is expected: names of the user and the service, and what repeats itself).
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable

from hotline_collector.errors import PasswordRefused

SHORTEST = 15
LONGEST = 256
_OWN = ("hotline", "password", "passwort", "kennwort", "desk")
_MIN_WORD = 3
_LETTERS = re.compile(r"[^\W\d_]+")
_REPEATS = re.compile(r"(.{1,4}?)\1+.{0,3}", re.DOTALL)
_STRAIGHT = 0.8


def normal(password: str) -> str:
    """Return a password in the form that is hashed, the same from every keyboard (NFC, RFC 8265 §4.2)."""
    return unicodedata.normalize("NFC", password)


def check(password: str, known: Iterable[str] = (), shortest: int = SHORTEST) -> None:
    """Say nothing if a password may be used by somebody who is `known` by these names.

    Raises:
        PasswordRefused: it may not; `reason` is short, long, known or repeats.
    """
    if len(password) < shortest:
        raise PasswordRefused(
            "short", f"a password has {shortest} to {LONGEST} characters; this one is shorter"
        )
    if len(password) > LONGEST:
        raise PasswordRefused(
            "long", f"a password has {shortest} to {LONGEST} characters; this one is longer"
        )
    if _REPEATS.fullmatch(password) or _is_straight(password):
        raise PasswordRefused(
            "repeats", "this password only repeats or counts on; take several unrelated words"
        )
    if _is_made_of(password.casefold(), known):
        raise PasswordRefused(
            "known", "this password is made of the name of the account or the operator; take unrelated words"
        )


def _is_straight(password: str) -> bool:
    """Tell whether most characters follow the one before, up or down, as in 12345678."""
    steps = [ord(after) - ord(before) for before, after in itertools.pairwise(password)]
    return max(steps.count(1), steps.count(-1)) >= _STRAIGHT * len(steps)


def _is_made_of(password: str, known: Iterable[str]) -> bool:
    """Tell whether no letter is left of it without the words that everybody knows."""
    if not _LETTERS.search(password):
        return False
    words = {word for name in (*known, *_OWN) for word in _LETTERS.findall(name.casefold())}
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= _MIN_WORD:
            password = password.replace(word, "")
    return not _LETTERS.search(password)
