"""The router's line as OpenWrt tells it over SSH, in the facts that other routers tell by UPnP."""

from __future__ import annotations

from collections.abc import Iterator

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources.basics import reason, unknown
from hotline_probe.sources.devices import logread
from hotline_probe.sources.devices.dslmetrics import Line, read_metrics
from hotline_probe.sources.devices.netifd import Interface, carrier, read_interface
from hotline_probe.sources.devices.openwrt import require
from hotline_probe.sources.devices.ubus import call, word
from hotline_probe.sources.homerouter import EXTRA, address_class

# Between asking and answering.
_SLACK = 5.0


class OpenWrtLine:
    """Stands in for `HomeRouter` on a device that is read over SSH, so that the same rules apply."""

    name = "homerouter"

    def __init__(self) -> None:
        self._uptime = 0.0
        self._reconnects = 0

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the state of the line and the connection.

        Raises:
            Unsupported: it does not run OpenWrt, or has no interface `wan`.
            SourceError: it cannot be asked.
        """
        machine = context.machine
        require(machine)
        wan = read_interface(call(machine, "network.interface.wan", "status"))
        line = _dsl(machine)
        yield Fact("router.tells", UnknownReason.UNSUPPORTED)
        yield Fact("router.model", _model(machine))
        yield Fact(
            "router.wan.access",
            "dsl" if line else "ethernet" if wan.device.startswith(("eth", "wan")) else "other",
        )
        yield Fact("router.wan.link", line.link if line else _link(machine, wan.device))
        yield Fact("router.wan.rate_down", _or_unsupported(line.rate_down if line else None))
        yield Fact("router.wan.rate_up", _or_unsupported(line.rate_up if line else None))
        yield Fact("router.wan.status", wan.status)
        yield Fact("router.wan.error", _error(machine, wan))
        yield Fact("router.wan.uptime", _or_unsupported(wan.uptime))
        yield Fact("router.wan.reconnects", self._count(wan.uptime))
        yield Fact("router.wan.address", address_class(wan.address))
        yield from unknown(EXTRA, UnknownReason.UNSUPPORTED)

    def _count(self, uptime: float | None) -> int:
        """Return how often the connection was set up anew since the first look."""
        if uptime is not None:
            self._reconnects += uptime + _SLACK < self._uptime
            self._uptime = uptime
        return self._reconnects


def _dsl(machine: Machine) -> Line | None:
    try:
        return read_metrics(call(machine, "dsl", "metrics"))
    except Unsupported:
        return None


def _model(machine: Machine) -> FactValue:
    try:
        return word(call(machine, "system", "board"), "model") or UnknownReason.UNSUPPORTED
    except SourceError as error:
        return reason(error)


def _link(machine: Machine, device: str) -> FactValue:
    try:
        found = carrier(call(machine, "network.device", "status"), device)
    except SourceError as error:
        return reason(error)
    return UnknownReason.UNSUPPORTED if found is None else "up" if found else "down"


def _error(machine: Machine, wan: Interface) -> FactValue:
    """Return why the connection fails; netifd forgets it while it tries anew, the log does not."""
    if wan.error != "none" or wan.status == "connected":
        return wan.error
    try:
        found = logread.counts(machine)
    except SourceError as error:
        return reason(error)
    return "login" if found["ppp_refused"] else "timeout" if found["pppoe_silent"] else "none"


def _or_unsupported(value: float | None) -> FactValue:
    return UnknownReason.UNSUPPORTED if value is None else value
