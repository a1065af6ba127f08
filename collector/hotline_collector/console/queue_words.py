"""What the terminal says about the queue, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hotline_collector.model.units import Lang

_EN = {
    "nobody": "Nobody is waiting.",
    "at_work": "Agents at work: {number}.",
    "waits": "waits {time}",
    "waited": "waited {time}",
    "expected": "about {time} more",
    "not_known": "not known yet how long",
    "cost": "so far {cost} {currency}",
    "wants_back": "wants to be called back",
    "for_agent": "for {name}",
    "outage": "OUTAGE: {callers} callers in {time}: {title} ({rule})",
    "announced": "announced by {name}",
    "taken": "You have {call} now.",
    "transferred": "The call waits again, for {name}.",
    "anyone": "anyone",
    "call_number": "Call {number}.",
    "marked_announced": "Noted: it is announced.",
    "marked_dismissed": "Noted: it is no outage.",
}
_DE = {
    "nobody": "Niemand wartet.",
    "at_work": "Berater im Dienst: {number}.",
    "waits": "wartet {time}",
    "waited": "hat {time} gewartet",
    "expected": "noch etwa {time}",
    "not_known": "noch nicht bekannt, wie lange",
    "cost": "bisher {cost} {currency}",
    "wants_back": "möchte zurückgerufen werden",
    "for_agent": "für {name}",
    "outage": "STÖRUNG: {callers} Anrufer in {time}: {title} ({rule})",
    "announced": "angesagt von {name}",
    "taken": "Sie haben jetzt {call}.",
    "transferred": "Der Anruf wartet wieder, auf {name}.",
    "anyone": "irgendjemanden",
    "call_number": "Rufen Sie {number} an.",
    "marked_announced": "Notiert: Sie ist angesagt.",
    "marked_dismissed": "Notiert: Es ist keine Störung.",
}
QUEUE_TEXTS: Mapping[Lang, Mapping[str, str]] = MappingProxyType(
    {"en": MappingProxyType(_EN), "de": MappingProxyType(_DE)}
)
