"""Which outages are shown now, and what agents said about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hotline_collector.calls.errors import invalid, not_found
from hotline_collector.calls.outages import WINDOW_US, Outage, Sighting, known_outages, sightings_of
from hotline_collector.calls.ports import Store
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.model.outage_mark import OutageMark

ANNOUNCED, DISMISSED = "announced", "dismissed"
# A fault that comes and goes is not announced anew each time.
_MARK_US = 60 * 60 * 1_000_000
# How much sooner a mark may end after a restart than it would have without; it is not written every second.
_LATE_US = 5 * 60 * 1_000_000
_EVERY_US = 1_000_000


class OutageBoard:
    """Keeps what was seen in the last minutes, also of calls that are closed by now.

    Sightings are in memory only; the marks of agents are kept in the store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: dict[str, tuple[int, list[Sighting]]] = {}
        self._marks: dict[str, OutageMark] = {}
        self._kept: dict[str, int] = {}
        self._looked = 0
        self._outages: list[Outage] = []

    async def restore(self) -> None:
        """Take up the marks of an earlier run.

        Raises:
            StoreError: the store cannot be read.
        """
        for mark in await self._store.outage_marks():
            self._marks[mark.rule] = mark
            self._kept[mark.rule] = mark.ends

    def look(self, calls: Iterable[CallRuntime], now: int) -> list[tuple[Outage, OutageMark | None]]:
        """Return the outages that nobody dismissed; looked for anew at most once a second."""
        if now >= self._looked + _EVERY_US:
            self._looked = now
            self._outages = self._find(calls, now)
        shown = ((outage, self._marks.get(outage.rule)) for outage in self._outages)
        return [(outage, mark) for outage, mark in shown if mark is None or mark.state != DISMISSED]

    async def mark(self, rule: str, state: str, agent: str, now: int) -> None:
        """Say that an outage is announced to callers, or that it is none.

        Raises:
            CallError: there is no such outage or state.
            StoreError: it could not be kept; nothing has changed.
        """
        if state not in (ANNOUNCED, DISMISSED):
            raise invalid(f"an outage is marked as {ANNOUNCED} or {DISMISSED}, not {state[:20]!r}")
        if rule not in {outage.rule for outage in self._outages}:
            raise not_found("there is no such outage any more")
        mark = OutageMark(rule, state, agent, now + _MARK_US)
        await self._keep(mark, now)
        self._marks[rule] = mark

    async def keep(self, now: int) -> None:
        """Keep for how long the marks hold by now, if that is much longer than what is kept.

        Raises:
            StoreError: it could not be kept.
        """
        for mark in list(self._marks.values()):
            if mark.ends > self._kept.get(mark.rule, 0) + _LATE_US:
                await self._keep(mark, now)

    async def _keep(self, mark: OutageMark, now: int) -> None:
        await self._store.keep_outage_mark(mark, now)
        self._kept[mark.rule] = mark.ends

    def _find(self, calls: Iterable[CallRuntime], now: int) -> list[Outage]:
        before, self._seen = self._seen, {}
        for call in calls:
            known = before.pop(call.row.id, None)
            fresh = known is not None and known[0] == call.version
            self._seen[call.row.id] = known if known and fresh else (call.version, sightings_of(call))
        for call_id, (version, sightings) in before.items():
            if any(each.onset > now - WINDOW_US for each in sightings):
                self._seen[call_id] = (version, sightings)
        found = known_outages((each for _, seen in self._seen.values() for each in seen), now)
        for outage in found:
            if outage.rule in self._marks:
                self._marks[outage.rule] = replace(self._marks[outage.rule], ends=now + _MARK_US)
        self._marks = {rule: mark for rule, mark in self._marks.items() if mark.ends > now}
        return found
