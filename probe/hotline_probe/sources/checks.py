"""Checks of what the caller names."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator

from hotline_proto.facts import Fact

from hotline_probe.checks.name import Names
from hotline_probe.checks.run import OVERALL, failed_parse, run_check
from hotline_probe.checks.target import parse_check
from hotline_probe.errors import UsageError
from hotline_probe.source import Context

MAX_CHECKS = 32
# Steps look at the clock between their system calls only.
GRACE = 2.0


class Checks:
    """Runs each check by itself and all at once; a human asked for each, so they always run.

    `trust` replaces the system's certificate store.
    """

    name = "checks"

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        self._trust = trust
        self._names = Names()

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the facts of every check that ends in time."""
        texts = dict.fromkeys(context.settings.checks[:MAX_CHECKS])
        results: dict[str, list[Fact]] = {}
        threads = [
            threading.Thread(target=self._work, args=(text, results), name="check", daemon=True)
            for text in texts
        ]
        if threads and self._trust is None:
            # Reading the store costs more than a check, and is only needed once.
            self._trust = ssl.create_default_context()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(OVERALL + GRACE)
        for text in texts:
            yield from results.get(text, ())

    def _work(self, text: str, results: dict[str, list[Fact]]) -> None:
        try:
            target = parse_check(text)
        except UsageError:
            results[text] = list(failed_parse(text))
            return
        if self._trust is not None:
            results[text] = list(run_check(target, self._trust, self._names))
