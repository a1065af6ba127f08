"""A reconnect storm: 3,000 probes connect at once, none may be refused."""

from __future__ import annotations

import resource
import time
from collections.abc import Sequence

from tests.bench.blaster import Blaster
from tests.bench.figures import Figure
from tests.bench.load import PATH, Server, session_messages

CONNECTIONS = 3000
_DEADLINE = 90.0


def storm_figures() -> Sequence[Figure]:
    """Connect 3,000 probes at once, each with Hello and a first reading."""
    allow_files(2 * CONNECTIONS + 500)
    server = Server("pipeline", CONNECTIONS)
    try:
        session = session_messages(0, 1)
        begin = time.monotonic()
        blaster = Blaster(server.port, PATH, [(token, session) for token in server.tokens], CONNECTIONS)
        sent = blaster.flat_out(time.monotonic() + _DEADLINE)
        blaster.drain(2.0)
        stats = server.wait_for(sent - CONNECTIONS)
        seconds = time.monotonic() - begin
        refused = len(blaster.refused)
        blaster.close()
    finally:
        server.stop()
    return [
        Figure("connections opened at once", CONNECTIONS),
        Figure("of these refused", refused, at_most=0),
        Figure("until all had sent a full reading", seconds, "s"),
        Figure("memory a connected probe, calls and rules included", stats.rss / CONNECTIONS / 1024, "KiB"),
    ]


def allow_files(wanted: int) -> None:
    """Raise the limit of open files of this process and its children to come, as far as allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
