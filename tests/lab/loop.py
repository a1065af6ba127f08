"""One asyncio loop in a thread of its own that carries all servers of all labs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")
_PATIENCE = 20


class Loop:
    """Runs coroutines for threads that wait for them."""

    def __init__(self) -> None:
        self.asyncio = asyncio.new_event_loop()
        # Connections that probes break off are everyday; nobody needs to read of them.
        self.asyncio.set_exception_handler(lambda *_: None)
        threading.Thread(target=self.asyncio.run_forever, name="lab servers", daemon=True).start()

    def wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine in the loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self.asyncio).result(_PATIENCE)
