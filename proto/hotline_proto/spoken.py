"""A result that is read out over the phone: about forty findings of a probe that has no network.

Every item of the decision table's list is false, true or unknown. They are the digits 0, 1 and 2 of a number
to base three, first item last. It is spoken as twenty decimal digits, then two for the version of the table,
then two that check them all (ISO 7064 MOD 97-10: every wrong digit and every swap of neighbours shows).
"""

from __future__ import annotations

from collections.abc import Sequence

from hotline_proto.errors import SpokenError

MAX_ITEMS = 41
LENGTH = 24
VERSIONS = 100
_BODY = 20
_GROUP = 4
_SEPARATORS = str.maketrans("", "", " -./\u00a0\u202f")

Truth = bool | None


def spoken_result(states: Sequence[Truth], version: int) -> str:
    """Return the digits of a result in groups of four; None means unknown.

    Raises:
        ValueError: there are too many items, or the version has more than two digits.
    """
    if len(states) > MAX_ITEMS or not 0 <= version < VERSIONS:
        raise ValueError(f"{len(states)} items of version {version} cannot be spoken")
    number = 0
    for state in reversed(states):
        number = number * 3 + (2 if state is None else int(state))
    body = f"{number:0{_BODY}d}{version:02d}"
    return _grouped(body + _check(body))


def read_back(text: str) -> str:
    """Return typed digits in groups of four, as they are shown.

    Raises:
        SpokenError: a digit is missing, wrong or swapped.
    """
    return _grouped(_digits(text))


def heard_version(text: str) -> int:
    """Return the version of the table that typed digits belong to.

    Raises:
        SpokenError: a digit is missing, wrong or swapped.
    """
    return int(_digits(text)[_BODY : _BODY + 2])


def heard_result(text: str, items: int) -> list[Truth]:
    """Return the states of so many items from typed digits; spaces and punctuation do not matter.

    Raises:
        SpokenError: a digit is missing, wrong or swapped, or there are more states than items.
    """
    number = int(_digits(text)[:_BODY])
    states: list[Truth] = []
    for _ in range(items):
        number, digit = divmod(number, 3)
        states.append(None if digit == 2 else bool(digit))
    if number:
        raise SpokenError("these digits belong to another version of the program; ask for its version")
    return states


def _digits(text: str) -> str:
    digits = text.translate(_SEPARATORS)
    if not (digits.isascii() and digits.isdigit()):
        raise SpokenError(f"a result has {LENGTH} digits and nothing else; please have it read once more")
    if len(digits) != LENGTH:
        raise SpokenError(
            f"a result has {LENGTH} digits, these are {len(digits)}; please have it read once more"
        )
    if _check(digits[:-2]) != digits[-2:]:
        raise SpokenError("one digit is wrong or two are swapped; please have it read once more")
    return digits


def _grouped(digits: str) -> str:
    return " ".join(digits[i : i + _GROUP] for i in range(0, LENGTH, _GROUP))


def _check(body: str) -> str:
    return f"{98 - int(body) * 100 % 97:02d}"
