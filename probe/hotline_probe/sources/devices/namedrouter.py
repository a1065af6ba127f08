"""A router that a human named, by what it tells without a password; nothing of it is read over SSH."""

from __future__ import annotations

from collections.abc import Iterator

from hotline_proto.facts import Fact

from hotline_probe.source import Context
from hotline_probe.sources.homerouter import HomeRouter


class NamedRouter(HomeRouter):
    """Asks the router at one IPv4 address, wherever this computer's own packets go.

    Somebody asked for just this router, so it is asked even if the plan says to measure nothing.
    """

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def read(self, context: Context) -> Iterator[Fact]:  # noqa: ARG002 - a source's
        """Yield what the router tells of itself and its line.

        Raises:
            SourceFailed: what it tells makes no sense.
        """
        yield from self.told_by(self._address)
