"""Which passwords are taken, and that what is kept of them is what was typed on any keyboard."""

from __future__ import annotations

import pytest
from hotline_collector.errors import PasswordRefused
from hotline_collector.security.password_rules import LONGEST, SHORTEST, check
from hotline_collector.security.passwords import Passwords
from hypothesis import given
from hypothesis import strategies as st

KNOWN = ("anna.maier", "Example Telecom")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "short"),
        ("x1!Ab-unusual?", "short"),
        ("q" * (LONGEST + 1), "long"),
        ("zzzzzzzzzzzzzzzzzz", "repeats"),
        ("abcabcabcabcabcabc", "repeats"),
        ("1234567890123456789", "repeats"),
        ("abcdefghijklmnopqrst", "repeats"),
        ("zyxwvutsrqponmlkji!", "repeats"),
        ("Anna.Maier.Anna.Maier", "known"),
        ("example-TELECOM-2026", "known"),
        ("hotline hotline 123456", "known"),
        ("Passwort4ExampleTelecom", "known"),
    ],
)
def test_a_password_that_is_not_taken_says_why(password: str, reason: str) -> None:
    with pytest.raises(PasswordRefused) as refused:
        check(password, KNOWN)
    assert refused.value.reason == reason
    assert not password or password not in str(refused.value)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "ein kleiner Zug fährt los",
        "            .            x",
        "81726354 19283746 5",
        "anna likes mountains",
        "пароль из трёх слов",
        "🦊🚲🌧🍞🎺🧭🪁🛶🧶🪵🫖🪴🧲🪃🪕",
        "k" + "ab" * 3 + "unrelated words",
        "q7" * 5 + "-some other words",
    ],
)
def test_any_characters_make_a_password(password: str) -> None:
    check(password, KNOWN)


def test_long_ones_are_taken_and_a_name_of_one_letter_forbids_nothing() -> None:
    check("the quick brown fox jumps over the lazy dog " * 5, ("a", "b"))
    check("aaaa bbbb cccc dddd", ("a", "b"))


@given(st.text(min_size=0, max_size=300), st.lists(st.text(max_size=30), max_size=3))
def test_whatever_is_typed_there_is_one_answer(password: str, known: list[str]) -> None:
    try:
        check(password, known)
    except PasswordRefused as refused:
        assert refused.reason in {"short", "long", "repeats", "known"}
    else:
        assert SHORTEST <= len(password) <= LONGEST


async def test_composed_and_decomposed_letters_are_the_same_password() -> None:
    passwords = Passwords(memory_kib=64, passes=1)
    kept = await passwords.hash("gr\u00fcne B\u00e4ume am Fluss")
    assert await passwords.verify("gru\u0308ne Ba\u0308ume am Fluss", kept)
    assert not await passwords.verify("grune Baume am Fluss", kept)


async def test_what_is_kept_has_the_strength_that_is_documented() -> None:
    kept = await Passwords().hash("correct horse battery")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
