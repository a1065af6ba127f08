"""The field record of rules: what closed calls say about them, and what that makes of their confidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

# How many closed calls the pack's own confidence is worth: so many that a few strange calls cannot turn a
# rule over, so few that at MIN_CALLS the field already weighs three times as much.
PRIOR_CALLS = 10
# Below this the pack's word stands.
MIN_CALLS = 30


class Verdict(StrEnum):
    """What one closed call says about a rule that was shown in it as a cause."""

    VERIFIED = "verified"
    NAMED = "named"
    NOT_HELPED = "not_helped"
    DISAGREED = "disagreed"
    RANG_AGAIN = "rang_again"
    UNSETTLED = "unsettled"


RIGHT = frozenset({Verdict.VERIFIED, Verdict.NAMED})
WRONG = frozenset({Verdict.NOT_HELPED, Verdict.DISAGREED, Verdict.RANG_AGAIN})


@dataclass(frozen=True, slots=True)
class Tally:
    """In how many closed calls a rule was right and wrong; unsettled ones count for neither."""

    right: int = 0
    wrong: int = 0


def tally(calls: Mapping[str, int]) -> Tally:
    """Return right and wrong of the numbers of calls by verdict."""
    return Tally(
        sum(number for verdict, number in calls.items() if verdict in RIGHT),
        sum(number for verdict, number in calls.items() if verdict in WRONG),
    )


def posterior(prior: float, record: Tally) -> float:
    """Return the mean of the beta distribution that a prior becomes with what closed calls say.

    The prior p is worth m = `PRIOR_CALLS` calls, Beta(p·m, (1-p)·m); after r right and w wrong calls the
    mean is (p·m + r) / (m + r + w). Source: Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.4.
    """
    return (prior * PRIOR_CALLS + record.right) / (PRIOR_CALLS + record.right + record.wrong)


def sharpened(prior: float, record: Tally) -> float | None:
    """Return the confidence that the field record gives a rule, None while it knows too few calls."""
    return posterior(prior, record) if record.right + record.wrong >= MIN_CALLS else None
