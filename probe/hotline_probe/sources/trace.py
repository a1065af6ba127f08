"""How far packets come on the way to what is checked and to the operator; only on demand."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.checks.name import Names
from hotline_probe.checks.target import parse_check
from hotline_probe.errors import Denied, SourceError, Unsupported, UsageError
from hotline_probe.source import Context, Settings
from hotline_probe.sources.basics import reason
from hotline_probe.sources.hops import Way, summarise, trace
from hotline_probe.sources.parallel import together
from hotline_probe.targets import forbidden, is_public

# Twenty packets each.
MAX_TARGETS = 4
# One after the other, and below the source's timeout of 10 s.
NAME_PATIENCE, TRACE_PATIENCE = 3.0, 3.0
NAMES = tuple(f"net.trace.{fact}" for fact in ("reached", "hops", "last", "end", "private_hops", "circles"))


class Trace:
    """Follows the way to the checks' targets and the first measuring point."""

    name = "trace"

    def __init__(self) -> None:
        self._names = Names()

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield for each target where packets end.

        Raises:
            Unsupported: not on Linux.
        """
        if context.machine.system != "linux":
            raise Unsupported("ways are followed on Linux only")
        targets = _targets(context.settings)
        works = [self._work(target, target in context.settings.own_checks) for target in targets]
        told = together(works, NAME_PATIENCE + TRACE_PATIENCE + 0.5, "trace")
        for target, way in zip(targets, told, strict=True):
            values = _values(UnknownReason.TIMEOUT if way is None else way)
            for name, value in zip(NAMES, values, strict=True):
                yield Fact(name, value, target)

    def _work(self, target: str, own: bool) -> Callable[[], Way | UnknownReason]:
        def work() -> Way | UnknownReason:
            try:
                parsed = parse_check(target)
                found = self._names.look_up(parsed.host, parsed.port, NAME_PATIENCE)
            except (UsageError, SourceError):
                return UnknownReason.UNREACHABLE
            host = found.endpoints[0].host
            if forbidden(host) or not (own or is_public(host)):
                return UnknownReason.DECLINED
            try:
                return summarise(trace(ipaddress.ip_address(host), TRACE_PATIENCE))
            except Denied as error:
                return reason(error)

        return work


def _targets(settings: Settings) -> list[str]:
    anchors = settings.anchors[:1] if settings.active else ()
    return list(dict.fromkeys([*settings.checks, *anchors]))[:MAX_TARGETS]


def _values(way: Way | UnknownReason) -> tuple[FactValue, ...]:
    if isinstance(way, UnknownReason):
        return (way,) * len(NAMES)
    last = str(way.last) if way.last is not None else ""
    return way.reached, way.length, last, way.end, way.private, way.loop
