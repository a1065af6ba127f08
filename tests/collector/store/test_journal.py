"""Acked is durable: whatever happens to the process or the disk."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hotline_collector.errors import JournalFull, StoreError
from hotline_collector.store.journal import SqliteJournal
from hotline_collector.store.migrate import upgrade
from hotline_proto.record import pack_entry, unpack_entries
from hypothesis import given, settings
from hypothesis import strategies as st

TICK = 5


def entry(number: int, size: int = 8) -> bytes:
    return pack_entry(TICK, 1, number, number.to_bytes(8, "little") + bytes(size - 8))


def numbers(record: bytes) -> list[int]:
    return [item.at for item in unpack_entries(record)]


@asynccontextmanager
async def opened(path: Path, **more: float) -> AsyncIterator[SqliteJournal]:
    upgrade(path)
    journal = SqliteJournal(path, **more)  # type: ignore[arg-type]
    await journal.start()
    try:
        yield journal
    finally:
        await journal.close()


async def test_what_is_durable_can_be_read_in_order(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db", spacing=0.001) as journal:
        for number in range(300):
            journal.append(f"call{number % 3}", entry(number))
            if number % 50 == 0:
                await asyncio.sleep(0.002)
        await journal.durable(300)
        for call in range(3):
            assert numbers(await journal.read(f"call{call}")) == list(range(call, 300, 3))


async def test_entries_of_a_burst_share_a_row(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    async with opened(path) as journal:
        ticket = 0
        for number in range(1000):
            ticket = journal.append("call", entry(number))
        await journal.durable(ticket)
    rows = sqlite3.connect(path).execute("SELECT first_at, last_at FROM journal").fetchall()
    assert rows == [(0, 999)]


async def test_a_restart_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    for start in (0, 10):
        async with opened(tmp_path / "a.db") as journal:
            for number in range(start, start + 10):
                journal.append("call", entry(number))
    async with opened(tmp_path / "a.db") as journal:
        assert numbers(await journal.read("call")) == list(range(20))


async def test_who_stops_waiting_does_not_stop_the_others(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as journal:
        ticket = journal.append("call", entry(1))
        first, second = (asyncio.ensure_future(journal.durable(ticket)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await second


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(8, 200), st.booleans()), max_size=60))
def test_any_stream_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, stream: list[tuple[int, int, bool]]
) -> None:
    path = tmp_path_factory.mktemp("journal") / "a.db"

    async def play() -> None:
        expected: dict[str, bytes] = {}
        async with opened(path, spacing=0.0) as journal:
            for number, (call, size, wait) in enumerate(stream):
                data = entry(number, size)
                ticket = journal.append(str(call), data)
                expected[str(call)] = expected.get(str(call), b"") + data
                if wait:
                    await journal.durable(ticket)
        async with opened(path) as journal:
            for call_id, record in expected.items():
                assert await journal.read(call_id) == record

    asyncio.run(play())


def lock(path: Path) -> sqlite3.Connection:
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("PRAGMA journal_mode=WAL")
    holder.execute("BEGIN EXCLUSIVE")
    return holder


async def test_above_the_bound_nothing_more_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    async with opened(path, bound=1000) as journal:
        holder = lock(path)
        while not journal.full:
            journal.append("call", entry(0, 100))
        with pytest.raises(JournalFull):
            for _ in range(10):
                journal.append("call", entry(0, 100))
        holder.execute("ROLLBACK")
        holder.close()
        await journal.durable(1)


FULL = """
import asyncio, resource, signal, sys
from pathlib import Path
from hotline_collector.serve.logs import set_up_logs
from hotline_collector.store.journal import SqliteJournal
from hotline_collector.store.migrate import upgrade
from hotline_proto.record import pack_entry, unpack_entries

async def main():
    set_up_logs("info", "json")
    path = Path(sys.argv[1])
    upgrade(path)
    journal = SqliteJournal(path, spacing=0.001)
    await journal.start()
    await journal.durable(journal.append("call", pack_entry(5, 1, 0, b"x")))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    biggest = max(file.stat().st_size for file in path.parent.iterdir())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (biggest + 8192, hard))
    tickets = [journal.append("call", pack_entry(5, 1, n, bytes(4000))) for n in range(1, 200)]
    while journal.healthy:
        await asyncio.sleep(0.005)
    waiting = asyncio.ensure_future(journal.durable(tickets[0]))
    await asyncio.sleep(0.3)
    assert not waiting.done(), "acked while the disk was full"
    tickets.append(journal.append("call", pack_entry(5, 1, 200, b"x")))
    print("full:", journal.reason)
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    await journal.durable(tickets[-1])
    assert journal.healthy
    print([e.at for e in unpack_entries(await journal.read("call"))] == list(range(201)))
    await journal.close()

asyncio.run(main())
"""


def test_a_full_disk_keeps_everything_and_acks_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "a.db")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "full:" in done.stdout
    assert done.stdout.rstrip().endswith("True")
    failing, working = map(json.loads, done.stderr.splitlines())
    assert (failing["level"], "cannot be written" in failing["event"]) == ("error", True)
    assert (working["level"], working["event"]) == ("warning", "the journal can be written again")


KILLED = """
import asyncio, itertools, sys
from pathlib import Path
from hotline_collector.store.journal import SqliteJournal
from hotline_collector.store.migrate import upgrade
from hotline_proto.record import pack_entry

async def main():
    path = Path(sys.argv[1])
    upgrade(path)
    journal = SqliteJournal(path, spacing=0.002)
    await journal.start()
    for number in itertools.count():
        ticket = journal.append("call", pack_entry(5, 1, number, bytes(50)))
        if number % 7 == 0:
            await journal.durable(ticket)
            print(number, flush=True)

asyncio.run(main())
"""


def test_sigkill_loses_nothing_that_was_acked(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        acked = -1
        for line in process.stdout:
            acked = int(line)
            if acked > 100:
                os.kill(process.pid, signal.SIGKILL)
                break
        rest = process.stdout.read().split()
        acked = max([acked, *map(int, rest)])
    found = asyncio.run(everything(path))
    assert found == list(range(len(found)))
    assert len(found) > acked


async def everything(path: Path) -> list[int]:
    async with opened(path) as journal:
        return numbers(await journal.read("call"))


async def test_a_damaged_database_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError, match="cannot be opened"):
        await SqliteJournal(path).start()
