"""Callers who answer questions: what is asked can be answered, and in the end the first cause is right."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from tests.rules.interviewing import (
    DONT_KNOW,
    INTERVIEWS,
    Held,
    answers_of,
    as_the_engine_asks,
    hold,
    in_fixed_order,
    pack,
)

every_interview = pytest.mark.parametrize(
    "number", range(len(INTERVIEWS)), ids=lambda n: INTERVIEWS[n]["say"]
)


@cache
def held(number: int) -> Held:
    return hold(INTERVIEWS[number], as_the_engine_asks)


@cache
def held_in_fixed_order(number: int, *, until_decided: bool) -> Held:
    interview = INTERVIEWS[number]
    return hold(interview, in_fixed_order(interview, until_decided=until_decided))


@every_interview
def test_answers_are_possible(number: int) -> None:
    assert INTERVIEWS[number]["cause"] in pack().by_id
    for name, answer in answers_of(INTERVIEWS[number]).items():
        question = pack().pack.questions[name]
        if answer == DONT_KNOW:
            continue
        if question.type == "bool":
            assert isinstance(answer, bool), name
        else:
            assert answer in question.values or not question.values, name


@every_interview
def test_answers_lead_to_the_cause(number: int) -> None:
    interview, how = INTERVIEWS[number], held(number)
    assert set(how.asked) <= answers_of(interview).keys(), how.asked
    assert len(set(how.asked)) == len(how.asked)
    assert how.causes[:1] == [interview["cause"]], how.asked


@every_interview
def test_asking_everything_ends_at_the_same_cause(number: int) -> None:
    assert held_in_fixed_order(number, until_decided=False).causes[:1] == held(number).causes[:1]


@every_interview
def test_no_more_is_asked_than_in_fixed_order(number: int) -> None:
    assert held(number).seconds <= held_in_fixed_order(number, until_decided=False).seconds


def test_asking_well_saves_time_over_all_interviews() -> None:
    numbers = range(len(INTERVIEWS))
    well = sum(held(number).seconds for number in numbers)
    stopping = sum(held_in_fixed_order(number, until_decided=True).seconds for number in numbers)
    assert well < stopping


def test_no_two_callers_say_the_same() -> None:
    said: list[Any] = sorted(interview["say"] for interview in INTERVIEWS)
    assert [one for one, other in pairwise(said) if one == other] == []
    assert len(said) >= 24
