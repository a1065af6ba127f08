"""The home's router as it sees itself: is the line there, is it logged in, how fast, since when."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.checks.limits import Deadline
from hotline_probe.errors import Denied, SourceFailed, Unsupported
from hotline_probe.source import NOT_MEASURED, Context
from hotline_probe.sources import fritzbox, igd
from hotline_probe.sources.basics import unknown
from hotline_probe.sources.routetables import read_routes, way_out

FIND_PATIENCE = 1.5
# Twice, and with the search and the questions below the source's timeout of 10 s.
DESCRIBE_PATIENCE = 1.5
ASK_PATIENCE = 5.0
LINE = tuple(f"router.wan.{fact}" for fact in ("access", "link", "rate_down", "rate_up"))
CONNECTION = tuple(f"router.wan.{fact}" for fact in ("status", "error", "uptime", "address", "reconnects"))
# What UPnP has no words for; a FRITZ!Box tells it all the same.
EXTRA = ("router.software", "router.wan.ipv6", "router.wan.use_down", "router.wan.use_up")
ALL = ("router.model", *LINE, *CONNECTION, *EXTRA)
_CONNECTIONS = ("WANPPPConnection", "WANIPConnection")
_COMMON = "WANCommonInterfaceConfig"
# Words of UPnP's WANCommonInterfaceConfig:1, 2.2, and WANPPPConnection:1, 2.2, as the catalogue spells them.
_ACCESS = {"dsl": "dsl", "cable": "cable", "ethernet": "ethernet", "pots": "pots"}
_LINK = ("up", "down", "initializing", "unavailable")
_STATUS = ("connected", "connecting", "authenticating", "disconnecting", "disconnected", "unconfigured")
_ERRORS = {
    "none": "none",
    "authentication_failure": "login",
    "account_disabled": "login",
    "account_expired": "login",
    "password_expired": "login",
    "restricted_logon_hours": "login",
    "not_enabled_for_internet": "login",
    "isp_time_out": "timeout",
    "no_carrier": "no_carrier",
    "no_dialtone": "no_carrier",
    "no_answer": "no_carrier",
    "isp_disconnect": "provider",
    "forced_disconnect": "provider",
    "server_out_of_resources": "provider",
    "user_disconnect": "user",
    "idle_disconnect": "user",
    "command_aborted": "user",
}
# Beyond any line; routers say 0 or the largest number for "unknown".
_MAX_RATE = 100_000_000_000
_MAX_UPTIME = 10 * 365 * 86400
# Between asking and answering, and because routers count in whole seconds.
_SLACK = 5
_SHARED = ipaddress.IPv4Network("100.64.0.0/10")


class HomeRouter:
    """Asks the gateway by UPnP-IGD, remembering where it answers."""

    name = "homerouter"

    def __init__(self, port: int = igd.PORT) -> None:
        self._port = port
        self._gateway = ""
        self._described: igd.Description | None = None
        self._uptime = 0
        self._reconnects = 0

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield what the router tells of itself and its line.

        Raises:
            Unsupported: there is no router, or not one with an IPv4 address.
            SourceFailed: what it tells makes no sense.
        """
        if context.machine.system not in {"linux", "windows", "macos"}:
            raise Unsupported("the router is looked for on Linux, Windows and macOS only")
        route = way_out(*read_routes(context.machine))
        if route is None or route.gateway is None or route.gateway.version != 4:
            raise Unsupported("there is no router with an IPv4 address")
        if not context.settings.active:
            self._follow(str(route.gateway))
            yield from unknown(("router.tells", *ALL), NOT_MEASURED)
            return
        yield from self.told_by(str(route.gateway))

    def told_by(self, gateway: str) -> Iterator[Fact]:
        """Yield what a router at a numeric IPv4 address tells.

        Raises:
            SourceFailed: that makes no sense.
        """
        self._follow(gateway)
        described = self._describe()
        yield Fact("router.tells", described is not None)
        if described is None:
            yield from unknown(ALL, UnknownReason.UNSUPPORTED)
            return
        try:
            yield from self._facts(described, Deadline(ASK_PATIENCE))
        except OSError as error:  # it was there a moment ago: perhaps restarted, on another port
            self._described = None
            raise SourceFailed(f"the router stopped answering: {error}") from error

    def _follow(self, gateway: str) -> None:
        if gateway != self._gateway:
            self._gateway, self._described, self._uptime, self._reconnects = gateway, None, 0, 0

    def _describe(self) -> igd.Description | None:
        if self._described is not None:
            return self._described
        place = igd.find(self._gateway, FIND_PATIENCE, self._port)
        # A FRITZ!Box that does not answer the search may still describe itself where it always does.
        for one in (place,) if place else (fritzbox.IGD, fritzbox.TR064):
            try:
                self._described = self._whole(igd.describe(self._gateway, one, Deadline(DESCRIBE_PATIENCE)))
            except OSError:
                continue
            except SourceFailed:
                if place is not None:
                    raise
                continue
            return self._described
        return None

    def _whole(self, described: igd.Description) -> igd.Description:
        """Return the description of a FRITZ!Box with its version, which stands in that of TR-064 only."""
        if described.software or not fritzbox.is_made_by_avm(described):
            return described
        try:
            more = igd.describe(self._gateway, fritzbox.TR064, Deadline(DESCRIBE_PATIENCE))
        except (OSError, SourceFailed):
            return described
        return replace(described, software=more.software)

    def _facts(self, described: igd.Description, deadline: Deadline) -> Iterator[Fact]:
        yield Fact("router.model", described.model or UnknownReason.UNSUPPORTED)
        common = [service for service in described.services if service.name == _COMMON]
        connections = [service for service in described.services if service.name in _CONNECTIONS]
        yield from _line_facts(self._try(common[0], "GetCommonLinkProperties", deadline) if common else None)
        yield from self._connection_facts(connections, deadline)
        own = fritzbox.is_made_by_avm(described)
        yield Fact("router.software", fritzbox.parse_version(described.software) or UnknownReason.UNSUPPORTED)
        yield from self._use_facts(common if own else (), deadline)
        yield Fact("router.wan.ipv6", self._ipv6(connections if own else (), deadline))

    def _use_facts(self, common: Sequence[igd.Service], deadline: Deadline) -> Iterator[Fact]:
        told = self._try(common[0], "GetAddonInfos", deadline) if common else {}
        if isinstance(told, Denied):
            yield from unknown(("router.wan.use_down", "router.wan.use_up"), UnknownReason.PERMISSION)
            return
        for fact, argument in (("use_down", "NewByteReceiveRate"), ("use_up", "NewByteSendRate")):
            yield Fact(f"router.wan.{fact}", _or_unsupported(fritzbox.parse_use(told, argument)))

    def _ipv6(self, services: Sequence[igd.Service], deadline: Deadline) -> FactValue:
        told = [self._try(service, "X_AVM_DE_GetIPv6Prefix", deadline) for service in services]
        if any(isinstance(one, Denied) for one in told):
            return UnknownReason.PERMISSION
        said = [fritzbox.parse_prefix(one) for one in told if not isinstance(one, Denied)]
        known = [one for one in said if one is not None]
        return any(known) if known else UnknownReason.UNSUPPORTED

    def _try(self, service: igd.Service, action: str, deadline: Deadline) -> Mapping[str, str] | Denied:
        try:
            return igd.call(self._gateway, service, action, deadline)
        except Denied as error:
            return error

    def _connection_facts(self, services: Sequence[igd.Service], deadline: Deadline) -> Iterator[Fact]:
        told = [(service, self._try(service, "GetStatusInfo", deadline)) for service in services]
        open_ones = [(service, info) for service, info in told if not isinstance(info, Denied) and info]
        if not open_ones:
            denied = any(isinstance(info, Denied) for _, info in told)
            why = UnknownReason.PERMISSION if denied else UnknownReason.UNSUPPORTED
            yield from unknown(CONNECTION, why)
            return
        # A router lists ways that it does not use as well.
        service, info = min(open_ones, key=lambda one: _STATUS.index(parse_status(one[1]) or "unconfigured"))
        status = parse_status(info)
        uptime = parse_number(info.get("NewUptime", ""), _MAX_UPTIME) if status == "connected" else None
        yield Fact("router.wan.status", status or UnknownReason.UNSUPPORTED)
        yield Fact("router.wan.error", parse_error(info.get("NewLastConnectionError", "")))
        yield Fact("router.wan.uptime", _or_unsupported(uptime))
        yield Fact("router.wan.reconnects", self._count(uptime))
        address = self._try(service, "GetExternalIPAddress", deadline)
        if isinstance(address, Denied):
            yield Fact("router.wan.address", UnknownReason.PERMISSION)
        else:
            yield Fact("router.wan.address", address_class(address.get("NewExternalIPAddress", "")))

    def _count(self, uptime: int | None) -> int:
        """Return how often the connection was set up anew since the first look at this router."""
        if uptime is not None:
            self._reconnects += uptime + _SLACK < self._uptime
            self._uptime = uptime
        return self._reconnects


def parse_status(info: Mapping[str, str]) -> str:
    """Return the catalogue's word for the state of the connection, empty if it is none of UPnP's.

    >>> parse_status({"NewConnectionStatus": "PendingDisconnect"}), parse_status({})
    ('disconnecting', '')
    """
    word = info.get("NewConnectionStatus", "").lower().replace("pendingdisconnect", "disconnecting")
    return word if word in _STATUS else ""


def parse_error(text: str) -> str:
    """Return the catalogue's word for the last error of the connection.

    >>> parse_error("ERROR_AUTHENTICATION_FAILURE"), parse_error("")
    ('login', 'none')
    """
    word = text.lower().removeprefix("error_")
    return _ERRORS.get(word or "none", "other")


def parse_number(text: str, most: int) -> int | None:
    """Return a whole number below `most`, None if it is none.

    >>> parse_number("86400", 10**9), parse_number("4294967295", 10**9), parse_number("-1", 10**9)
    (86400, None, None)
    """
    return int(text) if re.fullmatch(r"[0-9]{1,12}", text) and int(text) < most else None


def address_class(text: str) -> str:
    """Return what kind of IPv4 address a router has towards the provider.

    >>> address_class("100.72.3.4"), address_class("192.168.0.2"), address_class("0.0.0.0")
    ('shared', 'private', 'none')
    """
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError:
        return "none"
    if address.is_unspecified:
        return "none"
    if address in _SHARED:
        return "shared"
    return "public" if address.is_global else "private"


def _line_facts(told: Mapping[str, str] | Denied | None) -> Iterator[Fact]:
    if not told or isinstance(told, Denied):
        why = UnknownReason.PERMISSION if isinstance(told, Denied) else UnknownReason.UNSUPPORTED
        yield from unknown(LINE, why)
        return
    link = told.get("NewPhysicalLinkStatus", "").lower()
    yield Fact("router.wan.access", _ACCESS.get(told.get("NewWANAccessType", "").lower(), "other"))
    yield Fact("router.wan.link", link if link in _LINK else UnknownReason.UNSUPPORTED)
    for fact, argument in (("rate_down", "Downstream"), ("rate_up", "Upstream")):
        rate = parse_number(told.get(f"NewLayer1{argument}MaxBitRate", ""), _MAX_RATE)
        yield Fact(f"router.wan.{fact}", _or_unsupported(rate or None))


def _or_unsupported(number: float | None) -> FactValue:
    return UnknownReason.UNSUPPORTED if number is None else float(number)
