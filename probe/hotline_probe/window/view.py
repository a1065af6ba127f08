"""The window itself; everything here runs in the main thread, as Tk wants it."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from queue import Empty
from tkinter import ttk

from hotline_probe.face import Status, connection
from hotline_probe.texts import LANGUAGES, Texts
from hotline_probe.window.callpage import CallPage
from hotline_probe.window.face import WindowFace
from hotline_probe.window.firstpage import FirstPage
from hotline_probe.window.orders import Asked, CodeWanted, Gone, Order, Over, Settled, Stands, Told
from hotline_probe.window.style import Fonts, dress
from hotline_probe.window.widgets import KeyButton, Scrolled, Wrapped

# How often the window looks for news, in milliseconds: below what a person notices.
LOOK_EVERY = 50
_AT_ONCE = 200


class View:
    """Shows what the face passes on, in the language that the caller chooses."""

    def __init__(self, root: tk.Tk, face: WindowFace) -> None:
        self.root = root
        self.face = face
        self.fonts = Fonts(root)
        dress(root)
        self._status: Status | None = None
        self._over = False
        self._build()
        self._bind()
        self._say()
        self.first.pack(fill="both", expand=True)
        self.end.focus_set()
        root.after(LOOK_EVERY, self._look)

    @property
    def texts(self) -> Texts:
        """The wording at the moment."""
        return self.face.texts

    def _build(self) -> None:
        root = self.root
        root.minsize(380, 320)
        root.geometry("640x660")
        root.columnconfigure(0, weight=1)
        root.rowconfigure(1, weight=1)
        header = ttk.Frame(root, padding=(16, 10))
        header.grid(sticky="ew")
        header.columnconfigure(0, weight=1)
        self.title = Wrapped(header, "Title")
        self.title.grid(row=0, column=0, sticky="ew")
        self.language = KeyButton(header, self._switch)
        self.language.grid(row=0, column=1)
        self.body = Scrolled(root)
        self.body.grid(sticky="nsew")
        self.first = FirstPage(self.body.inner, self.face.answer)
        self.call = CallPage(self.body.inner, self.face.answer)
        footer = ttk.Frame(root, padding=(16, 10))
        footer.grid(sticky="ew")
        footer.columnconfigure(0, weight=1)
        self.link = Wrapped(footer, "Body")
        self.link.grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, 6))
        self.revoke = KeyButton(footer, self.face.revoke_personal)
        self.revoke.grid(row=1, column=0, sticky="w")
        self.revoke.grid_remove()
        self.end = KeyButton(footer, self._end, "End.TButton")
        self.end.grid(row=1, column=1, sticky="e")

    def _bind(self) -> None:
        root = self.root
        root.protocol("WM_DELETE_WINDOW", self.close)
        root.bind("<Escape>", lambda _event: self.call.panel.decline())
        root.bind("<FocusIn>", lambda event: self.body.show(event.widget))
        root.bind("<Prior>", lambda _event: self.body.scroll(-1))
        root.bind("<Next>", lambda _event: self.body.scroll(1))
        for keys, step in (("plus equal KP_Add", 1), ("minus KP_Subtract", -1), ("0 KP_0", 0)):
            for key in keys.split():
                root.bind(f"<Control-{key}>", self._zoom(step))
        root.bind("<Alt-KeyPress>", lambda event: self._access(event.keysym))

    def _zoom(self, step: int) -> Callable[[object], None]:
        return lambda _event: self.fonts.step(step)

    def _access(self, key: str) -> str | None:
        """Press the button that a key belongs to; what is asked comes first."""
        buttons = (*self.call.panel.buttons, self.first.go, self.revoke, self.end, self.language)
        return "break" if any(button.hears(key) for button in buttons) else None

    def close(self) -> None:
        """Leave the call at once; the window goes now, the program when it has said goodbye."""
        self.root.withdraw()
        self.face.leave()

    def _end(self) -> None:
        if self._over:
            self.close()
        else:
            self.face.end()

    def _switch(self) -> None:
        self.face.texts = LANGUAGES["en" if self.texts.language == "de" else "de"]
        self._say()

    def _look(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                order = self.face.orders.get_nowait()
            except Empty:
                break
            if isinstance(order, Gone):
                self.root.destroy()
                return
            self._take(order)
        self.body.fit()
        self.root.after(LOOK_EVERY, self._look)

    def _take(self, order: Order) -> None:
        match order:
            case Told():
                self._tell(order)
            case Stands():
                self._status = order.status
                self._show_link()
                self.call.stand(order.status, self.texts)
            case CodeWanted():
                self.first.want(order)
            case Asked():
                self._turn_page()
                self.call.ask(order, self.texts)
            case Settled():
                self.first.settled()
                self.call.settled(order.number)
            case Over():
                self._over = True
                self._status = None
                self._show_link()
                self.revoke.grid_remove()
                self.end.say(self.texts.button_close)
                self.end.focus_set()

    def _tell(self, told: Told) -> None:
        if told.kind not in ("warning", "privacy"):
            self._turn_page()
        self.call.tell(told, self.texts)
        granted = told.data.get("granted")
        if isinstance(granted, list):
            (self.revoke.grid if "personal" in granted else self.revoke.grid_remove)()

    def _turn_page(self) -> None:
        if self.first.winfo_manager():
            self.first.pack_forget()
            self.call.pack(fill="both", expand=True)

    def _say(self) -> None:
        texts = self.texts
        self.root.title(texts.window_title)
        self.title.configure(text=texts.window_title)
        self.language.say(texts.button_language)
        self.revoke.say(texts.button_revoke)
        self.end.say(texts.button_close if self._over else texts.button_end)
        self.first.say(texts)
        self.call.say(texts)
        self._show_link()

    def _show_link(self) -> None:
        self.link.configure(text=connection(self._status, self.texts) if self._status else "")
