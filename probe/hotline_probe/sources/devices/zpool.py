"""Parsers of what zpool(8) prints of ZFS pools."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from hotline_probe.sources.devices.clock import parse_moment

MAX_POOLS = 64
# zpoolconcepts(7), Device Failure and Recovery; SUSPENDED since OpenZFS 2.0.
STATES = ("online", "degraded", "faulted", "offline", "removed", "unavail", "suspended")
_MISSING = frozenset({"FAULTED", "OFFLINE", "REMOVED", "UNAVAIL"})
# zpoolprops(7) and zpool-create(8): a name begins with a letter.
_NAME = r"[A-Za-z][A-Za-z0-9_:. -]{0,100}"
_LISTED = re.compile(rf"({_NAME})\t([A-Z]{{1,16}})\t(\d{{1,3}})%?\Z", re.ASCII)
_BEGIN = re.compile(rf"^ {{1,8}}pool: ({_NAME})$", re.MULTILINE | re.ASCII)
_DEVICE = re.compile(
    r"^\t( *)(\S{1,200}) +(ONLINE|DEGRADED|FAULTED|OFFLINE|REMOVED|UNAVAIL)"
    r" +(\d{1,20}) +(\d{1,20}) +(\d{1,20})\b",
    re.MULTILINE | re.ASCII,
)
_SCRUBBED = re.compile(
    r"^ *scan: scrub repaired .{1,60} on (\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})$", re.MULTILINE | re.ASCII
)
_RESILVER = re.compile(r"^ *scan: resilver in progress", re.MULTILINE)
_DATA_ERRORS = re.compile(
    r"^errors: (?:(\d{1,9}) data errors|(Permanent errors)|(No known data errors))", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """What `zpool status` tells of one pool.

    `missing` are disks that do not work, `device_errors` failed reads, writes and checksums of disks,
    `data_errors` files or blocks that are lost (None if it does not tell), `scrubbed` the local time at which
    the last scrub ended.
    """

    missing: int
    device_errors: int
    data_errors: int | None
    resilvering: bool
    scrubbed: datetime.datetime | None


def parse_list(text: str) -> dict[str, tuple[str, float]]:
    """Return state and used share of each pool of `zpool list -Hp -o name,health,capacity` (zpool-list(8)).

    >>> parse_list("tank\\tDEGRADED\\t71\\n")
    {'tank': ('degraded', 0.71)}
    """
    found = {}
    for line in text.splitlines():
        match = _LISTED.match(line)
        if match and match[2].lower() in STATES:
            found[match[1]] = match[2].lower(), min(int(match[3]) / 100, 1.0)
            if len(found) == MAX_POOLS:
                break
    return found


def parse_status(text: str) -> dict[str, PoolStatus]:
    """Return what `zpool status -p` tells of each pool (zpool-status(8))."""
    begins = list(_BEGIN.finditer(text))[:MAX_POOLS]
    ends = [*(begin.start() for begin in begins[1:]), len(text)]
    return {begin[1]: _status(text[begin.end() : end]) for begin, end in zip(begins, ends, strict=False)}


def _status(block: str) -> PoolStatus:
    told = _DATA_ERRORS.search(block)
    errors = None if told is None else int(told[1]) if told[1] else int(told[2] is not None)
    scrubbed = _SCRUBBED.search(block)
    disks = list(_disks(block))
    return PoolStatus(
        missing=sum(disk[3] in _MISSING for disk in disks),
        device_errors=sum(int(disk[place]) for disk in disks for place in (4, 5, 6)),
        data_errors=errors,
        resilvering=_RESILVER.search(block) is not None,
        scrubbed=parse_moment(scrubbed[1]) if scrubbed else None,
    )


def _disks(block: str) -> Iterator[re.Match[str]]:
    """Yield the rows that have none below them: the disks, not the mirrors that they form."""
    rows = list(_DEVICE.finditer(block))
    depths = [len(row[1]) for row in rows] + [0]
    for place, row in enumerate(rows):
        if depths[place + 1] <= depths[place]:
            yield row
