"""Asks programs of macOS, the same question not twice within a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from weakref import WeakKeyDictionary

from hotline_probe.errors import SourceFailed
from hotline_probe.machine import Machine

# Several sources want the routes at the same time; a process for each would cost more than all the rest.
KEPT_FOR = 1.0
_MAX_KEPT = 32
_Answers = dict[tuple[str, ...], tuple[float, str]]


class Commands:
    """Remembers for a moment what programs printed; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: WeakKeyDictionary[Machine, _Answers] = WeakKeyDictionary()

    def ask(self, machine: Machine, argv: tuple[str, ...], timeout: float) -> str:
        """Return what a program prints.

        Raises:
            MissingTool: it is not installed.
            SourceFailed: it ended with an error, or not in time.
        """
        answers, now = self._kept.setdefault(machine, {}), self._clock()
        at, text = answers.get(argv, (now - KEPT_FOR, ""))
        if 0 <= now - at < KEPT_FOR:
            return text
        result = machine.run(argv, timeout)
        if result.code:
            said = (result.err.strip() or result.out.strip())[:200]
            raise SourceFailed(f"{argv[0]}: {said or f'ended with {result.code}'}")
        if len(answers) >= _MAX_KEPT:
            answers.clear()
        answers[argv] = (now, result.out)
        return result.out


ask = Commands().ask
