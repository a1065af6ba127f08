"""Memory and processor time of a process, as Linux tells them (proc(5))."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class CpuTime:
    """CPU seconds of a process, and of its children that have ended."""

    own: float
    children: float

    @property
    def total(self) -> float:
        """Both together."""
        return self.own + self.children


def rss(pid: int) -> int:
    """Return the resident memory in bytes; smaps_rollup counts exactly, unlike statm."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/{pid}/smaps_rollup has no Rss")


def cpu_time(pid: int) -> CpuTime:
    """Return the processor time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    user, system, child_user, child_system = (int(field) for field in fields[11:15])
    return CpuTime((user + system) / _TICKS, (child_user + child_system) / _TICKS)
