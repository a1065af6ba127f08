"""What the caller sees of the session of a device: actions, each with the device's name, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hotline_probe.face import Face, Question, Sentence, Topic
from hotline_probe.silentface import SilentFace
from hotline_probe.terminal import harmless
from hotline_probe.texts import Texts

_MAX_NAME = 80
_ACTION_NEWS = "action"


class DeviceFace(SilentFace):
    """Asks the caller about actions on a device, by the computer's own face; all else it keeps to itself.

    That a device is read, and how that ends, the session of the computer tells.
    """

    def __init__(self, face: Face, device: str) -> None:
        super().__init__(face.texts)
        self._face = face
        self._device = harmless(device, _MAX_NAME)

    @property
    def texts(self) -> Texts:
        """The wording in the caller's language."""
        return self._face.texts

    async def ask_yes(self, question: Question, patience: float) -> bool | None:
        """Ask about an action, and nobody about anything else."""
        if question.topic is not Topic.ACTION:
            return None
        about = self._named(question.about)
        asked = replace(question, about=about, data={**question.data, "device": self._device})
        return await self._face.ask_yes(asked, patience)

    def event(self, kind: str, say: Sentence | None = None, **data: object) -> None:
        """Tell how an action goes, and nothing else."""
        if kind == _ACTION_NEWS and say is not None:
            self._face.event(kind, self._on_device(say), **data, device=self._device)

    def _named(self, about: Sequence[Sentence]) -> tuple[Sentence, ...]:
        return (*map(self._on_device, about[:1]), *about[1:])

    def _on_device(self, say: Sentence) -> Sentence:
        if not self._device:
            return say
        return lambda texts: texts.on_device.format(device=self._device, sentence=say(texts))
