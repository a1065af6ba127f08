"""Synthetic rules: what a snapshot costs with 100, 1,000 and 10,000 of them, and against other rule engines.

All contenders run in one process on the same rules and snapshots and must end every round with the same
matches; a ratio is taken within a round. CPU time, not wall time.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping, Sequence

from tests.bench.contenders import LIBRARIES, Contender, Lambdas, OwnEngine, OwnNetwork
from tests.bench.engine import floor
from tests.bench.fetch import Unavailable
from tests.bench.figures import Figure, median
from tests.bench.synthetic import Movement, Value, World, flat_rules, frames, rule_set

ROUNDS = 5
SNAPSHOTS = 200
# Snapshots before the first round, one second each: what holds from the start is confirmed by then.
WARM_UP = 60
SIZES = (100, 1_000, 10_000)
COMPARED = 1_000
# A slow library is given up for a round once it has had so many CPU seconds.
_PATIENCE = 0.5
_SEED = 7
Snapshots = Sequence[Mapping[str, Value]]
_GOALS: Mapping[str, dict[str, float]] = {"cel-expr-python": {"at_least": 60}, "clipspy": {"at_least": 2}}


class Trial:
    """So many rules on facts that move in one way, judged by several contenders.

    `costs` are CPU seconds a snapshot by contender, one value a round; `missing` tells which library could
    not be had, and why.
    """

    def __init__(self, size: int, movement: Movement, *, libraries: bool) -> None:
        self.costs: dict[str, list[float]] = {}
        self.missing: list[str] = []
        world = World(_SEED)
        rules = world.rules(size)
        flat, compiled = flat_rules(rules), rule_set(world.catalogue, rules)
        start = dict(world.values)
        self._judges: dict[str, Contender] = {
            "matching": OwnNetwork(world, compiled),
            "lambdas": Lambdas(start, flat),
        }
        for name, library in LIBRARIES.items() if libraries else ():
            try:
                self._judges[name] = library(start, flat)
            except (Unavailable, ImportError) as error:
                self.missing.append(f"{name}: {error}")
        raw, self._snapshots = frames(world, WARM_UP + ROUNDS * SNAPSHOTS, movement)
        self._judges["engine"] = OwnEngine(compiled, raw[:2], raw[2:])
        self._decoder = OwnEngine(rule_set(world.catalogue, []), raw[:2], raw[2:])
        for change in self._snapshots[:WARM_UP]:
            for judge in (*self._judges.values(), self._decoder):
                judge.skip(change)

    def round(self, number: int) -> None:
        """Measure one round.

        Raises:
            RuntimeError: two contenders do not find the same matches.
        """
        start = WARM_UP + number * SNAPSHOTS
        snapshots = self._snapshots[start : start + SNAPSHOTS]
        costs = {name: _cost(judge, snapshots) for name, judge in self._judges.items()}
        costs |= {"engine without rules": _cost(self._decoder, snapshots), "floor": floor()}
        for name, cost in costs.items():
            self.costs.setdefault(name, []).append(cost)
        expected = self._judges["lambdas"].matches()
        for name, judge in self._judges.items():
            if judge.matches() != expected:
                raise RuntimeError(f"{name} finds other matches than evaluating every rule")


def matching_figures() -> Sequence[Figure]:
    """Measure growth with the number of rules, and the other engines at 1,000 rules."""
    walk = {size: Trial(size, "walk", libraries=size == COMPARED) for size in SIZES}
    jump = {size: Trial(size, "jump", libraries=False) for size in SIZES}
    # The rules are no garbage; that the collector of objects looks through all of them is not measured.
    gc.collect()
    gc.freeze()
    for number in range(ROUNDS):
        for trial in (*walk.values(), *jump.values()):
            trial.round(number)
    gc.unfreeze()
    for line in walk[COMPARED].missing:
        print(f"  not compared: {line}")
    return [
        *_sizes("walk", walk),
        *_sizes("jump", jump),
        _growth("walk: matching, 10,000 rules ÷ 100 rules", walk, "matching", at_most=8),
        _growth("jump: matching, 10,000 rules ÷ 100 rules", jump, "matching"),
        _growth("walk: whole engine, 10,000 rules ÷ 100 rules", walk, "engine"),
        _growth("walk: all rules as lambdas, 10,000 ÷ 100", walk, "lambdas"),
        *_comparison(walk[COMPARED]),
    ]


def _comparison(trial: Trial) -> list[Figure]:
    figures = [
        _ratio("matching ÷ dictionary update of 10", trial, "matching", "floor", at_most=60),
        _ratio("all rules as lambdas ÷ matching", trial, "lambdas", "matching", at_least=10),
        _ratio("all rules as lambdas ÷ whole engine", trial, "lambdas", "engine"),
    ]
    for name in (name for name in LIBRARIES if name in trial.costs):
        figures.append(median(f"walk, {COMPARED:,} rules: {name}", _micro(trial.costs[name]), "µs"))
        figures.append(_ratio(f"{name} ÷ matching", trial, name, "matching", **_GOALS.get(name, {})))
    return figures


def _cost(contender: Contender, snapshots: Snapshots) -> float:
    """Return CPU seconds a snapshot; a slow contender is measured on the last ones only."""
    begin = time.process_time()
    contender.step(snapshots[0])
    once = time.process_time() - begin
    count = max(1, min(len(snapshots) - 1, int(_PATIENCE / max(once, 1e-6))))
    for change in snapshots[1:-count]:
        contender.skip(change)
    begin = time.process_time()
    for change in snapshots[-count:]:
        contender.step(change)
    return (time.process_time() - begin) / count


def _sizes(movement: Movement, trials: Mapping[int, Trial]) -> list[Figure]:
    out = []
    for size, trial in trials.items():
        shown = {
            "matching": "values in, rules to look at out",
            "engine": "whole engine, frame in, findings out",
            "engine without rules": "the same without rules",
            "lambdas": "all rules as compiled lambdas",
        }
        out += [
            median(f"{movement}, {size:,} rules: {text}", _micro(trial.costs[name]), "µs")
            for name, text in shown.items()
        ]
    floors = trials[COMPARED].costs["floor"]
    return [*out, median(f"{movement}: dictionary update of 10 facts", _micro(floors), "µs")]


def _growth(name: str, trials: Mapping[int, Trial], contender: str, **goal: float) -> Figure:
    few, many = (trials[size].costs[contender] for size in (SIZES[0], SIZES[-1]))
    return median(name, [m / f for m, f in zip(many, few, strict=True)], "×", **goal)


def _ratio(name: str, trial: Trial, above: str, below: str, **goal: float) -> Figure:
    pairs = zip(trial.costs[above], trial.costs[below], strict=True)
    return median(f"walk, {COMPARED:,} rules: {name}", [a / b for a, b in pairs], "×", **goal)


def _micro(seconds: Sequence[float]) -> list[float]:
    return [value * 1e6 for value in seconds]
