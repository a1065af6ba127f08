"""Whether this computer's clock is right."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError, SourceFailed, Unsupported
from hotline_probe.machine import monotonic
from hotline_probe.source import Context, Settings
from hotline_probe.sources.basics import reason, unknown
from hotline_probe.sources.sntp import KissOfDeath, ask

MAX_SERVERS = 2
SERVER_TIMEOUT = 1.0
# A client must not ask more often than every 15 s (RFC 4330, section 10); in between, steps of this clock
# show against the one that nobody can set.
MIN_POLL = 16.0
# Until when in a run servers that all kept silent are asked once more: a packet may have been lost. Programs
# that keep clocks right begin with several packets, too (ntp.conf(5), iburst).
AGAIN_WITHIN = 2.5
# How long a server that refused is left alone.
KISS_PAUSE = 3600.0
_STA_UNSYNC = 0x0040


@dataclass(frozen=True, slots=True)
class _Measured:
    """An offset, and what this clock minus the steady one was then."""

    offset: float
    at: float
    ahead: float


class _Timex(ctypes.Structure):
    """The head of struct timex (adjtimex(2)), with room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


def kernel_synchronized() -> bool:
    """Return whether the kernel believes that something keeps its clock right (STA_UNSYNC of adjtimex(2)).

    Raises:
        Unsupported: there is no such call, or it is not allowed.
    """
    state = _Timex()  # modes 0: read only
    try:
        outcome = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(state))
    except (AttributeError, OSError) as error:
        raise Unsupported("the C library has no adjtimex") from error
    if outcome < 0:
        raise Unsupported(f"adjtimex: error {ctypes.get_errno()}")
    return not state.status & _STA_UNSYNC


class Clock:
    """Asks a time server, else compares with the collector; and asks the system itself."""

    name = "clock"

    def __init__(self) -> None:
        self._measured: _Measured | None = None
        self._silent: dict[str, float] = {}

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the offset with what it was measured against, and whether something keeps the clock right."""
        offset = self._ntp_offset(context.settings)
        if offset is not None:
            yield Fact("time.offset", offset)
            yield Fact("time.reference", "ntp")
        elif context.settings.collector_offset is not None:
            yield Fact("time.offset", context.settings.collector_offset)
            yield Fact("time.reference", "collector")
        else:
            yield from unknown(("time.offset", "time.reference"), UnknownReason.PENDING)
        if context.machine.system == "linux":
            yield Fact("time.synchronized", _synchronized())
        elif context.machine.system == "windows":
            from hotline_probe.sources.windows.clock import synchronized  # noqa: PLC0415 - not on Linux

            yield Fact("time.synchronized", synchronized(context.machine))

    def _ntp_offset(self, settings: Settings) -> float | None:
        if not settings.active:
            return None
        now, ahead = monotonic(), time.time() - monotonic()
        last = self._measured
        if last is not None and now - last.at < MIN_POLL:
            return last.offset + ahead - last.ahead
        self._measured = None
        willing = [s for s in settings.ntp_servers if now - self._silent.get(s, -KISS_PAUSE) >= KISS_PAUSE]
        for server in self._twice(willing[:MAX_SERVERS], now):
            try:
                offset = ask(server, SERVER_TIMEOUT)
            except KissOfDeath:
                self._silent[server] = now
            except SourceFailed:
                continue
            else:
                self._measured = _Measured(offset, now, ahead)
                return offset
        return None

    def _twice(self, servers: Sequence[str], began: float) -> Iterator[str]:
        yield from servers
        for server in servers:
            if server not in self._silent and monotonic() - began < AGAIN_WITHIN:
                yield server


def _synchronized() -> FactValue:
    try:
        return kernel_synchronized()
    except SourceError as error:
        return reason(error)
