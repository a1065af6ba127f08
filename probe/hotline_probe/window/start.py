"""Starts the window: Tk in the main thread, the call in another."""

from __future__ import annotations

import asyncio
import signal
import threading
import tkinter as tk

from hotline_probe.errors import NoWindow
from hotline_probe.options import Options
from hotline_probe.visit import FAILED, Visit
from hotline_probe.window.face import WindowFace
from hotline_probe.window.orders import Gone
from hotline_probe.window.view import View


class Window:
    """An open window and the call behind it; made and used in the main thread.

    Raises:
        NoWindow: there is no display to open one on.
    """

    def __init__(self, options: Options) -> None:
        try:
            root = tk.Tk(className="Hotline")
        except tk.TclError as error:
            raise NoWindow(str(error)) from error
        self.code = FAILED
        self.face = WindowFace(options.texts)
        self.visit = Visit(options, self.face)
        self.view = View(root, self.face)
        self.thread = threading.Thread(target=self._call, name="call")
        self.thread.start()

    def stop(self, reason: str) -> None:
        """End for a reason from outside."""
        self.face.soon(lambda: self.visit.stop(reason))

    def run(self) -> int:
        """Wait for the end and return the exit code."""
        self.view.root.mainloop()
        self.thread.join()
        return self.code

    def _call(self) -> None:
        try:
            self.code = asyncio.run(self.visit.run())
        finally:
            self.face.orders.put(Gone())


def run_in_window(options: Options) -> int:
    """Run a call in a window and return the exit code.

    Raises:
        NoWindow: there is no display to open one on.
    """
    # The handlers keep the window's objects until the end: Tcl must be let go of by the thread that made it.
    window = Window(options)
    for name, reason in (("SIGINT", "caller_ended"), ("SIGTERM", "shutdown"), ("SIGHUP", "shutdown")):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, lambda *_, why=reason: window.stop(why))
    return window.run()
