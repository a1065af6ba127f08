"""Reaching router and internet: on loopback, and in network namespaces with a veth between them."""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hotline_probe.source import Settings
from hotline_probe.sources.echo import build_echo, checksum, connect, is_reply
from hotline_probe.sources.ping import Ping, Window, split_anchor
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

HEAD = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
# The router of these captured machines is a loopback address, so that packets stay here.
ROUTE = "lo\t00000000\t0200007F\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
OTHER = ROUTE.replace("lo\t", "wlan0\t")
NEIGH = "ip -j neigh show to 127.0.0.2 dev lo"
TRIPS = st.lists(st.none() | st.floats(0, 5), max_size=40)


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_nothing_to_measure(read) -> None:
    facts = read(Ping())
    assert len(facts) == 8 and set(facts.values()) == {UnknownReason.UNSUPPORTED}


@pytest.mark.parametrize(
    ("state", "value"),
    [
        ("REACHABLE", True),
        ("FAILED", False),
        ("STALE", UnknownReason.UNSUPPORTED),
        ("INCOMPLETE", UnknownReason.UNSUPPORTED),
    ],
)
def test_without_measuring_the_neighbour_table_decides(captured, read, state: str, value: object) -> None:
    captured.put({"/proc/net/route": HEAD + ROUTE})
    captured.prints(NEIGH, json.dumps([{"dst": "127.0.0.2", "state": [state]}]))
    facts = read(Ping(), Settings(active=False, anchors=("127.0.0.1:9",)))
    assert facts.pop("net.gateway.reachable") is value
    assert len(facts) == 7 and set(facts.values()) == {UnknownReason.UNSUPPORTED}


def test_a_router_that_refuses_is_there(captured, read, closed: int) -> None:
    captured.put({"/proc/net/route": HEAD + ROUTE})
    facts = read(Ping([closed]))
    assert facts["net.gateway.reachable"] is True
    assert 0 <= facts["net.gateway.rtt"] < 2
    assert facts["net.internet.reachable"] is UnknownReason.UNSUPPORTED


def test_anchors_by_connection(read, listener: int, closed: int) -> None:
    source, settings = Ping(), Settings(anchors=(f"localhost:{closed}", f"localhost:{listener}"))
    facts = [read(source, settings) for _ in range(6)]
    assert facts[0]["net.internet.reachable"] is True and facts[0]["net.internet.method"] == "tcp"
    assert 0 < facts[0]["net.internet.rtt"] < 2
    assert facts[0]["net.internet.loss"] is UnknownReason.PENDING
    assert facts[0]["net.internet.jitter"] is UnknownReason.PENDING
    # The measuring point that is down does not look like loss.
    assert facts[5]["net.internet.loss"] == 0.0
    assert 0 <= facts[5]["net.internet.jitter"] < 2


def test_no_anchor_answers(read, closed: int) -> None:
    source, settings = Ping(), Settings(anchors=(f"localhost:{closed}",))
    facts = [read(source, settings) for _ in range(5)][-1]
    assert facts["net.internet.reachable"] is False and facts["net.internet.method"] == "none"
    assert facts["net.internet.rtt"] is UnknownReason.UNREACHABLE
    assert facts["net.internet.loss"] == 1.0


def test_anchors_that_make_no_sense_prove_nothing(read) -> None:
    facts = read(Ping(), Settings(anchors=("nonsense", "host:99999")))
    assert facts["net.internet.reachable"] is UnknownReason.UNREACHABLE


def test_another_path_begins_anew(captured, read, listener: int) -> None:
    source, settings = Ping([listener]), Settings(anchors=(f"localhost:{listener}",))
    captured.put({"/proc/net/route": HEAD + ROUTE})
    assert [read(source, settings) for _ in range(5)][-1]["net.internet.loss"] == 0.0
    captured.put({"/proc/net/route": HEAD + OTHER})
    assert read(source, settings)["net.internet.loss"] is UnknownReason.PENDING


def test_connect_tells_refused_from_accepted(listener: int, closed: int) -> None:
    assert connect("127.0.0.1", listener, 2.0) is not None
    assert connect("127.0.0.1", closed, 2.0) is None
    assert connect("127.0.0.1", closed, 2.0, refusal_counts=True) is not None
    assert connect("not numeric", 1, 2.0) is None


def test_jitter_and_loss() -> None:
    window = Window()
    for trip in (0.010, None, 0.030, 0.030, 0.014):
        window.add(trip)
    assert window.loss() == 0.2
    # |20|, then smoothed by 1/16 towards 0 and towards 16 ms.
    first = 0.020 - 0.020 / 16
    assert window.jitter() == pytest.approx(first + (0.016 - first) / 16)


@given(TRIPS)
def test_any_window(trips: list[float | None]) -> None:
    window = Window()
    for trip in trips:
        window.add(trip)
    loss, jitter, recent = window.loss(), window.jitter(), trips[-20:]
    assert loss is UnknownReason.PENDING or loss == recent.count(None) / len(recent)
    assert isinstance(jitter, UnknownReason) or 0 <= jitter <= 5
    assert window.answered is any(trip is not None for trip in recent)


@given(st.binary(max_size=65))
def test_checksum_makes_the_sum_vanish(data: bytes) -> None:
    padded = data + b"\0" * (len(data) % 2)
    assert checksum(padded + struct.pack("!H", checksum(data))) == 0


@given(st.sampled_from([4, 6]), st.integers(0, 0xFFFF), st.binary(max_size=40), st.binary(max_size=60))
def test_only_the_reply_is_a_reply(version: int, sequence: int, cookie: bytes, noise: bytes) -> None:
    request = build_echo(version, sequence, cookie)
    reply = bytes([0 if version == 4 else 129]) + request[1:]
    assert is_reply(reply, version, sequence, cookie)
    assert not is_reply(request, version, sequence, cookie)
    assert not is_reply(reply, version, sequence ^ 1, cookie)
    assert not is_reply(reply + b"x", version, sequence, cookie)
    is_reply(noise, version, sequence, cookie)


@given(st.text(max_size=40))
def test_any_anchor_is_survived(text: str) -> None:
    parts = split_anchor(text)
    assert parts is None or (parts[0] and 0 < parts[1] < 65536)


INSIDE = """
import json, pathlib, sys
from hotline_probe.machine import LocalMachine
from hotline_probe.source import Context, Settings
from hotline_probe.sources.ping import Ping
if sys.argv[1] == "echo":
    pathlib.Path("/proc/sys/net/ipv4/ping_group_range").write_text("0 2147483647")
source = Ping()
context = Context(LocalMachine(), Settings(anchors=(sys.argv[2],)))
for _ in range(int(sys.argv[3])):
    facts = {fact.name: fact.value for fact in source.read(context)}
print(json.dumps({name: getattr(value, "word", value) for name, value in facts.items()}))
"""


def inside(namespace: str, mode: str, anchor: str = "192.0.2.1:80", runs: int = 1) -> dict[str, object]:
    argv = ["ip", "netns", "exec", namespace, sys.executable, "-c", INSIDE, mode, anchor, str(runs)]
    done = subprocess.run(argv, check=True, capture_output=True, timeout=60)
    return json.loads(done.stdout)


def test_a_real_router_answers_echoes(router) -> None:
    facts = inside(router[0], "echo", runs=5)
    assert facts["net.gateway.reachable"] is True and facts["net.gateway.loss"] == 0.0
    assert 0 < facts["net.gateway.rtt"] < 1
    assert (facts["net.internet.reachable"], facts["net.internet.method"]) == (True, "icmp")
    assert facts["net.internet.loss"] == 0.0


def test_a_real_router_without_echoes(router) -> None:
    # A new namespace allows echoes to nobody (ping_group_range is "1 0"), so connections must tell.
    facts = inside(router[0], "tcp")
    assert facts["net.gateway.reachable"] is True and facts["net.gateway.loss"] == "unsupported"
    assert (facts["net.internet.reachable"], facts["net.internet.method"]) == (False, "none")


def test_a_real_router_that_is_gone(router) -> None:
    subprocess.run(["ip", "-n", router[1], "addr", "flush", "dev", "veth1"], check=True, timeout=10)
    facts = inside(router[0], "echo")
    assert facts["net.gateway.reachable"] in (False, "unreachable")
    assert facts["net.gateway.loss"] == "unsupported"
    assert facts["net.internet.reachable"] is False


def test_a_router_that_never_was_is_gone_from_the_second_run_on(router) -> None:
    subprocess.run(["ip", "-n", router[1], "addr", "flush", "dev", "veth1"], check=True, timeout=10)
    # Somebody else keeps trying, as name lookups do.
    chatter = ["ip", "netns", "exec", router[0], "ping", "-i", "0.3", "-w", "20", "192.0.2.1"]
    with subprocess.Popen(chatter, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as other:
        seen = [inside(router[0], "echo", runs=runs)["net.gateway.reachable"] for runs in (2, 3)]
        other.terminate()
    assert seen == [False, False]


OUTAGE = """
import json, pathlib, subprocess, sys
from hotline_probe.machine import LocalMachine
from hotline_probe.source import Context, Settings
from hotline_probe.sources import ping
pathlib.Path("/proc/sys/net/ipv4/ping_group_range").write_text("0 2147483647")
ping.ECHO_TIMEOUT = ping.CONNECT_TIMEOUT = 0.4
source, context = ping.Ping(), Context(LocalMachine(), Settings())
seen = []
for run in range(5):
    if run == 2:
        subprocess.run(sys.argv[1:], check=True, timeout=10)
    facts = {fact.name: fact.value for fact in source.read(context)}
    seen.append([getattr(facts[f"net.gateway.{name}"], "word", facts[f"net.gateway.{name}"])
                 for name in ("reachable", "loss")])
print(json.dumps(seen))
"""


def outage(namespace: str, command: str) -> list[list[object]]:
    """Return reachability and loss of the router in five runs, with a command before the third."""
    argv = ["ip", "netns", "exec", namespace, sys.executable, "-c", OUTAGE, *command.split()]
    done = subprocess.run(argv, check=True, capture_output=True, timeout=60)
    return json.loads(done.stdout)


def test_a_real_router_that_dies_is_gone_at_the_second_miss(router) -> None:
    seen = outage(router[0], f"ip -n {router[1]} addr flush dev veth1")
    assert [reachable for reachable, _ in seen[:2]] == [True, True]
    # The neighbour table still believes in it.
    assert seen[3][0] is False
    assert seen[4] == [False, 0.6]


def test_echoes_that_this_computer_keeps_back_are_not_lost(router) -> None:
    seen = outage(router[0], "ip route add prohibit 192.0.2.1/32")
    assert [loss for _, loss in seen] == ["pending"] * 5
    assert False not in [reachable for reachable, _ in seen]
