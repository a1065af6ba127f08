"""What the session of a device works with: its machine over SSH, fewer sources, no actions, no questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from hotline_proto.catalogue import ActionSpec
from hotline_proto.facts import SourceRun

from hotline_probe.consent import Consent
from hotline_probe.errors import ActionError
from hotline_probe.face import Controls, Face, Question, Sentence, Status
from hotline_probe.join import Joined, join
from hotline_probe.machine import Machine
from hotline_probe.redact import Redactor
from hotline_probe.runner import Runner
from hotline_probe.session import Equipment, Session, probe_info
from hotline_probe.source import Context, Settings
from hotline_probe.sources import device_sources
from hotline_probe.texts import Texts

PLATFORM = "linux"
# Small devices have better things to do than to answer; each file costs them a process.
SHORTEST_S = 5.0


async def begin_device(
    kit: Equipment, joined: Joined, machine: Machine, code: str, consent: Consent
) -> Session:
    """Join the call once more for a device and return the session that reads it.

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
    return Session(device_kit(kit, machine), own, consent)


def device_kit(kit: Equipment, machine: Machine) -> Equipment:
    """Return what the session of a device works with, beside that of the caller's computer."""
    context = Context(machine, Settings(active=False))
    sources = [make() for make in device_sources()]

    def runner(on_run: Callable[[SourceRun], None]) -> Unhurried:
        return Unhurried(Runner(sources, context, NoPath(), on_run))

    return Equipment(
        catalogue=kit.catalogue,
        context=context,
        redactor=Redactor(kit.catalogue, kit.key, personal=False),
        performer=NoActions(),
        runner=runner,
        face=QuietFace(kit.face),
        transcript=kit.transcript,
        key=kit.key,
        sources=tuple(source.name for source in sources),
        own=kit.context.machine,
        platform=PLATFORM,
    )


class Unhurried:
    """A runner that reads nothing more often than every five seconds."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self.run_now, self.start, self.stop = runner.run_now, runner.start, runner.stop

    def plan(self, intervals: Mapping[str, float]) -> None:
        """Run these every so many seconds from now on, and no others."""
        self._runner.plan({name: max(each, SHORTEST_S) if each else each for name, each in intervals.items()})


class NoPath:
    """A device's facts are about itself: the way its own packets take matters to nobody's findings."""

    def current(self, machine: Machine) -> None:  # noqa: ARG002 - a protocol's
        """Return no path."""
        return


class NoActions:
    """Devices are read, never changed."""

    def describe(self, action_id: str) -> ActionSpec:
        """Refuse."""
        self._refuse(action_id)

    def preview(self, action_id: str, parameters: Mapping[str, str]) -> Sequence[tuple[str, int]]:  # noqa: ARG002
        """Refuse."""
        self._refuse(action_id)

    def perform(self, action_id: str, parameters: Mapping[str, str]) -> NoReturn:  # noqa: ARG002
        """Refuse."""
        self._refuse(action_id)

    @staticmethod
    def _refuse(action_id: str) -> NoReturn:
        raise ActionError("unknown_action", f"a device is only read: {action_id[:64]}")


class QuietFace:
    """Says nothing and asks nobody: what the caller must know of a device, the computer's own face says."""

    interactive = False

    def __init__(self, face: Face) -> None:
        self._face = face

    @property
    def texts(self) -> Texts:
        """The wording in the caller's language."""
        return self._face.texts

    def start(self, controls: Controls) -> None:
        """Nothing is controlled here."""

    async def ask_code(self, read: Callable[[str, Texts], object], known: str) -> str | None:  # noqa: ARG002
        """Ask nobody."""
        return None

    async def ask_yes(self, question: Question, patience: float) -> bool | None:  # noqa: ARG002
        """Ask nobody."""
        return None

    async def ask_text(self, question: Question, patience: float) -> str | None:  # noqa: ARG002
        """Ask nobody."""
        return None

    async def ask_secret(self, question: Question, patience: float) -> str | None:  # noqa: ARG002
        """Ask nobody."""
        return None

    def event(self, kind: str, say: Sentence | None = None, **data: object) -> None:
        """Say nothing."""

    def update(self, status: Status) -> None:
        """Show nothing."""

    async def ended(self) -> None:
        """Nothing was shown."""
