"""Name servers: which are configured, and what each says when it is asked by itself."""

from __future__ import annotations

import ipaddress
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import Denied, SourceError, SourceFailed, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.source import NOT_MEASURED, Context, Settings
from hotline_probe.sources.basics import unknown
from hotline_probe.sources.dnsquery import TYPE_A, TYPE_NS, Reply, ask
from hotline_probe.sources.parallel import together
from hotline_probe.sources.routetables import interface_for, read_routes

PORT = 53
TIMEOUT = 2.0
MAX_RESOLVERS = 8
# systemd-resolved's stub (systemd-resolved.service(8)) hides the servers it asks; they stand in its own file.
_STUB, _BEHIND_STUB = "127.0.0.53", "/run/systemd/resolve/resolv.conf"
ASKED = tuple(f"net.resolver.{fact}" for fact in ("reachable", "answers", "latency", "rcode", "invents"))
# A server that took longer has no time left for a second question.
QUICK = 1.0


def parse_resolv_conf(text: str) -> list[str]:
    r"""Return the addresses of the name servers in a resolv.conf(5), in order, each once.

    >>> parse_resolv_conf("# router\nnameserver 192.168.1.1\nnameserver fe80::1%eth0\noptions edns0\n")
    ['192.168.1.1', 'fe80::1%eth0']
    """
    found = []
    for line in text.splitlines():
        parts = line.split()
        if len(parts) < 2 or parts[0] != "nameserver":
            continue
        try:
            found.append(str(ipaddress.ip_address(parts[1])))
        except ValueError:  # the C library passes over it, too
            continue
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Told:
    """What a server said of a name that must exist, and of one that cannot; None if it said nothing."""

    reply: Reply
    impossible: Reply | None


class Resolvers:
    """Reads /etc/resolv.conf, or asks PowerShell or scutil(8), and asks every name server."""

    name = "resolvers"

    def __init__(self, port: int = PORT, timeout: float = TIMEOUT) -> None:
        self._port = port
        self._timeout = timeout

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield each name server's place, and how it answers if measuring is allowed.

        Raises:
            SourceError: the name servers cannot be read here.
        """
        servers = places(context.machine)
        yield Fact("net.dns.configured", len(servers))
        shown = list(servers)[:MAX_RESOLVERS]
        for position, server in enumerate(shown):
            yield Fact("net.resolver.interface", servers[server], server)
            yield Fact("net.resolver.position", position, server)
            yield Fact("net.resolver.local", ipaddress.ip_address(server).is_loopback, server)
        if not context.settings.active:
            for server in shown:
                yield from unknown((*ASKED, "net.resolver.differs"), NOT_MEASURED, server)
            return
        works = [self._work(server, context.settings) for server in shown]
        # Both attempts of each end in time; the rest covers a busy machine.
        replies = together(works, 2 * self._timeout + 1.0, "resolver")
        said = [_what(told.reply) if isinstance(told, _Told) else "" for told in replies]
        for place, (server, reply) in enumerate(zip(shown, replies, strict=True)):
            yield from _reply_facts(server, reply)
            yield Fact(
                "net.resolver.differs", _differs(said[place], said[:place] + said[place + 1 :]), server
            )

    def _work(self, server: str, settings: Settings) -> Callable[[], _Told | Denied | None]:
        # The root's own name servers exist wherever names work at all.
        name, kind = (settings.known_names[0], TYPE_A) if settings.known_names else ("", TYPE_NS)

        def work() -> _Told | Denied | None:
            began = time.monotonic()
            try:
                reply = ask(server, self._port, name, kind, self._timeout)
                if reply is None:
                    return None
                quick = time.monotonic() - began < QUICK
                return _Told(reply, self._impossible(server) if quick else None)
            except Denied as error:
                return error
            except SourceFailed:
                return None

        return work

    def _impossible(self, server: str) -> Reply | None:
        # RFC 6761 section 6.4: nothing below .invalid ever exists. A random label defeats caches.
        name = f"{secrets.token_hex(8)}.invalid"
        return ask(server, self._port, name, TYPE_A, self._timeout, attempts=1)


def places(machine: Machine) -> dict[str, str]:
    """Return the configured name servers in order, each with the adapter by which it is reached.

    Raises:
        Unsupported: neither on Linux nor on Windows nor on macOS.
        SourceError: they cannot be read.
    """
    if machine.system == "windows":
        from hotline_probe.sources.windows.network import network  # noqa: PLC0415 - not on Linux

        found = network(machine)
        routes = [*found.v4, *found.v6]
        return {
            server: name if "%" in server else interface_for(ipaddress.ip_address(server), routes) or name
            for server, name in found.servers.items()
        }
    if machine.system not in {"linux", "macos"}:
        raise Unsupported("name servers are read on Linux, Windows and macOS only")
    servers = configured(machine)
    try:
        routes = [route for table in read_routes(machine) for route in table]
    except SourceError:
        routes = []
    addresses = ((server, ipaddress.ip_address(server)) for server in servers)
    return {
        server: getattr(address, "scope_id", None) or interface_for(address, routes)
        for server, address in addresses
    }


def _what(reply: Reply) -> str:
    """Return what a server says about the name: missing, private or public; empty if it says nothing.

    Different public addresses are normal: big pages have servers everywhere, and names have many.
    """
    if reply.answers:
        return "private" if reply.addresses and not any(a.is_global for a in reply.addresses) else "public"
    return "missing" if reply.rcode in ("nxdomain", "noerror") else ""


def _differs(said: str, others: Sequence[str]) -> FactValue:
    """Tell whether a server denies or redirects a name that another one knows to be on the internet."""
    if not said or not any(others):
        return UnknownReason.UNSUPPORTED
    return said != "public" and "public" in others


def configured(machine: Machine) -> list[str]:
    """Return the configured name servers, those behind systemd-resolved's stub after it.

    Raises:
        SourceError: they cannot be read; where /etc/resolv.conf is missing there are none.
    """
    if machine.system == "macos":
        from hotline_probe.sources.macos import scutil  # noqa: PLC0415 - not needed elsewhere

        return scutil.name_servers(machine)
    try:
        servers = parse_resolv_conf(machine.read("/etc/resolv.conf"))
    except Unsupported:
        return []
    if _STUB in servers:
        try:
            servers += parse_resolv_conf(machine.read(_BEHIND_STUB))
        except SourceError:
            return servers
    return list(dict.fromkeys(servers))


def _reply_facts(server: str, told: _Told | Denied | None) -> Iterator[Fact]:
    if isinstance(told, Denied):
        # Nobody was asked, so nobody failed to answer.
        yield from unknown(ASKED, UnknownReason.PERMISSION, server)
        return
    reply, impossible = (told.reply, told.impossible) if told else (None, None)
    yield Fact("net.resolver.reachable", reply is not None, server)
    yield Fact("net.resolver.answers", reply is not None and reply.answers, server)
    yield Fact("net.resolver.latency", reply.latency if reply else UnknownReason.UNREACHABLE, server)
    yield Fact("net.resolver.rcode", reply.rcode if reply else "none", server)
    yield Fact(
        "net.resolver.invents", impossible.answers if impossible else UnknownReason.UNREACHABLE, server
    )
