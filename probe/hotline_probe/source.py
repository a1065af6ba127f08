"""What a source is: code that reads one subject of a machine and yields facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.machine import Machine

# Of a fact that the operator has nobody measure: no follow-up can ever settle it, so nothing may be suspected
# for the lack of it.
NOT_MEASURED = UnknownReason.UNSUPPORTED


@dataclass(slots=True)
class Settings:
    """What the operator's plan and the caller tell the sources; replaced as a whole when it changes.

    `anchors` are "host:port" measuring points, `checks` what is to be checked, `own_checks` those of them
    that may lead into the caller's own network, because the caller named or allowed just that.
    `portal_urls`, `ports` ("host:port") and `load_url` are the operator's and must be public. With
    `active` false no source sends a packet to measure the network; checks still run, because a human
    asked for each.
    `collector_offset` is this clock minus the collector's in seconds, None until known.
    """

    anchors: tuple[str, ...] = ()
    known_names: tuple[str, ...] = ()
    ntp_servers: tuple[str, ...] = ()
    portal_urls: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    load_url: str = ""
    checks: tuple[str, ...] = ()
    own_checks: tuple[str, ...] = ()
    active: bool = True
    collector_offset: float | None = None


@dataclass(slots=True)
class Context:
    """Everything a source may use."""

    machine: Machine
    settings: Settings = field(default_factory=Settings)


class Source(Protocol):
    """Reads one subject.

    A source keeps state between runs (for rates) but never runs twice at once. It raises a
    `SourceError` when it cannot tell at all, and yields `Fact(name, UnknownReason…)` for single facts it
    cannot tell; the runner times it, catches everything and reports the status.
    """

    name: str

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the facts of one run."""
        ...
