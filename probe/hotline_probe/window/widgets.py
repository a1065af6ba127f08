"""Small widgets: labels that wrap, buttons with access keys, a body that scrolls."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from hotline_probe.window.style import PALETTE


class Wrapped(ttk.Label):
    """A label as wide as its place, whose lines wrap."""

    def __init__(self, parent: tk.Misc, style: str, padding: int = 0) -> None:
        super().__init__(parent, style=f"{style}.TLabel", justify="left", anchor="w", padding=padding)
        edge = 2 * padding + 8
        self.bind("<Configure>", lambda event: self.configure(wraplength=max(event.width - edge, 80)))


class KeyButton(ttk.Button):
    """A button whose text marks its access key with "&": pressed with Alt.

    A text may be set at any time, for instance in another language. A button that is not shown does not
    hear its key.
    """

    def __init__(self, parent: tk.Misc, press: Callable[[], None], style: str = "TButton") -> None:
        super().__init__(parent, command=press, style=style)
        self._key = ""

    def say(self, text: str) -> None:
        """Show a text and listen to its access key."""
        before, _, after = text.partition("&")
        self.configure(text=before + after, underline=len(before) if after else -1)
        self._key = after[:1].lower()

    def hears(self, key: str) -> bool:
        """Press the button if the key is its own and it is to be seen."""
        if key.lower() != self._key or not self.winfo_viewable():
            return False
        self.focus_set()
        self.invoke()
        return True


class Scrolled(ttk.Frame):
    """A frame `inner` that is as high as it needs to be, and at least as high as the place."""

    def __init__(self, parent: tk.Misc) -> None:
        super().__init__(parent)
        self._canvas = tk.Canvas(self, highlightthickness=0, background=PALETTE.ground, takefocus=False)
        self._bar = ttk.Scrollbar(self, command=self._canvas.yview)
        self._canvas.configure(yscrollcommand=self._bar.set)
        self._canvas.pack(side="left", fill="both", expand=True)
        self.inner = ttk.Frame(self._canvas, padding=16)
        self._item = self._canvas.create_window(0, 0, anchor="nw", window=self.inner)
        self._fitted = (0, 0, 0)

    def scroll(self, pages: int) -> None:
        """Move by half pages."""
        self._canvas.yview_scroll(pages * max(1, self._canvas.winfo_height() // 2), "units")

    def show(self, widget: tk.Misc) -> None:
        """Scroll until a widget inside is to be seen."""
        if not str(widget).startswith(str(self.inner)):
            return
        top = widget.winfo_rooty() - self.inner.winfo_rooty()
        bottom, height = top + widget.winfo_height(), self._canvas.winfo_height()
        first = self._canvas.canvasy(0)
        whole = max(self.inner.winfo_height(), 1)
        if top < first or bottom - top > height:
            self._canvas.yview_moveto(top / whole)
        elif bottom > first + height:
            self._canvas.yview_moveto((bottom - height) / whole)

    def fit(self) -> None:
        """Adapt to what is inside now; call it often, for Tk tells nobody that a frame needs more room."""
        needed, there = self.inner.winfo_reqheight(), self._canvas.winfo_height()
        if self._fitted == (size := (needed, there, self._canvas.winfo_width())):
            return
        self._fitted = size
        height = max(needed, there)
        if needed > there:
            self._bar.pack(side="right", fill="y")
        else:
            self._bar.pack_forget()
        self._canvas.itemconfigure(self._item, width=self._canvas.winfo_width(), height=height)
        self._canvas.configure(scrollregion=(0, 0, 0, height), yscrollincrement=1)
