"""What the network itself says about signing in: the Captive Portal API (RFC 8908)."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import math
import ssl
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass

from hotline_probe.checks import tcp, tls
from hotline_probe.checks.fetch import Page, fetch
from hotline_probe.checks.limits import Deadline
from hotline_probe.checks.name import Names
from hotline_probe.checks.target import parse_check
from hotline_probe.errors import SourceError, SourceFailed, UsageError
from hotline_probe.machine import Machine
from hotline_probe.sources.adapters import NET, AdapterKinds, parse_number
from hotline_probe.sources.leasefiles import read_lease
from hotline_probe.targets import forbidden

MEDIA_TYPE = "application/captive+json"
MAX_ANSWER = 8 * 1024
_MAX_ADAPTERS = 4
_MAX_SECONDS = 366 * 86400.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the network holds this computer back, where to sign in, and the seconds left if it says so."""

    captive: bool
    host: str = ""
    remaining: float | None = None


def parse_answer(page: Page) -> Standing:
    """Return what an answer of the API says (RFC 8908, section 5).

    >>> parse_answer(Page(200, b'{"captive":true,"user-portal-url":"https://hotel.example/in"}'))
    Standing(captive=True, host='hotel.example', remaining=None)

    Raises:
        SourceFailed: it is no such answer.
    """
    try:
        told = json.loads(page.body) if page.status == 200 else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("captive"), bool):
        raise SourceFailed("the network does not say whether it holds this computer back")
    return Standing(
        told["captive"], _host(told.get("user-portal-url")), _seconds(told.get("seconds-remaining"))
    )


def announced(machine: Machine, kinds: AdapterKinds) -> Iterator[str]:
    """Yield the addresses of APIs that came with leases (RFC 8910), those over https only, as it demands.

    Raises:
        SourceError: the adapters cannot be listed.
    """
    names = [name for name, kind in kinds.all(machine).items() if kind.physical]
    for name in names[:_MAX_ADAPTERS]:
        try:
            index = str(parse_number(machine.read(f"{NET}/{name}/ifindex")) or 0)
        except SourceError:
            index = "0"
        lease = read_lease(machine, name, index)
        if lease is not None and lease.portal.lower().startswith("https://"):
            yield lease.portal


def ask(url: str, names: Names, context: ssl.SSLContext, patience: float) -> Standing:
    """Return what the API at an address says; its host is taken as it stands, and no redirect is followed.

    Raises:
        SourceFailed: nobody answers, or nobody who can prove to be the host.
    """
    deadline = Deadline(patience)
    try:
        target = parse_check(url)
        found = names.look_up(target.host, target.port, deadline.left(patience))
        # The network may name a machine of its own, but not this computer, nor a cloud's metadata service.
        ends = [end for end in found.endpoints if not (forbidden(end.host) or _is_this(end.host))]
        channel = tcp.connect(ends, deadline).channel
        secured = tls.encrypt(channel, target.host, context, deadline).channel
        with contextlib.closing(secured):
            accept = {"Accept": MEDIA_TYPE}
            return parse_answer(
                fetch(secured, target.path, target.host, deadline, most=MAX_ANSWER, headers=accept)
            )
    except (UsageError, OSError) as error:
        raise SourceFailed("the network's own page does not answer") from error


def _is_this(host: str) -> bool:
    address = ipaddress.ip_address(host.partition("%")[0])
    return address.is_loopback or address.is_unspecified


def _host(url: object) -> str:
    try:
        return urllib.parse.urlsplit(url).hostname or "" if isinstance(url, str) else ""
    except ValueError:
        return ""


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if 0 <= value <= _MAX_SECONDS else None
