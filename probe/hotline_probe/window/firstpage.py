"""The first page: whether it was you who called, what cannot be seen, and the code."""

from __future__ import annotations

import re
import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from hotline_proto.joincode import LENGTH

from hotline_probe.errors import UsageError
from hotline_probe.texts import Texts
from hotline_probe.window.orders import CodeWanted
from hotline_probe.window.style import DIGITS
from hotline_probe.window.widgets import KeyButton, Wrapped

_GROUP = 3
_ONLY_CODE = re.compile(r"[\d ]*")


class FirstPage(ttk.Frame):
    """Takes the code; `give` hears one that is right."""

    def __init__(self, parent: tk.Misc, give: Callable[[int, str], None]) -> None:
        super().__init__(parent)
        self._give = give
        self._wanted: CodeWanted | None = None
        self._texts: Texts | None = None
        self._judged: str | None = None
        self.warning = Wrapped(self, "Warning", padding=12)
        self.privacy = Wrapped(self, "Body")
        self.label = Wrapped(self, "Title")
        self.entry = ttk.Entry(self, font=DIGITS)
        self.hint = Wrapped(self, "Quiet")
        self.go = KeyButton(self, self._submit, "Yes.TButton")
        self.warning.pack(fill="x", pady=(0, 12))
        self.privacy.pack(fill="x", pady=(0, 24))
        self.entry.bind("<KeyRelease>", lambda _event: self._typed())
        self.entry.bind("<<Paste>>", lambda _event: self.after_idle(self._typed))
        self.entry.bind("<Return>", lambda _event: self._submit())
        self.entry.bind("<KP_Enter>", lambda _event: self._submit())

    def say(self, texts: Texts) -> None:
        """Show everything in a language."""
        self._texts = texts
        self.warning.configure(text=texts.did_you_call)
        self.privacy.configure(text=texts.cannot_see)
        self.label.configure(text=texts.window_code)
        self.go.say(texts.button_continue)
        self._judge()

    def want(self, order: CodeWanted) -> None:
        """Show the field."""
        self._wanted = order
        for widget in (self.label, self.entry, self.hint):
            widget.pack(fill="x", pady=(0, 8))
        self.go.pack(anchor="w", pady=(8, 0))
        self.entry.insert(0, order.known)
        self._typed()
        self.entry.focus_set()

    def settled(self) -> None:
        """Take the field away."""
        self._wanted = None
        for widget in (self.label, self.entry, self.hint, self.go):
            widget.pack_forget()

    def _typed(self) -> None:
        text = self.entry.get()
        if text == self._judged:
            return
        if _ONLY_CODE.fullmatch(text):
            place = sum(c.isdigit() for c in text[: self.entry.index("insert")])
            grouped = grouped_code(text)
            if grouped != text:
                self.entry.delete(0, "end")
                self.entry.insert(0, grouped)
                self.entry.icursor(place + max(0, place - 1) // _GROUP)
        self._judged = self.entry.get()
        self._judge()

    def _judge(self) -> bool:
        """Say how the code stands, a typing error at once; tell whether it is right."""
        if self._wanted is None or self._texts is None:
            return False
        text, texts = self.entry.get().strip(), self._texts
        count = sum(c.isdigit() for c in text)
        if count < LENGTH and _ONLY_CODE.fullmatch(text):
            self.hint.configure(
                text=texts.code_progress.format(count=count, length=LENGTH), style="Quiet.TLabel"
            )
            return False
        try:
            self._wanted.read(text, texts)
        except UsageError as error:
            self.hint.configure(text=str(error), style="Error.TLabel")
            return False
        self.hint.configure(text=texts.code_right, style="Quiet.TLabel")
        return True

    def _submit(self) -> None:
        if self._wanted is None or self._texts is None:
            return
        if self._judge():
            self._give(self._wanted.number, self.entry.get().strip())
        elif not self.hint.cget("style").startswith("Error"):
            self.hint.configure(text=self._texts.code_length, style="Error.TLabel")


def grouped_code(text: str) -> str:
    """Return digits in groups of three, as they are read out."""
    digits = "".join(c for c in text if c.isdigit())
    return " ".join(digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))
