"""The question that the agent asks, on the caller's own screen: one at a time, gone once it is settled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hotline_proto.v1 import probe_pb2 as pb

from hotline_probe.face import Face, Question, Sentence, Topic
from hotline_probe.limits import Budget
from hotline_probe.terminal import harmless
from hotline_probe.texts import Texts

DONT_KNOW = "?"
MAX_ID = 128
MAX_VALUES = 12
MAX_LABEL = 80
# The collector takes a question away that nobody needs an answer to any more.
_PATIENCE = 3600.0


class Questions:
    """Shows questions and hands over answers; `tell` sends one, which nobody is held to give."""

    def __init__(self, face: Face, tell: Callable[[pb.Answer], object]) -> None:
        self._face = face
        self._tell = tell
        self._budget = Budget(30)
        self._id = ""
        self._open: asyncio.Task[str | None] | None = None

    async def ask(self, question: pb.Question) -> None:
        """Ask in place of the question before; without a human at the keyboard it is only shown."""
        if len(question.id) > MAX_ID or not self._budget.take():
            return
        self.gone(self._id)
        asked = _shown(question)
        if not self._face.interactive:
            await self._face.ask_text(asked, _PATIENCE)
            self._face.event("hint", lambda t: t.question_for_agent)
            return
        while (typed := await self._answer(question.id, asked)) is not None:
            value = _meant(typed, question)
            if value is not None:
                self._tell(pb.Answer(question=question.id, value=value))
                return
            self._face.event("hint", lambda t: t.question_unclear)

    def gone(self, question: str) -> None:
        """Take a question away if it is the one that is shown."""
        if self._open is not None and question == self._id:
            self._open.cancel()
            self._open = None

    async def _answer(self, name: str, asked: Question) -> str | None:
        """Return what the caller answers; None on silence, or once the question is gone."""
        self._id = name
        mine = self._open = asyncio.create_task(self._face.ask_text(asked, _PATIENCE))
        try:
            await asyncio.wait({mine})
        finally:
            mine.cancel()
            if self._open is mine:
                self._open = None
        return None if mine.cancelled() else mine.result()


def _shown(question: pb.Question) -> Question:
    values = tuple(harmless(value, 40) for value in question.values[:MAX_VALUES])
    about = [_says(question)]
    if question.how_en or question.how_de:
        how_en, how_de = question.how_en, question.how_de
        about.append(lambda t: t.question_how.format(how=_by_language(how_en, how_de, t)))
    return Question(
        Topic.QUESTION,
        lambda t: t.question_choose if values else t.question_prompt,
        tuple(about),
        values,
        {"question": harmless(question.id, 80), "values": list(values)},
        labels=tuple(_label(question, number) for number in range(len(values))),
        gives_way=True,
    )


def _says(question: pb.Question) -> Sentence:
    english, german, name, hazard = question.text_en, question.text_de, question.id, question.hazard

    def say(texts: Texts) -> str:
        text = _by_language(english, german, texts) or harmless(english or german or name)
        return (texts.question_hazard if hazard else texts.question).format(text=text)

    return say


def _label(question: pb.Question, number: int) -> Sentence:
    """Return what an answer is called; yes and no are words of ours."""
    value = question.values[number]
    english, german = (
        labels[number] if number < len(labels) else ""
        for labels in (list(question.labels_en), list(question.labels_de))
    )

    def say(texts: Texts) -> str:
        ours = {"true": texts.value_true, "false": texts.value_false}.get(value)
        theirs = _by_language(english, german, texts, MAX_LABEL) or harmless(value, 40)
        # "&" marks the access key of a button.
        return ours or theirs.replace("&", "+")

    return say


def _meant(typed: str, question: pb.Question) -> str | None:
    """Return the value that was meant, empty for "don't know", None if it is none of the answers.

    An answer may be typed as its number, as its value or as what it is called in either language.
    """
    word = harmless(typed)
    if word == DONT_KNOW:
        return ""
    values = list(question.values)[:MAX_VALUES]
    if not values:
        return word or None
    names: dict[str, str] = {}
    for labels in (question.labels_de, question.labels_en, _words(values)):
        names |= {harmless(label).casefold(): value for label, value in zip(labels, values, strict=False)}
    names |= {str(number): value for number, value in enumerate(values, 1)}
    names |= {value.casefold(): value for value in values}
    return names.get(word.casefold())


def _words(values: list[str]) -> list[str]:
    return [{"true": "ja", "false": "nein"}.get(value, value) for value in values]


def _by_language(english: str, german: str, texts: Texts, limit: int = 400) -> str:
    return harmless(german if texts.language == "de" else english, limit)
