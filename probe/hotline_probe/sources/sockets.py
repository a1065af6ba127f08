"""Connection counters of the kernel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError, SourceFailed, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources.basics import Sampler, reason, share, unknown, uptime

# Below so many segments a share of repeated ones says nothing.
MIN_SEGMENTS = 100
RATES = ("net.tcp.retransmit_ratio", "net.tcp.resets_rate")
_CONNTRACK = "/proc/sys/net/netfilter/nf_conntrack"
_COUNTER = re.compile(r"-?\d{1,20}", re.ASCII)
_PAIR = re.compile(r"(\S+) (\d{1,20})(?= |$)")


def parse_sockstat(text: str) -> dict[str, int]:
    """Return the numbers of /proc/net/sockstat, named by protocol and word.

    >>> parse_sockstat("sockets: used 17\\nTCP: inuse 1 orphan 0 tw 0 alloc 1 mem 140\\n")["TCP.mem"]
    140
    """
    found = {}
    for line in text.splitlines():
        protocol, _, rest = line.partition(": ")
        found.update({f"{protocol}.{word}": int(number) for word, number in _PAIR.findall(rest)})
    return found


def parse_snmp(text: str, *protocols: str) -> dict[str, int]:
    """Return some protocols' counters of /proc/net/snmp or netstat: a line of names, then one of numbers.

    >>> parse_snmp("Udp: InDatagrams InErrors\\nUdp: 900 3\\nTcp: OutSegs\\nTcp: 7\\n", "Udp")
    {'Udp.InDatagrams': 900, 'Udp.InErrors': 3}
    """
    found = {}
    lines = text.splitlines()
    for names, numbers in zip(lines[::2], lines[1::2], strict=False):
        protocol, _, words = names.partition(": ")
        same, _, values = numbers.partition(": ")
        if protocol == same and protocol in protocols:
            for word, value in zip(words.split(), values.split(), strict=False):
                if _COUNTER.fullmatch(value):
                    found[f"{protocol}.{word}"] = int(value)
    return found


def parse_numbers(text: str, count: int) -> tuple[int, ...]:
    r"""Return the whole numbers of a file under /proc/sys.

    >>> parse_numbers("32768\t60999\n", 2)
    (32768, 60999)

    Raises:
        SourceFailed: there are not so many, or something else.
    """
    parts = text.split()
    if len(parts) != count or not all(re.fullmatch(r"\d{1,20}", part, re.ASCII) for part in parts):
        raise SourceFailed(f"{text[:40]!r} is not {count} numbers")
    return tuple(int(part) for part in parts)


@dataclass(frozen=True, slots=True)
class _Counts:
    sent: int
    repeated: int
    resets: int


class Sockets:
    """Reads /proc/net/sockstat, snmp and netstat, and the limits in /proc/sys/net."""

    name = "sockets"

    def __init__(self) -> None:
        self._samples = Sampler[_Counts]()

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield counts and how full the kernel's tables are, rates from the second run on.

        Raises:
            Unsupported: the system is not Linux.
            SourceError: /proc/net cannot be read.
        """
        if context.machine.system != "linux":
            raise Unsupported("only Linux shows these counters")
        machine = context.machine
        stat = parse_sockstat(machine.read("/proc/net/sockstat"))
        snmp = parse_snmp(machine.read("/proc/net/snmp"), "Tcp", "Udp")
        yield from _plain("net.tcp.established", snmp, "Tcp.CurrEstab")
        yield from _plain("net.tcp.orphans", stat, "TCP.orphan")
        yield from _plain("net.tcp.time_wait", stat, "TCP.tw")
        yield from _plain("net.udp.receive_errors", snmp, "Udp.InErrors")
        yield from self._rates(machine, snmp)
        yield Fact("net.tcp.listen_drops", _listen_drops(machine))
        yield Fact("net.tcp.memory_ratio", _memory_ratio(machine, stat))
        yield Fact("net.conntrack.utilization", _conntrack(machine))
        yield Fact("net.socket.port_utilization", _ports(machine, {**stat, **_sockstat6(machine)}))

    def _rates(self, machine: Machine, snmp: Mapping[str, int]) -> Iterator[Fact]:
        try:
            now = _Counts(snmp["Tcp.OutSegs"], snmp["Tcp.RetransSegs"], snmp["Tcp.EstabResets"])
            since = self._samples.since(uptime(machine), now)
        except KeyError:
            yield from unknown(RATES, UnknownReason.UNSUPPORTED)
            return
        if since is None or since[1].sent > now.sent:
            yield from unknown(RATES, UnknownReason.PENDING)
            return
        elapsed, before = since
        # OutSegs leaves out what was sent again (RFC 4022, tcpOutSegs).
        repeated = max(now.repeated - before.repeated, 0)
        sent = now.sent - before.sent + repeated
        ratio = share(repeated, sent) if sent >= MIN_SEGMENTS else UnknownReason.PENDING
        yield Fact("net.tcp.retransmit_ratio", ratio)
        yield Fact("net.tcp.resets_rate", max(now.resets - before.resets, 0) / elapsed)


def _plain(name: str, numbers: Mapping[str, int], word: str) -> Iterator[Fact]:
    yield Fact(name, numbers.get(word, UnknownReason.UNSUPPORTED))


def _sockstat6(machine: Machine) -> dict[str, int]:
    """Return the IPv6 sockets, which the IPv4 file leaves out; none where IPv6 is switched off."""
    try:
        return parse_sockstat(machine.read("/proc/net/sockstat6"))
    except SourceError:
        return {}


def _listen_drops(machine: Machine) -> FactValue:
    try:
        counters = parse_snmp(machine.read("/proc/net/netstat"), "TcpExt")
    except SourceError as error:
        return reason(error)
    return counters.get("TcpExt.ListenDrops", UnknownReason.UNSUPPORTED)


def _memory_ratio(machine: Machine, stat: Mapping[str, int]) -> FactValue:
    try:
        limit = parse_numbers(machine.read("/proc/sys/net/ipv4/tcp_mem"), 3)[2]
    except SourceError as error:  # namespaces of containers have no such file
        return reason(error)
    return share(stat["TCP.mem"], limit) if "TCP.mem" in stat else UnknownReason.UNSUPPORTED


def _conntrack(machine: Machine) -> FactValue:
    try:
        count = parse_numbers(machine.read(f"{_CONNTRACK}_count"), 1)[0]
        limit = parse_numbers(machine.read(f"{_CONNTRACK}_max"), 1)[0]
    except SourceError as error:
        return reason(error)
    return share(count, limit) if limit else UnknownReason.UNSUPPORTED


def _ports(machine: Machine, stat: Mapping[str, int]) -> FactValue:
    try:
        low, high = parse_numbers(machine.read("/proc/sys/net/ipv4/ip_local_port_range"), 2)
    except SourceError as error:
        return reason(error)
    if "TCP.inuse" not in stat:
        return UnknownReason.UNSUPPORTED
    used = stat["TCP.inuse"] + stat.get("TCP6.inuse", 0) + stat.get("TCP.tw", 0)
    return share(used, high - low + 1)
