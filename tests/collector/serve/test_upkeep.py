"""Backup, restore and erasure by the operator: what was erased stays erased, byte for byte."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hotline_collector.model.rows import CallRow, NoteRow
from hotline_collector.serve.cli import main
from hotline_collector.serve.lock import held
from hotline_collector.store.audit import AuditEntry
from hotline_collector.store.journal import SqliteJournal
from hotline_collector.store.store import SqlStore
from hotline_proto.record import pack_entry

WORDS = ("PLANTED-COMPLAINT", "PLANTED-NOTE", "PLANTED-DETAIL", "PLANTED-ENTRY")
GONE, STAYS = "0197a3c2-0000-7000-8000-000000000001", "0197a3c2-0000-7000-8000-000000000002"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    asyncio.run(_plant(folder))
    return folder


async def _plant(folder: Path) -> None:
    store = SqlStore(folder / "hotline.db")
    await store.start()
    journal = SqliteJournal(store.path, store.keys)
    await journal.start()
    for call, suffix in ((GONE, "gone"), (STAYS, "stays")):
        complaint, note, detail, entry = (f"{word}-{suffix}" for word in WORDS)
        await store.save([CallRow(call, "active", complaint, "", "", "mia", 1, "0" * 64)])
        await store.save([NoteRow(f"n-{suffix}", call, 2, "mia", note)])
        await store.audit("agent:mia", "check.add", call, detail)
        await journal.durable(journal.append(call, pack_entry(6, 1, 5, entry.encode())))
    await journal.close()
    await store.close()


def run(data: Path, *args: object) -> Result:
    return CliRunner().invoke(main, ["--data-dir", str(data), *map(str, args)], catch_exceptions=False)


def calls(data: Path) -> dict[str, str]:
    async def read() -> dict[str, str]:
        store = SqlStore(data / "hotline.db")
        rows = await store.calls(include_closed=True)
        await store.close()
        return {row.id: row.complaint for row in rows}

    return asyncio.run(read())


def trail(data: Path) -> list[AuditEntry]:
    async def read() -> list[AuditEntry]:
        store = SqlStore(data / "hotline.db")
        entries = await store.audit_trail()
        assert (await store.verify_chain()).broken_at == 0
        await store.close()
        return entries

    return asyncio.run(read())


def found(folder: Path, suffix: str) -> list[str]:
    every = b"\n".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    return [word for word in WORDS if f"{word}-{suffix}".encode() in every]


def test_an_erased_call_does_not_come_back_with_an_older_copy(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copies" / "monday.db"
    copy.parent.mkdir()
    assert run(data, "backup", copy).exit_code == 0
    assert copy.stat().st_mode & 0o077 == 0
    done = run(data, "erase", GONE, "--reason", "the caller asked")
    assert (done.exit_code, done.output) == (0, f"{GONE} is erased\n")
    assert calls(data) == {STAYS: "PLANTED-COMPLAINT-stays"}
    restored = run(data, "restore", copy, "--replace")
    assert restored.exit_code == 0, restored.output
    assert "1 calls are back, 1 were erased" in restored.output
    assert calls(data) == {STAYS: "PLANTED-COMPLAINT-stays"}
    entries = trail(data)
    assert [(each.action, each.call_id, each.detail) for each in entries] == [
        ("check.add", GONE, None),
        ("check.add", STAYS, "PLANTED-DETAIL-stays"),
        ("db.restore", "", "monday.db: 1 calls, 1 erased since"),
    ]
    for folder in (data, copy.parent):
        assert found(folder, "gone") == []
        assert found(folder, "stays") == [], "only with their keys"
    assert sorted(file.name for file in data.iterdir()) == [
        "call-keys.db",
        "calls.key",
        "hotline.db",
        "lock",
    ], "nothing is left of the restore"


def test_a_lost_folder_comes_back_with_copies_and_the_master_key(data: Path, tmp_path: Path) -> None:
    copy, keys, master = tmp_path / "copy.db", tmp_path / "keys.db", tmp_path / "master"
    assert run(data, "backup", copy).exit_code == 0
    assert run(data, "erase", GONE, "--reason", "asked").exit_code == 0
    # The newest copy of the keys goes with any copy of the data.
    done = run(data, "backup", tmp_path / "newer.db", "--keys", keys)
    assert "keep the newest copy only" in done.output
    shutil.copy(data / "calls.key", master)
    shutil.rmtree(data)
    assert run(data, "restore", copy).exit_code == 0
    assert calls(data) == {}, "without keys nothing can be read"
    shutil.rmtree(data)
    data.mkdir()
    shutil.copy(master, data / "calls.key")
    assert "1 calls are back" in run(data, "restore", copy, "--keys", keys).output
    assert calls(data) == {STAYS: "PLANTED-COMPLAINT-stays"}
    refused = run(data, "restore", copy, "--keys", keys, "--replace")
    assert (refused.exit_code, "leave --keys out" in refused.output) == (1, True)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("restore", "{data}/hotline.db"), "--replace"),
        (("restore", "{data}/nothing", "--replace"), "there is no file"),
        (("restore", "{data}/calls.key", "--replace"), "is no copy"),
        (("backup", "{data}/hotline.db"), "cannot be made"),
        (("backup", "{data}/no/such/folder"), "cannot be made"),
        (("erase", "0197a3c2", "--reason", "x"), "whole id"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(data: Path, args: tuple[str, ...], says: str) -> None:
    before = calls(data)
    done = run(data, *(arg.format(data=data) for arg in args))
    assert done.exit_code == 1
    assert says in done.output
    assert calls(data) == before


def test_while_a_collector_runs_the_database_is_left_to_it(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with held(data):
        assert run(data, "backup", copy).exit_code == 0
        for args in (("erase", GONE, "--reason", "x"), ("restore", copy, "--replace")):
            done = run(data, *args)
            assert (done.exit_code, "another collector" in done.output) == (1, True)
    assert run(data, "erase", GONE).exit_code == run(data, "erase").exit_code == 2


def test_calls_without_keys_can_be_given_up(data: Path) -> None:
    (data / "call-keys.db").unlink()
    assert "2 calls erased" in run(data, "erase", "--unreadable").output
    assert calls(data) == {}
    assert [entry.detail for entry in trail(data)][2:] == [f"{c}: their keys are gone" for c in (GONE, STAYS)]
