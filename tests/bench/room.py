"""A room to measure programs in: packages of Debian that the machine itself does not get, and few neighbours.

What runs in a room sees the same number of idle processes each time (a PID namespace); its processor time and
memory are those of a control group, children that have ended included.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.fetch import CACHE, Unavailable
from tests.lab.cgroups import Group

IDLE = 100
_SCRIPT = Path(__file__).with_suffix(".sh")
_NEEDED = ("unshare", "nsenter", "setpriv", "chroot", "apt-get")


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of all processes of a group: resident, and with shared pages counted by share."""

    rss: int
    pss: int


class Tenant:
    """What was started in a room, with all its children."""

    def __init__(self, room: Room, name: str) -> None:
        self._room = room
        self.group = Group(f"hotline-bench-{os.getpid()}-{name}")

    def wrap(self, argv: Sequence[str], *, root: bool = True) -> list[str]:
        """Return the command line that runs a program in the room; without `root`, with our own files."""
        enter = ["nsenter", "-t", str(self._room.pid), "-m", "-p", "--"]
        # nsenter stays outside; what it started ends with it.
        leash = ["setpriv", "--pdeathsig=TERM", "--"]
        inside = ["chroot", str(self._room.inside), *argv] if root else list(argv)
        return self.group.wrapped([*enter, *leash, *inside])

    def cpu(self) -> float:
        """Return the CPU seconds so far."""
        for place in self.group.places:
            if (usage := place / "cpuacct.usage").exists():
                return int(usage.read_text()) / 1e9
        for place in self.group.places:
            for line in (place / "cpu.stat").read_text().splitlines():
                if line.startswith("usage_usec "):
                    return int(line.split()[1]) / 1e6
        raise RuntimeError("no hierarchy of control groups counts processor time")

    def memory(self) -> Memory:
        """Return the memory of the processes that run now."""
        rss = pss = 0
        for pid in self.group.places[0].joinpath("cgroup.procs").read_text().split():
            with contextlib.suppress(OSError):
                process = Path("/proc", pid)
                # It only waits outside for what it started inside.
                if process.joinpath("comm").read_text().strip() == "nsenter":
                    continue
                lines = dict(
                    line.split(":", 1) for line in (process / "smaps_rollup").read_text().splitlines()[1:]
                )
                rss += int(lines["Rss"].split()[0]) * 1024
                pss += int(lines["Pss"].split()[0]) * 1024
        return Memory(rss, pss)

    def end(self) -> None:
        """End every process of the group."""
        deadline = time.monotonic() + 10
        while pids := self.group.places[0].joinpath("cgroup.procs").read_text().split():
            signal = 15 if time.monotonic() < deadline else 9
            for pid in map(int, pids):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal)
                # One that nobody waits for stays in its group.
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
            time.sleep(0.1)
        self.group.delete()


class Room:
    """A running room; `root` is its file system seen from outside, `pid` its first process likewise."""

    def __init__(self, packages: Sequence[str]) -> None:
        if os.geteuid() != 0 or any(shutil.which(tool) is None for tool in _NEEDED):
            raise Unavailable("a room needs root, namespaces and apt-get")
        folder = CACHE / "room"
        folder.mkdir(parents=True, exist_ok=True)
        wanted = " ".join(packages)
        if (folder / "packages").exists() and (folder / "packages").read_text() != wanted:
            shutil.rmtree(folder)
            folder.mkdir()
        (folder / "packages").write_text(wanted)
        self.inside = folder / "root"
        self._log = (folder / "log").open("wb")
        unshare = ["unshare", "-m", "-p", "-f", "--kill-child", "sh", str(_SCRIPT), str(folder), str(IDLE)]
        self._outer = subprocess.Popen(
            unshare, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._log, text=True
        )
        if not self._outer.stdout or self._outer.stdout.readline() != "ready\n":
            self.close()
            said = (folder / "log").read_text().strip().splitlines() or ["it ended"]
            raise Unavailable(f"the room cannot be made: {said[-1]}")
        children = Path(f"/proc/{self._outer.pid}/task/{self._outer.pid}/children").read_text()
        self.pid = int(children.split()[0])
        self.root = Path(f"/proc/{self.pid}/root{self.inside}")

    def close(self) -> None:
        """End everything in it."""
        self._outer.kill()
        self._outer.wait()
        self._log.close()

    @contextmanager
    def tenant(self, name: str) -> Iterator[Tenant]:
        """Lend a place to start something in, and end what was started."""
        tenant = Tenant(self, name)
        try:
            yield tenant
        finally:
            tenant.end()
