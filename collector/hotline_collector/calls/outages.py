"""Known outages: the same cause in several calls within minutes; the judgement is a pure function.

Only what is seen on public facts counts, and only from `FEWEST` callers on, so that it leads back to nobody.
Anybody can enter the queue, from as many addresses as they like, and have a probe of their own tell anything:
a call counts from the moment in which an agent has it, so that a human has met each caller who counts.
In a large call centre three full disks within ten minutes are chance: a cause must also be found at a tenth
of the callers who have any cause at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_collector.model.finding import FindingState
from hotline_collector.model.rule import Text

if TYPE_CHECKING:
    from hotline_collector.calls.runtime import CallRuntime

FEWEST = 3
WINDOW_US = 10 * 60 * 1_000_000
_ONE_IN = 10


@dataclass(frozen=True, slots=True)
class Sighting:
    """One cause active in one call that an agent has; `onset` (µs since the epoch) is when both became true.

    `caller` is the customer reference, or the call itself: who rings twice is one caller. A sighting that is
    not `public` rests on personal facts and counts for nothing but the number of callers.
    """

    call_id: str
    caller: str
    rule: str
    title: Text
    onset: int
    public: bool = True


@dataclass(frozen=True, slots=True)
class Outage:
    """A cause that several callers have: how many, and when it was first and last seen in one's call."""

    rule: str
    title: Text
    callers: int
    since: int
    last: int


def known_outages(sightings: Iterable[Sighting], now: int) -> list[Outage]:
    """Return the outages of the last ten minutes, those of most callers first."""
    recent = [each for each in sightings if now - WINDOW_US < each.onset <= now]
    needed = max(FEWEST, -(-len({each.caller for each in recent}) // _ONE_IN))
    by_rule: dict[str, list[Sighting]] = {}
    for each in recent:
        if each.public:
            by_rule.setdefault(each.rule, []).append(each)
    out = []
    for rule, seen in by_rule.items():
        callers = len({each.caller for each in seen})
        if callers >= needed:
            onsets = [each.onset for each in seen]
            out.append(Outage(rule, seen[0].title, callers, min(onsets), max(onsets)))
    return sorted(out, key=lambda outage: (-outage.callers, outage.rule))


def sightings_of(call: CallRuntime) -> list[Sighting]:
    """Return the causes that are active in a call now; none as long as its caller has only waited."""
    row = call.row
    if row.wait_digest and not row.picked:
        return []
    engine, facts = call.engine, call.around.catalogue.facts
    out = []
    for cause in engine.causes():
        finding = cause.finding
        if finding.state is not FindingState.ACTIVE or finding.stale:
            continue
        read = [facts.get(item.fact) for item in engine.evidence(finding)]
        public = bool(read) and all(spec is not None and spec.sensitivity == "public" for spec in read)
        caller = row.customer_reference or row.id
        title, onset = engine.rule(finding).title, max(finding.onset, row.picked)
        out.append(Sighting(row.id, caller, finding.rule, title, onset, public))
    return out
