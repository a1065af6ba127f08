"""A call from a record file: judged like the one that was recorded; a bad file has one clear error."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from google.protobuf.json_format import MessageToDict
from hotline_collector.calls import importing
from hotline_collector.calls import replay as rebuild
from hotline_collector.calls.bounds import MAX_BUNDLE
from hotline_collector.calls.clock import SteadyClock
from hotline_collector.calls.errors import CallError
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.settings import CallSettings
from hotline_collector.errors import StoreError
from hotline_collector.rulepack import records
from hotline_collector.rulepack.replaying import replay
from hotline_collector.store.journal import SqliteJournal
from hotline_collector.store.store import SqlStore
from hotline_proto.facts import Fact
from hotline_proto.record import MAGIC, Entry, EntryKind, pack_entry, read_file, unpack_entries, write_file
from hotline_proto.sealed import seal
from hotline_proto.v1 import record_pb2 as rec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.new_database import new_database

KEY = X25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw()
OPENED = rec.CallOpened(call_id="live", complaint="disk full").SerializeToString()
COMPUTER = rec.TargetAdded(target=1, name="computer").SerializeToString()
START = (
    Entry(EntryKind.CALL_OPENED, 0, 1_000_000, OPENED),
    Entry(EntryKind.TARGET_ADDED, 1, 1_000_000, COMPUTER),
)


@pytest.fixture
async def kept(tmp_path: Path, world: Any, catalogue: Any, rules: Any) -> AsyncIterator[Any]:
    """Yield a world over the real store and journal, with a key for bundles."""
    store = SqlStore(new_database(tmp_path / "hotline.db"))
    await store.start()
    journal = SqliteJournal(store.path, store.keys, spacing=0.001)
    await journal.start()
    clock, own = SteadyClock(), CallSettings(bundle_key=KEY.private_bytes_raw())
    yield type(world)(catalogue, rules, store=store, journal=journal, clock=clock, settings=own)
    await journal.close()
    await store.close()


def file_of(entries: Iterable[Entry]) -> bytes:
    return write_file(pack_entry(*entry) for entry in entries)


def shown(view: Any) -> dict[str, Any]:
    """Return what a view says about the fault, without what belongs to the call it is seen in."""
    told = MessageToDict(view, preserving_proto_field_name=True)
    names = ("causes", "also_noticed", "suspected", "cleared", "questions", "facts", "path", "complaint")
    findings = {name: told.get(name) for name in names}
    for one in findings["causes"] or ():
        one.pop("fixes", None)  # what can be carried out depends on who is connected
    return findings


async def recorded(world: Any, agent: Any, join: Any, filesystem: Any) -> tuple[Any, bytes]:
    """Return the call of a probe with two findings, one verified by a fix, and its record."""
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.99), *filesystem(0.97, "/data"))
    [finding, *_] = [f for f in probe.call.engine.findings().values() if f.entity.key == "/data"]
    fix = await world.desk.propose(agent, probe.call.row.id, finding.id, 1)
    await world.desk.update_fix(agent, probe.call.row.id, fix, "done")
    probe.tell("filesystems", *filesystem(0.99), *filesystem(0.2, "/data"))
    await world.desk.answer(agent, probe.call.row.id, "ask.scope", "works")
    return probe.call, await world.desk.export(agent, probe.call.row.id)


async def test_an_exported_call_is_the_same_when_it_is_imported(
    kept: Any, agent: Any, join: Any, filesystem: Any, rules: Any, catalogue: Any
) -> None:
    live, record = await recorded(kept, agent, join, filesystem)
    done = await kept.desk.import_record(agent, record, reference="K-1")
    assert (done.refused, done.findings) == ((), len(live.engine.findings()))
    assert (done.row.state, done.row.outcome, done.row.customer_reference) == ("closed", "imported", "K-1")
    again = await kept.manager.get(done.row.id)
    assert again.engine.findings() == live.engine.findings()
    assert repr(again.engine.causes()) == repr(live.engine.causes())
    assert again.engine.verifications() == live.engine.verifications()
    played = replay(unpack_entries(read_file(record)), rules, catalogue)
    back = await kept.desk.export(agent, done.row.id)
    assert replay(unpack_entries(read_file(back)), rules, catalogue) == played
    assert (played.refused, len(played.findings)) == ((), done.findings)
    view = await kept.desk.view(agent, done.row.id, include_facts=True)
    before = kept.desk.look(live, include_facts=True)
    assert shown(view) == shown(before)
    assert view.now_us == again.last and [t.link for t in view.targets] == ["imported"]
    assert back == record


async def test_what_the_caller_wrote_into_the_file_is_shown(
    kept: Any, agent: Any, join: Any, catalogue: Any
) -> None:
    probe = await join(kept)
    name = next(f.name for f in catalogue.facts.values() if f.name == "host.name")
    probe.tell(catalogue.facts[name].source, Fact(name, "annas-pc"))
    done = await kept.desk.import_record(agent, await kept.desk.export(agent, probe.call.row.id))
    view = await kept.desk.view(agent, done.row.id, include_facts=True)
    assert [fact.value for fact in view.facts if fact.fact == name] == ["annas-pc"]
    [target] = view.targets
    assert list(target.consent) == ["basic", "personal"] and {s.source for s in target.sources} != set()


async def test_a_complaint_takes_the_place_of_the_records(kept: Any, agent: Any) -> None:
    done = await kept.desk.import_record(agent, file_of(START), complaint=" no page opens ")
    view = await kept.desk.view(agent, done.row.id, include_facts=False)
    assert view.complaint == "no page opens"
    assert (await kept.manager.get(done.row.id)).engine.complaint == "no page opens"
    kept_one = await kept.desk.import_record(agent, file_of(START))
    assert kept_one.row.complaint == "disk full"


async def test_what_was_imported_counts_nowhere(kept: Any, agent: Any) -> None:
    done = await kept.desk.import_record(agent, file_of(START))
    assert await kept.store.handling_times(9) == []
    assert [c.call_id for c in await kept.desk.list(agent, include_closed=True)] == [done.row.id]
    assert await kept.desk.list(agent, include_closed=False) == []
    [entry] = [e for e in await kept.store.audit_of(done.row.id) if e.action == "call.import"]
    assert entry.actor == "agent:mia" and len(entry.detail) == 64
    for form in ("text", "json", "html", "pdf"):
        for lang in ("en", "de"):
            assert (await kept.desk.report(agent, done.row.id, form, lang)).data
    assert (await kept.desk.wrap_up(agent, done.row.id)).outcome == "imported"
    for act in (
        kept.desk.note(agent, done.row.id, "x"),
        kept.desk.close(agent, done.row.id, "abandoned"),
    ):
        with pytest.raises(CallError, match="no open call"):
            await act


async def test_a_sealed_one_is_opened_by_the_collector_it_is_for(kept: Any, agent: Any, world: Any) -> None:
    whole = file_of(START)
    assert (await kept.desk.import_record(agent, seal(whole, PUBLIC))).row.complaint == "disk full"
    other = X25519PrivateKey.generate().public_key().public_bytes_raw()
    for data, said in (
        (seal(whole, other), "another call centre's key"),
        (seal(whole, PUBLIC)[:-3], "damaged or cut off"),
        (seal(b"not a record", PUBLIC), "not a Hotline record"),
    ):
        with pytest.raises(CallError, match=said):
            await kept.desk.import_record(agent, data)
    with pytest.raises(CallError, match="no key for bundles"):
        await world.desk.import_record(agent, seal(whole, PUBLIC))


BAD = {
    "nothing": (b"", "the file is empty"),
    "foreign": (b"PK\x03\x04" + bytes(100), "not a Hotline record"),
    "newer": (MAGIC[:7] + b"\x07" + bytes(50), "version 7; this program reads 1"),
    "cut off": (file_of(START)[:-1], "damaged or cut off"),
    "header only": (MAGIC, "ends within its header"),
    "bomb": (MAGIC + zlib.compress(bytes(70 * 2**20), 9) + bytes(32), "larger than 64 MiB when unpacked"),
    "too large": (bytes(MAX_BUNDLE + 1), "larger than 16 MiB"),
    "empty": (file_of([]), "empty"),
    "no beginning": (file_of(START[1:]), "does not begin"),
    "two beginnings": (file_of([START[0], *START]), "does not begin"),
    "no computer": (file_of(START[:1]), "names no computer"),
    "back in time": (file_of([*START, Entry(EntryKind.TICK, 0, 999_999, b"")]), "make no sense"),
    "before 1970": (file_of([START[0]._replace(at=-1), *START[1:]]), "make no sense"),
    "far future": (file_of([*START, Entry(EntryKind.TICK, 0, 2**62, b"")]), "make no sense"),
    "many targets": (file_of([*START, Entry(EntryKind.TARGET_ADDED, 65, 1_000_000, b"")]), "make no sense"),
    "no message": (file_of([*START, Entry(EntryKind.FACT_STATED, 1, 1_000_000, b"\xff")]), "an entry"),
}


@pytest.mark.parametrize(("data", "said"), BAD.values(), ids=BAD)
async def test_a_bad_file_has_one_clear_error(world: Any, agent: Any, data: bytes, said: str) -> None:
    with pytest.raises(CallError, match=said) as refused:
        await world.desk.import_record(agent, data)
    assert str(refused.value).startswith("the file cannot be imported: ")
    assert "\n" not in str(refused.value)
    assert await world.store.calls(include_closed=True) == []


async def test_confidences_are_believed_only_if_they_are_some(world: Any, agent: Any) -> None:
    for wrong in (float("nan"), float("inf"), -0.1, 1.5):
        opened = rec.CallOpened(confidences=[rec.RuleConfidence(rule="disk.full", confidence=wrong)])
        first = START[0]._replace(payload=opened.SerializeToString())
        with pytest.raises(CallError, match="confidences"):
            await world.desk.import_record(agent, file_of([first, START[1]]))


def endless(entries: int) -> bytes:
    tick = Entry(EntryKind.TICK, 0, 1_000_000, b"")
    return file_of([*START, *(tick._replace(at=1_000_000 + number) for number in range(entries))])


async def test_what_takes_long_to_judge_is_refused(
    world: Any, agent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert importing._PATIENCE_S <= 60
    monkeypatch.setattr(importing, "_PATIENCE_S", 0.01)
    with pytest.raises(CallError, match=r"takes more than 0\.01 s to be judged"):
        await world.desk.import_record(agent, endless(50_000))
    assert await world.store.calls(include_closed=True) == []


async def test_one_file_is_judged_at_a_time(world: Any, agent: Any) -> None:
    async with world.manager.judging:
        waiting = asyncio.create_task(world.desk.import_record(agent, file_of(START)))
        await asyncio.sleep(0.2)
        assert not waiting.done()
    assert (await waiting).row.outcome == "imported"


async def test_whoever_looks_at_a_long_record_keeps_nobody_waiting(
    kept: Any, agent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A slice so short that even a fast machine needs many.
    monkeypatch.setattr(rebuild, "_SLICE_S", rebuild._SLICE_S / 20)
    done = await kept.desk.import_record(agent, endless(20_000))
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    record = await kept.manager.around.journal.read(done.row.id)
    call = await kept.manager.get(done.row.id)
    fresh = CallRuntime(call.row, kept.manager.rules, kept.manager.around)
    task = asyncio.create_task(others())
    await rebuild.replay(fresh, {}, record)
    task.cancel()
    assert fresh.last == call.last and turns >= 3


async def test_too_many_entries_are_refused(world: Any, agent: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_ENTRIES", 3)
    tick = Entry(EntryKind.TICK, 0, 1_000_000, b"")
    await world.desk.import_record(agent, file_of([*START, tick]))
    with pytest.raises(CallError, match="more than 3 entries"):
        await world.desk.import_record(agent, file_of([*START, tick, tick]))


async def test_what_cannot_be_kept_leaves_nothing(
    kept: Any, agent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_ticket: int) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(kept.journal, "durable", broken)
    with pytest.raises(StoreError):
        await kept.desk.import_record(agent, file_of(START))
    assert await kept.store.calls(include_closed=True) == []


entries = st.lists(
    st.builds(
        Entry,
        st.sampled_from(EntryKind),
        st.integers(0, 3),
        st.integers(1_000_000, 1_000_010),
        st.binary(max_size=40)
        | st.builds(
            lambda fact, text: rec.FactStated(target=1, fact=fact, text=text).SerializeToString(),
            st.sampled_from(["ask.scope", "ask.smell", "system.filesystem.utilization", "x"]),
            st.text(max_size=5),
        )
        | st.builds(
            lambda up, target: rec.LinkChanged(target=target, up=up, session_id="s").SerializeToString(),
            st.booleans(),
            st.integers(0, 3),
        ),
    ),
    max_size=6,
).map(lambda found: sorted(found, key=lambda entry: entry.at))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(more=entries)
async def test_whatever_a_record_holds_it_is_imported_or_refused(
    world: Any, agent: Any, more: list[Entry]
) -> None:
    try:
        done = await world.desk.import_record(agent, file_of([*START, *more]))
    except CallError as error:
        assert "cannot be imported" in str(error)
        return
    view = await world.desk.view(agent, done.row.id, include_facts=True)
    assert view.outcome == "imported"
