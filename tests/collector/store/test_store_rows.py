"""Rows come back as they went in; codes work once; the audit trail notices every change."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from hotline_collector.errors import SchemaTooNew, StoreError
from hotline_collector.model.accounts import TokenRow, UserRow
from hotline_collector.model.outage_mark import OutageMark
from hotline_collector.model.rows import CallRow, FindingRow, FixRow, NoteRow, SessionRow
from hotline_collector.model.targets import CodePurpose
from hotline_collector.store.migrate import upgrade
from hotline_collector.store.schema import metadata
from hotline_collector.store.store import SqlStore
from sqlalchemy import create_engine

CALL = CallRow(
    "c1", "created", "no mail", "K-1", "mail.example.org:993", "mia", 10, "0" * 64, checks=("a:1",)
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore(tmp_path / "hotline.db")
    await store.start()
    yield store
    await store.close()


async def test_rows_come_back_as_they_went_in(store: SqlStore) -> None:
    session = SessionRow("s1", "c1", 1, b"t", b"c", b"n", "linux", "0.1", "de", 11, consent=(1, 2))
    fix = FixRow("f1", "c1", "x", "r", 0, 1, "/", "a", "caller", "low", "proposed", 12, {"filesystem": "/"})
    note = NoteRow("n1", "c1", 13, "mia", "caller is calm")
    finding = FindingRow("d1", "c1", "r", 1, "filesystem", "/", "active", False, 12, 13, "0" * 64, "1")
    # Children first: the store must know the order.
    await store.save([finding, note, fix, session, CALL])
    assert await store.call("c1") == CALL
    assert await store.sessions("c1") == [session]
    assert await store.fixes("c1") == [fix]
    assert await store.notes("c1") == [note]
    assert await store.findings("c1") == [finding]


async def test_a_row_saved_again_replaces_the_first_and_keeps_its_children(store: SqlStore) -> None:
    await store.save([CALL, NoteRow("n1", "c1", 1, "mia", "x")])
    changed = CallRow("c1", "closed", "no mail", "", "", "mia", 10, "0" * 64, closed=20, outcome="solved")
    await store.save([changed])
    assert await store.calls(include_closed=True) == [changed]
    assert await store.calls(include_closed=False) == []
    assert len(await store.notes("c1")) == 1


async def test_a_row_of_no_call_is_refused_as_a_whole(store: SqlStore) -> None:
    with pytest.raises(StoreError):
        await store.save([CALL, NoteRow("n1", "nobody", 1, "mia", "x")])
    assert await store.call("c1") is None


async def test_a_code_works_once_even_when_tried_at_once(store: SqlStore) -> None:
    await store.save([CALL])
    assert await store.put_join_code(b"m", CodePurpose("c1"), 100, 1)
    got = await asyncio.gather(*(store.redeem_join_code(b"m", 50) for _ in range(8)))
    assert (got.count(("c1", 1)), got.count(None)) == (1, 7)


async def test_an_expired_or_replaced_code_is_none(store: SqlStore) -> None:
    await store.save([CALL])
    await store.put_join_code(b"old", CodePurpose("c1"), 100, 1)
    await store.put_join_code(b"new", CodePurpose("c1"), 100, 2)
    assert await store.redeem_join_code(b"old", 50) is None
    assert await store.find_join_code(b"new", 100) is None
    assert await store.find_join_code(b"new", 50) == await store.find_join_code(b"new", 50) is not None
    assert await store.redeem_join_code(b"new", 100) is None
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        await store.put_join_code(b"x", CodePurpose("nobody"), 100, 1)


async def test_a_token_ends_with_its_time_and_with_the_password(store: SqlStore) -> None:
    mia = UserRow("mia", "h", "agent", 1)
    assert await store.add_user(mia)
    assert not await store.add_user(mia)
    await store.add_token(TokenRow(b"t", "mia", 1, 100))
    assert await store.token_user(b"t", 99) == mia
    assert await store.token_user(b"t", 100) is None
    assert await store.set_password("mia", "h2")
    assert await store.token_user(b"t", 50) is None
    assert not await store.set_password("nobody", "h")


async def test_the_audit_trail_refuses_changes(store: SqlStore) -> None:
    await asyncio.gather(*(store.audit("agent:mia", "call.look", "c1", f"d{n}") for n in range(20)))
    report = await store.verify_chain()
    assert (report.entries, report.broken_at) == (20, 0)
    raw = sqlite3.connect(store.path)
    for statement in (
        "DELETE FROM audit WHERE seq = 3",
        "UPDATE audit SET actor = 'x'",
        "UPDATE audit SET detail = 'x'",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            raw.execute(statement)
    raw.close()


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("DELETE FROM audit WHERE seq = 3", 3),
        ("UPDATE audit SET actor = 'eve' WHERE seq = 2", 2),
        ("UPDATE audit SET detail = 'other' WHERE seq = 4", 4),
        ("UPDATE audit SET hash = x'00' WHERE seq = 5", 5),
    ],
)
async def test_the_chain_shows_what_got_past_the_triggers(
    store: SqlStore, statement: str, broken: int
) -> None:
    for number in range(5):
        await store.audit("agent:mia", "call.look", "c1", f"detail {number}")
    raw = sqlite3.connect(store.path)
    raw.executescript(f"DROP TRIGGER audit_keeps; DROP TRIGGER audit_stays; {statement};")
    raw.close()
    assert (await store.verify_chain()).broken_at == broken


async def test_pruning_erases_a_call_and_keeps_the_chain(store: SqlStore) -> None:
    await store.save(
        [CallRow("c1", "closed", "", "", "", "mia", 1, "0" * 64, closed=5), NoteRow("n", "c1", 2, "m", "x")]
    )
    await store.audit("agent:mia", "call.note", "c1", "personal")
    assert await store.prune(5) == 0
    assert await store.prune(6) == 1
    assert await store.call("c1") is None
    assert [(row.detail, row.salt) for row in await store.audit_trail()] == [(None, None)]
    assert (await store.verify_chain()).broken_at == 0


def test_the_migrations_make_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    assert upgrade(path) == (None, "0012")
    assert upgrade(path) == ("0012", "0012")
    assert path.stat().st_mode & 0o077 == 0
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


async def test_findings_of_before_name_the_pack_of_their_call(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    config = Config()
    config.set_main_option("script_location", "hotline_collector.store:migrations")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO calls (id, state, complaint, customer_reference, first_check, agent, opened,"
            " pack_digest, closed, outcome, words_confirmed, checks)"
            " VALUES ('c1', 'active', '', '', '', 'mia', 1, 'abc', 0, '', 0, '[]')"
        )
        connection.exec_driver_sql(
            "INSERT INTO findings VALUES ('f1', 'c1', 'r', 1, '', '', 'active', 0, 2, 2)"
        )
    engine.dispose()
    store = SqlStore(path)
    await store.start()
    [finding] = await store.findings("c1")
    assert (finding.id, finding.pack_digest, finding.pack_version) == ("f1", "abc", "")
    call = await store.call("c1")
    assert call == CallRow("c1", "active", "", "", "", "mia", 1, "abc")
    await store.close()


async def test_handling_times_are_those_of_the_last_handled_calls(store: SqlStore) -> None:
    def closed(name: str, opened: int, picked: int, at: int, outcome: str = "solved") -> CallRow:
        row = CallRow(name, "closed", "", "", "", "mia", opened, "0" * 64, closed=at, outcome=outcome)
        row.picked = picked
        return row

    rows = [closed("a", 10, 0, 20), closed("b", 10, 25, 30), closed("c", 1, 0, 99, "abandoned")]
    await store.save([*rows, closed("d", 5, 0, 50), CALL])
    assert await store.handling_times(2) == [45, 5]
    assert await store.handling_times(9) == [45, 5, 10]


async def test_what_is_said_of_a_wait_comes_back(store: SqlStore) -> None:
    row = replace(CALL, waited_from=1, queued=2, picked=3, wait_us=4, wait_paid_us=5, for_agent="lea")
    row = replace(row, back_number="+49 30 1", back_asked=6, back_called=7, wait_digest="ab" * 32)
    await store.save([row])
    assert await store.call("c1") == row
    assert "+49" not in repr(row)


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    upgrade(path)
    raw = sqlite3.connect(path)
    raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.commit()
    raw.close()
    with pytest.raises(SchemaTooNew, match="newer version"):
        upgrade(path)


async def test_a_mark_on_an_outage_replaces_the_one_before_and_ends(store: SqlStore) -> None:
    announced = OutageMark("net.dns", "announced", "mia", 100)
    await store.keep_outage_mark(announced, 1)
    await store.keep_outage_mark(OutageMark("disk.full", "announced", "mia", 50), 1)
    dismissed = OutageMark("net.dns", "dismissed", "lea", 200)
    await store.keep_outage_mark(dismissed, 60)
    assert await store.outage_marks() == [dismissed]
