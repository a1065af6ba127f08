"""The kernel's tables and queues of connections."""

from __future__ import annotations

import socket

from tests.lab.lab import COLLECTOR_PORT, Lab
from tests.lab.scenario import Scenario, cause

# The caller's other way to the collector is no connection of this machine.
_CONNTRACK = f"""
table ip watch {{
  chain raw {{
    type filter hook output priority -300;
    oifname "lo" tcp dport {COLLECTOR_PORT} notrack; oifname "lo" tcp sport {COLLECTOR_PORT} notrack;
  }}
  chain out {{ type filter hook output priority 0; ct state new accept; }}
}}
"""
# One packet to each port of some addresses, again and again: what a program that asks for peers does.
_PEERS = """
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
limit = int(open("/proc/sys/net/netfilter/nf_conntrack_max").read())
while True:
    for n in range(limit + 65535):
        try:
            s.sendto(b"", (f"127.1.{n // 65535 // 256}.{n // 65535 % 256 + 1}", n % 65535 + 1))
        except OSError:
            pass
    time.sleep(4)
"""
_KNOCK = """
import socket, time
kept = []
while True:
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex(("127.0.0.1", 9100))
    kept = [*kept[-40:], s]
    time.sleep(0.05)
"""
_TALK = """
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    s.sendto(bytes(500), ("127.0.0.1", 9200))
    time.sleep(0.02)
"""
_PORTS = range(41000, 41100)


def _full_table(lab: Lab) -> None:
    lab.customer.ns.nft(_CONNTRACK)
    lab.customer.ns.sysctl(net__netfilter__nf_conntrack_udp_timeout=20)
    lab.customer.python(_PEERS)


def _empty_table(lab: Lab) -> None:
    lab.customer.stop()


def _use_up_ports(lab: Lab) -> None:
    """A program keeps nearly every port that outgoing connections can have."""
    lab.customer.ns.sysctl(net__ipv4__ip_local_port_range=f"{_PORTS[0]} {_PORTS[-1]}")
    lab.local_site(9000)
    kept = [lab.customer.ns.socket(socket.SOCK_STREAM) for _ in range(48)]
    for one in kept:
        one.connect(("127.0.0.1", 9000))
    lab.keep(kept)


def _flood_queue(lab: Lab) -> None:
    """A server that no longer takes what waits in its short queue, and clients that keep knocking."""
    busy = lab.customer.ns.socket(socket.SOCK_STREAM, "127.0.0.1", 9100)
    busy.listen(1)
    lab.keep([busy])
    lab.customer.python(_KNOCK)


def _flood_datagrams(lab: Lab) -> None:
    """A program that does not read what it gets."""
    deaf = lab.customer.ns.socket(socket.SOCK_DGRAM, "127.0.0.1", 9200)
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    lab.keep([deaf])
    lab.customer.python(_TALK)


def _calm(lab: Lab) -> None:
    lab.customer.stop()
    lab.let_go()


SCENARIOS = (
    Scenario(
        "connection-table-full",
        "sockets",
        "New pages do not open, old connections go on",
        cause("net.conntrack.full"),
        inject=_full_table,
        repair=_empty_table,
        look_alikes=("net.wan.loss", "net.dns.resolver_unreachable", "net.wan.down"),
        cut=True,
        patience=40,
        proof=110,
    ),
    Scenario(
        "ports-used-up",
        "sockets",
        "Programs cannot connect any more",
        cause("net.socket.ports_exhausted"),
        inject=_use_up_ports,
        repair=_calm,
        look_alikes=("net.conntrack.full", "net.wan.down"),
        proof=40,
    ),
    Scenario(
        "queue-overflows",
        "sockets",
        "Our server on this computer often does not answer",
        cause("net.tcp.listen_drops"),
        inject=_flood_queue,
        repair=_calm,
        look_alikes=("net.socket.ports_exhausted", "net.conntrack.full"),
        # Seen at once, while drops are counted over a minute.
        allowed=frozenset(("net.tcp.retransmits",)),
        patience=100,
        proof=100,
    ),
    Scenario(
        "datagrams-lost",
        "sockets",
        "Voices in our telephone program break up",
        cause("net.udp.receive_errors"),
        inject=_flood_datagrams,
        repair=_calm,
        look_alikes=("net.wan.jitter", "net.wan.loss"),
        patience=100,
        proof=100,
    ),
)
