"""The largest packet: the search by itself, and on a wire to a router with a narrow way behind it."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Any

import pytest
from hotline_probe.sources.pathmtu import SMALLEST, USUAL, Found, Passage, PathMtu, search
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

BEHIND = "198.51.100.2"


@given(st.integers(0, 1600), st.integers(100, 1500), st.sampled_from([4, 6]), st.booleans())
def test_the_largest_usual_size_is_found(limit: int, largest: int, version: int, told: bool) -> None:
    asked = []

    def passes(size: int) -> Passage:
        asked.append(size)
        return Passage(size <= limit, told and size > limit)

    found = search(passes, largest, SMALLEST[version])
    fitting = [size for size in (largest, *USUAL) if SMALLEST[version] <= size <= min(limit, largest)]
    if limit >= largest:
        assert found == Found(largest, False)
    else:
        assert found == (Found(max(fitting), not told) if fitting else None)
    assert len(asked) <= 6 and len(set(asked)) == len(asked)


@pytest.fixture
def narrow(wire: Any) -> Any:
    """A router that forwards over a link of 1400 bytes to a host that answers."""
    behind = f"hotline-b{os.getpid()}"
    subprocess.run(["ip", "netns", "add", behind], check=True, timeout=10)
    try:
        wire.run(wire.there, f"ip link add narrow type veth peer name end netns {behind}")
        wire.run(wire.there, "ip addr add 198.51.100.1/24 dev narrow")
        wire.run(wire.there, "ip link set narrow up mtu 1400")
        wire.run(wire.there, "sysctl -qw net.ipv4.ip_forward=1")
        for line in (
            f"addr add {BEHIND}/24 dev end",
            "link set end up mtu 1400",
            "link set lo up",
            "route add default via 198.51.100.1",
        ):
            wire.run(behind, f"ip {line}")
        yield wire
    finally:
        subprocess.run(["ip", "netns", "del", behind], check=True, timeout=10)


def test_a_narrow_way_that_says_so_and_one_that_does_not(narrow: Any) -> None:
    anchors = [f"{BEHIND}:443"]
    assert narrow.look(PathMtu, anchors=anchors) == {"net.path.mtu": 1400.0, "net.path.mtu_blackhole": False}
    if shutil.which("nft") is None:
        pytest.skip("needs nft(8)")
    narrow.run(narrow.there, "nft add table ip t")
    narrow.run(narrow.there, "nft add chain ip t o { type filter hook output priority 0 ; }")
    narrow.run(narrow.there, "nft add rule ip t o icmp type destination-unreachable drop")
    assert narrow.look(PathMtu, anchors=anchors) == {"net.path.mtu": 1400.0, "net.path.mtu_blackhole": True}


def test_a_wide_way(wire: Any) -> None:
    told = wire.look(PathMtu, anchors=["198.51.100.9:443", "192.0.2.1:443"])
    assert told == {"net.path.mtu": 1500.0, "net.path.mtu_blackhole": False}


def test_who_answers_no_echo_tells_nothing(wire: Any) -> None:
    wire.run(wire.there, "sysctl -qw net.ipv4.icmp_echo_ignore_all=1")
    told = wire.look(PathMtu, anchors=["192.0.2.1:443"])
    assert set(told.values()) == {"unreachable"}


def test_without_a_measuring_point(read: Any) -> None:
    assert set(read(PathMtu()).values()) == {UnknownReason.UNSUPPORTED}
