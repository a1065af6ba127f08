"""Leads ask for figures: from calls that were closed to the answer, with the real store, audited."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.store.store import SqlStore

from tests.new_database import new_database

LEAD = Actor("lea", "lead")
SECOND = 1_000_000


@pytest.fixture
async def kept(world: Any, tmp_path: Path) -> AsyncIterator[Any]:
    store = SqlStore(new_database(tmp_path / "hotline.db"))
    await store.start()
    settings = replace(world.settings, contact_key=b"k" * 32, repeat_days=14)
    yield type(world)(world.catalogue, world.rules, store=store, settings=settings)
    await store.close()


async def closed(world: Any, join: Any, filesystem: Any, agent: Actor, *, after: int = 60) -> str:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.99))
    world.pass_time(after)
    await world.desk.disagree(agent, probe.call.row.id, next(iter(probe.call.engine.findings())), "a cat", "")
    await world.desk.close(agent, probe.call.row.id, "technician")
    call_id: str = probe.call.row.id
    return call_id


async def test_figures_of_closed_calls_outlive_them(
    kept: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    for number in range(6):
        await closed(kept, join, filesystem, agent, after=30 + number)
    told = await kept.desk.reporting.figures(LEAD, days=7)
    assert (told.calls.calls, told.repeat_days, told.least_group) == (6, 14, 5)
    [outcome] = [each for each in told.outcomes if each.calls]
    assert (outcome.name, outcome.calls) == ("technician", 6)
    handled = next(each for each in told.spans if each.name == "handled").whole
    assert handled.calls == 6 and 30 < handled.median_s < 35
    assert told.no_cause == 6  # every agent disagreed with the only cause
    assert [(rule.rule, rule.shown, rule.wrong, rule.disagreed) for rule in told.rules] == [
        ("disk.full", 6, 6, 6)
    ]
    assert [(each.cause, each.rule, each.calls) for each in told.outside] == [("a cat", "disk.full", 6)]
    assert told.counted_since == told.last_day
    await kept.store.prune(closed_before=2**62)
    after = await kept.desk.reporting.figures(LEAD, days=7)
    assert (after.calls, after.spans, after.rules) == (told.calls, told.spans, told.rules)
    assert not after.outside
    await kept.saver.flush()
    entries = [entry for entry in await kept.store.audit_trail() if entry.action == "figures.look"]
    assert [(entry.actor, entry.call_id) for entry in entries] == [("agent:lea", "")] * 2


async def test_a_rules_history_is_told_step_by_step(
    kept: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    for _ in range(5):
        await closed(kept, join, filesystem, agent)
    kept.clock.at += 86_400 * SECOND
    await closed(kept, join, filesystem, agent)
    history = await kept.desk.reporting.rule_history(LEAD, "disk.full", 7)
    assert (history.whole.shown, history.whole.right, history.whole.wrong) == (6, 0, 6)
    shown = [(step.shown, step.wrong, step.few) for step in history.steps]
    assert shown == [(0, 0, False)] * 5 + [(5, 5, False), (1, 0, True)]
    nothing = await kept.desk.reporting.rule_history(LEAD, "burning", 7)
    assert nothing.whole.shown == 0 and not any(step.shown for step in nothing.steps)


async def test_the_operator_can_have_the_smallest_groups_told(
    kept: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    await closed(kept, join, filesystem, agent)
    hidden = await kept.desk.reporting.figures(LEAD, days=7)
    assert hidden.least_group == 5 and hidden.calls.few and not hidden.rules
    kept.manager.around.settings = replace(kept.settings, per_agent_figures=True)
    told = await kept.desk.reporting.figures(LEAD, days=7)
    assert (told.least_group, told.calls.calls, told.calls.few) == (1, 1, False)
    assert [(rule.rule, rule.wrong) for rule in told.rules] == [("disk.full", 1)]
    history = await kept.desk.reporting.rule_history(LEAD, "disk.full", 1)
    assert (history.least, history.whole.wrong) == (1, 1)
    assert [(step.shown, step.wrong, step.few) for step in history.steps] == [(1, 1, False)]


async def test_figures_are_found_by_day_and_not_by_looking_at_every_row(kept: Any) -> None:
    raw = sqlite3.connect(kept.store.path)
    for table in ("figure_days", "verdict_days"):
        query = f"EXPLAIN QUERY PLAN SELECT sum(calls) FROM {table} WHERE day BETWEEN '1' AND '2'"
        plan = str(raw.execute(query).fetchall())
        assert "SEARCH" in plan and "SCAN" not in plan
    raw.close()
