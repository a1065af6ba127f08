"""The full line: a narrow one with a deep queue, a wide one, and downloads that are none."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from hotline_probe.machine import LocalMachine
from hotline_probe.source import Context, Settings
from hotline_probe.sources.load import LOAD_SECONDS, MAX_BYTES, MAX_RUNS, Load
from hotline_proto.facts import UnknownReason

SERVER = "93.184.215.14"
# Gives as much as is taken, and says how much that was.
DOWNLOAD = """
import socket, sys, threading
server = socket.create_server((sys.argv[1], 80))
print("ready", flush=True)
def serve(channel):
    try:
        if channel.recv(4096).startswith(b"GET /big"):
            channel.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n")
            while True:
                channel.sendall(bytes(65536))
        channel.sendall(b"HTTP/1.1 404 Not Found\\r\\n\\r\\n")
    except OSError:
        pass
    channel.close()
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
"""
URL = f"http://{SERVER}/big"
BIG = {"anchors": [f"{SERVER}:80"], "load_url": URL}


@pytest.fixture
def line(wire: Any) -> Any:
    """A wire to a server of downloads; its sender fills queues like most, unlike BBR."""
    wire.run(wire.there, f"ip addr add {SERVER}/32 dev lo")
    wire.run(wire.there, "sysctl -qw net.ipv4.tcp_congestion_control=reno")
    wire.serve(DOWNLOAD, SERVER)
    return wire


def test_a_deep_queue(line: Any) -> None:
    if shutil.which("tc") is None:
        pytest.skip("needs tc(8)")
    line.run(line.there, "tc qdisc add dev veth1 root tbf rate 4mbit burst 16k latency 900ms")
    told = line.look(Load, **BIG)
    assert told["net.load.rtt_idle"] < 0.1
    assert told["net.load.added_delay"] > 0.2
    assert 1e6 < told["net.load.rate_down"] < 5e6


def test_a_queue_so_deep_that_few_trips_return(line: Any) -> None:
    if shutil.which("tc") is None:
        pytest.skip("needs tc(8)")
    line.run(line.there, "tc qdisc add dev veth1 root tbf rate 2mbit burst 16k latency 2500ms")
    # Whether a trip ends late or not at all, it is told as late.
    assert line.look(Load, **BIG)["net.load.added_delay"] > 0.5


def test_a_wide_line_ends_early(line: Any) -> None:
    told = line.look(Load, **BIG)
    # So many bytes and not a second more.
    assert told["net.load.rate_down"] >= MAX_BYTES * 8 / LOAD_SECONDS
    delay = told["net.load.added_delay"]
    assert delay == "not_collected" or delay < 0.2


def test_no_call_loads_the_line_again_and_again(line: Any) -> None:
    assert line.look(Load, times=MAX_RUNS, **BIG)["net.load.rate_down"] > 0
    assert set(line.look(Load, times=MAX_RUNS + 1, **BIG).values()) == {"declined"}


def test_a_download_that_is_not_there(line: Any) -> None:
    assert "not there" in line.look(Load, anchors=BIG["anchors"], load_url=f"http://{SERVER}/gone")["error"]
    assert "cannot begin" in line.look(Load, anchors=BIG["anchors"], load_url="http://192.0.2.1/big")["error"]


@pytest.mark.parametrize("settings", [Settings(), Settings(anchors=("a:1",)), Settings(load_url="http://a/")])
def test_nothing_is_loaded_unless_the_operator_says_where(settings: Settings) -> None:
    facts = list(Load().read(Context(LocalMachine(), settings)))
    assert {fact.value for fact in facts} == {UnknownReason.UNSUPPORTED}


def test_nothing_is_loaded_over_a_mobile_network(captured: Any, read: Any) -> None:
    captured.put(
        {
            "/proc/net/route": "Iface\nwwan0\t00000000\t00000000\t0001\t0\t0\t700\t00000000\t0\t0\t0\n",
            "/sys/devices/pci/net/wwan0/type": "519\n",
            "/sys/devices/pci/net/wwan0/uevent": "DEVTYPE=wwan\n",
        }
    )
    captured.put_link("/sys/class/net/wwan0", "../../devices/pci/net/wwan0")
    told = read(Load(), Settings(anchors=(f"{SERVER}:80",), load_url=URL))
    assert set(told.values()) == {UnknownReason.DECLINED}
