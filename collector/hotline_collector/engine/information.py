"""What an observation is worth: the information that it is expected to give about hypotheses.

Source: C. E. Shannon, A Mathematical Theory of Communication, 1948: entropy and mutual information.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

# "None of them" is as likely as one rule that is sure of itself.
_NONE_WEIGHT = 1.0


def information(weights: Sequence[float], likelihoods: Sequence[Sequence[float]]) -> float:
    """Return the mutual information of hypotheses and outcomes as a share of the hypotheses' entropy."""
    total = sum(weights) + _NONE_WEIGHT
    priors = [*(weight / total for weight in weights), _NONE_WEIGHT / total]
    before = _entropy(priors)
    after = 0.0
    for outcome in range(len(likelihoods[0])):
        joint = [prior * row[outcome] for prior, row in zip(priors, likelihoods, strict=True)]
        chance = sum(joint)
        if chance > 0:
            after += chance * _entropy([part / chance for part in joint])
    return max(0.0, (before - after) / before) if before > 0 else 0.0


def _entropy(chances: Iterable[float]) -> float:
    return -sum(chance * math.log2(chance) for chance in chances if chance > 0)
