"""A face in front of which nobody sits: nothing is shown, and every question is answered by silence."""

from __future__ import annotations

from collections.abc import Callable

from hotline_probe.face import Controls, Question, Sentence, Status
from hotline_probe.texts import Texts


class SilentFace:
    """Says nothing and asks nobody; `texts` is the wording that a session needs all the same."""

    interactive = False

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    @property
    def texts(self) -> Texts:
        """The wording."""
        return self._texts

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
