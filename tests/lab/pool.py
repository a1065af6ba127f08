"""Plays scenarios side by side; those that want the machine for themselves come last, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from tests.bench.processes import Collector
from tests.lab.lab import Surroundings
from tests.lab.play import play
from tests.lab.result import Result
from tests.lab.scenario import Scenario


def play_all(
    scenarios: Sequence[Scenario], around: Surroundings, collector: Collector, jobs: int
) -> Iterator[Result]:
    """Yield each result as it comes; those that take long begin first."""
    together = [scenario for scenario in scenarios if not scenario.exclusive]
    together.sort(key=lambda scenario: -scenario.patience)
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        playing = [pool.submit(play, scenario, around, collector) for scenario in together]
        for done in as_completed(playing):
            yield done.result()
    for scenario in scenarios:
        if scenario.exclusive:
            yield play(scenario, around, collector)
