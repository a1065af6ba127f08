"""Whether something keeps a device's clock right, as its own time service says; nothing is measured."""

from __future__ import annotations

from collections.abc import Iterator

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import MissingTool, SourceError, SourceFailed
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources.basics import reason, unknown

TOOL_TIMEOUT = 4.0
SYSTEMD = ("timedatectl", "show", "-p", "NTPSynchronized")
CHRONY = ("chronyc", "-n", "tracking")
_CHRONY_LEAP = "Leap status"


class DeviceClock:
    """Asks systemd or chrony; how far the clock is off cannot be told without a time server."""

    name = "clock"

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield whether something keeps the clock right."""
        yield from unknown(("time.offset", "time.reference"), UnknownReason.UNSUPPORTED)
        yield Fact("time.synchronized", _synchronized(context.machine))


def _synchronized(machine: Machine) -> FactValue:
    try:
        try:
            return parse_systemd(_said(machine, SYSTEMD))
        except MissingTool:
            return parse_chrony(_said(machine, CHRONY))
    except SourceError as error:
        return reason(error)


def _said(machine: Machine, ask: tuple[str, ...]) -> str:
    result = machine.run(ask, TOOL_TIMEOUT)
    if result.code:
        raise SourceFailed(f"{ask[0]} ended with {result.code}")
    return result.out


def parse_systemd(text: str) -> bool:
    """Return what `timedatectl show -p NTPSynchronized` prints (org.freedesktop.timedate1(5)).

    >>> parse_systemd("NTPSynchronized=yes\\n")
    True

    Raises:
        SourceFailed: it says neither yes nor no.
    """
    word = text.strip().removeprefix("NTPSynchronized=")
    if word not in ("yes", "no"):
        raise SourceFailed("timedatectl does not say whether the clock is kept right")
    return word == "yes"


def parse_chrony(text: str) -> bool:
    """Return what `chronyc tracking` prints: a leap status other than "Not synchronised" (chronyc(1)).

    >>> parse_chrony("Stratum         : 3\\nLeap status     : Normal\\n")
    True

    Raises:
        SourceFailed: it does not say.
    """
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == _CHRONY_LEAP and value.strip():
            return value.strip() != "Not synchronised"
    raise SourceFailed("chronyc does not say whether the clock is kept right")
