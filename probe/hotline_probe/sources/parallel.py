"""Blocking questions asked all at once, none of which can hold up the answer for longer than agreed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

Result = TypeVar("Result")


def together(works: Sequence[Callable[[], Result]], timeout: float, name: str) -> list[Result | None]:
    """Run functions in threads of their own and return their results in order, None for one that is late.

    A late one is left behind: neither getaddrinfo(3) nor anything else that blocks in the C library can be
    stopped from outside. The functions must not raise.
    """
    results: list[Result | None] = [None] * len(works)

    def run(place: int, work: Callable[[], Result]) -> None:
        results[place] = work()

    threads = [
        threading.Thread(target=run, args=(place, work), name=name, daemon=True)
        for place, work in enumerate(works)
    ]
    end = time.monotonic() + timeout
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(end - time.monotonic(), 0.0))
    return list(results)
