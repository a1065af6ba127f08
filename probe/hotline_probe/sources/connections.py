"""Open connections by program; psutil looks at every process for it, so only on demand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.errors import Denied
from hotline_probe.source import Context
from hotline_probe.sources.basics import unknown

_TOP = ("net.connections.top_owner", "net.connections.top_count")


class Connections:
    """Counts connections with psutil."""

    name = "connections"

    def read(self, context: Context) -> Iterator[Fact]:  # noqa: ARG002 - psutil knows this machine only
        """Yield counts by state, and the program with most connections as far as this user may see.

        Raises:
            Denied: the user may see no connections at all.
        """
        import psutil  # noqa: PLC0415 - 4 MB that most calls never need

        try:
            connections = psutil.net_connections(kind="inet")
        except psutil.AccessDenied as error:
            raise Denied("the connections may not be read") from error
        states = Counter(connection.status for connection in connections)
        yield Fact("net.connections.syn_sent", states[psutil.CONN_SYN_SENT])
        yield Fact("net.connections.close_wait", states[psutil.CONN_CLOSE_WAIT])
        owners: Counter[str] = Counter()
        names: dict[int, str] = {}
        for connection in connections:
            if connection.pid is None:
                continue
            if connection.pid not in names:
                try:
                    names[connection.pid] = psutil.Process(connection.pid).name()
                except psutil.Error:  # it has ended meanwhile
                    names[connection.pid] = ""
            if names[connection.pid]:
                owners[names[connection.pid]] += 1
        if not owners:
            yield from unknown(_TOP, UnknownReason.PERMISSION if connections else UnknownReason.UNSUPPORTED)
            return
        owner, count = max(owners.items(), key=lambda item: (item[1], item[0]))
        yield Fact("net.connections.top_owner", owner)
        yield Fact("net.connections.top_count", count)
