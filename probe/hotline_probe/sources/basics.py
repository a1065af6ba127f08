"""What several sources need: reasons for unknowns, a few figures of the kernel, and samples for rates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.errors import Denied, MissingTool, SourceError, SourceFailed, Unsupported
from hotline_probe.machine import Machine

Sample = TypeVar("Sample")

# Two samples closer than this measure little but the grain of the counters (10 ms).
MIN_ELAPSED = 0.2
_KEY_VALUE = re.compile(r"^([\w()]+):? +(\d{1,20})(?: kB)?$", re.MULTILINE | re.ASCII)


def reason(error: SourceError) -> UnknownReason:
    """Return why a single fact is unknown when reading it went wrong."""
    match error:
        case Denied():
            return UnknownReason.PERMISSION
        case MissingTool():
            return UnknownReason.MISSING_TOOL
        case Unsupported():
            return UnknownReason.UNSUPPORTED
    return UnknownReason.NOT_COLLECTED


def unknown(names: Iterable[str], why: UnknownReason, key: str = "") -> Iterator[Fact]:
    """Yield facts that cannot be told, all for the same reason."""
    for name in names:
        yield Fact(name, why, key)


def share(part: float, whole: float) -> float:
    """Return part of whole, held within 0 and 1 because counters are read one after the other."""
    return min(max(part / whole, 0.0), 1.0) if whole > 0 else 0.0


def exists(machine: Machine, path: str) -> bool:
    """Tell whether a file or folder is there; what may not be looked at counts as absent."""
    folder, _, name = path.rpartition("/")
    try:
        return name in machine.names(folder or "/")
    except SourceError:
        return False


def text_of(machine: Machine, path: str) -> str:
    """Return what a file says; one that cannot be read says nothing."""
    try:
        return machine.read(path)
    except SourceError:
        return ""


def names_in(machine: Machine, folder: str) -> list[str]:
    """Return what a folder holds; one that cannot be read holds nothing."""
    try:
        return machine.names(folder)
    except SourceError:
        return []


def parse_counters(text: str) -> dict[str, int]:
    """Return the whole numbers of a key-value file of the kernel, as they stand there.

    >>> parse_counters("MemTotal:       16314580 kB\\nHugePages_Total:       0\\n")
    {'MemTotal': 16314580, 'HugePages_Total': 0}
    >>> parse_counters("pgmajfault 2434\\noom_kill 0\\nbroken line here\\n")
    {'pgmajfault': 2434, 'oom_kill': 0}
    """
    return {key: int(value) for key, value in _KEY_VALUE.findall(text)}


def parse_uptime(text: str) -> float:
    """Return the seconds since the start of the system, sleep included (proc_uptime(5)).

    >>> parse_uptime("3025.51 5904.15\\n")
    3025.51

    Raises:
        SourceFailed: it is not such a file.
    """
    match = re.match(r"\d{1,12}(\.\d{1,9})?(?=\s|$)", text, re.ASCII)
    if not match:
        raise SourceFailed("/proc/uptime does not begin with seconds")
    return float(match[0])


def uptime(machine: Machine) -> float:
    """Return the seconds since the start of a Linux machine.

    Its own clock, so that rates are right over SSH too; raises like `Machine.read` and `parse_uptime`.
    """
    return parse_uptime(machine.read("/proc/uptime"))


def parse_page_size(text: str) -> int:
    """Return the bytes of a memory page from the first mapping in /proc/self/smaps (proc_pid_smaps(5)).

    4096 where it does not say.

    >>> parse_page_size("00400000-00452000 r-xp 0 08:02 17 /bin/x\\nSize: 328 kB\\nKernelPageSize:  16 kB\\n")
    16384
    """
    match = re.search(r"^KernelPageSize: +(\d{1,6}) kB$", text, re.MULTILINE | re.ASCII)
    return (int(match[1]) if match else 0) * 1024 or 4096


def page_size(machine: Machine) -> int:
    """Return the bytes of a memory page of a Linux machine; ask once, it costs a millisecond."""
    try:
        return parse_page_size(machine.read("/proc/self/smaps"))
    except SourceError:
        return 4096


class Sampler(Generic[Sample]):
    """Keeps samples of counters that are far enough apart to make rates of.

    >>> sampler = Sampler[int]()
    >>> sampler.since(10.0, 100), sampler.since(12.0, 180), sampler.since(12.05, 182)
    (None, (2.0, 100), (2.0500000000000007, 100))
    """

    def __init__(self) -> None:
        self._older: tuple[float, Sample] | None = None
        self._newer: tuple[float, Sample] | None = None

    def since(self, now: float, sample: Sample) -> tuple[float, Sample] | None:
        """Take a sample at a time in seconds; return the time since an older one, and that one.

        None without an older one, or when the clock went back, which means another start of the machine.
        """
        if self._newer is not None and now < self._newer[0]:
            self._older = self._newer = None
        if self._newer is None or now - self._newer[0] >= MIN_ELAPSED:
            self._older, self._newer = self._newer, (now, sample)
        return None if self._older is None else (now - self._older[0], self._older[1])
