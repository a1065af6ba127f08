"""Space on the filesystems that can hold data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.errors import SourceError, SourceFailed, Unsupported
from hotline_probe.machine import FilesystemUse, Machine
from hotline_probe.source import Context
from hotline_probe.sources import portable
from hotline_probe.sources.basics import exists, reason, share, unknown
from hotline_probe.sources.mounts import (
    Mount,
    disk_of,
    is_read_only_loop,
    parse_fstab_read_only,
    parse_mountinfo,
    purpose,
    select,
    visible,
)

if TYPE_CHECKING:
    from hotline_probe.sources.macos.volumes import MacVolumes

MAX_FILESYSTEMS = 100
SIZES = tuple(f"system.filesystem.{name}" for name in ("total", "free", "utilization", "inode_utilization"))


@dataclass(frozen=True, slots=True)
class _Known:
    """What holds until the mounts change."""

    mount: Mount
    purpose: str
    disk: str
    read_only_expected: bool


class Filesystems:
    """Reads /proc/self/mountinfo, fstab and statvfs(3); mount(8) and diskutil(8) on macOS; psutil elsewhere.

    Network filesystems are left out: asking a dead server hangs, and no caller frees space there.
    """

    name = "filesystems"

    def __init__(self) -> None:
        self._text = ""
        self._known: list[_Known] = []
        self._macos: MacVolumes | None = None

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the facts of each filesystem.

        Raises:
            SourceError: the list of mounts makes no sense.
        """
        if context.machine.system == "windows":
            from hotline_probe.sources.windows.storage import filesystem_facts  # noqa: PLC0415 - not on Linux

            yield from filesystem_facts(context.machine)
            return
        if context.machine.system == "macos":
            yield from self._on_macos().facts(context.machine)
            return
        if context.machine.system != "linux":
            yield from portable.filesystem_facts(context.machine.system)
            return
        text = context.machine.read("/proc/self/mountinfo")
        if text != self._text:
            self._known, self._text = _examine(context.machine, text), text
        for known in self._known:
            yield from _facts(context.machine, known)

    def _on_macos(self) -> MacVolumes:
        from hotline_probe.sources.macos.volumes import MacVolumes  # noqa: PLC0415 - not needed elsewhere

        self._macos = self._macos or MacVolumes()
        return self._macos


def _examine(machine: Machine, text: str) -> list[_Known]:
    mounts = parse_mountinfo(text)
    if not mounts:
        raise SourceFailed("/proc/self/mountinfo lists no mounts")
    chosen = select(mount for mount in visible(mounts) if not _is_file(machine, mount))
    wanted = _read_only_wanted(machine)
    known = []
    for mount in chosen[:MAX_FILESYSTEMS]:
        what = "image" if is_read_only_loop(machine, mount) else purpose(mount)
        expected = (
            what == "image" or mount.point in wanted or mount.bound_read_only or mount.type == "squashfs"
        )
        known.append(_Known(mount, what, disk_of(machine, mount), expected))
    return known


def _read_only_wanted(machine: Machine) -> frozenset[str]:
    """Return mount points that are read-only on purpose: by fstab, or on an image-based system (OSTree)."""
    try:
        wanted = parse_fstab_read_only(machine.read("/etc/fstab"))
    except SourceError:
        wanted = frozenset()
    return wanted | {"/", "/usr", "/sysroot"} if exists(machine, "/run/ostree-booted") else wanted


def _is_file(machine: Machine, mount: Mount) -> bool:
    """Containers bind single files (/etc/hosts) from another machine's disk; those are no filesystems."""
    if mount.root == "/" or mount.point == "/":
        return False
    try:
        machine.names(mount.point)
    except Unsupported:
        return True
    except SourceError:
        return False
    return False


def _facts(machine: Machine, known: _Known) -> Iterator[Fact]:
    key = known.mount.point
    sizes: Iterator[Fact]
    try:
        use = machine.filesystem(key)
    except SourceError as error:
        sizes = unknown(SIZES, reason(error), key)
    else:
        if not use.total and key != "/":
            return
        sizes = _sizes(use, key)
    yield Fact("system.filesystem.type", known.mount.type, key)
    yield Fact("system.filesystem.purpose", known.purpose, key)
    yield Fact("system.filesystem.disk", known.disk, key)
    yield from sizes
    yield Fact("system.filesystem.read_only", known.mount.read_only, key)
    yield Fact("system.filesystem.read_only_expected", known.read_only_expected, key)


def _sizes(use: FilesystemUse, key: str) -> Iterator[Fact]:
    """Yield the sizes; the used share is that of what an ordinary user can fill, as df(1) shows it."""
    used = use.total - use.free
    values = (
        float(use.total),
        float(use.available),
        share(used, used + use.available),
        share(use.inodes - use.inodes_free, use.inodes) if use.inodes else UnknownReason.UNSUPPORTED,
    )
    for name, value in zip(SIZES, values, strict=True):
        yield Fact(name, value, key)
