"""What counts as an outage: a pure function of what was seen."""

from __future__ import annotations

import pytest
from hotline_collector.calls.errors import CallError
from hotline_collector.calls.outages import FEWEST, WINDOW_US, Sighting, known_outages
from hotline_collector.calls.phone_number import phone_number
from hotline_collector.model.rule import Text
from hypothesis import given
from hypothesis import strategies as st

NOW = 10 * WINDOW_US
TITLE = Text("Name server does not answer", "Namensserver antwortet nicht")


def seen(caller: int, rule: str = "net.dns", ago: int = 1, *, public: bool = True) -> Sighting:
    return Sighting(f"call-{caller}", f"caller-{caller}", rule, TITLE, NOW - ago, public)


def test_three_callers_within_minutes_are_an_outage() -> None:
    assert not known_outages([seen(1), seen(2), seen(2), seen(2)], NOW)
    [outage] = known_outages([seen(1, ago=5), seen(2), seen(3)], NOW)
    assert (outage.callers, outage.since, outage.last, outage.title) == (3, NOW - 5, NOW - 1, TITLE)


@pytest.mark.parametrize("third", [seen(3, ago=WINDOW_US), seen(3, ago=-1), seen(3, public=False)])
def test_what_is_old_or_not_public_does_not_count(third: Sighting) -> None:
    assert not known_outages([seen(1), seen(2), third], NOW)


def test_among_many_callers_three_are_chance() -> None:
    others = [seen(number, "disk.full", public=False) for number in range(10, 37)]
    assert [o.rule for o in known_outages([seen(1), seen(2), seen(3), *others], NOW)] == ["net.dns"]
    assert not known_outages([seen(1), seen(2), seen(3), *others, seen(40, "other")], NOW)


SIGHTINGS = st.lists(
    st.builds(
        seen,
        st.integers(0, 12),
        st.sampled_from(["a", "b", "c"]),
        st.integers(-WINDOW_US, 2 * WINDOW_US),
        public=st.booleans(),
    ),
    max_size=60,
)


@given(SIGHTINGS, st.randoms(use_true_random=False))
def test_never_fewer_than_three_and_never_dependent_on_order(all_: list[Sighting], chance: object) -> None:
    found = known_outages(all_, NOW)
    for outage in found:
        who = {
            s.caller for s in all_ if s.rule == outage.rule and s.public and 0 <= NOW - s.onset < WINDOW_US
        }
        assert FEWEST <= outage.callers == len(who)
        assert NOW - WINDOW_US < outage.since <= outage.last <= NOW
    shuffled = list(all_)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert known_outages(shuffled, NOW) == found


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("", ""),
        ("  ", ""),
        ("030 / 12 34-56", "030123456"),
        ("+49 (0)30 123456", "+4930123456"),
        ("(030)123.456", "030123456"),
        ("0049 30 123456", "004930123456"),
    ],
)
def test_numbers_are_taken_as_people_write_them(typed: str, number: str) -> None:
    assert phone_number(typed) == number


@pytest.mark.parametrize("typed", ["12", "1" * 16, "0800-PIZZA", "<b>1</b>", "+", "1" * 5000, "0١٢٣٤٥٦", "a"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(CallError, match="a telephone number has"):
        phone_number(typed)


@given(st.text(max_size=60))
def test_a_number_is_digits_whatever_was_typed(typed: str) -> None:
    try:
        number = phone_number(typed)
    except CallError:
        return
    assert not number or (number.lstrip("+").isascii() and number.lstrip("+").isdigit() and len(number) <= 16)
    assert phone_number(number) == number
