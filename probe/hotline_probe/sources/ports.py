"""Ports that a network blocks: places of the operator that listen, and how knocking there ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.checks.limits import Deadline
from hotline_probe.checks.name import Names
from hotline_probe.checks.tcp import NoConnection, connect
from hotline_probe.errors import SourceFailed
from hotline_probe.source import Context
from hotline_probe.sources.parallel import together
from hotline_probe.sources.ping import split_anchor
from hotline_probe.targets import is_public

MAX_PORTS = 12
# One after the other, and below the source's timeout of 8 s.
NAME_PATIENCE, CONNECT_PATIENCE = 3.0, 4.0
# Who refuses sends a reset or an ICMP message; who drops sends nothing.
_RESULTS = {"refused": "rejected", "reset": "rejected", "unreachable": "rejected", "timeout": "dropped"}


class Ports:
    """Knocks once at each of the operator's places."""

    name = "ports"

    def __init__(self) -> None:
        self._names = Names()

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield for each place whether it is open, rejected or dropped; nothing if not to measure."""
        if not context.settings.active:
            return
        places = {text: place for text in context.settings.ports if (place := split_anchor(text))}
        shown = list(places.items())[:MAX_PORTS]
        works = [self._knock(host, port) for _, (host, port) in shown]
        results = together(works, NAME_PATIENCE + CONNECT_PATIENCE + 0.3, "ports")
        for (text, (host, port)), result in zip(shown, results, strict=True):
            yield Fact("net.port.host", host, text)
            yield Fact("net.port.number", port, text)
            yield Fact("net.port.result", UnknownReason.TIMEOUT if result is None else result, text)

    def _knock(self, host: str, port: int) -> Callable[[], FactValue]:
        def work() -> FactValue:
            try:
                found = self._names.look_up(host, port, NAME_PATIENCE)
            except SourceFailed:
                return UnknownReason.UNREACHABLE
            ends = [end for end in found.endpoints if is_public(end.host)]
            if not ends:
                return UnknownReason.DECLINED
            try:
                connect(ends, Deadline(CONNECT_PATIENCE)).channel.close()
            except NoConnection as error:
                return _RESULTS.get(error.word, UnknownReason.NOT_COLLECTED)
            except TimeoutError:
                return "dropped"
            return "open"

        return work
