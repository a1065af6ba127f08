"""What closed calls make of a rule's confidence."""

from __future__ import annotations

import pytest
from hotline_collector.model.field_record import (
    MIN_CALLS,
    RIGHT,
    WRONG,
    Tally,
    Verdict,
    posterior,
    sharpened,
    tally,
)
from hypothesis import given
from hypothesis import strategies as st

PRIORS = st.floats(0.01, 0.99)
CALLS = st.integers(0, 100_000)


@given(PRIORS)
def test_without_calls_the_prior_stands(prior: float) -> None:
    assert posterior(prior, Tally()) == pytest.approx(prior)


@given(PRIORS, CALLS, CALLS)
def test_it_stays_a_probability_and_moves_with_what_is_said(prior: float, right: int, wrong: int) -> None:
    here = posterior(prior, Tally(right, wrong))
    assert 0 < here < 1
    assert posterior(prior, Tally(right + 1, wrong)) > here > posterior(prior, Tally(right, wrong + 1))


@given(PRIORS, CALLS, CALLS)
def test_it_lies_between_the_prior_and_what_was_seen(prior: float, right: int, wrong: int) -> None:
    seen = right / (right + wrong) if right + wrong else prior
    low, high = min(prior, seen), max(prior, seen)
    assert low - 1e-12 <= posterior(prior, Tally(right, wrong)) <= high + 1e-12


@given(PRIORS, CALLS, CALLS)
def test_few_calls_change_nothing(prior: float, right: int, wrong: int) -> None:
    known = right + wrong >= MIN_CALLS
    assert sharpened(prior, Tally(right, wrong)) == (posterior(prior, Tally(right, wrong)) if known else None)


def test_a_known_value() -> None:
    # Beta(9, 1) and 12 right, 18 wrong calls: Beta(21, 19).
    assert sharpened(0.9, Tally(12, 18)) == pytest.approx(21 / 40)
    assert sharpened(0.9, Tally(12, 17)) is None


def test_every_verdict_but_unsettled_counts_once() -> None:
    assert not RIGHT & WRONG
    assert set(Verdict) - RIGHT - WRONG == {Verdict.UNSETTLED}
    assert tally(dict.fromkeys(Verdict, 1)) == Tally(2, 3)
