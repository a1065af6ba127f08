"""A face in front of which nobody sits: nothing is shown, and the owner's word comes from elsewhere."""

from __future__ import annotations

import asyncio

from hotline_probe.face import Question, Topic
from hotline_probe.silentface import SilentFace
from hotline_probe.texts import Texts


class OwnersFace(SilentFace):
    """Shows nothing and asks nobody; an action is allowed if the owner has agreed to it or does so in time.

    `texts` is the wording that the session needs all the same.
    """

    def __init__(self, texts: Texts) -> None:
        super().__init__(texts)
        self._agreed: dict[str, asyncio.Event] = {}

    def agree(self, proposal_id: str) -> None:
        """Take up that the owner agrees to one action."""
        self._word(proposal_id).set()

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
