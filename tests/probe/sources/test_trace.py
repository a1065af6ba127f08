"""The way through a router in a namespace, ways that end early or in circles, and what the kernel reports."""

from __future__ import annotations

import ipaddress
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from hotline_probe.sources.hops import Hop, parse_error, summarise
from hotline_probe.sources.trace import Trace
from hypothesis import given
from hypothesis import strategies as st

BEHIND = "93.184.215.14"
CHECK = f"{BEHIND}:443"


@pytest.fixture
def chain(wire: Any) -> Iterator[tuple[Any, str]]:
    """A home router, behind it a provider's one that also holds the target's address."""
    behind = f"hotline-b{os.getpid()}"
    subprocess.run(["ip", "netns", "add", behind], check=True, timeout=10)
    try:
        wire.run(wire.there, f"ip link add up0 type veth peer name down0 netns {behind}")
        for end, line in (
            (wire.there, "addr add 10.9.0.1/24 dev up0"),
            (wire.there, "link set up0 up"),
            (wire.there, "route add default via 10.9.0.2"),
            (behind, "addr add 10.9.0.2/24 dev down0"),
            (behind, "link set down0 up"),
            (behind, "link set lo up"),
            (behind, f"addr add {BEHIND}/32 dev lo"),
            (behind, "route add default via 10.9.0.1"),
        ):
            wire.run(end, f"ip {line}")
        for end in (wire.there, behind):
            # The kernel limits ICMP errors to one a second for each destination.
            wire.run(end, "sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0")
        yield wire, behind
    finally:
        subprocess.run(["ip", "netns", "del", behind], check=True, timeout=10)


def test_the_way_to_the_target(chain: tuple[Any, str]) -> None:
    told = chain[0].look(Trace, checks=[CHECK])
    assert told == {
        f"net.trace.reached[{CHECK}]": True,
        f"net.trace.hops[{CHECK}]": 2,
        f"net.trace.last[{CHECK}]": BEHIND,
        f"net.trace.end[{CHECK}]": "target",
        f"net.trace.private_hops[{CHECK}]": 1,
        f"net.trace.circles[{CHECK}]": False,
    }


def test_without_echoes_the_way_is_followed_all_the_same(chain: tuple[Any, str]) -> None:
    wire, _ = chain
    wire.run(wire.computer, "sysctl -qw 'net.ipv4.ping_group_range=1 0'")
    told = wire.look(Trace, anchors=[CHECK])
    assert told[f"net.trace.end[{CHECK}]"] == "target" and told[f"net.trace.hops[{CHECK}]"] == 2


def test_a_router_that_leads_nowhere(chain: tuple[Any, str]) -> None:
    if shutil.which("nft") is None:
        pytest.skip("needs nft(8)")
    wire, _ = chain
    wire.run(wire.there, "nft add table ip t")
    wire.run(wire.there, "nft add chain ip t f { type filter hook forward priority 0 ; policy drop ; }")
    told = wire.look(Trace, checks=[CHECK])
    assert told[f"net.trace.reached[{CHECK}]"] is False and told[f"net.trace.end[{CHECK}]"] == "home"
    assert told[f"net.trace.last[{CHECK}]"] == "192.0.2.1"


def test_routers_that_send_each_other_the_packets(chain: tuple[Any, str]) -> None:
    wire, behind = chain
    wire.run(behind, f"ip addr del {BEHIND}/32 dev lo")
    told = wire.look(Trace, checks=[CHECK])
    assert told[f"net.trace.circles[{CHECK}]"] is True and told[f"net.trace.reached[{CHECK}]"] is False


def test_the_own_network_only_after_a_yes(wire: Any) -> None:
    assert set(wire.look(Trace, checks=["192.0.2.1:80"]).values()) == {"declined"}
    told = wire.look(Trace, checks=["192.0.2.1:80"], own_checks=["192.0.2.1:80"])
    assert told["net.trace.hops[192.0.2.1:80]"] == 1


hops = st.lists(
    st.builds(
        Hop,
        st.integers(1, 20),
        st.sampled_from([*map(ipaddress.ip_address, ("192.168.1.1", "100.64.0.1", "8.8.8.8", "fe80::1"))]),
        st.booleans(),
    ),
    max_size=12,
)


@given(hops)
def test_every_way_has_an_end(found: list[Hop]) -> None:
    way = summarise(found)
    assert (way.end == "target") is way.reached is any(hop.target for hop in found)
    assert (way.end == "nowhere") is (not found) and way.private <= len(found) and way.length <= 20
    assert not (way.loop and way.reached)


@pytest.mark.parametrize(
    ("addresses", "end"),
    [
        (["192.168.1.1"], "home"),
        (["192.168.1.1", "10.0.0.1"], "home"),
        (["192.168.1.1", "100.64.0.1"], "beyond"),
        (["192.168.1.1", "8.8.8.8", "10.1.1.1"], "beyond"),
        ([], "nowhere"),
    ],
)
def test_where_a_way_ends(addresses: list[str], end: str) -> None:
    found = [Hop(n, ipaddress.ip_address(text), False) for n, text in enumerate(addresses, 1)]
    assert summarise(found).end == end


@given(st.binary(max_size=60))
def test_no_report_of_the_kernel_is_a_crash(data: bytes) -> None:
    parse_error(data)


def test_a_silent_router_in_between_counts_as_a_hop_but_not_as_public() -> None:
    way = summarise([Hop(2, ipaddress.ip_address("192.168.2.1"), False)])
    assert (way.end, way.length, way.private) == ("home", 2, 1)
