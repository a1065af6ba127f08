"""Finds temporary files that can be moved aside without harm."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hotline_probe.errors import ActionError, SourceError
from hotline_probe.machine import LocalMachine
from hotline_probe.sources.mounts import Mount, parse_mountinfo, visible


def flags(names: str) -> int:
    """Return the sum of flags of open(2); this module is also loaded where some do not exist."""
    return sum(getattr(os, f"O_{name}", 0) for name in names.split())


FOLDER_FLAGS = flags("RDONLY DIRECTORY NOFOLLOW CLOEXEC")
MIN_AGE = 3600.0
MAX_FILES = 50_000
MAX_DEPTH = 32

_PLACES = ("/tmp", "/var/tmp")  # noqa: S108 - searched with care, see `_walk`
_OWN_FOLDERS = ("tmp", "cache")
# Sockets, locks and folders that programs rely on although nothing has them open.
_KEEP = re.compile(
    r"\.(?:X\d+-lock|X11-unix|ICE-unix|XIM-unix|font-unix|Test-unix)|systemd-private-.*|"
    r"ssh-.*|snap-private-tmp|hotline-aside-.*|.*\.(?:lock|pid|sock)|lost\+found"
)


@dataclass(frozen=True, slots=True)
class TempFile:
    """A file to be moved: the place it was found under, its path there, and its status."""

    place: Path
    parts: tuple[str, ...]
    status: os.stat_result

    @property
    def path(self) -> Path:
        """The whole path."""
        return self.place.joinpath(*self.parts)


def find_mount(machine: LocalMachine, point: str) -> Mount:
    """Return the mount that is visible at a mount point.

    Raises:
        ActionError: nothing is mounted there any more.
    """
    mounts = visible(parse_mountinfo(machine.read("/proc/self/mountinfo")))
    found = [mount for mount in mounts if mount.point == point]
    if not found:
        raise ActionError("precondition", "this filesystem is not mounted any more")
    return found[-1]


def find_temp_files(machine: LocalMachine, point: str, now: float) -> list[TempFile]:
    """Return what would go: the caller's own regular files in places for temporary files.

    Only files that nothing has open, with one name, on that very filesystem. Only a filesystem below /tmp or
    /var/tmp is wholly for temporary files: a memory disk elsewhere may hold what somebody needs. Outside of
    those, files must not have been touched for an hour (the newest of access, change and modification
    counts, as in tmpfiles.d(5)).
    """
    find_mount(machine, point)
    root = machine.path(point)
    device = os.lstat(root).st_dev
    temporary = any(point == place or point.startswith(place + "/") for place in _PLACES)
    newest = now if temporary else now - MIN_AGE
    places = [root] if temporary else [machine.path(place) for place in _PLACES]
    places += [] if temporary else [root / name for name in _OWN_FOLDERS]
    in_use = open_files(machine)
    found: dict[tuple[int, int], TempFile] = {}
    for place in places:
        with contextlib.suppress(OSError):
            folder = os.open(place, FOLDER_FLAGS)
            try:
                if os.fstat(folder).st_dev == device:
                    for parts, status in _walk(folder, device):
                        key = (status.st_dev, status.st_ino)
                        if key not in in_use and _newest(status) <= newest and len(found) < MAX_FILES:
                            found.setdefault(key, TempFile(place, parts, status))
            finally:
                os.close(folder)
    return list(found.values())


def open_files(machine: LocalMachine) -> set[tuple[int, int]]:
    """Return device and inode of what any process has open or mapped, as far as the caller may see."""
    found: set[tuple[int, int]] = set()
    for pid in machine.names("/proc"):
        if not pid.isdigit():
            continue
        base = machine.path(f"/proc/{pid}")
        links = [base / "exe", base / "cwd"]
        with contextlib.suppress(OSError):
            links += [base / "fd" / name for name in os.listdir(base / "fd")]  # noqa: PTH208 - faster
        for link in links:
            with contextlib.suppress(OSError):
                status = link.stat()
                found.add((status.st_dev, status.st_ino))
        with contextlib.suppress(SourceError):
            found |= _mapped(machine.read(f"/proc/{pid}/maps"))
    return found


def _mapped(maps: str) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for line in maps.splitlines():
        fields = line.split(None, 5)
        if len(fields) == 6 and fields[4] != "0":
            major, _, minor = fields[3].partition(":")
            found.add((os.makedev(int(major, 16), int(minor, 16)), int(fields[4])))
    return found


def _walk(
    folder: int, device: int, parts: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], os.stat_result]]:
    # By descriptors and without following links: others can write in these places too.
    if len(parts) > MAX_DEPTH:
        return
    for name in sorted(os.listdir(folder)):
        if _KEEP.fullmatch(name):
            continue
        try:
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except OSError:
            continue
        if status.st_dev != device or status.st_uid != os.geteuid():
            continue
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
            yield (*parts, name), status
        elif stat.S_ISDIR(status.st_mode):
            with contextlib.suppress(OSError):
                inner = os.open(name, FOLDER_FLAGS, dir_fd=folder)
                try:
                    yield from _walk(inner, device, (*parts, name))
                finally:
                    os.close(inner)


def _newest(status: os.stat_result) -> float:
    return max(status.st_mtime, status.st_ctime, status.st_atime)
