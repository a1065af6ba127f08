"""When a Mac last looked for updates and last installed something, from Apple's own property lists."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError, SourceFailed
from hotline_probe.machine import Machine
from hotline_probe.sources.basics import reason
from hotline_probe.sources.macos.commands import ask
from hotline_probe.sources.macos.plists import parse_plist, read_plist

TIMEOUT = 3.0
MAX_BYTES = 4 * 1024 * 1024
_SETTINGS = "/Library/Preferences/com.apple.SoftwareUpdate"
_HISTORY = "/Library/Receipts/InstallHistory.plist"
_CHECKED = ("LastSuccessfulDate", "LastFullSuccessfulDate", "LastBackgroundSuccessfulDate")


def checked_at(told: Mapping[str, Any]) -> datetime.datetime | None:
    """Return when updates were last looked for with success, None if the settings do not say."""
    times = [told[key] for key in _CHECKED if isinstance(told.get(key), datetime.datetime)]
    return max(map(_utc, times), default=None)


def parse_history(text: str) -> datetime.datetime | None:
    """Return when something was last installed, from InstallHistory.plist; None for an empty list.

    >>> row = "<dict><key>date</key><date>2026-11-28T08:00:00Z</date></dict>"
    >>> parse_history(f"<plist version='1.0'><array>{row}</array></plist>").day
    28

    Raises:
        SourceFailed: it is no such list.
    """
    rows = read_plist(text, MAX_BYTES, "the history of installations")
    if not isinstance(rows, list):
        raise SourceFailed("the history of installations is no list")
    times = [
        row["date"]
        for row in rows
        if isinstance(row, dict) and isinstance(row.get("date"), datetime.datetime)
    ]
    return max(map(_utc, times), default=None)


def update_facts(machine: Machine, now: datetime.datetime | None = None) -> Iterator[Fact]:
    """Yield the ages; each fails by itself."""
    present = now or datetime.datetime.now(datetime.UTC)
    yield Fact("system.update.manager", "softwareupdate")
    yield Fact("system.update.checked_age", _checked_age(machine, present))
    yield Fact("system.update.installed_age", _installed_age(machine, present))


def _checked_age(machine: Machine, now: datetime.datetime) -> FactValue:
    try:
        told = parse_plist(ask(machine, ("defaults", "export", _SETTINGS, "-"), TIMEOUT))
    except SourceError as error:
        return reason(error)
    return _age(now, checked_at(told))


def _installed_age(machine: Machine, now: datetime.datetime) -> FactValue:
    try:
        return _age(
            now, parse_history(ask(machine, ("plutil", "-convert", "xml1", "-o", "-", _HISTORY), TIMEOUT))
        )
    except SourceError as error:
        return reason(error)


def _age(now: datetime.datetime, then: datetime.datetime | None) -> FactValue:
    return UnknownReason.UNSUPPORTED if then is None else max((now - then).total_seconds(), 0.0)


def _utc(moment: datetime.datetime) -> datetime.datetime:
    """Property lists hold UTC and do not say so (plist(5))."""
    return moment.replace(tzinfo=datetime.UTC)
