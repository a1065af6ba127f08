"""Everything that a run of the lab plays."""

from __future__ import annotations

from functools import partial

from tests.lab.alone import play_alone
from tests.lab.courses import COURSES, play_course
from tests.lab.play import play
from tests.lab.scenario import Scenario
from tests.lab.scenarios import SCENARIOS
from tests.lab.scenarios.alone import ALONE, Alone
from tests.lab.trial import Trial

# Courses last longest, so they begin first (s).
_LONGEST = 200.0


def _live(scenario: Scenario) -> Trial:
    lasts = scenario.watch if scenario.healthy else scenario.patience + scenario.proof
    return Trial(scenario.name, scenario.family, lasts, partial(play, scenario), scenario.exclusive)


def _alone(one: Alone) -> Trial:
    scenario = one.scenario
    run = partial(play_alone, scenario, one.way, one.heard)
    return Trial(scenario.name, scenario.family, scenario.patience + 20.0, run)


def _course(name: str) -> Trial:
    return Trial(name, "course", _LONGEST, partial(play_course, name, COURSES[name]))


TRIALS: tuple[Trial, ...] = (*map(_live, SCENARIOS), *map(_alone, ALONE), *map(_course, COURSES))
