"""What storage boxes say of their pools and arrays beyond what every Linux machine does.

Whether arrays are complete is told by the source `drives`, how full filesystems are by `filesystems`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import Denied, MissingTool, SourceError, SourceFailed, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources.basics import exists, reason, unknown
from hotline_probe.sources.devices.clock import local_time
from hotline_probe.sources.devices.zpool import PoolStatus, parse_list, parse_status

# Ordinary users have no sbin in their path.
TOOLS = ("zpool", "/usr/sbin/zpool", "/sbin/zpool")
LIST = ("list", "-Hp", "-o", "name,health,capacity")
STATUS = ("status", "-p")
TOOL_TIMEOUT = 5.0
MAX_ARRAYS = 64
_OF_STATUS = tuple(
    f"nas.pool.{name}" for name in ("missing", "device_errors", "data_errors", "resilvering", "scrub_age")
)
_ARRAY = re.compile(
    r"^(md\d{1,4}) : active[^\n]{0,2000}\n[^\n]{0,400}\[\d{1,4}/\d{1,4}\] \[([UE_]{1,512})\]",
    re.MULTILINE | re.ASCII,
)


class Nas:
    """Asks zpool(8) for ZFS, and DSM's own mark in /proc/mdstat."""

    name = "nas"

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the state of each ZFS pool and, on DSM, of each array.

        Raises:
            Unsupported: it has neither.
        """
        machine = context.machine
        if machine.system != "linux":
            raise Unsupported("it is no storage box that runs Linux")
        synology, zfs = exists(machine, "/etc/synoinfo.conf"), _has_zfs(machine)
        if not synology and not zfs:
            raise Unsupported("it has no ZFS and is no storage box")
        if synology:
            for name, count in parse_marked(machine.read("/proc/mdstat")).items():
                yield Fact("nas.array.disk_errors", count, name)
        if zfs:
            yield from _pools(machine)


def _has_zfs(machine: Machine) -> bool:
    try:
        return bool(machine.read("/sys/module/zfs/version"))
    except Unsupported:
        return False


def parse_marked(text: str) -> dict[str, int]:
    """Return of each array in DSM's /proc/mdstat how many disks are marked for errors.

    Its kernel gives a disk that failed to read the flag DiskError, which no other Linux has, and writes E
    where others write U.

    >>> parse_marked("md2 : active raid1 sdb5[1](E) sda5[0]\\n      97 blocks super 1.2 [2/2] [UE]\\n")
    {'md2': 1}
    """
    return {match[1]: match[2].count("E") for match in list(_ARRAY.finditer(text))[:MAX_ARRAYS]}


def _pools(machine: Machine) -> Iterator[Fact]:
    listed = parse_list(_ask(machine, LIST))
    if not listed:
        return
    try:
        told = parse_status(_ask(machine, STATUS))
        why = UnknownReason.NOT_COLLECTED
    except SourceError as error:
        told, why = {}, reason(error)
    for name, (state, used) in listed.items():
        yield Fact("nas.pool.state", state, name)
        yield Fact("nas.pool.utilization", used, name)
        if name in told:
            yield from _of_status(machine, told[name], name)
        else:
            yield from unknown(_OF_STATUS, why, name)


def _of_status(machine: Machine, status: PoolStatus, pool: str) -> Iterator[Fact]:
    lost = status.data_errors
    yield Fact("nas.pool.missing", status.missing, pool)
    yield Fact("nas.pool.device_errors", status.device_errors, pool)
    yield Fact("nas.pool.data_errors", UnknownReason.PERMISSION if lost is None else lost, pool)
    yield Fact("nas.pool.resilvering", status.resilvering, pool)
    yield Fact("nas.pool.scrub_age", _age(machine, status), pool)


def _age(machine: Machine, status: PoolStatus) -> FactValue:
    if status.scrubbed is None:
        return UnknownReason.UNSUPPORTED
    try:
        return max((local_time(machine) - status.scrubbed).total_seconds(), 0.0)
    except SourceError as error:
        return reason(error)


def _ask(machine: Machine, words: tuple[str, ...]) -> str:
    for tool in TOOLS:
        try:
            result = machine.run((tool, *words), TOOL_TIMEOUT)
        except MissingTool:
            continue
        if result.code == 0:
            return result.out
        if "ermission denied" in result.err:
            raise Denied("pools may not be looked at")
        raise SourceFailed(f"zpool {words[0]} ended with {result.code}")
    raise MissingTool("zpool is not installed")
