"""What is kept of a call can be read with its key only, and is gone with it, byte for byte."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hotline_collector.errors import StoreError
from hotline_collector.model.rows import (
    CallRow,
    DeliveryRow,
    DisagreementRow,
    FindingRow,
    FixRow,
    NoteRow,
    SessionRow,
    VerdictRow,
    WrapUpRow,
)
from hotline_collector.model.targets import CodePurpose
from hotline_collector.store import schema
from hotline_collector.store.adopting import unreadable_calls
from hotline_collector.store.journal import SqliteJournal
from hotline_collector.store.keyring import Keyring
from hotline_collector.store.rowseals import SEALED
from hotline_collector.store.sealing import TEXT_MARK, Seal, is_sealed
from hotline_collector.store.store import SqlStore
from hotline_proto.record import pack_entry
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import JSON, LargeBinary, Text

# One word for every place in which something about a caller is kept.
PLANTED = [f"PLANTED-{number:02d}-VALUE" for number in range(24)]
# Columns of a call that say nothing about the caller, and why they are needed in the clear.
PLAIN = {
    "calls": {"agent", "outcome", "for_agent"},  # lists, figures
    "sessions": {"token_digest", "commitment", "collector_nonce", "probe_nonce", "consent"},  # random; layers
    "fixes": {"finding_id", "rule", "action", "by", "risk", "state"},
    "notes": {"author"},
    "findings": {"rule", "entity_kind", "state", "pack_version"},
    "disagreements": {"author", "rule"},
    "verdicts": {"id", "rule", "pack_version"},
    "wrap_ups": set(),
    "deliveries": set(),
    "journal": {"entries"},  # sealed by the journal
    "join_codes": {"mac"},
}


def rows(call: str = "c1", closed: int = 0) -> list[object]:
    p = PLANTED
    state = "closed" if closed else "active"
    return [
        CallRow(
            call, state, p[0], p[1], p[2], "mia", 10, "0" * 64, closed, checks=(p[3],), back_number=p[17]
        ),
        SessionRow(f"s-{call}", call, 1, b"t", b"c", b"n", p[4], p[5], p[6], 11),
        FixRow(
            f"f-{call}", call, "x", "r", 0, 1, p[7], "a", "caller", "low", "proposed", 12,
            {"filesystem": p[8]}, p[9], said={"en": [p[10]]},
        ),
        NoteRow(f"n-{call}", call, 13, "mia", p[11]),
        FindingRow(f"d-{call}", call, "r", 1, "process", p[12], "active", False, 12, 13, "0" * 64, "1"),
        DisagreementRow(f"d-{call}", call, 14, "mia", "r", p[13], False, p[14]),
        VerdictRow(f"{call}/r", call, "r", "0" * 64, "1", "2026-11-29", "right", True, "0" * 64),
        WrapUpRow(call, call, p[18], p[19], "0" * 64, {"en": p[20]}, ({"en": p[21]},)),
        DeliveryRow(f"m-{call}", call, "call.closed", p[22], 15, 16, detail=p[23]),
    ]  # fmt: skip


def entry(text: str) -> bytes:
    return pack_entry(6, 1, 5, text.encode())


async def plant(store: SqlStore, journal: SqliteJournal, call: str = "c1", closed: int = 0) -> None:
    await store.save(rows(call, closed))  # type: ignore[arg-type]
    await store.audit("agent:mia", "check.add", call, PLANTED[15])
    await journal.durable(journal.append(call, entry(PLANTED[16])))


def found(folder: Path) -> list[str]:
    """Return which planted words stand in the bytes of any file of a folder."""
    every = b"\n".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())
    return [word for word in PLANTED if word.encode() in every or word.encode("utf-16-le") in every]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore(tmp_path / "hotline.db")
    await store.start()
    yield store
    await store.close()


@pytest.fixture
async def journal(store: SqlStore) -> AsyncIterator[SqliteJournal]:
    journal = SqliteJournal(store.path, store.keys, spacing=0.001)
    await journal.start()
    yield journal
    await journal.close()


async def test_no_planted_word_lies_in_any_file_and_all_come_back(
    store: SqlStore, journal: SqliteJournal, tmp_path: Path
) -> None:
    await plant(store, journal)
    assert found(tmp_path) == []
    call, session, fix, note, finding, disagreement, _verdict, texts, message = rows()
    assert await store.call("c1") == call
    assert await store.sessions("c1") == [session]
    assert await store.fixes("c1") == [fix]
    assert await store.notes("c1") == [note]
    assert await store.findings("c1") == [finding]
    assert await store.wrap_up("c1") == texts
    assert await store.deliveries("c1") == await store.due_deliveries(16, 9) == [message]
    assert await store.disagreements("c1") == [disagreement]
    assert [each.cause for each in await store.outside_causes("r")] == [PLANTED[13]]
    assert [each.detail for each in await store.audit_of("c1")] == [PLANTED[15]]
    assert await journal.read("c1") == entry(PLANTED[16])
    assert (await store.verify_chain()).broken_at == 0


async def test_a_copy_from_before_an_erasure_tells_nothing(
    store: SqlStore, journal: SqliteJournal, tmp_path: Path
) -> None:
    await plant(store, journal)
    await plant(store, journal, "c2")
    copy = tmp_path / "elsewhere" / "hotline.db"
    copy.parent.mkdir()
    with sqlite3.connect(store.path) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    assert await store.erase("c1")
    # The keys as they are after the erasure open the copy.
    old = SqlStore(copy, store.keys)
    assert (await old.call("c1")) == CallRow("c1", "active", "", "", "", "mia", 10, "0" * 64)
    assert [(each.detail, each.salt) for each in await old.audit_of("c1")] == [(None, None)]
    assert (await old.call("c2")) == rows("c2")[0]
    with pytest.raises(StoreError, match="key of call c1 is gone"):
        await SqliteJournal(copy, store.keys).read("c1")
    # Taken into use, it loses the call for good, and the audit trail stays whole.
    await old.adopt()
    assert await old.call("c1") is None
    assert (await old.verify_chain()).broken_at == 0
    with sqlite3.connect(copy) as raw:
        assert raw.execute("SELECT count(*) FROM journal WHERE call_id = 'c1'").fetchone() == (0,)
    await old.close()


async def test_erasing_leaves_nothing_of_a_call_in_any_table(store: SqlStore, journal: SqliteJournal) -> None:
    await plant(store, journal)
    await plant(store, journal, "c2")
    await store.put_join_code(b"m", CodePurpose("c1"), 10**18, 1)
    assert await store.erase("c1")
    assert not await store.erase("nobody")
    with sqlite3.connect(store.path) as raw:
        for table in schema.metadata.tables.values():
            if "call_id" in table.c and table is not schema.audit:
                left = raw.execute(f'SELECT call_id FROM "{table.name}"').fetchall()
                assert ("c1",) not in left, table.name
        assert raw.execute("SELECT calls FROM verdict_days").fetchall() == [(2,)], "figures stay"
    assert [(each.detail, each.salt) for each in await store.audit_of("c1")] == [(None, None)]
    assert (await store.verify_chain()).broken_at == 0
    assert (await store.call("c2")) == rows("c2")[0]


async def test_what_comes_late_for_an_erased_call_is_dropped(
    store: SqlStore, journal: SqliteJournal, tmp_path: Path
) -> None:
    await plant(store, journal)
    await store.erase("c1")
    await plant(store, journal)
    await store.save([NoteRow("n9", "c1", 1, "mia", "late"), CallRow("c3", "closed", "", "", "", "", 1, "")])
    assert await store.call("c1") is None
    assert await store.call("c3") is not None
    assert await journal.read("c1") == b""
    assert [each.detail for each in await store.audit_of("c1")] == [None, None]
    assert found(tmp_path) == []


@pytest.mark.parametrize("ending", ["erase", "prune"])
async def test_values_of_an_earlier_version_are_gone_byte_for_byte(
    store: SqlStore, journal: SqliteJournal, tmp_path: Path, ending: str
) -> None:
    await plant(store, journal, closed=5)
    await plant(store, journal, "c2", closed=5)
    _open_all(store)
    assert found(tmp_path) == PLANTED, "the search finds what is there"
    if ending == "erase":
        await store.erase("c1")
        await store.erase("c2")
    else:
        assert await store.prune(5) == 0
        assert found(tmp_path) == PLANTED
        assert await store.prune(6) == 2
        with sqlite3.connect(store.keys.path) as raw:
            assert raw.execute("SELECT count(*) FROM keys").fetchone() == (0,)
    assert found(tmp_path) == []


async def test_calls_of_an_earlier_version_are_sealed_at_the_start(
    store: SqlStore, journal: SqliteJournal, tmp_path: Path
) -> None:
    await plant(store, journal)
    await plant(store, journal, "c2")
    await store.audit("operator", "user.add", "", "nobody's secret")
    _open_all(store)
    assert (await store.call("c1")) == rows()[0], "what is open can be read as well"
    assert await journal.read("c1") == entry(PLANTED[16])
    assert (await store.verify_chain()).broken_at == 0
    await store.adopt()
    assert found(tmp_path) == []
    assert (await store.call("c1")) == rows()[0]
    assert await journal.read("c2") == entry(PLANTED[16])
    assert [each.detail for each in await store.audit_trail()] == [PLANTED[15]] * 2 + ["nobody's secret"]
    assert (await store.verify_chain()).broken_at == 0


async def test_a_broken_off_erasure_is_finished_at_the_next_start(
    store: SqlStore, journal: SqliteJournal
) -> None:
    await plant(store, journal)
    store.keys.destroy(["c1"], remember=True)
    await store.adopt()
    assert await store.call("c1") is None
    store.keys.need(["never-saved"])
    await store.adopt()
    assert store.keys.calls() == set()


async def test_lost_keys_stop_the_start_and_destroy_nothing(
    store: SqlStore, journal: SqliteJournal, tmp_path: Path
) -> None:
    await plant(store, journal)
    kept = tmp_path / "call-keys.kept"
    store.keys.close()
    store.keys.path.rename(kept)
    bare = SqlStore(store.path)
    with pytest.raises(StoreError, match=r"1 calls .* put that file back"):
        await bare.adopt()
    assert unreadable_calls(bare.path, bare.keys) == ["c1"]
    bare.keys.close()
    kept.rename(store.keys.path)
    again = SqlStore(store.path)
    await again.adopt()
    assert (await again.call("c1")) == rows()[0]
    await again.close()


async def test_a_wrong_or_missing_master_key_is_named(store: SqlStore, tmp_path: Path) -> None:
    await store.save([rows()[0]])  # type: ignore[list-item]
    master = tmp_path / "calls.key"
    assert master.stat().st_mode & 0o077 == 0
    assert store.keys.path.stat().st_mode & 0o077 == 0
    master.rename(tmp_path / "away")
    for content, why in ((None, r"master key .* is gone"), (bytes(32), "not the one"), (b"short", "damaged")):
        if content is not None:
            master.write_bytes(content)
        ring = Keyring.beside(store.path)
        with pytest.raises(StoreError, match=why):
            ring.find("c1")
        ring.close()


async def test_two_that_need_the_same_new_key_get_the_same(tmp_path: Path) -> None:
    rings = [Keyring.beside(tmp_path / "a.db") for _ in range(4)]
    got = await asyncio.gather(*(asyncio.to_thread(ring.need, ["c1", "c2"]) for ring in rings))
    sealed = got[0]["c1"].close(b"x", b"here")
    assert {each["c1"].open(sealed, b"here") for each in got} == {b"x"}
    for ring in rings:
        ring.close()


async def test_a_text_that_looks_sealed_is_only_a_text(store: SqlStore) -> None:
    row = CallRow("c1", "active", f"{TEXT_MARK}AAAA", "", "", "mia", 1, "0" * 64)
    await store.save([row])
    assert await store.call("c1") == row


@given(plain=st.binary(max_size=200), other=st.binary(min_size=32, max_size=32))
def test_a_seal_opens_only_with_its_key_in_its_place_and_whole(plain: bytes, other: bytes) -> None:
    seal = Seal(bytes(31) + b"\x01")
    text = seal.close_text(plain, b"here")
    assert is_sealed(text)
    assert seal.open_text(text, b"here") == plain
    for opening, place, wrong in (
        (seal, b"there", text),
        (Seal(other), b"here", text),
        (seal, b"here", text[:-8]),
        (seal, b"here", text + "?"),
    ):
        with pytest.raises(StoreError):
            opening.open_text(wrong, place)


def test_every_column_of_a_call_is_sealed_or_named_as_plain() -> None:
    for table in schema.metadata.tables.values():
        if (table is not schema.calls and "call_id" not in table.c) or table is schema.audit:
            continue
        texts = {
            column.name
            for column in table.c
            if isinstance(column.type, Text | JSON | LargeBinary) and column.name != "call_id"
        }
        assert texts == SEALED.get(table, frozenset()) | PLAIN[table.name], table.name


def _open_all(store: SqlStore) -> None:
    """Turn the database into what a version without seals has left behind."""
    with sqlite3.connect(store.path) as raw:
        (trigger,) = raw.execute("SELECT sql FROM sqlite_master WHERE name = 'audit_stays'").fetchone()
        raw.execute("DROP TRIGGER audit_stays")
        for number, word in enumerate(PLANTED[:4]):
            name = ("complaint", "customer_reference", "first_check", "checks")[number]
            raw.execute(f"UPDATE calls SET {name} = ?", (f'["{word}"]' if name == "checks" else word,))
        raw.execute("UPDATE calls SET back_number = ?", PLANTED[17:18])
        values = (*PLANTED[18:20], f'{{"en": "{PLANTED[20]}"}}', f'[{{"en": "{PLANTED[21]}"}}]')
        raw.execute("UPDATE wrap_ups SET ticket = ?, summary = ?, cause = ?, tried = ?", values)
        raw.execute("UPDATE deliveries SET payload = ?, detail = ?", PLANTED[22:24])
        raw.execute("UPDATE sessions SET platform = ?, version = ?, language = ?", PLANTED[4:7])
        values = (PLANTED[7], f'{{"filesystem": "{PLANTED[8]}"}}', PLANTED[9], f'{{"en": ["{PLANTED[10]}"]}}')
        raw.execute("UPDATE fixes SET entity = ?, parameters = ?, detail = ?, said = ?", values)
        raw.execute("UPDATE notes SET text = ?", (PLANTED[11],))
        raw.execute("UPDATE findings SET entity_key = ?", (PLANTED[12],))
        raw.execute("UPDATE disagreements SET cause = ?, reason = ?", PLANTED[13:15])
        for seq, call_id, detail in raw.execute("SELECT seq, call_id, detail FROM audit").fetchall():
            if is_sealed(detail):
                seal = store.keys.find(call_id)
                assert seal is not None
                plain = seal.open_text(detail, b"audit.detail")
                change = "UPDATE audit SET salt = ?, detail = ? WHERE seq = ?"
                raw.execute(change, (plain[:16], plain[16:].decode(), seq))
        raw.execute("UPDATE journal SET entries = ?", (entry(PLANTED[16]),))
        raw.execute(trigger)
    store.keys.destroy(["c1", "c2"], remember=False)
