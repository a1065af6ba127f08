"""How healthy the disks say they are, and whether arrays of disks are complete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import MissingTool, SourceError, Unsupported
from hotline_probe.machine import Machine, monotonic
from hotline_probe.source import Context
from hotline_probe.sources.basics import reason
from hotline_probe.sources.mdstat import parse_mdstat
from hotline_probe.sources.smart import Health, parse_smartctl
from hotline_probe.sources.sysfs import word

MAX_DRIVES = 16
TOOL_TIMEOUT = 4.0
# All disks together, below the source's timeout.
PATIENCE = 10.0
# Ordinary users have no sbin in their path.
TOOLS = ("smartctl", "/usr/sbin/smartctl")
# A disk that sleeps is left asleep; identity (serial number) is not asked for.
ARGUMENTS = ("--json", "--health", "--attributes", "--nocheck=standby")
TOLD = tuple(f"hw.drive.{field.name}" for field in fields(Health))
_DRIVE = re.compile(r"sd[a-z]{1,4}|hd[a-z]|nvme\d{1,4}n\d{1,4}|mmcblk\d{1,3}", re.ASCII)
# JEDEC eMMC 5.0, device life time estimation: tenths of the life, 11 beyond it.
_LIFE = re.compile(r"0x([0-9a-f]{2}) 0x([0-9a-f]{2})", re.IGNORECASE)
_RUNNING, _RESETTING = (
    frozenset({"running", "live"}),
    frozenset({"blocked", "connecting", "created", "created-blocked", "quiesce", "resetting"}),
)


class Drives:
    """Asks smartctl, where it is installed and allowed; the kernel's files for the rest; diskutil on Macs."""

    name = "drives"

    def __init__(self) -> None:
        self._crc: dict[str, int] = {}

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the health of each disk and the state of each array.

        Raises:
            Unsupported: not on Linux, Windows or macOS.
            Denied: the disks may not be listed.
            SourceFailed: they cannot be listed.
        """
        machine = context.machine
        if machine.system == "windows":
            from hotline_probe.sources.windows.drives import drive_facts  # noqa: PLC0415 - not on Linux

            yield from drive_facts(machine)
            return
        if machine.system == "macos":
            from hotline_probe.sources.macos.drives import drive_facts as of_a_mac  # noqa: PLC0415 - as above

            yield from of_a_mac(machine)
            return
        if machine.system != "linux":
            raise Unsupported("the health of disks is told on Linux, Windows and macOS only")
        yield from _arrays(machine)
        end = monotonic() + PATIENCE
        for drive in _drives(machine):
            yield Fact("hw.drive.state", _state(machine, drive), drive)
            if monotonic() > end:
                yield from _unknown(UnknownReason.TIMEOUT, drive)
            else:
                yield from self._health(machine, drive)

    def _health(self, machine: Machine, drive: str) -> Iterator[Fact]:
        try:
            told = _card_health(machine, drive) if drive.startswith("mmc") else _ask(machine, drive)
        except SourceError as error:
            yield from _unknown(reason(error), drive)
            return
        for name, field in zip(TOLD, fields(Health), strict=True):
            yield Fact(name, _or_unsupported(getattr(told, field.name)), drive)
        yield Fact("hw.drive.crc_errors_new", _or_unsupported(self._new(drive, told.crc_errors)), drive)

    def _new(self, drive: str, count: int | None) -> int | None:
        """Return by how much the errors grew; a lower count is another disk's."""
        if count is None:
            return None
        first = self._crc.setdefault(drive, count)
        if count < first:
            self._crc[drive] = first = count
        return count - first


def _unknown(why: UnknownReason, drive: str) -> Iterator[Fact]:
    """Yield that nothing is known; of a cable not even that where there is none."""
    cabled = not drive.startswith(("nvme", "mmc"))
    for name in (*TOLD, "hw.drive.crc_errors_new"):
        yield Fact(name, why if cabled or "crc" not in name else UnknownReason.UNSUPPORTED, drive)


def _or_unsupported(value: float | bool | None) -> FactValue:
    return UnknownReason.UNSUPPORTED if value is None else value


def _arrays(machine: Machine) -> Iterator[Fact]:
    try:
        arrays = parse_mdstat(machine.read("/proc/mdstat"))
    except Unsupported:
        return
    for array in arrays:
        yield Fact("system.raid.state", array.state, array.name)
        yield Fact("system.raid.level", array.level, array.name)
        yield Fact("system.raid.missing", array.missing, array.name)
        yield Fact("system.raid.progress", _or_unsupported(array.progress), array.name)


def _drives(machine: Machine) -> list[str]:
    try:
        names = machine.names("/sys/block")
    except Unsupported:
        return []
    return [name for name in names if _DRIVE.fullmatch(name)][:MAX_DRIVES]


def _state(machine: Machine, drive: str) -> FactValue:
    """Return what the kernel thinks of a disk (sysfs-block-device, nvme state, scsi_device state)."""
    try:
        state = word(machine, f"/sys/block/{drive}/device/state")
    except SourceError as error:
        return reason(error)
    return "running" if state in _RUNNING else "resetting" if state in _RESETTING else "offline"


def _ask(machine: Machine, drive: str) -> Health:
    for tool in TOOLS:
        try:
            return parse_smartctl(machine.run((tool, *ARGUMENTS, f"/dev/{drive}"), TOOL_TIMEOUT).out)
        except MissingTool:
            continue
    raise MissingTool("smartctl is not installed")


def _card_health(machine: Machine, drive: str) -> Health:
    """Return what an eMMC tells in /sys without being asked; cards for cameras tell nothing.

    Raises:
        Unsupported: it tells nothing.
        SourceError: it cannot be read.
    """
    life = _LIFE.fullmatch(word(machine, f"/sys/block/{drive}/device/life_time"))
    worst = max(int(life[1], 16), int(life[2], 16)) if life else 0
    if not worst:
        raise Unsupported("it does not tell its age")
    end = word(machine, f"/sys/block/{drive}/device/pre_eol_info")
    # 3 is urgent: nine tenths of the spare are used.
    return Health(passed=end.removeprefix("0x") not in {"3", "03"}, wear=min(worst / 10, 1.0))
