"""storage.set_aside_temp: moves temporary files to another disk, and back."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from hotline_probe.actions.base import Performed
from hotline_probe.actions.moving import SetAside
from hotline_probe.actions.tempfiles import TempFile, find_temp_files
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine

# What the other disk must have left afterwards.
RESERVE = 256 * 1024 * 1024
_MORE_HOMES = ("/var/tmp", "/home", "/var/lib", "/srv", "/mnt", "/")  # noqa: S108 - 0700 folders with fresh names


class StorageSetAsideTemp:
    """Makes room; `now` tells the time that the files' ages are measured against."""

    name = "storage.set_aside_temp"

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now

    def preview(self, machine: LocalMachine, parameters: Mapping[str, str]) -> list[tuple[str, int]]:
        """Return path and size in bytes of each file that would be moved."""
        files = self._find(machine, parameters["filesystem"])
        return [(str(file.path), file.status.st_size) for file in files]

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:
        """Move the files and make sure that they have gone."""
        point = parameters["filesystem"]
        files = self._find(machine, point)
        aside = SetAside(_fresh_folder(machine, point, files))
        try:
            aside.take(files)
        finally:
            if not aside.moved:
                _remove(aside)
        if not aside.moved:
            raise ActionError("precondition", "all these files are in use just now")
        if any(os.path.lexists(moved.file.path) for moved in aside.moved):
            aside.put_back()
            raise ActionError("error", "the files came back at once")
        size = sum(moved.file.status.st_size for moved in aside.moved)
        detail = f"{len(aside.moved)} files ({size / 1e6:.1f} MB) now lie in {aside.folder}"
        return Performed(detail, lambda: _take_back(aside, machine.path(point), size))

    def _find(self, machine: LocalMachine, point: str) -> list[TempFile]:
        files = find_temp_files(machine, point, self._now())
        if not files:
            raise ActionError("precondition", "there are no temporary files that could be moved")
        return files


def _fresh_folder(machine: LocalMachine, point: str, files: Sequence[TempFile]) -> Path:
    device = machine.path(point).lstat().st_dev
    need = sum(file.status.st_size for file in files)
    for home in (machine.path(str(Path.home())), *map(machine.path, _MORE_HOMES)):
        if not home.is_dir() or home.stat().st_dev == device or not os.access(home, os.W_OK | os.X_OK):
            continue
        room = os.statvfs(home)
        if room.f_bavail * room.f_frsize >= need + RESERVE:
            return Path(tempfile.mkdtemp(prefix="hotline-aside-", dir=home))
    raise ActionError("precondition", "no other disk has enough room for these files")


def _take_back(aside: SetAside, root: Path, size: int) -> None:
    room = os.statvfs(root)
    if room.f_bavail * room.f_frsize < size:
        raise ActionError(
            "precondition", f"there is no room to put the files back; they stay in {aside.folder}"
        )
    aside.put_back()


def _remove(aside: SetAside) -> None:
    for left in aside.folder.glob("*"):
        left.unlink()
    if aside.folder.exists():
        aside.folder.rmdir()
