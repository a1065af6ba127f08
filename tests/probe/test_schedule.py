from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import pytest
from hotline_probe.schedule import BEAT, HEAD_START, Schedule
from hotline_proto.catalogue import Cost
from hypothesis import given
from hypothesis import strategies as st

COSTS: list[Cost] = ["cheap", "moderate", "expensive"]


def run_until(schedule: Schedule, start: float, end: float) -> list[tuple[float, str]]:
    """Drive the schedule as a scheduler with instant sources would."""
    starts: list[tuple[float, str]] = []
    now: float | None = start
    while now is not None and now <= end:
        for name in schedule.due(now):
            starts.append((now, name))
            schedule.finished(name)
        now = schedule.next_due(now)
    return starts


def test_nothing_is_due_without_a_plan() -> None:
    schedule = Schedule([("a", "cheap")])
    assert schedule.due(5.0) == []
    assert schedule.next_due(5.0) is None


def test_the_first_round_is_ordered_by_cost_and_then_by_place() -> None:
    schedule = Schedule([("dear", "expensive"), ("b", "cheap"), ("mid", "moderate"), ("a", "cheap")])
    schedule.plan({"a": 10, "b": 10, "mid": 10, "dear": 10})
    starts = run_until(schedule, 100.0, 101.0)
    assert [name for _, name in starts] == ["b", "a", "mid", "dear"]
    assert starts[0][0] == 100.0
    assert starts[-1][0] == 100.0 + HEAD_START["expensive"]


def test_requests_run_at_once_in_the_same_order() -> None:
    schedule = Schedule([("dear", "expensive"), ("a", "cheap")])
    schedule.request(["dear", "a"])
    assert schedule.next_due(3.0) == 3.0
    assert schedule.due(3.0) == ["a", "dear"]


def test_a_request_while_running_runs_once_more_afterwards() -> None:
    schedule = Schedule([("a", "cheap")])
    schedule.request(["a"])
    assert schedule.due(0.0) == ["a"]
    schedule.request(["a"])
    schedule.request(["a"])
    assert schedule.due(0.1) == []
    assert schedule.next_due(0.1) is None
    schedule.finished("a")
    assert schedule.due(0.2) == ["a"]
    schedule.finished("a")
    assert schedule.due(0.3) == []


def test_a_running_source_is_never_started_again_and_skips_missed_turns() -> None:
    schedule = Schedule([("a", "cheap")])
    schedule.plan({"a": 1.0})
    assert schedule.due(0.0) == ["a"]
    assert all(schedule.due(float(second)) == [] for second in range(1, 50))
    schedule.finished("a")
    assert schedule.due(50.0) == ["a"]
    schedule.finished("a")
    assert schedule.due(50.1) == []


def test_a_new_plan_drops_what_it_does_not_name_and_keeps_the_turn_of_the_rest() -> None:
    schedule = Schedule([("a", "cheap"), ("b", "cheap")])
    schedule.plan({"a": 10.0, "b": 10.0})
    run_until(schedule, 0.0, 0.0)
    before = schedule.next_due(0.0)
    schedule.plan({"b": 10.0})
    assert {name for _, name in run_until(schedule, 0.1, 100.0)} == {"b"}
    assert before is not None


def test_a_shorter_interval_counts_from_the_last_run() -> None:
    schedule = Schedule([("a", "cheap")])
    schedule.plan({"a": 100.0})
    run_until(schedule, 0.0, 0.0)
    schedule.plan({"a": 2.0})
    assert schedule.next_due(0.0) == 2.0


def test_stretching_slows_only_what_is_not_cheap_and_can_be_undone() -> None:
    schedule = Schedule([("a", "cheap"), ("m", "moderate")])
    schedule.plan({"a": 1.0, "m": 1.0})
    run_until(schedule, 0.0, 10.0)
    schedule.stretch(2.0)
    slow = run_until(schedule, 10.0, 30.0)
    schedule.stretch(1.0)
    fast = run_until(schedule, 30.0, 50.0)

    def count(starts: list[tuple[float, str]], name: str) -> int:
        return sum(1 for _, other in starts if other == name)

    assert 19 <= count(slow, "a") <= 21
    assert 9 <= count(slow, "m") <= 11
    assert 19 <= count(fast, "m") <= 21


@pytest.mark.parametrize("interval", [-1.0, math.nan, math.inf])
def test_a_senseless_interval_is_refused_and_changes_nothing(interval: float) -> None:
    schedule = Schedule([("a", "cheap")])
    with pytest.raises(ValueError, match="interval of a"):
        schedule.plan({"a": interval})
    assert schedule.next_due(0.0) is None


def test_an_unknown_name_is_refused_and_changes_nothing() -> None:
    schedule = Schedule([("a", "cheap")])
    with pytest.raises(KeyError):
        schedule.plan({"a": 1.0, "b": 1.0})
    with pytest.raises(KeyError):
        schedule.request(["b"])
    assert schedule.next_due(0.0) is None


@given(
    st.lists(st.tuples(st.sampled_from(COSTS), st.floats(0.1, 50.0)), min_size=1, max_size=12),
    st.floats(0.0, 1e6),
)
def test_every_source_keeps_its_interval(sources: list[tuple[Cost, float]], start: float) -> None:
    schedule = Schedule([(str(i), cost) for i, (cost, _) in enumerate(sources)])
    schedule.plan({str(i): interval for i, (_, interval) in enumerate(sources)})
    longest = max(interval for _, interval in sources)
    shortest = min(interval for _, interval in sources)
    span = min(3 * longest, 200 * shortest)
    starts = run_until(schedule, start, start + span)
    for i, (cost, interval) in enumerate(sources):
        times = [time for time, name in starts if name == str(i)]
        if span >= HEAD_START[cost]:
            assert times[0] == pytest.approx(start + HEAD_START[cost])
        gaps = [b - a for a, b in pairwise(times)]
        assert all(gap == pytest.approx(interval, rel=1e-3, abs=1e-6) for gap in gaps[1:])
        if gaps:
            assert interval * 0.499 <= gaps[0] <= interval * 1.001


@given(st.integers(2, 40), st.floats(0.0, 1e6))
def test_sources_with_one_interval_spread_over_shared_beats(count: int, start: float) -> None:
    schedule = Schedule([(str(i), "cheap") for i in range(count)])
    schedule.plan({str(i): 8.0 for i in range(count)})
    later = Counter(time for time, _ in run_until(schedule, start, start + 8.2) if time > start)
    assert all(time % BEAT == 0 for time in later)
    assert len(later) >= min(count, 8)
    assert max(later.values()) <= math.ceil(count / 8)


def test_single_sources_of_several_intervals_do_not_all_meet() -> None:
    schedule = Schedule([(str(i), "cheap") for i in range(6)])
    schedule.plan({str(i): 8.0 + i for i in range(6)})
    later = Counter(time for time, _ in run_until(schedule, 0.0, 13.2) if time > 0)
    assert max(later.values()) <= 2


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["request", "due", "finish", "plan", "stretch"]),
            st.integers(0, 3),
            st.floats(0, 5),
        ),
        max_size=60,
    )
)
def test_no_order_of_events_starts_a_running_source_or_goes_back(
    events: list[tuple[str, int, float]],
) -> None:
    schedule = Schedule([("0", "cheap"), ("1", "moderate"), ("2", "expensive"), ("3", "cheap")])
    running: set[str] = set()
    now = 0.0
    for kind, which, amount in events:
        now += amount
        name = str(which)
        if kind == "request":
            schedule.request([name])
        elif kind == "finish" and name in running:
            running.discard(name)
            schedule.finished(name)
        elif kind == "plan":
            schedule.plan({name: amount})
        elif kind == "stretch":
            schedule.stretch(2.0 if which % 2 else 1.0)
        else:
            started = schedule.due(now)
            assert not running & set(started)
            running |= set(started)
            assert set(schedule.running) == running
        upcoming = schedule.next_due(now)
        assert upcoming is None or upcoming >= now
