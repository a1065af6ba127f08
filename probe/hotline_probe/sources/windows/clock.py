"""Whether the time service of Windows keeps the clock right."""

from __future__ import annotations

import re

from hotline_proto.facts import FactValue, UnknownReason

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine
from hotline_probe.sources.basics import reason

_ARGV = ("w32tm", "/query", "/status")
_TIMEOUT = 1.5
# The labels and the words in brackets are translated, their order and the numbers are not.
_NUMBER = re.compile(r"[^:]{1,60}:\s*(\d{1,3})\s?\(.{1,80}\)", re.ASCII)
# RFC 5905, figure 9 and 11: "clock not synchronised", and stratum 0 "unspecified or invalid".
_ALARM, _NO_SOURCE = 3, 0


def parse_status(text: str) -> bool | None:
    r"""Return whether `w32tm /query /status` tells of a set clock, None if it tells nothing.

    >>> parse_status("Sprungindikator: 0(keine Warnung)\r\nStratum: 4 (Sekundärreferenz)\r\n")
    True
    >>> parse_status("Leap Indicator: 3(not synchronized)\r\nStratum: 0 (unspecified)\r\n")
    False
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()][:2]
    told = [match for line in lines if (match := _NUMBER.fullmatch(line))]
    if len(told) != 2:
        return None
    leap, stratum = (int(match[1]) for match in told)
    return leap != _ALARM and stratum != _NO_SOURCE


def synchronized(machine: Machine) -> FactValue:
    """Return what the time service says; at home it runs only now and then, and then says nothing."""
    try:
        result = machine.run(_ARGV, _TIMEOUT)
    except SourceError as error:
        return reason(error)
    told = parse_status(result.out) if result.code == 0 else None
    return UnknownReason.UNSUPPORTED if told is None else told
