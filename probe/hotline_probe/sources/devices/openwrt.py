"""What a router that runs OpenWrt says of its tables, its space, its addresses, its radios and its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError, SourceFailed, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources.basics import reason, share, unknown
from hotline_probe.sources.devices import dnsmasq, logread
from hotline_probe.sources.devices.dslmetrics import read_metrics
from hotline_probe.sources.devices.iwinfo import parse_iwinfo
from hotline_probe.sources.devices.netifd import Radio, read_interface, read_radios
from hotline_probe.sources.devices.ubus import call

RELEASE = "/etc/openwrt_release"
TOOL_TIMEOUT = 4.0
_CONNTRACK = "/proc/sys/net/netfilter/nf_conntrack_"
DHCP = tuple(f"router.dhcp.{name}" for name in ("pool", "leases", "utilization"))
LOG = tuple(f"router.log.{name}" for name in logread.NAMES)
WAN = ("router.wan.interface", "router.wan.enabled")
DSL = tuple(f"router.dsl.{name}" for name in ("margin_down", "margin_up", "attenuation", "errored_seconds"))
Part = Callable[[Machine], Iterable[Fact]]


class OpenWrt:
    """Asks ubus, uci, iwinfo and logread; nothing is changed."""

    name = "openwrt"

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the facts of one look.

        Raises:
            Unsupported: it does not run OpenWrt.
        """
        machine = context.machine
        require(machine)
        for part, names in _PARTS.items():
            try:
                yield from list(part(machine))
            except SourceError as error:
                yield from unknown(names, reason(error))


def require(machine: Machine) -> None:
    """Return if a machine runs OpenWrt.

    Raises:
        Unsupported: it does not.
    """
    if machine.system != "linux":
        raise Unsupported("it does not run OpenWrt")
    machine.read(RELEASE)


def _conntrack(machine: Machine) -> Iterator[Fact]:
    used, most = (_whole(machine.read(_CONNTRACK + name)) for name in ("count", "max"))
    yield Fact("router.conntrack.utilization", share(used, most))


def _overlay(machine: Machine) -> Iterator[Fact]:
    use = machine.filesystem("/overlay")
    used = use.total - use.free
    yield Fact("router.overlay.utilization", share(used, used + use.available))


def _dhcp(machine: Machine) -> Iterator[Fact]:
    network = dnsmasq.read_network(call(machine, "network.interface.lan", "status"))
    told = machine.run(("uci", "show", "dhcp.lan"), TOOL_TIMEOUT)
    pool = dnsmasq.parse_pool(told.out, network) if network is not None and told.code == 0 else None
    if pool is None:
        raise Unsupported("it lends no addresses")
    first, last = pool
    lent = sum(first <= address <= last for address in dnsmasq.parse_leases(machine.read(dnsmasq.LEASES)))
    yield Fact("router.dhcp.pool", last - first + 1)
    yield Fact("router.dhcp.leases", lent)
    yield Fact("router.dhcp.utilization", share(lent, last - first + 1))


def _log(machine: Machine) -> Iterator[Fact]:
    for name, count in logread.counts(machine).items():
        yield Fact(f"router.log.{name}", count)


def _dsl(machine: Machine) -> Iterator[Fact]:
    line = read_metrics(call(machine, "dsl", "metrics"))
    yield Fact("router.dsl.margin_down", _or_unsupported(line.margin_down))
    yield Fact("router.dsl.margin_up", _or_unsupported(line.margin_up))
    yield Fact("router.dsl.attenuation", _or_unsupported(line.attenuation))
    seconds = line.errored_seconds
    yield Fact("router.dsl.errored_seconds", UnknownReason.UNSUPPORTED if seconds is None else int(seconds))


def _wan(machine: Machine) -> Iterator[Fact]:
    wan = read_interface(call(machine, "network.interface.wan", "status"))
    yield Fact("router.wan.interface", wan.device or UnknownReason.UNSUPPORTED)
    yield Fact("router.wan.enabled", UnknownReason.UNSUPPORTED if wan.wanted is None else wan.wanted)


def _radios(machine: Machine) -> Iterator[Fact]:
    radios = read_radios(call(machine, "network.wireless", "status"))
    try:
        heard = parse_iwinfo(machine.run(("iwinfo",), TOOL_TIMEOUT).out)
        why = UnknownReason.UNSUPPORTED
    except SourceError as error:
        heard, why = {}, reason(error)
    for radio in radios:
        yield from _of_radio(radio, heard, why)


def _of_radio(
    radio: Radio, heard: Mapping[str, tuple[int | None, float | None]], why: UnknownReason
) -> Iterator[Fact]:
    yield Fact("router.radio.up", radio.up, radio.name)
    yield Fact("router.radio.disabled", radio.disabled, radio.name)
    yield Fact("router.radio.failed", radio.failed, radio.name)
    yield Fact("router.radio.band", radio.band or UnknownReason.UNSUPPORTED, radio.name)
    channel, noise = next((heard[name] for name in radio.networks if name in heard), (None, None))
    yield Fact("router.radio.channel", why if channel is None else channel, radio.name)
    yield Fact("router.radio.noise", why if noise is None else noise, radio.name)


# Without radios there is nothing to say of any, so they have no names here.
_PARTS: Mapping[Part, tuple[str, ...]] = {
    _conntrack: ("router.conntrack.utilization",),
    _overlay: ("router.overlay.utilization",),
    _dhcp: DHCP,
    _log: LOG,
    _dsl: DSL,
    _wan: WAN,
    _radios: (),
}


def _whole(text: str) -> int:
    plain = text.strip()
    if not plain.isascii() or not plain.isdigit() or len(plain) > 18:
        raise SourceFailed("a file of the kernel holds no number")
    return int(plain)


def _or_unsupported(value: float | None) -> FactValue:
    return UnknownReason.UNSUPPORTED if value is None else value
