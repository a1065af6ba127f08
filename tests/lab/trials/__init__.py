"""Everything that a run of the lab plays."""

from __future__ import annotations

from functools import partial

from tests.lab.play import play
from tests.lab.scenario import Scenario
from tests.lab.scenarios import SCENARIOS
from tests.lab.trial import Trial


def _live(scenario: Scenario) -> Trial:
    lasts = scenario.watch if scenario.healthy else scenario.patience + scenario.proof
    return Trial(scenario.name, scenario.family, lasts, partial(play, scenario), scenario.exclusive)


TRIALS: tuple[Trial, ...] = tuple(map(_live, SCENARIOS))
