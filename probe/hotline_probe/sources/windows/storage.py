"""Disks and volumes of Windows: MSFT_PhysicalDisk, MSFT_Partition and Win32_Volume."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine
from hotline_probe.sources.basics import share
from hotline_probe.sources.windows.asked import Shared
from hotline_probe.sources.windows.shell import Row, flag, integer, rows, text

KEEP = 120.0
MAX_DISKS = 64
_CLASS = "@(Get-CimInstance -Namespace root/Microsoft/Windows/Storage -ClassName {}|{})"
SCRIPT = (
    "$r=@{disks="
    + _CLASS.format("MSFT_PhysicalDisk", "Select-Object DeviceId,MediaType")
    + ";parts="
    # A letter is a character, which JSON would have no form for.
    + _CLASS.format("MSFT_Partition", "ForEach-Object{@{Letter=[string]$_.DriveLetter;Disk=$_.DiskNumber}}")
    + ";volumes=@(Get-CimInstance Win32_Volume|Select-Object DriveLetter,DirtyBitSet)}"
)
# MediaType of MSFT_PhysicalDisk: 3 spins, 4 and 5 do not, 0 does not say.
_MEDIA = {3: True, 4: False, 5: False}


@dataclass(frozen=True, slots=True)
class Storage:
    """Which disks spin, and of each drive ("C:") the disk it lies on and whether it must be checked."""

    rotational: dict[str, bool] = field(default_factory=dict)
    disk_of: dict[str, str] = field(default_factory=dict)
    dirty: dict[str, bool] = field(default_factory=dict)


def parse_storage(told: Row) -> Storage:
    """Return the answer to `SCRIPT`; disks are called as psutil calls them."""
    rotational, disk_of, dirty = {}, {}, {}
    for row in rows(told, "disks"):
        number, media = text(row, "DeviceId"), integer(row, "MediaType")
        if number.isascii() and number.isdigit() and len(number) < 6 and media in _MEDIA:
            rotational[f"PhysicalDrive{number}"] = _MEDIA[media]
    for row in rows(told, "parts"):
        letter, disk = text(row, "Letter"), integer(row, "Disk")
        if len(letter) == 1 and letter.isalpha() and disk is not None and 0 <= disk < 10**6:
            disk_of[f"{letter}:"] = f"PhysicalDrive{disk}"
    for row in rows(told, "volumes"):
        letter, marked = text(row, "DriveLetter"), flag(row, "DirtyBitSet")
        if letter and marked is not None:
            dirty[letter] = marked
    return Storage(rotational, disk_of, dirty)


_STORAGE: Shared[Storage] = Shared(SCRIPT, parse_storage, KEEP)


def storage(machine: Machine) -> Storage:
    """Return what is known of disks and volumes, nothing while PowerShell has not answered."""
    try:
        return _STORAGE.get(machine)
    except SourceError:
        return Storage()


def rotational_facts(machine: Machine, disks: Iterable[str]) -> Iterator[Fact]:
    """Yield of each disk that psutil knows whether it spins."""
    known = storage(machine).rotational
    for disk in disks:
        yield Fact("system.disk.rotational", known.get(disk, UnknownReason.UNSUPPORTED), disk)


def filesystem_facts(machine: Machine) -> Iterator[Fact]:
    r"""Yield the volumes that psutil tells; the key is the drive as programs write it, "C:\"."""
    import psutil  # noqa: PLC0415 - costs memory, and Linux needs it nowhere

    known = storage(machine)
    for part in psutil.disk_partitions(all=False)[:MAX_DISKS]:
        options, key = part.opts.split(","), part.mountpoint
        try:
            use = psutil.disk_usage(key)
        except OSError:  # a card reader without a card, or a drive that BitLocker keeps locked
            continue
        drive, read_only = key.rstrip("\\"), "ro" in options
        image = read_only and ("cdrom" in options or part.fstype.lower() in {"cdfs", "udf"})
        purpose = "image" if image else "system" if drive.upper() == "C:" else "data"
        yield Fact("system.filesystem.type", part.fstype, key)
        yield Fact("system.filesystem.purpose", purpose, key)
        yield Fact("system.filesystem.disk", known.disk_of.get(drive, ""), key)
        yield Fact("system.filesystem.total", float(use.total), key)
        yield Fact("system.filesystem.free", float(use.free), key)
        yield Fact("system.filesystem.utilization", share(use.used, use.used + use.free), key)
        yield Fact("system.filesystem.read_only", read_only, key)
        yield Fact("system.filesystem.read_only_expected", image, key)
        dirty = known.dirty.get(drive, UnknownReason.UNSUPPORTED)
        yield Fact("system.filesystem.dirty", dirty, key)
