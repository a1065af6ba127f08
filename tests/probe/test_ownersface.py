"""The owner's word about an action: for this one action, in time, and nothing else is ever agreed to."""

from __future__ import annotations

import asyncio

from hotline_probe.face import Question, Topic
from hotline_probe.ownersface import OwnersFace
from hotline_probe.texts import LANGUAGES


def question(proposal: str, topic: Topic = Topic.ACTION) -> Question:
    return Question(topic, lambda _texts: "?", data={"proposal": proposal})


async def test_the_owner_agrees_to_one_action() -> None:
    face = OwnersFace(LANGUAGES["en"])
    face.agree("early")
    assert await face.ask_yes(question("early"), 30) is True
    assert await face.ask_yes(question("early"), 0.01) is None, "a word holds once"
    asked = asyncio.create_task(face.ask_yes(question("late"), 30))
    await asyncio.sleep(0)
    face.agree("other")
    face.agree("late")
    assert await asked is True


async def test_silence_is_no_and_nothing_else_is_agreed_to() -> None:
    face = OwnersFace(LANGUAGES["en"])
    assert await face.ask_yes(question("x"), 0.01) is None
    face.agree("x")
    for topic in (Topic.BASIC, Topic.PERSONAL, Topic.HOST_KEY, Topic.DEVICE, Topic.CHECK):
        assert await face.ask_yes(question("x", topic), 0.01) is None
    assert await face.ask_text(question("x"), 0.01) is None
    assert await face.ask_secret(question("x"), 0.01) is None
