"""Figures of the smallest groups are off, and switching them on or off leaves a trace."""

from __future__ import annotations

from pathlib import Path

from hotline_collector.calls.figure_rule import least_group, note_change
from hotline_collector.calls.settings import CallSettings
from hotline_collector.serve.config import Config
from hotline_collector.store.store import SqlStore


def test_by_default_five_calls_must_be_behind_a_figure() -> None:
    assert not Config().figures.per_agent
    assert least_group(CallSettings()) == 5
    assert least_group(CallSettings(per_agent_figures=True)) == 1


async def test_only_a_change_is_noted(tmp_path: Path) -> None:
    store = SqlStore(tmp_path / "hotline.db")
    await store.start()
    for per_agent in (False, False, True, True, False, False):
        await note_change(store, per_agent=per_agent)
    assert [(e.actor, e.action, e.detail) for e in await store.audit_trail()] == [
        ("operator", "figures.per_agent", "on"),
        ("operator", "figures.per_agent", "off"),
    ]
    await store.close()
