"""What a session works with: the parts of a real probe, or of a device that it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from hotline_proto.catalogue import Catalogue
from hotline_proto.facts import SourceRun
from hotline_proto.v1 import probe_pb2 as pb

from hotline_probe.face import Face
from hotline_probe.machine import Machine
from hotline_probe.measuring import RunRedactor
from hotline_probe.operatorlist import OperatorLists
from hotline_probe.proposals import KnownProposals, Performer
from hotline_probe.source import Context
from hotline_probe.transcript import Transcript

if TYPE_CHECKING:
    from hotline_probe.join import Joined
    from hotline_probe.session import Session


class SourceRunner(Protocol):
    """Runs the sources, each in a thread of its own."""

    def run_now(self, names: list[str]) -> None:
        """Run these once, at once."""
        ...

    def plan(self, intervals: Mapping[str, float]) -> None:
        """Run these every so many seconds from now on, and no others."""
        ...

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """End."""
        ...


class DeviceReader(Protocol):
    """Reads devices in the caller's network."""

    async def request(self, request: pb.DeviceRequest) -> None:
        """Ask the caller for one, and read it until that ends."""
        ...

    def end(self, reason: str) -> None:
        """Read nothing any more."""
        ...

    def still_changed(self) -> list[Mapping[str, str]]:
        """Return the titles of what was done on devices and not taken back."""
        ...

    async def close(self) -> None:
        """Return when every device session has ended."""
        ...


@dataclass(slots=True)
class Equipment:
    """What a session works with; `key` makes the call's pseudonyms, `sources` are the names there are.

    `devices` reads others beside this one. Where a device is read, `own` is the machine that this program
    runs on, whose clock counts, `platform` the device's, and `known` what earlier sessions have done there.
    """

    catalogue: Catalogue
    context: Context
    redactor: RunRedactor
    performer: Performer
    runner: Callable[[Callable[[SourceRun], None]], SourceRunner]
    face: Face
    transcript: Transcript
    key: bytes
    sources: tuple[str, ...]
    accepted: frozenset[str] = frozenset()
    checks: tuple[str, ...] = ()
    lists: OperatorLists = field(default_factory=OperatorLists)
    devices: Callable[[Session, Joined], DeviceReader] | None = None
    own: Machine | None = None
    platform: str = ""
    known: KnownProposals | None = None
