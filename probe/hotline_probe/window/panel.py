"""What waits for the caller's word: consent, a check, an action, a question."""

from __future__ import annotations

import time
import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from hotline_probe.face import Topic
from hotline_probe.keyboard import HASTE_S
from hotline_probe.questions import DONT_KNOW
from hotline_probe.texts import Texts
from hotline_probe.window.orders import Answer, Asked
from hotline_probe.window.style import BODY
from hotline_probe.window.widgets import KeyButton, Wrapped

# Their question is said by the buttons.
_BUTTONS_SAY_IT = (Topic.QUESTION, Topic.AGAIN)


class Panel(ttk.Frame):
    """Shows one question at a time; `give` hears its number and the answer.

    No button has the focus at first: a key that was meant for something else must not be a yes. For the same
    reason a question that takes the place of another one takes no yes at once, and one that takes the place
    of a secret has no field with the focus.
    """

    def __init__(self, parent: tk.Misc, give: Callable[[int, Answer], None]) -> None:
        super().__init__(parent, style="Panel.TFrame", padding=14, takefocus=True)
        self._give = give
        self.asked: Asked | None = None
        self.about: list[Wrapped] = []
        self.question = Wrapped(self, "Ask")
        self.buttons: list[KeyButton] = []
        self._says: list[Callable[[Texts], str]] = []
        self.entry: ttk.Entry | None = None
        self._answered = 0
        self._left = time.monotonic() - HASTE_S
        self._secret_left = self._after_secret = False

    @property
    def first(self) -> tk.Misc:
        """What has the focus at first."""
        return self if self.entry is None or self._after_secret else self.entry

    def show(self, asked: Asked, texts: Texts) -> None:
        """Show a question and what it is about."""
        self.clear()
        self._after_secret = self._secret_left
        self._secret_left = False
        self.asked = asked
        for _ in asked.question.about:
            label = Wrapped(self, "Panel")
            label.pack(fill="x", pady=(0, 8))
            self.about.append(label)
        if asked.question.topic not in _BUTTONS_SAY_IT:
            self.question.pack(fill="x", pady=(0, 8))
        self._place_buttons(asked)
        self.say(texts)

    def clear(self) -> None:
        """Show nothing."""
        if self.asked is not None and self.asked.number != self._answered:
            self._left, self._secret_left = time.monotonic(), self.asked.hidden
        self.asked = None
        self.question.pack_forget()
        for widget in (
            *self.about,
            *self.buttons,
            *([self.entry] if self.entry else []),
        ):
            widget.destroy()
        self.about, self.buttons, self._says, self.entry = [], [], [], None

    def say(self, texts: Texts) -> None:
        """Show everything in a language."""
        if self.asked is None:
            return
        question = self.asked.question
        for label, say in zip(self.about, question.about, strict=True):
            label.configure(text=say(texts))
        self.question.configure(text=question.text(texts))
        for button, say in zip(self.buttons, self._says, strict=True):
            button.say(say(texts))

    def decline(self) -> bool:
        """Say no, or that there is no answer, to what is open; tell whether there was something."""
        if self.asked is None:
            return False
        if self._is(Topic.QUESTION):
            # Escape is easily pressed by accident, and "don't know" is an answer.
            return False
        self._answer(False if self.asked.yes_or_no else ("q" if self._is(Topic.AGAIN) else ""))
        return True

    def _is(self, topic: Topic) -> bool:
        return self.asked is not None and self.asked.question.topic is topic

    def _place_buttons(self, asked: Asked) -> None:
        if asked.yes_or_no:
            self._button(lambda t: t.button_yes, True, "Yes.TButton")
            self._button(lambda t: t.button_no, False)
        elif self._is(Topic.AGAIN):
            self._button(lambda t: t.button_again, "", "Yes.TButton")
        else:
            for number, (value, label) in enumerate(
                zip(asked.question.values, asked.question.labels, strict=True), 1
            ):
                self._button(_numbered(number, label), value, below=True)
            if not asked.question.values:
                self.entry = ttk.Entry(self, font=BODY, show="•" if asked.hidden else "")
                self.entry.pack(fill="x", pady=(0, 8))
                self.entry.bind("<Return>", lambda _event: self._send())
                self._button(lambda t: t.button_send, None, "Yes.TButton")
            if asked.hidden:
                self._button(lambda t: t.button_no, "")
            else:
                self._button(lambda t: t.button_unknown, DONT_KNOW, below=bool(asked.question.values))

    def _button(
        self, say: Callable[[Texts], str], answer: Answer, style: str = "TButton", *, below: bool = False
    ) -> None:
        button = KeyButton(self, self._send if answer is None else lambda: self._answer(answer), style)
        if below:
            button.pack(fill="x", pady=(4, 0))
        else:
            button.pack(side="left", padx=(0, 8), pady=(4, 0))
        self.buttons.append(button)
        self._says.append(say)

    def _send(self) -> None:
        if self.entry is not None:
            self._answer(self.entry.get())

    def _answer(self, answer: Answer) -> None:
        if self.asked is None or (answer is True and time.monotonic() < self._left + HASTE_S):
            return
        self._answered = self.asked.number
        self._give(self.asked.number, answer)


def _numbered(number: int, label: Callable[[Texts], str]) -> Callable[[Texts], str]:
    def say(texts: Texts) -> str:
        text = label(texts)
        return text if "&" in text else f"&{number}  {text}"

    return say
