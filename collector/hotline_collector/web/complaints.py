"""Complaints to pick from, and what is known of a customer, for the pages around opening a call."""

from __future__ import annotations

from collections.abc import Sequence

from hotline_collector.calls.desk import Desk
from hotline_collector.calls.earlier import open_calls
from hotline_collector.model.rule import LexiconEntry, Pack

_KEYS = 9


def known(desk: Desk) -> Sequence[LexiconEntry]:
    """Return the complaints that the rules in use know."""
    return desk.manager.rules.pack.lexicon


def common(desk: Desk) -> list[LexiconEntry]:
    """Return at most nine complaints, one for each subject; dangers are nobody's everyday."""
    pack = desk.manager.rules.pack
    first: dict[str, LexiconEntry] = {}
    for entry in pack.lexicon:
        if not _is_danger(entry, pack):
            first.setdefault(entry.id.partition(".")[0], entry)
    return list(first.values())[:_KEYS]


def label_of(desk: Desk, key: str, lang: str) -> str:
    """Return what a key of the lexicon stands for, empty if there is no such key."""
    label = next((entry.label for entry in known(desk) if entry.id == key), None)
    return "" if label is None else label.de if lang == "de" else label.en


def open_call_of(desk: Desk, reference: str) -> str:
    """Return the one open call with a customer reference; empty if there is none, another, or it waits."""
    found = open_calls(desk.manager, reference)
    return found[0].call_id if len(found) == 1 and not desk.manager.live(found[0].call_id).row.queued else ""


def _is_danger(entry: LexiconEntry, pack: Pack) -> bool:
    return any(rule.hazard for name, rule in pack.rules.items() if name in entry.symptoms)
