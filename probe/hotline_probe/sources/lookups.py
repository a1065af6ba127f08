"""Looking up names the way programs do, through the system's resolver; and the hosts file before it."""

from __future__ import annotations

import platform
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.actions.hosts_disable_overrides import is_public
from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine
from hotline_probe.source import NOT_MEASURED, Context
from hotline_probe.sources.basics import reason, unknown
from hotline_probe.sources.parallel import together

# Below the source's timeout; glibc gives up after 5 s for each server and attempt (resolv.conf(5)).
TIMEOUT = 10.0
MAX_NAMES = 8
LOOKUPS = ("net.dns.lookup.ok", "net.dns.lookup.time")
_HOSTS = {"windows": "C:/Windows/System32/drivers/etc/hosts"}

Resolve = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a lookup ended: found, `missing` when the name surely does not exist, and the seconds it took."""

    found: bool
    missing: bool
    took: float


def parse_hosts(text: str, own: str) -> int:
    r"""Return how many entries of a hosts(5) file send a public name to some address.

    `own` is the name of the computer, which may stand there with its domain.

    >>> parse_hosts("127.0.0.1 localhost\n127.0.1.1 pc.example.org pc\n203.0.113.9 bank.example.com\n", "pc")
    1
    """
    entries = (line.partition("#")[0].split() for line in text.splitlines())
    return sum(any(_is_public(name, own) for name in parts[1:]) for parts in entries)


def _is_public(name: str, own: str) -> bool:
    """What the action that switches such entries off would touch, and nothing else."""
    mine = own.lower().partition(".")[0]
    return name.lower().partition(".")[0] != mine and is_public(name.encode("utf-8", "replace"))


class Lookups:
    """Asks getaddrinfo(3) for the names that must exist and for one that cannot."""

    name = "lookups"

    def __init__(self, resolve: Resolve | None = None, timeout: float = TIMEOUT) -> None:
        self._resolve = resolve or _system_resolve
        self._timeout = timeout

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield how lookups end, and what the hosts file overrides."""
        yield Fact("net.hosts.overrides", _overrides(context.machine))
        if not context.settings.active:
            yield from unknown((*LOOKUPS, "net.dns.wildcard"), NOT_MEASURED)
            return
        # RFC 6761 section 6.4: nothing below .invalid ever exists. A random label defeats caches.
        impossible = f"{secrets.token_hex(8)}.invalid"
        names = [*context.settings.known_names[:MAX_NAMES], impossible]
        works = [self._work(name) for name in names]
        *known, wildcard = together(works, self._timeout, "lookup")
        yield from _known_facts(known, self._timeout)
        yield Fact("net.dns.wildcard", _wildcard(wildcard))

    def _work(self, name: str) -> Callable[[], Outcome]:
        def work() -> Outcome:
            began = time.monotonic()
            found = missing = False
            try:
                self._resolve(name)
                found = True
            except socket.gaierror as error:
                missing = error.errno in {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
            except (OSError, UnicodeError):
                missing = False
            return Outcome(found, missing, time.monotonic() - began)

        return work


def _system_resolve(name: str) -> object:
    return socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)


def _known_facts(outcomes: Sequence[Outcome | None], timeout: float) -> Iterator[Fact]:
    if not outcomes:
        yield from unknown(LOOKUPS, NOT_MEASURED)
        return
    yield Fact("net.dns.lookup.ok", all(one is not None and one.found for one in outcomes))
    yield Fact("net.dns.lookup.time", max(one.took if one else timeout for one in outcomes))


def _wildcard(outcome: Outcome | None) -> FactValue:
    if outcome is None:
        return UnknownReason.TIMEOUT
    return outcome.found if outcome.found or outcome.missing else UnknownReason.UNREACHABLE


def _overrides(machine: Machine) -> FactValue:
    try:
        own = (
            machine.read("/proc/sys/kernel/hostname").strip()
            if machine.system == "linux"
            else platform.node()
        )
    except SourceError:
        own = ""
    try:
        return parse_hosts(machine.read(_HOSTS.get(machine.system, "/etc/hosts")), own)
    except SourceError as error:
        return reason(error)
