"""The programs that use most of the processor, the memory, threads or open files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources import portable
from hotline_probe.sources.basics import Sampler, page_size, parse_counters, reason, share, uptime
from hotline_probe.sources.cpu import TICKS_PER_SECOND, parse_stat
from hotline_probe.sources.procfs import (
    ProcessStat,
    full_name,
    parse_file_nr,
    parse_open_files_limit,
    parse_process_stat,
    parse_status_uid,
)

TOP = 5
# Whoever keeps less than a hundredth of a processor busy is no big consumer.
BUSY = 0.01
# A fix may push a process out of the top; it stays visible for this long, so that the cure can be seen.
LINGER = 180.0
MAX_LINGERING = 10
# From here on a process is worth a look for its threads or files alone.
MANY_THREADS, MANY_FILES = 200, 300
# How often the open files of all processes are counted: that looks into a folder for each.
COUNT_EVERY = 60.0


@dataclass(frozen=True, slots=True)
class _Scale:
    """What the figures of processes are measured against."""

    cpus: int
    memory: float
    page: int
    uid: int | None


class Processes:
    """Reads /proc/<pid>/stat of all processes, and more of the few biggest; psutil elsewhere."""

    name = "processes"

    def __init__(self) -> None:
        self._samples = Sampler[dict[str, int]]()
        self._portable = portable.ProcessClock()
        self._shown: dict[str, float] = {}
        self._scale: _Scale | None = None
        self._most_files = ""
        self._counted: float | None = None

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield counts and the biggest processes; shares of the processor from the second run on."""
        if context.machine.system != "linux":
            yield from self._portable.facts(context.machine.system)
            return
        machine = context.machine
        self._scale = self._scale or _read_scale(machine)
        now = uptime(machine)
        found = _read_all(machine)
        yield from _totals(machine, found)
        if self._counted is None or not 0 <= now - self._counted < COUNT_EVERY:
            self._counted, self._most_files = now, _most_files(machine, found)
        since = self._samples.since(now, {key: stat.ticks for key, stat in found.items()})
        cores = None if since is None else _cores(found, *since)
        for key in self._choose(found, cores, now):
            cpu = None if cores is None else cores[key]
            yield from _process_facts(machine, key, found[key], cpu, self._scale)

    def _choose(
        self, found: Mapping[str, ProcessStat], cores: Mapping[str, float] | None, now: float
    ) -> list[str]:
        """Return the keys of the top by each measure, and of those that were there lately."""
        work: Mapping[str, float] = cores or {key: float(stat.ticks) for key, stat in found.items()}
        busy = sorted((key for key in found if work[key] >= BUSY), key=lambda key: -work[key])[:TOP]
        big = sorted((key for key in found if found[key].rss), key=lambda key: -found[key].rss)[:TOP]
        wide = max(found, key=lambda key: found[key].threads, default="")
        many = [wide] if wide and found[wide].threads >= MANY_THREADS else []
        many += [key for key in (self._most_files,) if key in found]
        top = dict.fromkeys([*busy, *big, *many])
        self._shown = {key: at for key, at in self._shown.items() if key in found and 0 <= now - at <= LINGER}
        if cores is not None:  # the first run ranks by all the time since boot, which is no reason to stay
            self._shown |= dict.fromkeys(top, now)
        lingering = sorted((key for key in self._shown if key not in top), key=lambda key: -self._shown[key])
        return [*top, *lingering[:MAX_LINGERING]]


def _read_all(machine: Machine) -> dict[str, ProcessStat]:
    found = {}
    for pid in machine.names("/proc"):
        if not pid.isdigit():
            continue
        try:
            stat = parse_process_stat(machine.read(f"/proc/{pid}/stat"))
        except SourceError:  # it ended meanwhile
            continue
        found[f"{pid}@{stat.started}"] = stat
    return found


def _read_scale(machine: Machine) -> _Scale:
    memory = parse_counters(machine.read("/proc/meminfo")).get("MemTotal", 0) * 1024.0
    cpus = parse_stat(machine.read("/proc/stat")).count
    return _Scale(cpus, memory, page_size(machine), parse_status_uid(machine.read("/proc/self/status")))


def _cores(found: Mapping[str, ProcessStat], elapsed: float, before: Mapping[str, int]) -> dict[str, float]:
    """Return how many processors each kept busy; who is new spent all its time since the last run."""
    return {
        key: max(stat.ticks - before.get(key, 0), 0) / TICKS_PER_SECOND / elapsed
        for key, stat in found.items()
    }


def _totals(machine: Machine, found: Mapping[str, ProcessStat]) -> Iterator[Fact]:
    states = [stat.state for stat in found.values()]
    yield Fact("system.process.count", len(found))
    yield Fact("system.process.zombies", states.count("Z"))
    yield Fact("system.process.blocked", states.count("D"))
    threads = sum(stat.threads for stat in found.values())
    yield Fact("system.process.limit_ratio", _limit_ratio(machine, threads))
    try:
        allocated, limit = parse_file_nr(machine.read("/proc/sys/fs/file-nr"))
        yield Fact("system.fd.utilization", share(allocated, limit))
    except SourceError as error:
        yield Fact("system.fd.utilization", reason(error))


def _limit_ratio(machine: Machine, threads: int) -> FactValue:
    """Every thread needs a pid, so the lower of both limits counts (proc_sys_kernel(5))."""
    try:
        limits = [machine.read(f"/proc/sys/kernel/{name}").strip() for name in ("threads-max", "pid_max")]
    except SourceError as error:
        return reason(error)
    known = [int(limit) for limit in limits if limit.isascii() and limit.isdigit() and len(limit) < 12]
    return share(threads, min(known)) if known else UnknownReason.NOT_COLLECTED


def _process_facts(
    machine: Machine, key: str, stat: ProcessStat, cores: float | None, scale: _Scale
) -> Iterator[Fact]:
    pid = key.partition("@")[0]
    try:
        uid = parse_status_uid(machine.read(f"/proc/{pid}/status"))
        name = full_name(stat.name, machine.read(f"/proc/{pid}/cmdline"))
    except SourceError:  # it ended meanwhile: no entity
        return
    yield Fact("process.name", name, key)
    yield Fact("process.cpu", UnknownReason.PENDING if cores is None else share(cores, scale.cpus), key)
    yield Fact("process.cpu_cores", UnknownReason.PENDING if cores is None else cores, key)
    memory = float(stat.rss * scale.page)
    yield Fact("process.memory", memory, key)
    yield Fact("process.memory_ratio", share(memory, scale.memory), key)
    files = _files(machine, pid)
    yield Fact("process.files", files if isinstance(files, UnknownReason) else float(files), key)
    yield Fact("process.fd_ratio", _fd_ratio(machine, pid, files), key)
    yield Fact("process.threads", float(stat.threads), key)
    own = UnknownReason.UNSUPPORTED if uid is None or scale.uid is None else uid == scale.uid
    yield Fact("process.own", own, key)
    yield Fact("process.stopped", stat.state == "T", key)
    yield Fact("process.nice", stat.nice, key)


def _files(machine: Machine, pid: str) -> int | UnknownReason:
    try:
        return len(machine.names(f"/proc/{pid}/fd"))
    except SourceError as error:
        return reason(error)


def _most_files(machine: Machine, found: Mapping[str, ProcessStat]) -> str:
    """Return who has most open files, of those that the user may look at; empty if nobody has many."""
    counts = {
        key: number
        for key in found
        if not isinstance(number := _files(machine, key.partition("@")[0]), UnknownReason)
    }
    most = max(counts, key=lambda key: counts[key], default="")
    return most if counts.get(most, 0) >= MANY_FILES else ""


def _fd_ratio(machine: Machine, pid: str, files: int | UnknownReason) -> FactValue:
    if isinstance(files, UnknownReason):
        return files
    try:
        limit = parse_open_files_limit(machine.read(f"/proc/{pid}/limits"))
    except SourceError as error:
        return reason(error)
    return UnknownReason.UNSUPPORTED if limit is None else share(files, limit)
