"""Checks of what the caller names."""

from __future__ import annotations

import ssl
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from functools import partial

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.checks.limits import Deadline
from hotline_probe.checks.name import Names
from hotline_probe.checks.outcome import SHORT_NAMES
from hotline_probe.checks.run import OVERALL, failed_parse, run_check
from hotline_probe.checks.target import parse_check
from hotline_probe.checks.truststore import system_trust
from hotline_probe.errors import SourceFailed, UsageError
from hotline_probe.machine import monotonic
from hotline_probe.source import Context
from hotline_probe.sources.basics import unknown

MAX_CHECKS = 32
AT_ONCE = 8
# A check is not begun unless it can have its whole time: one that is cut short would blame the network.
BEGIN_WITHIN = 2.5
# Steps look at the clock between their system calls only. All in all below the source's timeout of 15 s.
GRACE = 1.0
# Mail servers shut out who comes too often (postconf(5): smtpd_client_connection_rate_limit).
MAIL_EVERY = 10.0


class Checks:
    """Runs the checks a few at once; a human asked for each, so they always run.

    `trust` replaces the system's certificate store.
    """

    name = "checks"

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        self._trust = trust
        self._trust_known = trust is not None
        self._names = Names()
        self._lock = threading.Lock()
        self._running: set[str] = set()
        self._late: frozenset[str] = frozenset()
        self._kept: dict[str, tuple[float, list[Fact]]] = {}

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the facts of every check; those of one that does not end in time are timeouts.

        Raises:
            SourceFailed: a check went wrong in itself, or leads where the caller did not allow it.
        """
        texts = tuple(dict.fromkeys(context.settings.checks[:MAX_CHECKS]))
        if texts and not self._trust_known:
            # Reading the store costs more than a check, and is only needed once.
            self._trust, self._trust_known = system_trust(), True
        kept = self._keep(texts)
        due = [text for text in texts if text not in kept]
        results, notes = self._round(due, frozenset(context.settings.own_checks))
        self._late = frozenset(due) - results.keys()
        now = monotonic()
        self._kept |= {text: (now, facts) for text, facts in results.items() if _met_mail(text, facts)}
        results |= kept
        for text in texts:
            yield from results.get(text) or _unknown(text, UnknownReason.TIMEOUT)
        if notes:
            raise SourceFailed("; ".join(notes))

    def _keep(self, texts: Sequence[str]) -> dict[str, list[Fact]]:
        """Return what still holds of mail servers that were asked a moment ago; forget the others."""
        now = monotonic()
        young = {text: told for text, told in self._kept.items() if now - told[0] < MAIL_EVERY}
        self._kept = {text: young[text] for text in texts if text in young}
        return {text: facts for text, (_, facts) in self._kept.items()}

    def _round(self, texts: Sequence[str], own: frozenset[str]) -> tuple[dict[str, list[Fact]], list[str]]:
        """Run all checks within a common time; the first are those that found no time before."""
        results: dict[str, list[Fact]] = {}
        notes: list[str] = []
        waiting = deque(sorted(texts, key=lambda text: text not in self._late))
        deadline = Deadline(BEGIN_WITHIN + OVERALL)
        work = partial(self._work, waiting, deadline, results, notes, own)
        with self._lock:
            free = max(AT_ONCE - len(self._running), 0)
        threads = [
            threading.Thread(target=work, name="check", daemon=True) for _ in range(min(len(texts), free))
        ]
        for thread in threads:
            thread.start()
        patience = Deadline(BEGIN_WITHIN + OVERALL + GRACE)
        for thread in threads:
            thread.join(patience.rest())
        return dict(results), list(notes)

    def _work(
        self,
        waiting: deque[str],
        deadline: Deadline,
        results: dict[str, list[Fact]],
        notes: list[str],
        own: frozenset[str],
    ) -> None:
        while deadline.rest() >= OVERALL:
            try:
                text = waiting.popleft()
            except IndexError:
                return
            with self._lock:
                if text in self._running:  # a system call of the last round still holds it up
                    continue
                self._running.add(text)
            try:
                facts, note = self._check(text, text in own)
            except Exception as error:  # one check that goes wrong must not take the others with it
                facts = list(_unknown(text, UnknownReason.NOT_COLLECTED))
                note = f"{text}: {type(error).__name__}: {error}"
            finally:
                with self._lock:
                    self._running.discard(text)
            results[text] = facts
            if note:
                notes.append(note)

    def _check(self, text: str, own: bool) -> tuple[list[Fact], str]:
        try:
            target = parse_check(text)
        except UsageError:
            return list(failed_parse(text)), ""
        return run_check(target, self._trust, self._names, own)


def _met_mail(text: str, facts: Sequence[Fact]) -> bool:
    """Tell whether a mail server was reached, and may have counted the visit."""
    try:
        mail = parse_check(text).protocol is not None
    except UsageError:
        return False
    return mail and any(fact.name == "check.tcp_ok" and fact.value is True for fact in facts)


def _unknown(text: str, why: UnknownReason) -> Iterator[Fact]:
    return unknown([f"check.{short}" for short in SHORT_NAMES], why, text)
