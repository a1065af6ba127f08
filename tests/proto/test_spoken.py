"""A result read out over the phone: nothing is lost, and slips of the tongue are caught."""

from __future__ import annotations

import pytest
from hotline_proto.errors import SpokenError
from hotline_proto.spoken import LENGTH, MAX_ITEMS, heard_result, heard_version, spoken_result
from hypothesis import given
from hypothesis import strategies as st

states = st.lists(st.sampled_from([True, False, None]), max_size=MAX_ITEMS)
versions = st.integers(0, 99)


@given(states, versions)
def test_what_is_said_is_heard(said, version):
    text = spoken_result(said, version)
    assert len(text.replace(" ", "")) == LENGTH
    assert heard_result(text, len(said)) == said
    assert heard_version(text) == version


@given(states, versions, st.integers(0, LENGTH - 1), st.integers(1, 9))
def test_a_wrong_digit_is_caught(said, version, place, by):
    digits = spoken_result(said, version).replace(" ", "")
    wrong = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    with pytest.raises(SpokenError):
        heard_result(wrong, len(said))


@given(states, versions, st.integers(0, LENGTH - 2))
def test_swapped_neighbours_are_caught(said, version, place):
    digits = spoken_result(said, version).replace(" ", "")
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    if swapped != digits:
        with pytest.raises(SpokenError):
            heard_result(swapped, len(said))


@given(st.text(max_size=60))
def test_whatever_is_typed_gives_one_clear_error(typed):
    try:
        heard_result(typed, MAX_ITEMS)
    except SpokenError as error:
        assert "please" in str(error) or "ask" in str(error)


@pytest.mark.parametrize("separator", ["", " ", "-", " - ", "\u00a0", "."])
def test_separators_do_not_matter(separator):
    digits = spoken_result([True, None, False], 7).split(" ")
    assert heard_result(separator.join(digits), 3) == [True, None, False]


def test_more_states_than_items_is_another_version():
    with pytest.raises(SpokenError, match="version"):
        heard_result(spoken_result([True] * 10, 7), 3)


def test_what_cannot_be_spoken_is_refused():
    with pytest.raises(ValueError, match="42 items"):
        spoken_result([True] * 42, 0)
    with pytest.raises(ValueError, match="version 100"):
        spoken_result([], 100)
