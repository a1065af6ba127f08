"""Figures of single agents are off, and switching them on or off leaves a trace."""

from __future__ import annotations

from pathlib import Path

from hotline_collector.calls.figure_rule import figures_allowed, note_change
from hotline_collector.calls.settings import CallSettings
from hotline_collector.serve.config import Config
from hotline_collector.store.store import SqlStore


def test_by_default_five_agents_must_be_behind_a_figure() -> None:
    assert not Config().figures.per_agent
    assert [figures_allowed(CallSettings(), agents) for agents in (0, 1, 4, 5, 6)] == [False] * 3 + [True] * 2
    assert figures_allowed(CallSettings(per_agent_figures=True), 1)


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
