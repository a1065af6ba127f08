"""Volumes and disks of a Mac: mount(8) lists them, diskutil(8) knows what lies below them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError, SourceFailed, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.sources.basics import reason, share, unknown
from hotline_probe.sources.macos.commands import ask
from hotline_probe.sources.macos.plists import parse_plist

MAX_VOLUMES = 64
TIMEOUT, DISKUTIL_TIMEOUT = 1.5, 1.0
# One `diskutil` takes up to a third of a second, and the source has three.
MAX_ASKED_AT_ONCE = 2
SIZES = tuple(f"system.filesystem.{name}" for name in ("total", "free", "utilization", "inode_utilization"))
_LINE = re.compile(
    r"^/dev/(disk\d{1,4}[s\d]{0,12}) on (/.{0,1000}) \(([^()]{3,200})\)$", re.MULTILINE | re.ASCII
)
_CONTAINER = re.compile(r"disk\d{1,4}", re.ASCII)
_DATA = "/System/Volumes/Data"
# Apple's own drivers only read these.
_ONLY_READ = frozenset({"ntfs", "cd9660", "udf", "cddafs"})


@dataclass(frozen=True, slots=True)
class Volume:
    """One mounted volume of a disk; `container` is the (virtual) disk whose room it uses."""

    point: str
    type: str
    container: str
    read_only: bool
    hidden: bool


def parse_mount(text: str) -> list[Volume]:
    """Return the volumes of disks that mount(8) lists.

    >>> parse_mount("/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)")[0].container
    'disk3'

    Raises:
        SourceFailed: it lists none.
    """
    found = []
    for device, point, words in _LINE.findall(text)[:MAX_VOLUMES]:
        kind, *options = words.split(", ")
        container = _CONTAINER.match(device)
        if container is not None:
            found.append(Volume(point, kind, container[0], "read-only" in options, "nobrowse" in options))
    if not found:
        raise SourceFailed("mount lists no volumes")
    return found


def chosen(volumes: Iterable[Volume]) -> list[Volume]:
    """Return the volumes that a caller's files lie on.

    All volumes of an APFS container share its room, so one stands for all. On a Mac with a sealed system
    that is the data volume: the system beside it is read-only on purpose and hides from nobody.
    """
    seen = list(volumes)
    sealed = any(volume.point == _DATA for volume in seen)
    wanted = [
        volume
        for volume in sorted(seen, key=lambda volume: volume.point not in {"/", _DATA})
        if volume.point == _DATA or not (volume.hidden or (sealed and volume.point == "/"))
    ]
    first = {volume.container: volume for volume in reversed(wanted) if volume.type == "apfs"}
    return [volume for volume in wanted if volume.type != "apfs" or first[volume.container] is volume]


def physical_disk(told: Mapping[str, Any]) -> str:
    """Return the disk below a volume as `diskutil info -plist` tells it, empty if it does not."""
    stores = told.get("APFSPhysicalStores")
    first = stores[0] if isinstance(stores, list) and stores else None
    store = first.get("APFSPhysicalStore") if isinstance(first, dict) else None
    for name in (store, told.get("ParentWholeDisk")):
        match = _CONTAINER.match(name) if isinstance(name, str) else None
        if match is not None:
            return match[0]
    return ""


def is_image(told: Mapping[str, Any]) -> bool:
    """Tell whether a volume lies in a file (an installer, a backup) instead of on a disk."""
    return told.get("BusProtocol") == "Disk Image" or told.get("VirtualOrPhysical") == "Disk Image"


class MacVolumes:
    """Yields the facts of volumes; remembers what diskutil said for as long as they are mounted."""

    def __init__(self) -> None:
        self._told: dict[Volume, Mapping[str, Any] | UnknownReason] = {}

    def facts(self, machine: Machine) -> Iterator[Fact]:
        """Yield the facts of each volume that holds files; raises like `ask` and `parse_mount`."""
        volumes = chosen(parse_mount(ask(machine, ("mount",), TIMEOUT)))
        self._learn(machine, volumes)
        for volume in volumes:
            yield from _facts(machine, volume, self._told.get(volume, UnknownReason.PENDING))

    def _learn(self, machine: Machine, volumes: Iterable[Volume]) -> None:
        self._told = {volume: told for volume, told in self._told.items() if volume in volumes}
        new = [volume for volume in volumes if volume not in self._told]
        for volume in new[:MAX_ASKED_AT_ONCE]:
            try:
                self._told[volume] = info(machine, volume.point)
            except SourceError as error:
                self._told[volume] = reason(error)


class Spinning:
    """Tells whether disks spin; each is asked for once."""

    def __init__(self) -> None:
        self._known: dict[str, FactValue] = {}

    def of(self, machine: Machine, disk: str) -> FactValue:
        """Return whether a disk is a spinning one."""
        if len(self._known) >= MAX_VOLUMES:
            self._known.clear()
        if disk not in self._known:
            try:
                solid = info(machine, disk).get("SolidState")
            except SourceError as error:
                self._known[disk] = reason(error)
            else:
                self._known[disk] = not solid if isinstance(solid, bool) else UnknownReason.UNSUPPORTED
        return self._known[disk]


def info(machine: Machine, what: str) -> dict[str, Any]:
    """Return what diskutil says about a mount point or disk; raises like `ask` and `parse_plist`."""
    return parse_plist(ask(machine, ("diskutil", "info", "-plist", what), DISKUTIL_TIMEOUT))


def _facts(machine: Machine, volume: Volume, told: Mapping[str, Any] | UnknownReason) -> Iterator[Fact]:
    key = volume.point
    purpose: FactValue = "system" if key in {"/", _DATA} else "data"
    expected: FactValue = False
    if volume.read_only and volume.type in _ONLY_READ:
        expected = True
    elif volume.read_only and isinstance(told, UnknownReason):
        purpose = expected = told
    elif volume.read_only and not isinstance(told, UnknownReason):
        image = is_image(told)
        purpose = "image" if image else purpose
        expected = image or told.get("WritableMedia") is False
    yield Fact("system.filesystem.type", volume.type, key)
    yield Fact("system.filesystem.purpose", purpose, key)
    yield Fact(
        "system.filesystem.disk", told if isinstance(told, UnknownReason) else physical_disk(told), key
    )
    yield from _sizes(machine, key)
    yield Fact("system.filesystem.read_only", volume.read_only, key)
    yield Fact("system.filesystem.read_only_expected", expected, key)


def _sizes(machine: Machine, key: str) -> Iterator[Fact]:
    try:
        use = machine.filesystem(key)
        if not use.total:
            raise Unsupported("this volume has no size")
    except SourceError as error:
        yield from unknown(SIZES, reason(error), key)
        return
    used = use.total - use.free
    values: tuple[FactValue, ...] = (
        float(use.total),
        float(use.available),
        share(used, used + use.available),
        UnknownReason.UNSUPPORTED,  # APFS makes inodes as it needs them
    )
    yield from (Fact(name, value, key) for name, value in zip(SIZES, values, strict=True))
