"""How healthy Windows thinks its disks are: MSFT_PhysicalDisk and MSFT_StorageReliabilityCounter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.machine import Machine
from hotline_probe.sources.basics import unknown
from hotline_probe.sources.smart import Health
from hotline_probe.sources.windows import shell
from hotline_probe.sources.windows.shell import Row, flag, integer, rows, text

MAX_DRIVES = 16
_TIMEOUT = 14.0
SCRIPT = (
    "$i=[Security.Principal.WindowsIdentity]::GetCurrent();"
    "$a=(New-Object Security.Principal.WindowsPrincipal $i).IsInRole("
    "[Security.Principal.WindowsBuiltInRole]::Administrator);"
    "$d=@(Get-CimInstance -Namespace root/Microsoft/Windows/Storage -ClassName MSFT_PhysicalDisk|"
    "ForEach-Object{$c=$null;"
    "$c=Get-CimAssociatedInstance -InputObject $_ -ResultClassName MSFT_StorageReliabilityCounter;"
    "@{DeviceId=[string]$_.DeviceId;HealthStatus=$_.HealthStatus;MediaType=$_.MediaType;"
    "Wear=$c.Wear;Temperature=$c.Temperature}});"
    "$r=@{admin=$a;disks=$d}"
)
# HealthStatus of MSFT_StorageFaultDomain; a warning is a failure that the disk itself foresees.
_HEALTH = {0: True, 1: False, 2: False}
_SSD = 4
_COUNTED = {"wear", "temperature"}


@dataclass(frozen=True, slots=True)
class Drive:
    """A disk, called as psutil calls it."""

    name: str
    health: Health


def parse_drives(told: Row) -> tuple[list[Drive], bool]:
    """Return the disks in the answer to `SCRIPT`, and whether the counters could be asked for."""
    found = []
    for row in rows(told, "disks"):
        number = text(row, "DeviceId")
        if not (number.isascii() and number.isdigit() and len(number) < 6):
            continue
        state, wear, heat = (integer(row, key) for key in ("HealthStatus", "Wear", "Temperature"))
        worn = wear if integer(row, "MediaType") == _SSD else None
        health = Health(
            passed=None if state is None else _HEALTH.get(state),
            wear=min(worn, 100) / 100 if worn is not None and worn >= 0 else None,
            # 0 where the disk has no thermometer.
            temperature=float(heat) if heat is not None and 0 < heat < 150 else None,
        )
        found.append(Drive(f"PhysicalDrive{number}", health))
    return found, flag(told, "admin") is True


def drive_facts(machine: Machine) -> Iterator[Fact]:
    """Yield the health of each disk.

    Raises:
        SourceError: PowerShell cannot tell.
    """
    drives, allowed = parse_drives(shell.ask(machine, SCRIPT, _TIMEOUT))
    for drive in drives[:MAX_DRIVES]:
        yield Fact("hw.drive.state", UnknownReason.UNSUPPORTED, drive.name)
        for field in fields(Health):
            value: FactValue | None = getattr(drive.health, field.name)
            untold = UnknownReason.UNSUPPORTED
            if field.name in _COUNTED and not allowed:
                untold = UnknownReason.PERMISSION
            yield Fact(f"hw.drive.{field.name}", untold if value is None else value, drive.name)
        yield from unknown(("hw.drive.crc_errors_new",), UnknownReason.UNSUPPORTED, drive.name)
