"""A call as its rows, its journal and the packs that judged it have it."""

from __future__ import annotations

import logging

from hotline_collector.calls.packs import digests_in
from hotline_collector.calls.ports import PackShelf
from hotline_collector.calls.replay import replay
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.session import Session
from hotline_collector.calls.surroundings import Surroundings
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rows import CallRow
from hotline_collector.model.targets import COMPUTER

_log = logging.getLogger(__name__)


async def rebuild(
    around: Surroundings, row: CallRow, rules: RuleSet, shelf: PackShelf | None
) -> tuple[CallRuntime, list[Session]]:
    """Return a call and all its sessions, oldest first; `rules` judge it if its own pack is gone.

    Raises:
        RecordError: its journal is damaged.
        StoreError: the store cannot be read.
    """
    store = around.store
    fixes, notes = await store.fixes(row.id), await store.notes(row.id)
    sessions = {kept.id: Session(kept) for kept in await store.sessions(row.id)}
    record = await around.journal.read(row.id)
    around.packs.update(await _packs(around, row, record, shelf))
    own = around.packs.get(row.pack_digest, rules)
    disagreements = await store.disagreements(row.id)
    call = CallRuntime(row, own, around, fixes=fixes, notes=notes, disagreements=disagreements)
    call.first_joined = min(
        (each.row.joined for each in sessions.values() if each.row.target == COMPUTER), default=0
    )
    newest = {session.row.target: session for session in sessions.values()}
    call.sessions.update(newest)
    await replay(call, sessions, record)
    # The newest has joined last, even if the record has nothing of it yet.
    call.sessions.update(newest)
    return call, list(sessions.values())


async def _packs(
    around: Surroundings, row: CallRow, record: bytes, shelf: PackShelf | None
) -> dict[str, RuleSet]:
    """Return the packs that judged a call; what is not known any more is logged."""
    out = {}
    for digest in sorted({row.pack_digest, *digests_in(record)}):
        rules = around.packs.get(digest)
        if rules is None and shelf is not None:
            rules = await shelf.fetch(digest)
        if rules is not None:
            out[digest] = rules
        else:
            _log.warning("call %s: its rule pack %s is not known any more", row.id, digest[:12])
    return out
