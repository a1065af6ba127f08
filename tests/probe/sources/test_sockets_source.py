"""Connection counters on captured machines, and open connections of this one."""

from __future__ import annotations

import socket

import pytest
from hotline_probe.errors import SourceError, SourceFailed, Unsupported
from hotline_probe.sources.connections import Connections
from hotline_probe.sources.sockets import Sockets, parse_numbers, parse_snmp, parse_sockstat
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

TCP = "Tcp: RtoMin MaxConn EstabResets CurrEstab OutSegs RetransSegs\nTcp: 200 -1 {} 7 {} {}\n"
UDP = "Udp: InDatagrams NoPorts InErrors\nUdp: 304 0 3\n"
SOCKSTAT = "sockets: used 29\nTCP: inuse 100 orphan 4 tw 33 alloc 5 mem 50\nUDP: inuse 0 mem 0\n"
CONNTRACK = "/proc/sys/net/netfilter/nf_conntrack"


@pytest.fixture
def server(captured):
    captured.put(
        {
            "/proc/uptime": "100.0 1.0\n",
            "/proc/net/sockstat": SOCKSTAT,
            "/proc/net/sockstat6": "TCP6: inuse 67\n",
            "/proc/net/snmp": TCP.format(10, 1000, 50) + UDP,
            "/proc/net/netstat": "TcpExt: SyncookiesSent ListenDrops\nTcpExt: 0 12\n",
            "/proc/sys/net/ipv4/tcp_mem": "100\t150\t200\n",
            "/proc/sys/net/ipv4/ip_local_port_range": "1001\t2000\n",
            f"{CONNTRACK}_count": "60\n",
            f"{CONNTRACK}_max": "80\n",
        }
    )
    return captured


def test_counts_and_limits(server, read) -> None:
    facts = read(Sockets())
    assert facts["net.tcp.established"] == 7
    assert (facts["net.tcp.orphans"], facts["net.tcp.time_wait"]) == (4, 33)
    assert (facts["net.udp.receive_errors"], facts["net.tcp.listen_drops"]) == (3, 12)
    assert facts["net.tcp.memory_ratio"] == 0.25
    assert facts["net.conntrack.utilization"] == 0.75
    assert facts["net.socket.port_utilization"] == pytest.approx(0.2)
    assert facts["net.tcp.retransmit_ratio"] is UnknownReason.PENDING
    assert facts["net.tcp.resets_rate"] is UnknownReason.PENDING


@pytest.mark.parametrize(
    ("sent", "repeated", "ratio"), [(90, 10, 0.1), (89, 10, UnknownReason.PENDING), (200, 0, 0.0)]
)
def test_rates(server, read, sent: int, repeated: int, ratio: object) -> None:
    source = Sockets()
    read(source)
    server.put({"/proc/uptime": "102.0 1.0\n", "/proc/net/snmp": TCP.format(16, 1000 + sent, 50 + repeated)})
    facts = read(source)
    assert facts["net.tcp.retransmit_ratio"] == ratio
    assert facts["net.tcp.resets_rate"] == 3.0


def test_a_machine_that_lacks_most(server, read) -> None:
    for path in (
        "/proc/net/sockstat6",
        "/proc/net/netstat",
        "/proc/sys/net/ipv4/tcp_mem",
        f"{CONNTRACK}_max",
    ):
        server.path(path).unlink()
    facts = read(Sockets())
    for name in ("net.tcp.listen_drops", "net.tcp.memory_ratio", "net.conntrack.utilization"):
        assert facts[name] is UnknownReason.UNSUPPORTED
    assert facts["net.socket.port_utilization"] == pytest.approx(0.133)


def test_without_proc_net(read) -> None:
    with pytest.raises(Unsupported, match="sockstat"):
        read(Sockets())


@given(st.text(alphabet="Tcp: UdpInErrors0123456789-²\n\t", max_size=200))
def test_broken_files_are_survived(text: str) -> None:
    assert all(isinstance(number, int) for number in parse_sockstat(text).values())
    assert all(isinstance(number, int) for number in parse_snmp(text, "Tcp", "Udp").values())
    try:
        assert len(parse_numbers(text, 2)) == 2
    except SourceError as error:
        assert isinstance(error, SourceFailed)


def test_a_connection_that_a_program_forgot(read) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        there = socket.create_connection(listener.getsockname())
        here, _ = listener.accept()
        with here:
            there.close()
            here.settimeout(5)
            assert here.recv(1) == b""  # its end has arrived, and nobody closes here
            facts = read(Connections())
    assert facts["net.connections.close_wait"] >= 1
    assert facts["net.connections.syn_sent"] >= 0
    assert facts["net.connections.top_count"] >= 1
    assert isinstance(facts["net.connections.top_owner"], str)
