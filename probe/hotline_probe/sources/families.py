"""The internet by IPv4 and by IPv6, each by itself: programs wait long for a dead one before they change."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.checks.limits import Deadline
from hotline_probe.checks.name import Endpoint, Names
from hotline_probe.checks.route import own_end
from hotline_probe.checks.tcp import NoConnection, connect
from hotline_probe.errors import SourceFailed
from hotline_probe.source import NOT_MEASURED, Context
from hotline_probe.sources.basics import unknown
from hotline_probe.sources.parallel import together
from hotline_probe.sources.ping import MAX_ANCHORS, split_anchor

# One after the other, and below the source's timeout of 9 s.
NAME_PATIENCE, CONNECT_PATIENCE = 3.0, 4.5
FAMILIES = {"net.ipv4.reachable": socket.AF_INET, "net.ipv6.reachable": socket.AF_INET6}


class Families:
    """Connects to the operator's measuring points by each family."""

    name = "families"

    def __init__(self) -> None:
        self._names = Names()

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield whether each family reaches one of the measuring points that have an address of it."""
        anchors = context.settings.anchors[:MAX_ANCHORS]
        if not context.settings.active or not anchors:
            yield from unknown(FAMILIES, NOT_MEASURED)
            return
        found = together([self._find(anchor) for anchor in anchors], NAME_PATIENCE + 0.2, "families-name")
        ends = [end for some in found for end in some or ()]
        works = [_reach([end for end in ends if end.family == family]) for family in FAMILIES.values()]
        for name, told in zip(FAMILIES, together(works, CONNECT_PATIENCE + 0.2, "families"), strict=True):
            yield Fact(name, UnknownReason.TIMEOUT if told is None else told)

    def _find(self, anchor: str) -> Callable[[], Sequence[Endpoint]]:
        def work() -> Sequence[Endpoint]:
            place = split_anchor(anchor)
            try:
                return self._names.look_up(*place, NAME_PATIENCE).endpoints if place else ()
            except SourceFailed:
                return ()

        return work


def _reach(ends: Sequence[Endpoint]) -> Callable[[], FactValue]:
    """Return a question that ends in True or False, or as unsupported without an address or a way to it."""

    def work() -> FactValue:
        with_way = [end for end in ends if own_end(end) is not None]
        if not with_way:
            return UnknownReason.UNSUPPORTED
        try:
            connect(with_way, Deadline(CONNECT_PATIENCE)).channel.close()
        except (NoConnection, TimeoutError) as error:
            # A refusal comes from the other side, so the way there works.
            return isinstance(error, NoConnection) and error.word == "refused"
        return True

    return work
