"""The face at the terminal, for people and, as JSON lines, for programs."""

from __future__ import annotations

from collections.abc import Callable

from hotline_probe.errors import UsageError
from hotline_probe.face import Controls, Question, Sentence, Status, Topic
from hotline_probe.keyboard import Keyboard
from hotline_probe.status import Screen
from hotline_probe.texts import Texts

CODE_TIMEOUT = 600.0
# Questions such as "Do it?" that say nothing without the sentence before them.
_LEANING = frozenset({Topic.CHECK, Topic.ACTION, Topic.QUESTION, Topic.DEVICE, Topic.HOST_KEY})


class TerminalFace:
    """Prints to a screen and reads lines; `q` ends, `p` takes back personal facts."""

    def __init__(self, screen: Screen, keyboard: Keyboard, texts: Texts) -> None:
        self.texts = texts
        self._screen = screen
        self._keyboard = keyboard
        self._controls: Controls | None = None
        self._open = False

    @property
    def interactive(self) -> bool:
        """Whether a human can be asked."""
        return self._keyboard.interactive

    def start(self, controls: Controls) -> None:
        """Begin to read the keyboard."""
        self._controls = controls
        self._keyboard.start(self._command)

    async def ask_code(self, read: Callable[[str, Texts], object], known: str) -> str | None:
        """Return the code of the command line, or ask until one is right; an empty line gives up."""
        if known:
            return known
        while text := await self._ask(self.texts.ask_code, CODE_TIMEOUT):
            try:
                read(text, self.texts)
            except UsageError as error:
                self._screen.event("error", str(error))
            else:
                return text
        return None

    async def ask_yes(self, question: Question, patience: float) -> bool | None:
        """Ask with a prompt that says how to answer; everything but a clear yes is a no.

        A yes that may have been meant for the question before is asked for once more.
        """
        while (answer := await self._asked(question, self.texts.yes_or_no, patience)) is not None:
            said_yes = is_yes(answer, self.texts)
            if not (said_yes and self._keyboard.hasty and self._screen.for_humans):
                return said_yes
            self._screen.event("hint", self.texts.question_changed)
        return None

    async def ask_text(self, question: Question, patience: float) -> str | None:
        """Return the line that was typed."""
        return await self._asked(question, "", patience)

    async def ask_secret(self, question: Question, patience: float) -> str | None:
        """Return the line that was typed while the terminal shows nothing of it."""
        return await self._asked(question, "", patience, hidden=True)

    def event(self, kind: str, say: Sentence | None = None, **data: object) -> None:
        """Print it."""
        self._screen.event(kind, say(self.texts) if say is not None else "", **data)

    def update(self, status: Status) -> None:
        """Redraw the status line."""
        self._screen.update(status)

    async def ended(self) -> None:
        """What was printed stays."""

    def close(self) -> None:
        """Take away what is true only while the program runs."""
        self._screen.close()

    async def _asked(
        self, question: Question, suffix: str, patience: float, *, hidden: bool = False
    ) -> str | None:
        if not self.interactive:
            self._announce(question)
            return None
        prompt = question.text(self.texts) + suffix
        leans = question.topic in _LEANING and question.about
        again = f"{question.about[0](self.texts)} {prompt}" if leans else ""
        return await self._ask(
            prompt,
            patience,
            lambda: self._announce(question),
            again,
            hidden=hidden,
            gives_way=question.gives_way,
        )

    def _announce(self, question: Question) -> None:
        for say in question.about:
            self._screen.event(question.topic.value, say(self.texts), **question.data)
        for number, label in enumerate(question.labels, 1):
            # "&" marks the access key of a button.
            text = self.texts.question_option.format(number=number, label=label(self.texts).replace("&", ""))
            self._screen.event(question.topic.value, text, **question.data)

    async def _ask(
        self,
        prompt: str,
        patience: float,
        before: Callable[[], None] = lambda: None,
        again: str = "",
        *,
        hidden: bool = False,
        gives_way: bool = False,
    ) -> str | None:
        shown = False

        def show() -> None:
            nonlocal shown
            before()
            shown = self._open = True
            self._screen.prompt(prompt, again)

        try:
            return await self._keyboard.ask(show, patience, hidden=hidden, gives_way=gives_way)
        finally:
            if shown:
                self._open = False
                self._screen.answered()

    def _command(self, line: str) -> bool:
        controls, word = self._controls, line.strip().lower()
        # While the caller is asked for a secret, or anything before the call, every line is the answer.
        if controls is None or (self._open and (self._keyboard.hidden or not controls.in_call)):
            return False
        if word == "q":
            controls.end()
        elif word == "p" and controls.in_call:
            controls.revoke_personal()
        else:
            return False
        return True


def is_yes(answer: str, texts: Texts) -> bool:
    """Tell whether an answer is a clear yes in the caller's language; everything else is a no."""
    return answer.strip().lower() in texts.yes_words.split()
