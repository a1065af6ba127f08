"""How much asking well saves: the recorded interviews as the engine asks, and with a fixed questionnaire.

Nothing is timed; seconds are those that the questions themselves say asking and answering takes.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from tests.bench.figures import Figure
from tests.rules.interviewing import INTERVIEWS, Held, as_the_engine_asks, hold, in_fixed_order


def asking_figures() -> Sequence[Figure]:
    """Hold every interview in three ways."""
    ways: dict[str, list[Held]] = {
        "as the engine asks": [hold(one, as_the_engine_asks) for one in INTERVIEWS],
        "fixed order, until one cause stands": [
            hold(one, in_fixed_order(one, until_decided=True)) for one in INTERVIEWS
        ],
        "fixed order, all questions": [
            hold(one, in_fixed_order(one, until_decided=False)) for one in INTERVIEWS
        ],
    }
    out = [Figure("recorded interviews", len(INTERVIEWS))]
    for name, held in ways.items():
        right = sum(how.causes[:1] == [one["cause"]] for how, one in zip(held, INTERVIEWS, strict=True))
        out += [
            Figure(f"{name}: right cause first", right),
            Figure(f"{name}: questions, median", statistics.median(len(how.asked) for how in held)),
            Figure(f"{name}: seconds, median", statistics.median(how.seconds for how in held), "s"),
            Figure(f"{name}: seconds in all", sum(how.seconds for how in held), "s"),
        ]
    well, *others = (sum(how.seconds for how in held) for held in ways.values())
    names = list(ways)[1:]
    return [
        *out,
        *(
            Figure(f"{name} ÷ as the engine asks", all_ / well, "×")
            for name, all_ in zip(names, others, strict=True)
        ),
    ]
