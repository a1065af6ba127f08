"""The window as the call sees it: lives on the event loop and knows nothing of widgets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue

from hotline_probe.face import Controls, Question, Sentence, Status
from hotline_probe.texts import Texts
from hotline_probe.turns import Turns
from hotline_probe.window.orders import Answer, Asked, CodeWanted, Order, Over, Settled, Stands, Told


class WindowFace:
    """Hands everything to the window's thread by a queue; `answer` and the buttons come back from there."""

    interactive = True

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.orders: SimpleQueue[Order] = SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._controls: Controls | None = None
        self._turns = Turns()
        self._number = 0
        self._answer: asyncio.Future[Answer] | None = None
        self._over = False
        self._left = asyncio.Event()
        self._closed = False

    # On the event loop.

    def start(self, controls: Controls) -> None:
        """Let the buttons work from now on."""
        self._controls = controls
        self._loop = asyncio.get_running_loop()
        if self._closed:
            self._leave()

    async def ask_code(self, read: Callable[[str, Texts], object], known: str) -> str | None:
        """Show the first page until there is a code that `read` takes."""
        code = await self._ask(lambda number: CodeWanted(number, read, known), None)
        return code if isinstance(code, str) else None

    async def ask_yes(self, question: Question, patience: float) -> bool | None:
        """Show the question with two buttons."""
        answer = await self._ask(lambda number: Asked(number, question, yes_or_no=True), patience)
        return None if answer is None else answer is True

    async def ask_text(self, question: Question, patience: float) -> str | None:
        """Show the question with a button for each value, or a field."""
        answer = await self._ask(
            lambda number: Asked(number, question, yes_or_no=False), patience, gives_way=question.gives_way
        )
        return answer if isinstance(answer, str) else None

    async def ask_secret(self, question: Question, patience: float) -> str | None:
        """Show the question with a field that shows dots."""
        answer = await self._ask(
            lambda number: Asked(number, question, yes_or_no=False, hidden=True), patience
        )
        return answer if isinstance(answer, str) else None

    def event(self, kind: str, say: Sentence | None = None, **data: object) -> None:
        """Show it."""
        self.orders.put(Told(kind, say, data))

    def update(self, status: Status) -> None:
        """Show it."""
        self.orders.put(Stands(status))

    async def ended(self) -> None:
        """Leave the window open until the caller closes it."""
        self._over = True
        self.orders.put(Over())
        await self._left.wait()

    async def _ask(
        self, order: Callable[[int], Order], patience: float | None, *, gives_way: bool = False
    ) -> Answer:
        try:
            async with asyncio.timeout(patience):
                return await self._turns.take(partial(self._turn, order), gives_way=gives_way)
        except TimeoutError:
            return None

    async def _turn(self, order: Callable[[int], Order]) -> Answer:
        self._number += 1
        self._answer = asyncio.get_running_loop().create_future()
        self.orders.put(order(self._number))
        try:
            return await self._answer
        finally:
            self._answer = None
            self.orders.put(Settled(self._number))

    # From the window's thread.

    def answer(self, number: int, answer: Answer) -> None:
        """Give the caller's answer; one to a question that is settled already counts for nothing."""
        self.soon(lambda: self._take(number, answer))

    def end(self) -> None:
        """The caller wants the call to end."""
        self.soon(self._end)

    def revoke_personal(self) -> None:
        """The caller takes back personal facts."""
        self.soon(self._revoke)

    def leave(self) -> None:
        """The window is closed: that ends the call, whatever it was about to do."""
        self._closed = True
        self.soon(self._leave)

    def soon(self, work: Callable[[], object]) -> None:
        """Do something on the event loop."""
        # The loop may not have begun, or have ended meanwhile.
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(work)

    def _take(self, number: int, answer: Answer) -> None:
        if number == self._number and self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    def _end(self) -> None:
        if self._controls is not None and not self._over:
            self._controls.end()

    def _revoke(self) -> None:
        if self._controls is not None:
            self._controls.revoke_personal()

    def _leave(self) -> None:
        self._left.set()
        self._end()
