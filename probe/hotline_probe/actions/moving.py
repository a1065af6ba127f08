"""Moves files to a folder on another filesystem and back, without ever having less than one whole copy."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hotline_probe.actions.tempfiles import FOLDER_FLAGS, TempFile, flags
from hotline_probe.errors import ActionError

MANIFEST = "manifest.json"
_READ = flags("RDONLY NOFOLLOW NONBLOCK CLOEXEC")
_CREATE = flags("WRONLY CREAT EXCL NOFOLLOW CLOEXEC")


@dataclass(frozen=True, slots=True)
class Moved:
    """A file that lies aside under the name `aside`."""

    file: TempFile
    aside: str


class SetAside:
    """A fresh folder of mode 0700, and what was moved into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.moved: list[Moved] = []

    def take(self, files: Sequence[TempFile]) -> None:
        """Move files here; those that changed meanwhile stay where they are.

        Raises:
            OSError: it went wrong in the middle; everything is back in its place then.
        """
        planned = [Moved(file, f"{number:06d}") for number, file in enumerate(files)]
        self._write_manifest(planned)
        try:
            for moved in planned:
                if self._out(moved):
                    self.moved.append(moved)
        except BaseException:
            self.put_back()
            raise

    def put_back(self) -> None:
        """Move everything back and remove the folder.

        Raises:
            ActionError: some names are taken again; those files stay here.
        """
        stuck: list[str] = []
        for moved in list(self.moved):
            try:
                self._back(moved)
            except OSError as error:
                stuck.append(f"{moved.file.path}: {error.strerror}")
            else:
                self.moved.remove(moved)
        if stuck:
            raise ActionError("error", f"{len(stuck)} files stay in {self.folder} ({stuck[0]})")
        shutil.rmtree(self.folder)

    def _write_manifest(self, planned: Sequence[Moved]) -> None:
        entries = [
            {
                "aside": moved.aside,
                "path": str(moved.file.path),
                "mode": stat.S_IMODE(moved.file.status.st_mode),
                "mtime_ns": moved.file.status.st_mtime_ns,
                "size": moved.file.status.st_size,
            }
            for moved in planned
        ]
        (self.folder / MANIFEST).write_text(json.dumps(entries, indent=1), encoding="ascii")

    def _out(self, moved: Moved) -> bool:
        aside, name = self.folder / moved.aside, moved.file.parts[-1]
        with contextlib.ExitStack() as stack:
            try:
                parent = stack.enter_context(_parent(moved.file))
                source = stack.enter_context(_opened(os.open(name, _READ, dir_fd=parent)))
            except FileNotFoundError:
                return False
            if not _unchanged(os.fstat(source), moved.file.status):
                return False
            target = stack.enter_context(_opened(os.open(aside, _CREATE, 0o600)))
            try:
                _copy(source, target)
                present = os.stat(name, dir_fd=parent, follow_symlinks=False)
                if not _unchanged(present, moved.file.status):
                    aside.unlink()
                    return False
                os.unlink(name, dir_fd=parent)
            except BaseException:
                aside.unlink(missing_ok=True)
                raise
        return True

    def _back(self, moved: Moved) -> None:
        aside, name = self.folder / moved.aside, moved.file.parts[-1]
        with contextlib.ExitStack() as stack:
            parent = stack.enter_context(_parent(moved.file))
            source = stack.enter_context(_opened(os.open(aside, _READ)))
            target = stack.enter_context(_opened(os.open(name, _CREATE, 0o600, dir_fd=parent)))
            try:
                _copy(source, target)
                status = moved.file.status
                if os.geteuid() == 0:
                    os.fchown(target, status.st_uid, status.st_gid)
                os.fchmod(target, stat.S_IMODE(status.st_mode))
                os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
            except BaseException:
                os.unlink(name, dir_fd=parent)
                raise
            aside.unlink()


@contextlib.contextmanager
def _parent(file: TempFile) -> Iterator[int]:
    # Folder by folder, so that none of them can be swapped for a link.
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(_opened(os.open(file.place, FOLDER_FLAGS)))
        for part in file.parts[:-1]:
            folder = stack.enter_context(_opened(os.open(part, FOLDER_FLAGS, dir_fd=folder)))
        yield folder


@contextlib.contextmanager
def _opened(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _copy(source: int, target: int) -> None:
    with open(source, "rb", closefd=False) as reader, open(target, "wb", closefd=False) as writer:
        shutil.copyfileobj(reader, writer, 1024 * 1024)
        writer.flush()
        os.fsync(target)


def _unchanged(now: os.stat_result, before: os.stat_result) -> bool:
    return (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_nlink) == (
        before.st_dev,
        before.st_ino,
        before.st_size,
        before.st_mtime_ns,
        before.st_nlink,
    )
