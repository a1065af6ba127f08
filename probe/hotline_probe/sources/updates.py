"""Updates: whether one broke off or hangs, when the last ones came, and what waits."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError, Unsupported
from hotline_probe.machine import Machine, monotonic
from hotline_probe.source import Context
from hotline_probe.sources.basics import exists, reason, unknown
from hotline_probe.sources.fileages import ages
from hotline_probe.sources.packagelocks import LockWatch, find_holder, parse_half_done

_MANAGERS = ("apt-get", "dnf", "zypper", "pacman", "apk")
_DPKG = "/var/lib/dpkg"
# apt's daily job touches the first after it has fetched the lists (/usr/lib/apt/apt.systemd.daily), Ubuntu's
# update-notifier the second; dnf and zypper write the others.
_CHECKED = (
    "/var/lib/apt/periodic/update-success-stamp",
    "/var/lib/apt/periodic/update-stamp",
    "/var/cache/dnf/last_makecache",
    "/var/cache/zypp/solv",
)
# What changes whenever a package is installed, updated or removed.
_INSTALLED = (
    "/var/lib/dpkg/status",
    "/var/lib/rpm/rpmdb.sqlite",
    "/usr/lib/sysimage/rpm/rpmdb.sqlite",
    "/var/lib/pacman/local",
    "/lib/apk/db/installed",
)
_AVAILABLE = "/var/lib/update-notifier/updates-available"
_SECURITY = re.compile(
    r"^(\d{1,6}) (?:of these updates (?:is|are)|updates? (?:is|are)) .*security update", re.MULTILINE
)
_NONE_SECURITY = re.compile(r"^(?:\d{1,6}) updates? can be applied", re.MULTILINE)
_SNAP = re.compile(r"^last: *(\S+)$", re.MULTILINE)
_SNAP_TIMEOUT = 3.0
_LOCK = ("system.update.running", "system.update.locked_for", "system.update.program")


class Updates:
    """Reads the databases and locks of package managers, and asks snap(1); on macOS Apple's own lists."""

    name = "updates"

    def __init__(self) -> None:
        self._watch = LockWatch()

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield what is known; each fact fails by itself.

        Raises:
            Unsupported: neither on Linux nor on macOS.
        """
        if context.machine.system == "macos":
            from hotline_probe.sources.macos.updates import update_facts  # noqa: PLC0415 - not on Linux

            yield from update_facts(context.machine)
            return
        if context.machine.system != "linux":
            raise Unsupported("updates are read on Linux and macOS only")
        machine = context.machine
        yield Fact("system.update.manager", _manager(machine))
        yield from _interrupted(machine)
        yield from self._lock(machine)
        yield Fact("system.update.checked_age", _youngest(machine, _CHECKED))
        yield Fact("system.update.installed_age", _youngest(machine, _INSTALLED))
        yield Fact("system.update.security_pending", _pending(machine))
        yield Fact("system.update.snap_age", _snap_age(machine))

    def _lock(self, machine: Machine) -> Iterator[Fact]:
        try:
            holder = find_holder(machine)
        except SourceError as error:
            yield from unknown(_LOCK, reason(error))
            return
        yield Fact("system.update.running", holder is not None)
        yield Fact("system.update.locked_for", self._watch.held_for(monotonic(), holder))
        yield Fact("system.update.program", holder.name if holder else "")


def parse_available(text: str) -> int | None:
    r"""Return the security updates that wait, from update-notifier's English text; None if it does not say.

    >>> parse_available("12 updates can be applied immediately.\n5 of these updates are security updates.\n")
    5
    >>> parse_available("12 updates can be applied immediately.\n"), parse_available("Alles neu\n")
    (0, None)
    """
    match = _SECURITY.search(text)
    if match:
        return int(match[1])
    return 0 if _NONE_SECURITY.search(text) else None


def parse_snap_time(text: str, now: datetime.datetime) -> float | None:
    r"""Return the seconds since the last refresh, from `snap refresh --time --abs-time`, None without one.

    >>> now = datetime.datetime(2024, 5, 7, tzinfo=datetime.timezone.utc)
    >>> parse_snap_time("timer: 00:00~24:00/4\nlast: 2024-05-06T23:59:00Z\nnext: n/a\n", now)
    60.0
    """
    match = _SNAP.search(text)
    try:
        last = datetime.datetime.fromisoformat(match[1]) if match else None
    except ValueError:
        return None
    return max((now - last).total_seconds(), 0.0) if last is not None and last.tzinfo else None


def _manager(machine: Machine) -> str:
    found = next((name for name in _MANAGERS if exists(machine, f"/usr/bin/{name}")), "")
    return {"apt-get": "apt", "": "none"}.get(found, found)


def _interrupted(machine: Machine) -> Iterator[Fact]:
    try:
        half_done = parse_half_done(machine.read(f"{_DPKG}/status"))
        # Numbered files are steps that dpkg has not yet written into its database.
        left = any(name.isdigit() for name in machine.names(f"{_DPKG}/updates"))
    except SourceError as error:
        yield from unknown(("system.update.half_done", "system.update.interrupted"), reason(error))
        return
    yield Fact("system.update.half_done", half_done)
    yield Fact("system.update.interrupted", half_done > 0 or left)


def _youngest(machine: Machine, paths: Sequence[str]) -> FactValue:
    try:
        return min(ages(machine, paths).values(), default=UnknownReason.UNSUPPORTED)
    except SourceError as error:
        return reason(error)


def _pending(machine: Machine) -> FactValue:
    try:
        told = parse_available(machine.read(_AVAILABLE))
    except SourceError as error:
        return reason(error)
    return UnknownReason.UNSUPPORTED if told is None else told


def _snap_age(machine: Machine) -> FactValue:
    if not exists(machine, "/usr/bin/snap"):
        return UnknownReason.UNSUPPORTED
    try:
        printed = machine.run(("snap", "refresh", "--time", "--abs-time"), _SNAP_TIMEOUT).out
    except SourceError as error:
        return reason(error)
    told = parse_snap_time(printed, datetime.datetime.now(datetime.UTC))
    return UnknownReason.UNSUPPORTED if told is None else told
