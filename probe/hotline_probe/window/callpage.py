"""The page of the call: the two words, what is asked, what is measured, what has happened."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from hotline_probe.face import Status, measured
from hotline_probe.texts import Texts
from hotline_probe.window.orders import Answer, Asked, Told
from hotline_probe.window.panel import Panel
from hotline_probe.window.style import BODY, PALETTE, STRONG
from hotline_probe.window.widgets import Wrapped

MAX_NEWS = 500
# A picture code is read from black on white; a module of four pixels is some 1 mm.
_INK = {"0": "#ffffff", "1": "#000000"}
_MODULE = 4
# What the window shows in another place, or what only a terminal needs.
_ELSEWHERE = frozenset({"warning", "privacy", "words", "keys"})
_LOUD = {"error": "error", "advice": "strong", "local_cause": "strong", "local_digits": "strong"}


class CallPage(ttk.Frame):
    """Everything between the code and the end."""

    def __init__(self, parent: tk.Misc, give: Callable[[int, Answer], None]) -> None:
        super().__init__(parent)
        self._told: list[Told] = []
        # Tk shows a picture only as long as somebody holds it.
        self._pictures: list[tk.PhotoImage] = []
        self._status = Status()
        self.words_place = ttk.Frame(self, style="Words.TFrame", padding=12)
        self.words_label = Wrapped(self.words_place, "Words")
        self.words = Wrapped(self.words_place, "Big")
        self.words_label.pack(fill="x")
        self.words.pack(fill="x")
        self.panel = Panel(self, give)
        self.measured = Wrapped(self, "Quiet")
        self.title = Wrapped(self, "Title")
        self.news = tk.Text(
            self,
            height=7,
            wrap="word",
            font=BODY,
            background=PALETTE.sheet,
            foreground=PALETTE.ink,
            relief="flat",
            padx=10,
            pady=8,
            highlightthickness=2,
            highlightcolor=PALETTE.focus,
            highlightbackground=PALETTE.line,
            state="disabled",
            takefocus=True,
        )
        self.news.tag_configure("error", foreground=PALETTE.alarm, font=STRONG)
        self.news.tag_configure("strong", font=STRONG)
        self.news.bind("<Button-1>", lambda _event: self.news.focus_set())
        for widget in (self.words_place, self.panel, self.measured, self.title, self.news):
            widget.grid(sticky="nsew", pady=(0, 12))
        self.columnconfigure(0, weight=1)
        self.rowconfigure(4, weight=1)
        self.words_place.grid_remove()
        self.panel.grid_remove()

    def tell(self, told: Told, texts: Texts) -> None:
        """Show news."""
        if told.kind == "words":
            self.words.configure(text=str(told.data.get("words", "")))
            self.words_place.grid()
        if told.say is None or told.kind in _ELSEWHERE:
            return
        self._told = [*self._told[-MAX_NEWS + 1 :], told]
        self._write(told, texts)

    def stand(self, status: Status, texts: Texts) -> None:
        """Show what is measured now."""
        self._status = status
        self.measured.configure(text=measured(status, texts))

    def ask(self, asked: Asked, texts: Texts) -> None:
        """Show a question."""
        self.panel.show(asked, texts)
        self.panel.grid()
        self.panel.first.focus_set()

    def settled(self, number: int) -> None:
        """Take a question away."""
        if self.panel.asked is not None and self.panel.asked.number == number:
            self.panel.clear()
            self.panel.grid_remove()

    def say(self, texts: Texts) -> None:
        """Show everything in a language."""
        self.words_label.configure(text=texts.window_words)
        self.title.configure(text=texts.window_news)
        self.panel.say(texts)
        self.stand(self._status, texts)
        self.news.configure(state="normal")
        self.news.delete("1.0", "end")
        self._pictures.clear()
        self.news.configure(state="disabled")
        for told in self._told:
            self._write(told, texts)

    def _write(self, told: Told, texts: Texts) -> None:
        if told.say is None:
            return
        self.news.configure(state="normal")
        self.news.insert("end", told.say(texts) + "\n", _LOUD.get(told.kind, ""))
        if isinstance(rows := told.data.get("modules"), list):
            self._pictures.append(_picture(self, rows))
            self.news.image_create("end", image=self._pictures[-1])
            self.news.insert("end", "\n")
        self.news.delete("1.0", f"end - {MAX_NEWS * 4} lines")
        self.news.configure(state="disabled")
        self.news.see("end")


def _picture(parent: tk.Misc, rows: Sequence[str]) -> tk.PhotoImage:
    small = tk.PhotoImage(master=parent, width=len(rows), height=len(rows))
    small.put(" ".join(f"{{{' '.join(_INK[module] for module in row)}}}" for row in rows))
    return small.zoom(_MODULE)
