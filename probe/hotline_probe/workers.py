"""A few threads that do short jobs, and more as soon as some of them take long."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Job = TypeVar("Job")

# So many stay for good: every thread costs memory, and those that wake together get in each other's way.
USUAL = 3
# Seconds that a job waits for one of the others to end before it gets a thread of its own.
PATIENCE = 0.1


class Workers(Generic[Job]):
    """Does jobs in daemon threads: `USUAL` ones, `most` while jobs hang; nothing waits for them at the end.

    `work` does one job and must not raise. Whoever submits jobs calls `relieve` at the times that
    `relief_due` tells; then no job waits much longer than `PATIENCE`, unless `most` jobs hang.
    """

    def __init__(self, work: Callable[[Job], None], most: int) -> None:
        self._work = work
        self._most = most
        self._waiting: deque[tuple[float, Job]] = deque()
        self._news = threading.Condition(threading.Lock())
        self._threads = 0
        self._free = 0
        self._ended = False

    def submit(self, job: Job, now: float) -> None:
        """Have a job done; after `end` it is dropped."""
        with self._news:
            self._waiting.append((now, job))
            if self._free >= len(self._waiting):
                self._news.notify()
            elif self._threads < min(USUAL, self._most):
                self._add()

    def relief_due(self) -> float | None:
        """Return when a job will have waited too long for a thread, None if none does."""
        with self._news:
            return self._relief_due()

    def relieve(self, now: float) -> None:
        """Start a thread for every job that has waited too long."""
        with self._news:
            late = sum(1 for since, _ in self._waiting if since + PATIENCE <= now)
            for _ in range(min(late - self._free, self._most - self._threads)):
                self._add()

    def end(self) -> None:
        """Let every thread end after its present job."""
        with self._news:
            self._ended = True
            self._waiting.clear()
            self._news.notify_all()

    def _relief_due(self) -> float | None:
        if self._free >= len(self._waiting) or self._threads >= self._most:
            return None
        return self._waiting[0][0] + PATIENCE

    def _add(self) -> None:
        threading.Thread(target=self._serve, name="source", daemon=True).start()
        self._threads += 1
        self._free += 1

    def _serve(self) -> None:
        while (job := self._take()) is not None:
            self._work(job[0])
            with self._news:
                self._free += 1

    def _take(self) -> tuple[Job] | None:
        """Return the next job, None if this thread is not needed any more."""
        with self._news:
            while not self._waiting and not self._ended and self._threads <= USUAL:
                self._news.wait()
            self._free -= 1
            if self._waiting and not self._ended:
                return (self._waiting.popleft()[1],)
            self._threads -= 1
            return None
