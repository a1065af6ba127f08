"""Services that failed, keep restarting, or take too long to start."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceFailed, Unsupported
from hotline_probe.machine import Machine, monotonic
from hotline_probe.source import Context
from hotline_probe.sources.basics import exists

if TYPE_CHECKING:
    from hotline_probe.sources.devices.procd import ProcdServices
    from hotline_probe.sources.macos.launchd import MacServices
    from hotline_probe.sources.windows.services import WindowsServices

TOOL_TIMEOUT = 3.0
# A unit that starts for longer is worth a look; one-shot jobs (backups, updates) "start" all the time.
STUCK_AFTER = 30.0
STUCK_ONESHOT_AFTER = 600.0
# How often all services are asked for their restarts: a loop is rarely caught between two starts.
SCAN_EVERY = 60.0
MAX_UNITS = 50
MAX_NAME = 128
STATES = frozenset({"active", "failed", "activating", "inactive"})
_PROPERTIES = "Id,LoadState,ActiveState,SubState,Type,Result,NRestarts,ExecMainCode,ExecMainStatus"
_UNIT = re.compile(r"^(\S+\.[a-z]+) +\S+ +(\S+) +(\S+)(?: |$)", re.MULTILINE)
_CLD_EXITED = "1"  # how waitid(2) says that a process ended by itself

Unit = Mapping[str, str]


def parse_units(text: str) -> dict[str, tuple[str, str]]:
    """Return active state and sub-state by unit name, from `systemctl list-units --plain --no-legend`.

    >>> parse_units("cups.service  loaded failed     failed       CUPS Scheduler\\n"
    ...             "web.service   loaded activating auto-restart Web\\n")
    {'cups.service': ('failed', 'failed'), 'web.service': ('activating', 'auto-restart')}
    """
    return {name: (active, sub) for name, active, sub in _UNIT.findall(text) if len(name) <= MAX_NAME}


def parse_show(text: str) -> dict[str, Unit]:
    """Return the properties of units by their Id, from `systemctl show --property=…`.

    >>> parse_show("Id=a.service\\nResult=success\\n\\nId=b.mount\\nResult=exit-code\\n")["b.mount"]["Result"]
    'exit-code'
    """
    found: dict[str, Unit] = {}
    for block in text.split("\n\n"):
        pairs = (line.partition("=") for line in block.split("\n") if "=" in line)
        unit = {key: value for key, _, value in pairs}
        if 0 < len(unit.get("Id", "")) <= MAX_NAME:
            found[unit["Id"]] = unit
    return found


class Services:
    """Asks systemctl, launchctl on macOS, PowerShell on Windows, or procd on an OpenWrt router.

    A unit stays in the list after it recovered, so that its recovery can be seen.
    """

    name = "services"

    def __init__(self) -> None:
        self._known: dict[str, None] = {}
        self._starting: dict[str, float] = {}
        self._restarts: dict[str, int] | None = None
        self._scanned = -SCAN_EVERY
        self._windows: WindowsServices | None = None
        self._macos: MacServices | None = None
        self._procd: ProcdServices | None = None

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield how many units failed, and the units that are in trouble or were.

        Raises:
            Unsupported: neither on Linux nor on Windows nor on macOS.
            MissingTool: there is no systemctl.
            SourceFailed: systemctl or launchctl went wrong.
        """
        if context.machine.system == "macos":
            yield from self._on_macos().facts(context.machine)
            return
        machine = context.machine
        if machine.system == "windows":
            yield from self._on_windows(machine)
            return
        if machine.system != "linux":
            raise Unsupported("only services of systemd, launchd and Windows can be told")
        if not exists(machine, "/run/systemd/system"):  # sd_booted(3)
            if exists(machine, "/etc/openwrt_release"):
                yield from self._on_openwrt(machine)
                return
            yield Fact("system.service.manager", "none")
            yield Fact("system.service.failed_count", UnknownReason.UNSUPPORTED)
            return
        yield Fact("system.service.manager", "systemd")
        units = parse_units(_systemctl(machine, _LIST))
        failed = [name for name, (active, _) in units.items() if active == "failed"]
        yield Fact("system.service.failed_count", len(failed))
        now = monotonic()
        suspects = failed + [name for name, (_, sub) in units.items() if sub.startswith("auto-restart")]
        suspects += self._restarted(machine, now)
        starting = [name for name, (active, _) in units.items() if active == "activating"]
        self._starting = {name: self._starting.get(name, now) for name in starting}
        stuck = [name for name, since in self._starting.items() if now - since >= STUCK_AFTER]
        self._known |= dict.fromkeys(suspects[:MAX_UNITS])
        yield from self._facts(machine, stuck, now)

    def _on_windows(self, machine: Machine) -> Iterator[Fact]:
        from hotline_probe.sources.windows.services import WindowsServices  # noqa: PLC0415 - not on Linux

        self._windows = self._windows or WindowsServices()
        yield from self._windows.facts(machine)

    def _on_openwrt(self, machine: Machine) -> Iterator[Fact]:
        from hotline_probe.sources.devices.procd import ProcdServices  # noqa: PLC0415 - only on routers

        self._procd = self._procd or ProcdServices()
        yield from self._procd.facts(machine)

    def _on_macos(self) -> MacServices:
        from hotline_probe.sources.macos.launchd import MacServices  # noqa: PLC0415 - not needed elsewhere

        self._macos = self._macos or MacServices()
        return self._macos

    def _restarted(self, machine: Machine, now: float) -> list[str]:
        """Return the services that were restarted since they were last counted."""
        if now - self._scanned < SCAN_EVERY:
            return []
        self._scanned = now
        shown = parse_show(_systemctl(machine, ["show", "--property=Id,NRestarts", "*.service"]))
        counts = {name: _number(unit, "NRestarts") or 0 for name, unit in shown.items()}
        before, self._restarts = self._restarts, counts
        return (
            [] if before is None else [name for name, count in counts.items() if count > before.get(name, 0)]
        )

    def _facts(self, machine: Machine, stuck: Sequence[str], now: float) -> Iterator[Fact]:
        asked = list(dict.fromkeys([*self._known, *stuck]))[-MAX_UNITS:]
        if not asked:
            return
        shown = parse_show(_systemctl(machine, ["show", f"--property={_PROPERTIES}", "--", *asked]))
        known: dict[str, None] = {}
        for name in asked:
            unit = shown.get(name, {})
            if unit.get("LoadState", "not-found") == "not-found" and unit.get("ActiveState") != "failed":
                continue
            oneshot = unit.get("Type") == "oneshot"
            if name in self._known or not oneshot or now - self._starting[name] >= STUCK_ONESHOT_AFTER:
                known[name] = None
                yield from _unit_facts(name, unit)
        self._known = known


_LIST = ["list-units", "--all", "--plain", "--no-legend", "--full", "--state=failed,activating"]


def _systemctl(machine: Machine, arguments: Sequence[str]) -> str:
    result = machine.run(["systemctl", "--no-pager", "--no-ask-password", *arguments], TOOL_TIMEOUT)
    if result.code and not result.out:
        first = result.err.strip().split("\n")[0]
        raise SourceFailed(f"systemctl: {first or f'ended with {result.code}'}")
    return result.out


def _number(unit: Unit, key: str) -> int | None:
    text = unit.get(key, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def _unit_facts(name: str, unit: Unit) -> Iterator[Fact]:
    active = unit.get("ActiveState", "")
    yield Fact("service.state", active if active in STATES else "other", name)
    yield Fact("service.result", unit.get("Result") or UnknownReason.UNSUPPORTED, name)
    yield Fact("service.restarts", _or_unsupported(_number(unit, "NRestarts")), name)
    exited = unit.get("ExecMainCode") == _CLD_EXITED  # a process that a signal ended has no exit status
    yield Fact(
        "service.exit_code", _or_unsupported(_number(unit, "ExecMainStatus") if exited else None), name
    )


def _or_unsupported(value: int | None) -> FactValue:
    return UnknownReason.UNSUPPORTED if value is None else value
