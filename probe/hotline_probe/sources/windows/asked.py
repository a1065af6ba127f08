"""Answers of PowerShell that are remembered, because every question costs a second of a processor."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from hotline_probe.errors import SourceError, SourceFailed
from hotline_probe.machine import Machine, monotonic
from hotline_probe.sources.windows import shell

Told = TypeVar("Told")

# Below the timeout of the quickest sources; a cold PowerShell takes longer, and then the next run has it.
WAIT = 1.5
TIMEOUT = 20.0


class Asked(Generic[Told]):
    """Asks a script in a thread of its own; who comes meanwhile gets the last answer.

    `parse` makes the answer of the object that PowerShell tells, `keep` is how many seconds it holds.
    """

    def __init__(
        self,
        script: str,
        parse: Callable[[shell.Row], Told],
        keep: float,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._script = script
        self._parse = parse
        self._keep = keep
        self._clock = clock
        self._news = threading.Condition()
        self._told: Told | None = None
        self._failure: SourceError | None = None
        self._signs: Hashable = None
        self._at: float | None = None
        self._running = False

    def get(self, machine: Machine, signs: Hashable = None) -> Told:
        """Return the answer; other `signs` than last time say that the old one does not hold any more.

        Raises:
            SourceError: PowerShell is missing, failed, or has not answered yet.
        """
        with self._news:
            changed = signs != self._signs
            if not self._running and (self._at is None or changed or self._clock() - self._at >= self._keep):
                if changed:
                    self._told = None
                self._signs, self._at, self._running = signs, self._clock(), True
                threading.Thread(target=self._ask, args=(machine,), name="powershell", daemon=True).start()
            if self._told is None and self._running:
                self._news.wait_for(lambda: not self._running, WAIT)
            if self._told is not None:
                return self._told
            failure = self._failure
        if failure is not None:
            raise type(failure)(str(failure))
        raise SourceFailed("PowerShell has not answered yet")

    def _ask(self, machine: Machine) -> None:
        told: Told | None = None
        failure: SourceError | None = None
        try:
            told = self._parse(shell.ask(machine, self._script, TIMEOUT))
        except SourceError as error:
            failure = error
        except Exception as error:
            failure = SourceFailed(f"{type(error).__name__}: {error}")
        with self._news:
            self._told, self._failure, self._running = told, failure, False
            self._news.notify_all()


class Shared(Generic[Told]):
    """One `Asked` for each machine, for all sources that want the same."""

    def __init__(self, script: str, parse: Callable[[shell.Row], Told], keep: float) -> None:
        self._script, self._parse, self._keep = script, parse, keep
        self._by_machine: WeakKeyDictionary[Machine, Asked[Told]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def get(self, machine: Machine, signs: Hashable = None) -> Told:
        """Return the answer; raises like `Asked.get`."""
        with self._lock:
            asked = self._by_machine.get(machine)
            if asked is None:
                asked = Asked(self._script, self._parse, self._keep)
                self._by_machine[machine] = asked
        return asked.get(machine, signs)
