"""A face in front of which nobody sits: nothing is shown, and the owner's word comes from elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hotline_probe.face import Controls, Question, Sentence, Status, Topic
from hotline_probe.texts import Texts


class OwnersFace:
    """Shows nothing and asks nobody; an action is allowed if the owner has agreed to it or does so in time.

    `texts` is the wording that the session needs all the same.
    """

    interactive = False

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._agreed: dict[str, asyncio.Event] = {}

    def agree(self, proposal_id: str) -> None:
        """Take up that the owner agrees to one action."""
        self._word(proposal_id).set()

    @property
    def texts(self) -> Texts:
        """The wording."""
        return self._texts

    def start(self, controls: Controls) -> None:
        """Nobody controls anything."""

    async def ask_code(self, read: Callable[[str, Texts], object], known: str) -> str | None:  # noqa: ARG002 - a protocol's
        """Ask nobody."""
        return None

    async def ask_yes(self, question: Question, patience: float) -> bool | None:
        """Wait for the owner's word about an action; about anything else nobody says a word."""
        if question.topic is not Topic.ACTION:
            return None
        proposal_id = str(question.data["proposal"])
        try:
            async with asyncio.timeout(patience):
                return await self._word(proposal_id).wait()
        except TimeoutError:
            return None
        finally:
            del self._agreed[proposal_id]

    def _word(self, proposal_id: str) -> asyncio.Event:
        return self._agreed.setdefault(proposal_id, asyncio.Event())

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
