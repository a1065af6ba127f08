"""Hot reload with real files and a real store: what is applied, what is refused, what is logged."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hotline_collector.rulepack.folders import PackFolder
from hotline_collector.rulepack.packloader import PackLoader
from hotline_collector.serve import reload
from hotline_collector.serve.packs import KeptPacks
from hotline_collector.serve.reload import PackWatch
from hotline_collector.store.store import SqlStore
from hotline_proto.catalogue import load_catalogue

from tests.new_database import new_database

RULE = """\
id: {id}
severity: warning
title: {{en: T, de: T}}
symptom: {{en: S, de: S}}
when: system.cpu.utilization > {above}
confidence: 0.8
fixes: [{{steps: [wait]}}]
"""


@dataclass
class Watched:
    """A collector whose pack lies in a folder that is watched."""

    folder: Path
    world: Any
    store: SqlStore

    def rule(self, name: str, above: str) -> str:
        text = RULE.format(id=f"cpu.{name}", above=above)
        fresh = self.folder / f".{name}.new"
        fresh.write_text(text)
        fresh.rename(self.folder / f"{name}.yaml")
        return text

    @property
    def manager(self) -> Any:
        return self.world.manager

    def thresholds(self) -> dict[str, str]:
        return {name: rule.rule.when.rpartition(" ")[2] for name, rule in self.manager.rules.by_id.items()}

    async def until(self, look: Callable[[], object]) -> None:
        end = time.monotonic() + 10
        while not look():
            assert time.monotonic() < end, (self.thresholds(), self.manager.pack_state)
            await asyncio.sleep(0.01)


@pytest.fixture
async def watched(tmp_path: Path, world: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watched]:
    monkeypatch.setattr(reload, "LOOK_EVERY_S", 0.03)
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "pack.yaml").write_text('{name: mine, version: "1"}')
    (folder / "steps.yaml").write_text("wait: {en: Wait, de: Warten}")
    store = SqlStore(new_database(tmp_path / "hotline.db"))
    await store.start()
    it = Watched(folder, world, store)
    it.rule("hot", "0.9")
    loader = PackLoader(load_catalogue(), [PackFolder("pack", folder, True)])
    stamp, loaded = loader.stamp(), loader.load()
    await world.manager.change_rules(loaded.rules, "")
    task = asyncio.create_task(PackWatch(loader, world.manager, store, stamp).run())
    yield it
    assert not task.done(), "the watch must outlive whatever lies in a folder"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.close()


async def test_an_edit_applies_and_is_kept_for_replays(watched: Watched) -> None:
    watched.rule("hot", "0.8")
    watched.rule("warm", "0.5")
    await watched.until(lambda: watched.thresholds() == {"cpu.hot": "0.8", "cpu.warm": "0.5"})
    digest = watched.manager.rules.pack.digest
    kept = await KeptPacks(watched.store, load_catalogue()).fetch(digest)
    assert kept is not None and kept.pack == watched.manager.rules.pack
    assert await KeptPacks(watched.store, load_catalogue()).fetch("0" * 64) is None


async def test_a_broken_pack_is_refused_whole_and_the_last_good_one_stays(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    good = watched.manager.rules
    watched.rule("warm", "0.5")
    watched.rule("hot", "'high'")
    await watched.until(lambda: watched.manager.pack_state.refused)
    assert watched.manager.rules is good or watched.thresholds() == {"cpu.hot": "0.9", "cpu.warm": "0.5"}
    [fault] = watched.manager.pack_state.faults
    assert (fault.file, fault.line) == ("pack/hot.yaml", 5)
    [line] = [record for record in caplog.records if record.message == "rule pack fault"]
    assert (line.__dict__["file"], line.__dict__["line"], line.levelno) == ("pack/hot.yaml", 5, logging.ERROR)
    watched.rule("hot", "0.7")
    await watched.until(lambda: watched.thresholds() == {"cpu.hot": "0.7", "cpu.warm": "0.5"})
    assert not watched.manager.pack_state.refused


async def test_a_mistake_that_is_taken_back_is_forgotten(watched: Watched) -> None:
    digest = watched.manager.rules.pack.digest
    watched.rule("hot", "0.9 &&")
    await watched.until(lambda: watched.manager.pack_state.refused)
    watched.rule("hot", "0.9")
    await watched.until(lambda: not watched.manager.pack_state.refused)
    assert watched.manager.rules.pack.digest == digest


async def test_many_faults_are_capped_in_the_log(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    (watched.folder / "steps.yaml").write_text("\n".join(f"s{n}: {{en: x}}" for n in range(60)))
    await watched.until(lambda: watched.manager.pack_state.refused)
    lines = [record for record in caplog.records if record.message == "rule pack fault"]
    assert len(lines) == 20
    [summary] = [record for record in caplog.records if record.message == "rule pack refused"]
    assert summary.__dict__["faults"] == len(watched.manager.pack_state.faults) > 60


async def test_a_folder_that_is_moved_away_and_back_does_no_harm(watched: Watched) -> None:
    away = watched.folder.with_name("away")
    watched.folder.rename(away)
    await watched.until(lambda: watched.manager.pack_state.refused)
    assert watched.thresholds() == {"cpu.hot": "0.9"}
    away.rename(watched.folder)
    await watched.until(lambda: not watched.manager.pack_state.refused)
    watched.rule("hot", "0.6")
    await watched.until(lambda: watched.thresholds() == {"cpu.hot": "0.6"})


async def test_a_pack_that_cannot_be_kept_is_tried_again(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reload, "_RETRY_S", 0.01)
    await watched.store.close()
    database = watched.store.path
    database.rename(database.with_name("away"))
    database.mkdir()
    watched.rule("hot", "0.6")
    await asyncio.sleep(0.3)
    assert watched.thresholds() == {"cpu.hot": "0.9"}, "what cannot be kept could not be replayed"
    database.rmdir()
    database.with_name("away").rename(database)
    await watched.until(lambda: watched.thresholds() == {"cpu.hot": "0.6"})
