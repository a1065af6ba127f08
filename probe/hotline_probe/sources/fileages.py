"""How long ago files were changed, by the clock of the machine that holds them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hotline_probe.errors import SourceFailed
from hotline_probe.machine import Machine

# Its time is that of the moment it is looked at (proc(5)).
_NOW = "/proc/self/stat"
_TIMEOUT = 2.0
_LINE = re.compile(r"^(\d{1,12}) (/.*)$", re.MULTILINE | re.ASCII)


def parse_stat(text: str) -> dict[str, float]:
    r"""Return the ages in seconds by path, from `stat -c "%Y %n"` of them and of a file that is always new.

    >>> parse_stat("1700000000 /var/lib/dpkg/lock\n1700000060 /proc/self/stat\n")
    {'/var/lib/dpkg/lock': 60.0}

    Raises:
        SourceFailed: the file that is always new is not among them.
    """
    times = {path: int(seconds) for seconds, path in _LINE.findall(text)}
    if _NOW not in times:
        raise SourceFailed("stat did not tell what time it is")
    now = times.pop(_NOW)
    return {path: float(max(now - time, 0)) for path, time in times.items()}


def ages(machine: Machine, paths: Sequence[str]) -> dict[str, float]:
    """Return the seconds since each file was changed; those that are not there are left out.

    Raises:
        SourceError: stat(1) is missing or prints nonsense.
    """
    told = parse_stat(machine.run(("stat", "-c", "%Y %n", "--", *paths, _NOW), _TIMEOUT).out)
    return {path: told[path] for path in paths if path in told}
