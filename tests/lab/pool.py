"""Plays trials side by side; those that want the machine for themselves come last, one at a time.

Side by side they take processor time from each other, more than a caller's machine loses. A fault that is not
found then is played once more by itself, and its result says so; a finding on a healthy machine stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from tests.bench.processes import Collector
from tests.lab.lab import Surroundings
from tests.lab.result import Result
from tests.lab.trial import Trial


def play_all(
    trials: Sequence[Trial], around: Surroundings, collector: Collector, jobs: int
) -> Iterator[Result]:
    """Yield each result as it comes; those that take long begin first."""
    again: list[Trial] = []
    together = sorted(
        (trial for trial in trials if not trial.exclusive), key=lambda trial: trial.lasts, reverse=True
    )
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        playing = {pool.submit(trial.run, around, collector): trial for trial in together}
        for done in as_completed(playing):
            result = done.result()
            if result.passed or result.healthy:
                yield result
            else:
                again.append(playing[done])
    for trial in again:
        result = trial.run(around, collector)
        result.alone = True
        yield result
    for trial in trials:
        if trial.exclusive:
            yield trial.run(around, collector)
