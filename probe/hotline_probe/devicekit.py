"""What the session of a device works with: its machine over SSH, fewer sources and actions, no questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from hotline_proto.facts import SourceRun

from hotline_probe.actions.devices import DeviceActions
from hotline_probe.consent import Consent
from hotline_probe.deviceface import DeviceFace
from hotline_probe.devicepast import Past
from hotline_probe.equipment import Equipment
from hotline_probe.hello import probe_info
from hotline_probe.join import Joined, join
from hotline_probe.machine import Machine
from hotline_probe.redact import Redactor
from hotline_probe.runner import Runner
from hotline_probe.seen import SeenEntities
from hotline_probe.session import Session
from hotline_probe.source import Context, Settings, Source
from hotline_probe.sources import device_sources

PLATFORM = "linux"
# Small devices have better things to do than to answer; each file costs them a process.
SHORTEST_S = 5.0
# Five hundred lines at each look.
SHORTEST_OF = {"logs": 30.0}


async def begin_device(
    kit: Equipment,
    joined: Joined,
    machine: Machine,
    code: str,
    consent: Consent,
    name: str = "",
    past: Past | None = None,
) -> Session:
    """Join the call once more for a device and return the session that reads it.

    `name` is what the caller is told the device is, `past` what was done there before.

    Raises:
        JoinRefused: the code is not accepted.
    """
    texts = kit.face.texts
    own = await join(
        joined.way,
        code,
        probe_info(kit.catalogue, texts, PLATFORM),
        texts=texts,
        on_busy=lambda _wait: None,
        on_sent=kit.transcript.joining,
    )
    return Session(device_kit(kit, machine, name, past=past), own, consent)


def device_kit(
    kit: Equipment,
    machine: Machine,
    name: str = "",
    sources: Sequence[Source] = (),
    past: Past | None = None,
) -> Equipment:
    """Return what the session of a device works with, beside that of the caller's computer.

    `sources` take the place of those that read a device over SSH; `past` is what was done there before.
    """
    context = Context(machine, Settings(active=False))
    sources = sources or [make() for make in device_sources()]
    seen = SeenEntities(kit.catalogue)

    def runner(on_run: Callable[[SourceRun], None]) -> Unhurried:
        def take(run: SourceRun) -> None:
            seen.take(run)
            on_run(run)

        return Unhurried(Runner(sources, context, NoPath(), take))

    return Equipment(
        catalogue=kit.catalogue,
        context=context,
        redactor=Redactor(kit.catalogue, kit.key, personal=False),
        performer=DeviceActions(past.remote if past is not None else machine, kit.catalogue, seen.keys),
        runner=runner,
        face=DeviceFace(kit.face, name),
        transcript=kit.transcript,
        key=kit.key,
        sources=tuple(source.name for source in sources),
        own=kit.context.machine,
        platform=PLATFORM,
        known=past.known if past is not None else None,
    )


class Unhurried:
    """A runner that reads nothing more often than every five seconds, and logs less often."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self.run_now, self.start, self.stop = runner.run_now, runner.start, runner.stop

    def plan(self, intervals: Mapping[str, float]) -> None:
        """Run these every so many seconds from now on, and no others."""
        self._runner.plan(
            {
                name: max(each, SHORTEST_OF.get(name, SHORTEST_S)) if each else each
                for name, each in intervals.items()
            }
        )


class NoPath:
    """A device's facts are about itself: the way its own packets take matters to nobody's findings."""

    def current(self, machine: Machine) -> None:  # noqa: ARG002 - a protocol's
        """Return no path."""
        return
