"""Linux software RAID, as /proc/mdstat shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_ARRAYS = 64
_HEAD = re.compile(
    r"(md[\w/-]{1,40}) : (active|inactive)(?: \([\w-]{1,20}\))*(?: ((?:raid|linear|multipath)\d{0,2}))?"
)
_UP = re.compile(r"\[(\d{1,4})/(\d{1,4})\]", re.ASCII)
_EACH = re.compile(r"\[([U_]{1,512})\]")
_ACTIVITY = re.compile(r"(recovery|resync|check|reshape|repair) *= *(\d{1,3}(?:\.\d{1,2})?)%", re.ASCII)
# Systems for network storage reserve places in mirrors for all disks that the case could take.
_RESERVED_PLACES = 8


@dataclass(frozen=True, slots=True)
class Array:
    """One array; `missing` disks of it, `progress` from 0 to 1 while it is filled or checked."""

    name: str
    level: str
    state: str
    missing: int
    progress: float | None


def parse_mdstat(text: str) -> list[Array]:
    """Return the arrays of /proc/mdstat (md(4)).

    >>> parse_mdstat("md0 : active raid1 sdb1[1](F) sda1[0]\\n      97 blocks super 1.2 [2/1] [U_]\\n")
    [Array(name='md0', level='raid1', state='degraded', missing=1, progress=None)]
    """
    return [array for block in _blocks(text) if (array := _array(block)) is not None][:MAX_ARRAYS]


def _blocks(text: str) -> Iterator[str]:
    """Yield each array's first line together with those below it."""
    block: list[str] = []
    for line in text.splitlines():
        if line.startswith("md"):
            if block:
                yield "\n".join(block)
            block = [line[:2000]]
        elif block and line.startswith(" "):
            block.append(line[:2000])
    if block:
        yield "\n".join(block)


def _array(block: str) -> Array | None:
    head = _HEAD.match(block)
    if head is None:
        return None
    name, activity, level = head[1], head[2], head[3] or ""
    if activity == "inactive":
        # A container of firmware RAID is never active itself; the arrays in it are.
        return None if "super external:" in block else Array(name, level, "inactive", 0, None)
    missing = _missing(block, level)
    work = _ACTIVITY.search(block)
    progress = min(float(work[2]) / 100, 1.0) if work else None
    if missing:
        filling = work is not None and work[1] in {"recovery", "reshape"}
        return Array(name, level, "rebuilding" if filling else "degraded", missing, progress)
    return Array(name, level, "checking" if work else "ok", 0, progress)


def _missing(block: str, level: str) -> int:
    counted, shown = _UP.search(block), _EACH.search(block)
    missing = shown[1].count("_") if shown else 0
    total = int(counted[1]) if counted else 0
    if counted:
        missing = max(missing, total - int(counted[2]))
    if level == "raid1" and total >= _RESERVED_PLACES and total - missing >= 2:
        return 0
    return missing
