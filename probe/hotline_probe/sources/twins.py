"""Whether a second device in the network claims this computer's address, or the router's."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import re
from collections.abc import Iterator, Sequence

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import Denied, SourceError, SourceFailed, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.source import NOT_MEASURED, Context
from hotline_probe.sources.adapters import NET, AdapterKinds
from hotline_probe.sources.basics import reason, unknown
from hotline_probe.sources.routetables import Route, default_routes, read_routes

FACTS = ("net.twin.address", "net.twin.router")
# Two questions, a second apart (RFC 5227, section 2.1.1: PROBE_MIN).
_ASK = ("-c", "2", "-w", "2")
_PATIENCE = 3.5
_TOOL_TIMEOUT = 1.0
# iputils and Busybox; the other program of this name words it differently, and its options too.
_HEAD = re.compile(r"^ARPING (?:to )?[0-9.]+ from ", re.MULTILINE)
# Routers that stand in for each other share one address; some let each of them answer with its own hardware
# address in turn (VRRP: RFC 9568, section 7.3; HSRP and GLBP: Cisco's manuals of them).
_SHARED = ("00:00:5e:00:01:", "00:00:5e:00:02:", "00:00:0c:07:ac:", "00:00:0c:9f:f", "00:07:b4:")
_REPLY = re.compile(r"reply from ([0-9.]{7,15}) \[([0-9A-Fa-f:]{17})\]")


class Twins:
    """Asks with arping(8), which everybody may run where the distribution lets it."""

    name = "twins"

    def __init__(self) -> None:
        self._kinds = AdapterKinds()

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield who answers for the two addresses on the adapter in use.

        Raises:
            Unsupported: not on Linux.
            SourceError: the routes cannot be read.
        """
        if context.machine.system != "linux":
            raise Unsupported("neighbours are asked on Linux only")
        if not context.settings.active:
            yield from unknown(FACTS, NOT_MEASURED)
            return
        machine = context.machine
        route = self._route(machine)
        if route is None:
            yield from unknown(FACTS, UnknownReason.UNSUPPORTED)
            return
        routers: set[str] = set()
        router: FactValue
        try:
            routers = _ask(machine, ("-b", *_ASK), route.interface, str(route.gateway))
            router = _several(routers) if routers else UnknownReason.UNREACHABLE
        except SourceError as error:
            router = reason(error)
        yield Fact("net.twin.address", _own(machine, route, routers))
        yield Fact("net.twin.router", router)

    def _route(self, machine: Machine) -> Route | None:
        """Return the first default route to a router whose address devices are asked for (ARP)."""
        for route in default_routes(read_routes(machine)[0]):
            if route.gateway is not None and self._kinds.of(machine, route.interface).physical:
                return route
        return None


def parse_replies(text: str, address: str) -> set[str]:
    r"""Return the hardware addresses that answered for an address, from what arping(8) prints.

    >>> head = "ARPING 192.0.2.1 from 192.0.2.2 eth0\n"
    >>> parse_replies(head + "Unicast reply from 192.0.2.1 [02:00:00:00:00:07]  0.5ms\n", "192.0.2.1")
    {'02:00:00:00:00:07'}

    Raises:
        SourceFailed: it is another program.
    """
    if not _HEAD.search(text):
        raise SourceFailed("this arping speaks another language")
    return {mac.lower() for told, mac in _REPLY.findall(text) if told == address}


def parse_source(text: str) -> str:
    """Return the own address in the output of `ip -j route get`, empty without one.

    >>> parse_source('[{"dst":"192.0.2.1","dev":"eth0","prefsrc":"192.0.2.2"}]')
    '192.0.2.2'
    """
    try:
        told = json.loads(text)[0]["prefsrc"]
        return str(ipaddress.IPv4Address(told)) if isinstance(told, str) else ""
    except (ValueError, RecursionError, LookupError, TypeError):
        return ""


def _own(machine: Machine, route: Route, routers: set[str]) -> FactValue:
    try:
        result = machine.run(("ip", "-j", "-4", "route", "get", str(route.gateway)), _TOOL_TIMEOUT)
        own = parse_source(result.out)
        if not own:
            return UnknownReason.UNSUPPORTED
        # Cable and Wi-Fi in one network: Linux answers for either on both (ip-sysctl.rst, arp_ignore). Where
        # guests must not see each other, the router answers for all of them (RFC 4562 describes it).
        return bool(_ask(machine, ("-D", *_ASK), route.interface, own) - _own_macs(machine) - routers)
    except SourceError as error:
        return reason(error)


def _own_macs(machine: Machine) -> set[str]:
    found: set[str] = set()
    for name in machine.names(NET):
        with contextlib.suppress(SourceError):
            found.add(machine.read(f"{NET}/{name}/address").strip().lower())
    return found


def _several(macs: set[str]) -> bool:
    return len({"shared" if mac.startswith(_SHARED) else mac for mac in macs}) > 1


def _ask(machine: Machine, options: Sequence[str], interface: str, address: str) -> set[str]:
    result = machine.run(("arping", *options, "-I", interface, address), _PATIENCE)
    if "permitted" in result.err:
        raise Denied("this user may not send such questions")
    return parse_replies(result.out, address)
