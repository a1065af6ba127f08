"""What the caller sees of the session of a device: actions, each with the device's name, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from hotline_probe.face import Controls, Face, Question, Sentence, Status, Topic
from hotline_probe.terminal import harmless
from hotline_probe.texts import Texts

_MAX_NAME = 80
_ACTION_NEWS = "action"


class DeviceFace:
    """Asks the caller about actions on a device, by the computer's own face; all else it keeps to itself.

    That a device is read, and how that ends, the session of the computer tells.
    """

    interactive = False

    def __init__(self, face: Face, device: str) -> None:
        self._face = face
        self._device = harmless(device, _MAX_NAME)

    @property
    def texts(self) -> Texts:
        """The wording in the caller's language."""
        return self._face.texts

    def start(self, controls: Controls) -> None:
        """Nothing is controlled here."""

    async def ask_code(self, read: Callable[[str, Texts], object], known: str) -> str | None:  # noqa: ARG002
        """Ask nobody."""
        return None

    async def ask_yes(self, question: Question, patience: float) -> bool | None:
        """Ask about an action, and nobody about anything else."""
        if question.topic is not Topic.ACTION:
            return None
        about = self._named(question.about)
        asked = replace(question, about=about, data={**question.data, "device": self._device})
        return await self._face.ask_yes(asked, patience)

    async def ask_text(self, question: Question, patience: float) -> str | None:  # noqa: ARG002
        """Ask nobody."""
        return None

    async def ask_secret(self, question: Question, patience: float) -> str | None:  # noqa: ARG002
        """Ask nobody."""
        return None

    def event(self, kind: str, say: Sentence | None = None, **data: object) -> None:
        """Tell how an action goes, and nothing else."""
        if kind == _ACTION_NEWS and say is not None:
            self._face.event(kind, self._on_device(say), **data, device=self._device)

    def update(self, status: Status) -> None:
        """Show nothing."""

    async def ended(self) -> None:
        """Nothing was shown."""

    def _named(self, about: Sequence[Sentence]) -> tuple[Sentence, ...]:
        return (*map(self._on_device, about[:1]), *about[1:])

    def _on_device(self, say: Sentence) -> Sentence:
        if not self._device:
            return say
        return lambda texts: texts.on_device.format(device=self._device, sentence=say(texts))
