"""Measurements of the last minutes: bounded, paced, unknown where nothing is known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hotline_collector.calls.trends import EVERY_US, KEPT, SERIES, Trends, missing
from hotline_proto.facts import Fact, FactValue, UnknownReason


def of(facts: Mapping[str, Mapping[str, FactValue]]) -> Any:
    return lambda fact: facts.get(fact, {})


MACHINE = of(
    {
        "system.cpu.utilization": {"": 0.25},
        "system.memory.available_ratio": {"": 0.75},
        "system.disk.utilization": {"a": 0.5, "b": 0.125, "c": UnknownReason.STALE},
        "system.disk.read_rate": {"a": 1.0, "b": 2.0},
        "system.disk.write_rate": {"a": 4.0},
        "system.cpu.load_per_core": {"": UnknownReason.UNSUPPORTED},
    }
)


def test_a_ring_keeps_the_last_minutes_only() -> None:
    trends = Trends()
    for number in range(KEPT + 10):
        trends.note(number * EVERY_US, MACHINE)
    ages = trends.ages((KEPT + 9) * EVERY_US)
    assert len(ages) == KEPT and ages[0] == (KEPT - 1) * EVERY_US // 1000 and ages[-1] == 0
    assert all(len(trends.values(index)) == KEPT for index in range(len(SERIES)))
    assert trends.number == KEPT + 10
    assert trends.ages(10**18) == [2**32 - 1] * KEPT  # a call may be open for months


def test_series_say_what_is_known() -> None:
    trends = Trends()
    trends.note(0, MACHINE)
    last = {series.name: trends.values(index)[0] for index, series in enumerate(SERIES)}
    assert math.isnan(last.pop("load"))
    assert last == {"cpu": 0.25, "memory": 0.25, "disk": 0.5, "transfer": 7.0}
    assert [missing(series, MACHINE) for series in SERIES] == ["", "", "", "", "unsupported"]
    assert missing(SERIES[0], of({})) == "not_collected"


async def test_a_call_measures_at_most_every_two_seconds_and_what_is_lost_is_a_gap(
    world: Any, join: Any, agent: Any
) -> None:
    probe = await join(world)
    for number in range(40):
        probe.tell("cpu", Fact("system.cpu.utilization", number / 100))
        world.pass_time(0.5)
    view = await world.desk.view(agent, probe.call.row.id, include_facts=False)
    [cpu] = [each for each in view.machine.series if each.name == "cpu"]
    assert len(view.machine.ages_ms) == len(cpu.values) == 10
    assert list(view.machine.ages_ms) == sorted(view.machine.ages_ms, reverse=True)
    probe.lose()
    world.pass_time(30)
    view = await world.desk.view(agent, probe.call.row.id, include_facts=False)
    [cpu] = [each for each in view.machine.series if each.name == "cpu"]
    assert cpu.unknown == "stale" and min(view.machine.ages_ms) >= 30_000
