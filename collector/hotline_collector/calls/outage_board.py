"""Which outages are shown now, and what agents said about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hotline_collector.calls.errors import invalid, not_found
from hotline_collector.calls.outages import WINDOW_US, Outage, Sighting, known_outages, sightings_of
from hotline_collector.calls.runtime import CallRuntime

ANNOUNCED, DISMISSED = "announced", "dismissed"
# A fault that comes and goes is not announced anew each time.
_MARK_US = 60 * 60 * 1_000_000
_EVERY_US = 1_000_000


@dataclass(slots=True)
class Mark:
    """What an agent said about an outage; it ends an hour after the outage was last seen."""

    state: str
    agent: str
    ends: int


class OutageBoard:
    """Keeps what was seen in the last minutes, also of calls that are closed by now; in memory only."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, list[Sighting]]] = {}
        self._marks: dict[str, Mark] = {}
        self._looked = 0
        self._outages: list[Outage] = []

    def look(self, calls: Iterable[CallRuntime], now: int) -> list[tuple[Outage, Mark | None]]:
        """Return the outages that nobody dismissed; looked for anew at most once a second."""
        if now >= self._looked + _EVERY_US:
            self._looked = now
            self._outages = self._find(calls, now)
        shown = ((outage, self._marks.get(outage.rule)) for outage in self._outages)
        return [(outage, mark) for outage, mark in shown if mark is None or mark.state != DISMISSED]

    def mark(self, rule: str, state: str, agent: str, now: int) -> None:
        """Say that an outage is announced to callers, or that it is none.

        Raises:
            CallError: there is no such outage or state.
        """
        if state not in (ANNOUNCED, DISMISSED):
            raise invalid(f"an outage is marked as {ANNOUNCED} or {DISMISSED}, not {state[:20]!r}")
        if rule not in {outage.rule for outage in self._outages}:
            raise not_found("there is no such outage any more")
        self._marks[rule] = Mark(state, agent, now + _MARK_US)

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
                self._marks[outage.rule].ends = now + _MARK_US
        self._marks = {rule: mark for rule, mark in self._marks.items() if mark.ends > now}
        return found
