"""Whether a sign-in page stands between this computer and the internet."""

from __future__ import annotations

import contextlib
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.checks import tcp
from hotline_probe.checks.fetch import Page, fetch
from hotline_probe.checks.limits import Deadline
from hotline_probe.checks.name import Names
from hotline_probe.checks.target import parse_check
from hotline_probe.errors import SourceFailed, UsageError
from hotline_probe.source import NOT_MEASURED, Context
from hotline_probe.sources.basics import unknown
from hotline_probe.targets import is_public

MAX_URLS = 2
# Both below the source's timeout of 10 s.
PATIENCE = 4.5
MAX_BODY = 1024
_REDIRECTS = (301, 302, 303, 307, 308)
FACTS = ("net.portal.status", "net.portal.host")


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
    """Asks for the operator's pages that answer 204 and nothing else: a portal answers otherwise."""

    name = "portal"

    def __init__(self) -> None:
        self._names = Names()

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield whether somebody else answered, and where that one sends the browser."""
        urls = context.settings.portal_urls[:MAX_URLS]
        if not context.settings.active or not urls:
            yield from unknown(FACTS, NOT_MEASURED)
            return
        verdicts = (self._ask(url) for url in urls)
        verdict = next((one for one in verdicts if one is not None), None)
        if verdict is None:
            yield from unknown(FACTS, UnknownReason.UNREACHABLE)
            return
        yield Fact("net.portal.status", "portal" if verdict.portal else "none")
        yield Fact("net.portal.host", verdict.host)

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
