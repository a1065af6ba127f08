"""The port through which sources see a machine: its files, its filesystems and its programs."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hotline_probe import programs
from hotline_probe.errors import Denied, SourceFailed, Unsupported

MAX_OUTPUT = 4 * 1024 * 1024
# Windows' paths begin with a drive, which lies below no root.
_DRIVE = re.compile(r"[A-Za-z]:[/\\]")
_SYSTEMS = {"win32": "windows", "darwin": "macos"}


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a program printed and how it ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class FilesystemUse:
    """Sizes of a mounted filesystem, in bytes and inodes, as statvfs(3) tells them."""

    total: int
    free: int
    available: int
    inodes: int
    inodes_free: int


class Machine(Protocol):
    """A machine that sources can read: this one, or another over SSH."""

    @property
    def system(self) -> str:
        """Which system runs there: linux, windows or macos; the interpreter's own word for anything else."""
        ...

    def read(self, path: str) -> str:
        """Return a text file.

        Raises:
            Unsupported: there is no such file.
            Denied: it may not be read.
            SourceFailed: it cannot be read for another reason.
        """
        ...

    def names(self, path: str) -> list[str]:
        """Return the names in a folder; raises like `read`."""
        ...

    def link(self, path: str) -> str:
        """Return where a symbolic link points; raises like `read`."""
        ...

    def filesystem(self, path: str) -> FilesystemUse:
        """Return the use of the filesystem mounted at a path; raises like `read`."""
        ...

    def run(self, argv: Sequence[str], timeout: float) -> CommandResult:
        """Run a program without a shell, in the C locale, and return its output.

        Raises:
            MissingTool: it is not installed.
            SourceFailed: it did not end within `timeout` seconds; its whole process group is killed.
        """
        ...


class LocalMachine:
    """The machine that the probe runs on.

    For tests on captured machines `root` moves its files, and `system` says which one it is.
    """

    def __init__(self, root: str = "/", system: str = "") -> None:
        self.system = system or _SYSTEMS.get(sys.platform, sys.platform)
        self._root = Path(root)
        self._prefix = str(self._root).rstrip("/\\")

    def path(self, path: str) -> Path:
        """Return where a path of the machine lies here."""
        return self._root / path.lstrip("/")

    def read(self, path: str) -> str:
        """Return a text file; bytes that are not UTF-8 are replaced."""
        # Sources read dozens of small files a second; Path and a buffer would double what each costs.
        with _translated(path), open(self._place(path), "rb", buffering=0) as file:  # noqa: PTH123
            return file.read().decode("utf-8", "replace")

    def names(self, path: str) -> list[str]:
        """Return the names in a folder, sorted."""
        with _translated(path):
            return sorted(os.listdir(self._place(path)))  # noqa: PTH208 - names, and faster on /proc

    def link(self, path: str) -> str:
        """Return where a symbolic link points."""
        with _translated(path):
            return os.readlink(self._place(path))  # noqa: PTH115 - as above

    def filesystem(self, path: str) -> FilesystemUse:
        """Return the use of the filesystem mounted at a path."""
        with _translated(path):
            use = os.statvfs(self._place(path))
        return FilesystemUse(
            use.f_blocks * use.f_frsize,
            use.f_bfree * use.f_frsize,
            use.f_bavail * use.f_frsize,
            use.f_files,
            use.f_ffree,
        )

    def _place(self, path: str) -> str:
        if not self._prefix and _DRIVE.match(path):
            return path
        return f"{self._prefix}/{path.lstrip('/')}"

    def run(self, argv: Sequence[str], timeout: float) -> CommandResult:
        """Run a program in a process group of its own."""
        code, out, err = programs.run(argv, timeout, {**os.environ, "LC_ALL": "C", "LANG": "C"})
        return CommandResult(code, *(programs.decoded(part[:MAX_OUTPUT]) for part in (out, err)))


@contextlib.contextmanager
def _translated(path: str) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Unsupported(f"{path} does not exist") from error
    except PermissionError as error:
        raise Denied(f"{path} may not be read") from error
    except OSError as error:
        raise SourceFailed(f"{path}: {error.strerror}") from error


def monotonic() -> float:
    """Return seconds on a clock that neither jumps nor stops in sleep.

    CLOCK_BOOTTIME on Linux; macOS's and Windows' monotonic clocks count sleep already.
    """
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
