"""What the caller types, line by line, without ever blocking the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable
from functools import partial
from typing import TextIO

from hotline_probe.turns import Turns
from hotline_probe.unseen import unseen

MAX_LINE = 4096
# Nobody reads a question and says yes to it in less.
HASTE_S = 0.7


class Keyboard:
    """Reads lines in a daemon thread; a line answers the question that is open, or is a command.

    `interactive` is true when a human can be asked: the input is a terminal and we are in its foreground
    (reading it from the background would stop the process). `hasty` tells of the last answer that it came
    right after its question had taken the place of another one, which it may have been meant for.
    """

    def __init__(self, stream: TextIO | None, on_command: Callable[[str], bool] | None = None) -> None:
        self.interactive = _has_human(stream)
        self._stream = stream
        self._on_command = on_command or (lambda _line: False)
        self._question: asyncio.Future[str | None] | None = None
        self._turns = Turns()
        self._ended = False
        self._hidden = False
        self._show: Callable[[], None] | None = None
        self._left = -HASTE_S
        self._unfinished = False
        self.hasty = False

    def start(self, on_command: Callable[[str], bool]) -> None:
        """Begin to read; lines go first to `on_command`, which tells whether it took them."""
        self._on_command = on_command
        # A program without a console has no input at all.
        if self._stream is not None and (self.interactive or not _is_terminal(self._stream)):
            loop = asyncio.get_running_loop()
            threading.Thread(
                target=self._read, args=(loop, self._stream), name="keyboard", daemon=True
            ).start()

    @property
    def hidden(self) -> bool:
        """Whether what is typed now does not show."""
        return self._hidden

    async def ask(
        self, show: Callable[[], None], patience: float, *, hidden: bool = False, gives_way: bool = False
    ) -> str | None:
        """Show a question and return the line typed, None after `patience` seconds or without a human.

        One question is open at a time; the others wait for their turn, which counts as silence. One that
        `gives_way` is shown anew after any other. With `hidden` the terminal shows nothing of the answer; one
        that cannot do that is not asked at all.
        """
        if not self.interactive:
            return None
        try:
            async with asyncio.timeout(patience):
                turn = partial(self._secret if hidden else self._answer, show)
                return await self._turns.take(turn, gives_way=gives_way)
        except TimeoutError:
            return None

    async def _answer(self, show: Callable[[], None]) -> str | None:
        if self._ended:
            return None
        loop = asyncio.get_running_loop()
        self._question, self._show, answered = loop.create_future(), show, False
        show()
        try:
            answer = await self._question
            answered = True
        finally:
            self._question = self._show = None
            if not answered:
                self._left = loop.time()
                self._unfinished |= self._hidden
        return answer

    async def _secret(self, show: Callable[[], None]) -> str | None:
        with unseen(self._stream) as works:
            if not works:
                return None
            self._hidden = True
            try:
                return await self._answer(show)
            finally:
                self._hidden = False

    def _read(self, loop: asyncio.AbstractEventLoop, stream: TextIO) -> None:
        # The bare descriptor: a thread that waits in the buffered stream holds a lock that the
        # interpreter wants at its end.
        waiting = b""
        with contextlib.suppress(RuntimeError, OSError, ValueError):  # the loop or the terminal is gone
            while data := os.read(stream.fileno(), MAX_LINE):
                *lines, waiting = (waiting + data).split(b"\n")
                for line in lines:
                    loop.call_soon_threadsafe(self._line, line.decode(errors="replace").strip())
                waiting = waiting[-MAX_LINE:]
            loop.call_soon_threadsafe(self._line, None)

    def _line(self, line: str | None) -> None:
        if line is None:
            self._ended = True
        elif self._on_command(line):
            return
        elif self._unfinished:
            # The end of a secret that was taken away while it was typed is an answer to nothing else.
            self._unfinished = False
            if self._show is not None:
                self._show()
            return
        if self._question is not None and not self._question.done():
            self.hasty = self._question.get_loop().time() < self._left + HASTE_S
            self._question.set_result(line)


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def _has_human(stream: TextIO | None) -> bool:
    if stream is None or not _is_terminal(stream):
        return False
    if not hasattr(os, "tcgetpgrp"):
        return True
    try:
        return os.tcgetpgrp(stream.fileno()) == os.getpgrp()
    except OSError:
        return False
