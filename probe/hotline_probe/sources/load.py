"""How late everything else is while the line is full: a bounded download, only on demand."""

from __future__ import annotations

import contextlib
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.checks import tcp, tls
from hotline_probe.checks.fetch import question
from hotline_probe.checks.http import parse_status
from hotline_probe.checks.limits import Deadline
from hotline_probe.checks.name import Endpoint, Names
from hotline_probe.checks.target import CheckTarget, parse_check
from hotline_probe.checks.truststore import system_trust
from hotline_probe.errors import SourceError, SourceFailed, UsageError
from hotline_probe.machine import Machine
from hotline_probe.source import NOT_MEASURED, Context
from hotline_probe.sources.adapters import AdapterKinds
from hotline_probe.sources.basics import unknown
from hotline_probe.sources.echo import connect
from hotline_probe.sources.parallel import together
from hotline_probe.sources.ping import split_anchor
from hotline_probe.sources.routetables import read_routes, way_out
from hotline_probe.targets import is_public

# A minute of television; less than a second of a line that this cannot fill.
MAX_BYTES = 25_000_000
# Whoever asks again and again does not get more than this often in a call.
MAX_RUNS = 4
# One connection's window may be too small to fill the queues on the way.
STREAMS = 4
# Names, idle trips and load one after the other stay below the source's timeout of 16 s.
NAME_PATIENCE, BEGIN_PATIENCE, LOAD_SECONDS = 2.5, 3.0, 4.0
IDLE_TRIPS = 5
# Enough to judge by: this many round trips on the full line, or fewer that took as long together.
MIN_LOADED_TRIPS, MIN_LOADED_SECONDS = 5, 1.0
PAUSE, TRIP_PATIENCE = 0.1, 2.0
# Queues need a moment to fill.
WARM_UP = 0.7
FACTS = tuple(f"net.load.{fact}" for fact in ("rtt_idle", "rtt_loaded", "added_delay", "rate_down"))


@dataclass(frozen=True, slots=True)
class Loaded:
    """The seconds of round trips while bytes came in, and those bytes per second."""

    trips: tuple[float, ...]
    rate: float


class Load:
    """Fills the line towards this computer and measures round trips to a measuring point meanwhile."""

    name = "load"

    def __init__(self) -> None:
        self._names = Names()
        self._kinds = AdapterKinds()
        self._runs = 0

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield round trips on the idle and on the full line; declined on mobile networks and once too often.

        Raises:
            SourceFailed: the operator's page cannot be had.
        """
        settings = context.settings
        if not (settings.active and settings.load_url and settings.anchors):
            yield from unknown(FACTS, NOT_MEASURED)
            return
        if self._runs >= MAX_RUNS or self._metered(context.machine):
            yield from unknown(FACTS, UnknownReason.DECLINED)
            return
        trip = self._trip(settings.anchors[0])
        idle = [seconds for _ in range(IDLE_TRIPS) if (seconds := trip()) is not None] if trip else []
        if trip is None or not idle:
            yield from unknown(FACTS, UnknownReason.UNREACHABLE)
            return
        self._runs += 1
        loaded = self._loaded(settings.load_url, trip)
        yield Fact("net.load.rtt_idle", statistics.median(idle))
        yield Fact("net.load.rate_down", loaded.rate * 8.0)
        if len(loaded.trips) < MIN_LOADED_TRIPS and sum(loaded.trips) < MIN_LOADED_SECONDS:
            # All arrived before the queues could fill.
            yield from unknown(("net.load.rtt_loaded", "net.load.added_delay"), UnknownReason.NOT_COLLECTED)
            return
        late = statistics.median(loaded.trips)
        yield Fact("net.load.rtt_loaded", late)
        yield Fact("net.load.added_delay", max(late - statistics.median(idle), 0.0))

    def _metered(self, machine: Machine) -> bool:
        try:
            route = way_out(*read_routes(machine))
            return route is not None and self._kinds.of(machine, route.interface).type == "wwan"
        except SourceError:
            return False

    def _trip(self, anchor: str) -> Callable[[], float | None] | None:
        place = split_anchor(anchor)
        try:
            found = self._names.look_up(*place, NAME_PATIENCE) if place else None
        except SourceFailed:
            return None
        if place is None or found is None:
            return None
        host, port = found.endpoints[0].host, place[1]
        return lambda: connect(host, port, TRIP_PATIENCE, refusal_counts=True)

    def _loaded(self, url: str, trip: Callable[[], float | None]) -> Loaded:
        """Download while trips are made beside it.

        Raises:
            SourceFailed: the page cannot be had.
        """
        trips: list[float] = []
        ended = threading.Event()
        watch = threading.Thread(target=_watch, args=(trip, trips, ended), name="load-trips", daemon=True)
        with contextlib.ExitStack() as stack:
            opened = [stack.enter_context(contextlib.closing(self._open(url))) for _ in range(STREAMS)]
            watch.start()
            stack.callback(ended.set)
            began = time.monotonic()
            works = [partial(_drain, channel) for channel in opened]
            received = together(works, LOAD_SECONDS + 0.5, "load")
            seconds = time.monotonic() - began
        watch.join(TRIP_PATIENCE + PAUSE)
        if not any(received):
            raise SourceFailed("the operator's download is not there")
        return Loaded(tuple(trips), sum(some or 0 for some in received) / seconds)

    def _open(self, url: str) -> socket.socket:
        deadline = Deadline(NAME_PATIENCE + BEGIN_PATIENCE)
        try:
            target = parse_check(url)
            found = self._names.look_up(target.host, target.port, NAME_PATIENCE)
            # Nobody allowed questions to the caller's own network, whatever the operator's name leads to.
            channel = _connect(target, [end for end in found.endpoints if is_public(end.host)], deadline)
        except (UsageError, OSError) as error:
            raise SourceFailed(f"the download cannot begin: {error}") from error
        return channel


def _connect(target: CheckTarget, ends: list[Endpoint], deadline: Deadline) -> socket.socket:
    trust = system_trust() if target.encrypted else None
    if target.encrypted and trust is None:
        raise SourceFailed("this computer trusts nobody, so nothing can be downloaded safely")
    channel = tcp.connect(ends, deadline).channel
    if trust is not None:
        channel = tls.encrypt(channel, target.host, trust, deadline).channel
    channel.settimeout(deadline.left(BEGIN_PATIENCE))
    channel.sendall(question(target.path, target.host, {}, None))
    return channel


def _drain(channel: socket.socket) -> int:
    """Receive until the bounds of bytes or time, and return how much came; 0 if it is not the page."""
    received, end = 0, time.monotonic() + LOAD_SECONDS
    with contextlib.suppress(OSError, SourceFailed):
        while received < MAX_BYTES // STREAMS and (left := end - time.monotonic()) > 0:
            channel.settimeout(left)
            part = channel.recv(262_144)
            if not part or (not received and parse_status(part) != 200):
                break
            received += len(part)
    return received


def _watch(trip: Callable[[], float | None], trips: list[float], ended: threading.Event) -> None:
    if ended.wait(WARM_UP):
        return
    while not ended.wait(PAUSE):
        seconds = trip()
        # One that began under load and ended after it tells little.
        if not ended.is_set():
            trips.append(TRIP_PATIENCE if seconds is None else seconds)
