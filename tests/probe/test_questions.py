"""The agent's question on the caller's own screen, at the terminal."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hotline_probe.texts import LANGUAGES
from hotline_probe.turns import Turns
from hotline_proto.v1 import probe_pb2 as pb

from tests.probe.test_session import a_call, soon

EN, DE = LANGUAGES["en"], LANGUAGES["de"]


def light(name: str = "ask.light", **more: Any) -> pb.Question:
    return pb.Question(
        id=name,
        text_en=f"What does {name} do?",
        text_de=f"Was macht {name}?",
        how_en="The second from the left.",
        how_de="Das zweite von links.",
        values=["on", "blinks"],
        labels_en=["It is lit", "It blinks"],
        labels_de=["Es leuchtet", "Es blinkt"],
        **more,
    )


def answers(double: Any) -> list[tuple[str, str]]:
    return [(answer.question, answer.value) for answer in double.bodies("answer")]


async def asked(call: Any, times: int = 1) -> None:
    await soon(lambda: call.output.getvalue().count(EN.question_choose.rstrip()) >= times)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("2", "blinks"),
        ("BLINKS", "blinks"),
        ("it blinks", "blinks"),
        ("Es leuchtet", "on"),
        ("1", "on"),
        ("?", ""),
    ],
)
async def test_an_answer_is_its_number_its_value_or_its_words(
    double: Any, tmp_path: Path, typed: str, value: str
) -> None:
    async with a_call(double, tmp_path, human=True) as call:
        double.say(question=light())
        await asked(call)
        shown = call.output.getvalue()
        for text in (
            "Your agent asks: What does ask.light do?",
            "How to find out: The second",
            "2  It blinks",
        ):
            assert text in shown
        call.keys(typed)
        await double.until(lambda: bool(double.bodies("answer")))
        assert answers(double) == [("ask.light", value)]


async def test_what_is_none_of_the_answers_is_asked_again_and_never_a_dont_know(
    double: Any, tmp_path: Path
) -> None:
    async with a_call(double, tmp_path, human=True) as call:
        double.say(question=light())
        for times, typed in enumerate(["", "3", "perhaps", "2"], 1):
            await asked(call, times)
            call.keys(typed)
        await double.until(lambda: bool(double.bodies("answer")))
        assert answers(double) == [("ask.light", "blinks")]
        assert call.output.getvalue().count(EN.question_unclear) == 3


async def test_yes_and_no_have_words_of_the_probe(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path, human=True) as call:
        double.say(question=pb.Question(id="ask.x", text_en="Is it on?", values=["true", "false"]))
        await asked(call)
        assert "1  Yes" in call.output.getvalue()
        call.keys("nein")
        await double.until(lambda: bool(double.bodies("answer")))
        assert answers(double) == [("ask.x", "false")]


async def test_a_question_about_safety_says_so(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path, human=True) as call:
        double.say(question=light(hazard=True))
        await asked(call)
        assert EN.question_hazard.format(text="What does ask.light do?") in call.output.getvalue()


async def test_the_next_question_takes_the_place_of_the_last(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path, human=True) as call:
        double.say(question=light("ask.first"))
        await asked(call)
        double.say(question=light("ask.second"))
        await asked(call, 2)
        double.say(question_gone=pb.QuestionGone(id="ask.first"))
        call.keys("1")
        await double.until(lambda: bool(double.bodies("answer")))
        assert answers(double) == [("ask.second", "on")]


async def test_a_question_that_is_gone_takes_no_answer(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path, human=True) as call:
        double.say(question=light("ask.first"))
        await asked(call)
        double.say(question_gone=pb.QuestionGone(id="ask.first"))
        double.say(advice=pb.Advice(lines=[pb.AdviceLine(text_en="gone by now")]))
        await soon(lambda: "gone by now" in call.output.getvalue())
        call.keys("1")
        # Lines are read in their order: what is behind it tells that it was read.
        call.keys("p")
        await soon(lambda: EN.personal_revoked in call.output.getvalue())
        double.say(question=light("ask.second"))
        await asked(call, 2)
        call.keys("2")
        await double.until(lambda: bool(double.bodies("answer")))
        assert answers(double) == [("ask.second", "blinks")]


async def test_a_question_gives_way_to_consent_and_comes_back(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path, human=True) as call:
        double.say(question=light())
        await asked(call)
        double.say(check=pb.CheckRequest(check="192.168.1.1:80"))
        await soon(lambda: EN.check_ask in call.output.getvalue())
        call.keys("n")
        await double.until(lambda: bool(double.bodies("check")))
        assert not double.bodies("check")[0].allowed
        await asked(call, 2)
        call.keys("2")
        await double.until(lambda: bool(double.bodies("answer")))
        assert answers(double) == [("ask.light", "blinks")]


async def test_without_a_human_the_question_is_only_told(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path) as call:
        double.say(question=light())
        told = await call.event(event="question")
        assert (told["question"], told["values"]) == ("ask.light", ["on", "blinks"])
        await call.event(event="hint")
        assert not double.bodies("answer")


async def test_hostile_words_are_shown_as_words(double: Any, tmp_path: Path) -> None:
    nasty = "Is \x1b[2Jit\u202e\n on&off?"
    async with a_call(double, tmp_path, human=True) as call:
        double.say(
            question=pb.Question(
                id="ask.x", text_en=nasty, how_en=nasty, values=["yes\x1b[2J"], labels_en=[nasty] * 30
            )
        )
        await asked(call)
        call.keys("1")
        await double.until(lambda: bool(double.bodies("answer")))
        assert answers(double) == [("ask.x", "yes\x1b[2J")]
        assert "\x1b[2J" not in call.output.getvalue()
        assert "\u202e" not in call.output.getvalue()


async def test_a_turn_that_is_cancelled_while_it_gives_way_ends() -> None:
    turns = Turns()
    began: list[str] = []

    async def polite() -> str:
        began.append("polite")
        await asyncio.Event().wait()
        return "never"

    task = asyncio.create_task(turns.take(polite, gives_way=True))
    await soon(lambda: began == ["polite"])

    async def urgent() -> str:
        return "urgent"

    assert await turns.take(urgent) == "urgent"
    await soon(lambda: began == ["polite", "polite"])
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await turns.take(urgent) == "urgent"


async def test_who_is_urgent_waits_for_nobody_that_gives_way() -> None:
    turns, order = Turns(), list[str]()
    done = {name: asyncio.Event() for name in ("first", "second", "polite")}

    async def turn(name: str) -> str:
        order.append(name)
        await done[name].wait()
        return name

    first = asyncio.create_task(turns.take(lambda: turn("first")))
    await soon(lambda: order == ["first"])
    polite = asyncio.create_task(turns.take(lambda: turn("polite"), gives_way=True))
    await asyncio.sleep(0)
    second = asyncio.create_task(turns.take(lambda: turn("second")))
    third = asyncio.create_task(turns.take(lambda: turn("never")))
    await asyncio.sleep(0)
    third.cancel()
    done["first"].set()
    assert await first == "first"
    await soon(lambda: len(order) == 2)
    assert order == ["first", "second"]
    done["second"].set()
    done["polite"].set()
    assert (await second, await polite) == ("second", "polite")
    assert order == ["first", "second", "polite"]
