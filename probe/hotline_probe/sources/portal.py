"""Whether a sign-in page stands between this computer and the internet."""

from __future__ import annotations

import contextlib
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.checks import tcp
from hotline_probe.checks.fetch import Page, fetch
from hotline_probe.checks.limits import Deadline
from hotline_probe.checks.name import Names
from hotline_probe.checks.target import parse_check
from hotline_probe.checks.truststore import system_trust
from hotline_probe.errors import SourceError, SourceFailed, UsageError
from hotline_probe.machine import Machine, monotonic
from hotline_probe.source import NOT_MEASURED, Context
from hotline_probe.sources.adapters import AdapterKinds
from hotline_probe.sources.basics import unknown
from hotline_probe.sources.portalapi import Standing, announced, ask
from hotline_probe.targets import is_public

MAX_URLS = 2
# All below the source's timeout of 20 s, with the questions to DHCP clients.
PATIENCE = 4.5
API_PATIENCE = 3.0
MAX_BODY = 1024
_REDIRECTS = (301, 302, 303, 307, 308)
FACTS = ("net.portal.status", "net.portal.host")
API_FACTS = ("net.portal.captive", "net.portal.remaining")
# Asking DHCP clients is slow; a lease is renewed no more often than this.
LOOK_EVERY = 120.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a portal answered, and the host to which it sends the browser, empty if it names none."""

    portal: bool
    host: str = ""


def judge(page: Page, asked: str) -> Verdict | None:
    """Return what an answer in place of "204 No Content" says about who gave it, None if nothing.

    511 is a portal's own status (RFC 6585); others redirect, or answer with their page at once.

    >>> judge(Page(302, headers={"location": "https://login.example.net/?to=x"}), "portal.example.org")
    Verdict(portal=True, host='login.example.net')
    >>> judge(Page(503), "portal.example.org")
    """
    if page.status == 204:
        return Verdict(False)
    if page.status == 511 or (page.status == 200 and page.body.strip()):
        return Verdict(True)
    if page.status not in _REDIRECTS:
        return None
    try:
        host = urllib.parse.urlsplit(page.headers.get("location", "")).hostname or ""
    except ValueError:
        host = ""
    # The operator's own server may prefer another address of itself, such as the one with encryption.
    return None if host in ("", asked) else Verdict(True, host)


class Portal:
    """Asks the network's own API, and for the operator's pages, where a portal answers in their place."""

    name = "portal"

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._names = Names()
        self._kinds = AdapterKinds()
        self._looked = -LOOK_EVERY
        self._api = ""

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield whether somebody else answered, where that one sends the browser, what the network says."""
        if not context.settings.active:
            yield from unknown((*FACTS, *API_FACTS), NOT_MEASURED)
            return
        standing = self._standing(context.machine)
        verdict = self._verdict(context.settings.portal_urls[:MAX_URLS])
        # Who gets the operator's page is on the internet, whatever the network says.
        if standing is not None and (verdict is None or (verdict.portal and not verdict.host)):
            verdict = Verdict(standing.captive or verdict is not None, standing.host)
        if verdict is None:
            asked = bool(context.settings.portal_urls or self._api)
            yield from unknown(FACTS, UnknownReason.UNREACHABLE if asked else NOT_MEASURED)
        else:
            yield Fact("net.portal.status", "portal" if verdict.portal else "none")
            yield Fact("net.portal.host", verdict.host if verdict.portal else "")
        yield from _standing_facts(standing, bool(self._api))

    def _verdict(self, urls: Sequence[str]) -> Verdict | None:
        verdicts = (self._ask(url) for url in urls)
        return next((one for one in verdicts if one is not None), None)

    def _standing(self, machine: Machine) -> Standing | None:
        """Return what the network's own API says, None without one or if it does not answer."""
        now = self._clock()
        if not 0 <= now - self._looked < LOOK_EVERY:
            self._looked = now
            try:
                self._api = next(announced(machine, self._kinds), "") if machine.system == "linux" else ""
            except SourceError:
                self._api = ""
        context = system_trust() if self._api else None
        if context is None:
            return None
        try:
            return ask(self._api, self._names, context, API_PATIENCE)
        except SourceFailed:
            return None

    def _ask(self, url: str) -> Verdict | None:
        deadline = Deadline(PATIENCE)
        try:
            target = parse_check(url)
            found = self._names.look_up(target.host, target.port, deadline.left(PATIENCE))
            # Nobody allowed questions to the caller's own network, whatever the operator's name leads to.
            ends = [end for end in found.endpoints if is_public(end.host)]
            if not ends and target.host not in {end.host for end in found.endpoints}:
                # The operator's name has a public address: who invents another one wants to be asked first.
                return Verdict(True)
            connection = tcp.connect(ends, deadline)
            with contextlib.closing(connection.channel) as channel:
                return judge(fetch(channel, target.path, target.host, deadline, most=MAX_BODY), target.host)
        except (UsageError, SourceFailed, OSError):
            return None


def _standing_facts(standing: Standing | None, announced: bool) -> Iterator[Fact]:
    if standing is None:
        # Most networks have no such thing.
        yield from unknown(API_FACTS, UnknownReason.UNREACHABLE if announced else UnknownReason.UNSUPPORTED)
        return
    yield Fact("net.portal.captive", standing.captive)
    left = UnknownReason.UNSUPPORTED if standing.remaining is None else standing.remaining
    yield Fact("net.portal.remaining", left)
