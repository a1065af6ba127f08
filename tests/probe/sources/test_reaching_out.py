"""Sign-in pages, dead address families and blocked ports, on a wire to a router that plays the internet."""

from __future__ import annotations

import shutil
import time
from typing import Any

import pytest
from hotline_probe.checks.fetch import Page
from hotline_probe.source import Settings
from hotline_probe.sources.families import Families
from hotline_probe.sources.portal import Portal, Verdict, judge
from hotline_probe.sources.ports import Ports
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

# A public address, as the sources demand it; nothing leaves the two namespaces.
SERVER, SERVER6 = "93.184.215.14", "2606:2800:21f:cb07::1"
WEB = """
import socket, sys, threading
answer = sys.argv[3].encode().decode("unicode_escape").encode("latin-1")
server = socket.create_server((sys.argv[1], int(sys.argv[2])),
                              family=socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
print("ready", flush=True)
def serve(channel):
    channel.recv(4096)
    channel.sendall(answer)
    channel.close()
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
"""
NO_CONTENT = "HTTP/1.1 204 No Content\\r\\n\\r\\n"
REDIRECT = (
    "HTTP/1.1 302 Found\\r\\nLocation: http://login.hotel.example/?u\\r\\nContent-Length: 0\\r\\n\\r\\n"
)
PAGE = "HTTP/1.1 200 OK\\r\\n\\r\\n<html>Welcome</html>"


@pytest.fixture
def internet(wire: Any) -> Any:
    """A wire whose other end also holds public addresses of both families."""
    wire.run(wire.there, f"ip addr add {SERVER}/32 dev lo")
    return wire


@pytest.fixture
def internet6(internet: Any) -> Any:
    for end, link, address in ((internet.computer, "veth0", 2), (internet.there, "veth1", 1)):
        internet.run(end, f"ip addr add fd00:db8::{address}/64 dev {link} nodad")
    internet.run(internet.there, f"ip addr add {SERVER6}/128 dev lo nodad")
    internet.run(internet.computer, "ip route add default via fd00:db8::1")
    return internet


def _firewall(wire: Any, rule: str) -> None:
    if shutil.which("nft") is None:
        pytest.skip("needs nft(8)")
    wire.run(wire.there, "nft add table inet t")
    chain = "nft add chain inet t c { type filter hook input priority 0 ; }"
    wire.run(wire.there, chain)
    wire.run(wire.there, f"nft add rule inet t c {rule}")


@pytest.mark.parametrize(
    ("answer", "status", "host"),
    [(NO_CONTENT, "none", ""), (REDIRECT, "portal", "login.hotel.example"), (PAGE, "portal", "")],
)
def test_who_answers(internet: Any, answer: str, status: str, host: str) -> None:
    internet.serve(WEB, SERVER, "80", answer)
    told = internet.look(Portal, portal_urls=[f"http://{SERVER}/generate_204"])
    assert (told["net.portal.status"], told["net.portal.host"]) == (status, host)
    assert told["net.portal.captive"] == told["net.portal.remaining"] == "unsupported"


def test_nobody_and_the_own_network_say_nothing(internet: Any) -> None:
    internet.serve(WEB, "192.0.2.1", "80", PAGE)
    told = internet.look(Portal, portal_urls=["http://192.0.2.1/", f"http://{SERVER}/"])
    assert told["net.portal.status"] == told["net.portal.host"] == "unreachable"


def test_a_name_that_leads_into_the_own_network_is_the_networks_own_answer(internet: Any) -> None:
    told = internet.look(Portal, portal_urls=["http://localhost/generate_204"])
    assert (told["net.portal.status"], told["net.portal.host"]) == ("portal", "")


def test_without_a_page_to_ask_for_there_is_nothing_to_suspect(read: Any) -> None:
    assert set(read(Portal()).values()) == {UnknownReason.UNSUPPORTED}


@pytest.mark.parametrize(
    ("page", "verdict"),
    [
        (Page(511), Verdict(True)),
        (Page(200, b" \n"), None),
        (Page(302, headers={"location": "https://ask.example/x"}), None),
        (Page(302), None),
        (Page(404, b"not here"), None),
    ],
)
def test_answers_that_are_less_clear(page: Page, verdict: Verdict | None) -> None:
    assert judge(page, "ask.example") == verdict


@given(st.integers(200, 599), st.text(max_size=30), st.binary(max_size=20))
def test_no_answer_is_a_crash(status: int, location: str, body: bytes) -> None:
    verdict = judge(Page(status, body, {"location": location}), "ask.example")
    assert verdict is None or verdict.portal or status == 204


def test_a_dead_family(internet6: Any) -> None:
    internet6.serve(WEB, SERVER, "443", "")
    internet6.serve(WEB, SERVER6, "443", "")
    anchors = [f"{SERVER}:443", f"[{SERVER6}]:443"]
    assert set(internet6.look(Families, anchors=anchors).values()) == {True}
    _firewall(internet6, f"ip6 daddr {SERVER6} drop")
    told = internet6.look(Families, anchors=anchors)
    assert told == {"net.ipv4.reachable": True, "net.ipv6.reachable": False}


def test_a_family_without_a_way_is_not_dead(internet: Any) -> None:
    internet.serve(WEB, SERVER, "443", "")
    told = internet.look(Families, anchors=[f"{SERVER}:443", f"[{SERVER6}]:443"])
    assert told == {"net.ipv4.reachable": True, "net.ipv6.reachable": "unsupported"}
    assert set(internet.look(Families, anchors=[f"{SERVER}:443"]).values()) == {True, "unsupported"}


def test_dropped_rejected_and_open_ports(internet: Any) -> None:
    internet.serve(WEB, SERVER, "443", "")
    _firewall(internet, "tcp dport 25 drop")
    internet.run(internet.there, "nft add rule inet t c tcp dport 5060 reject with icmpx admin-prohibited")
    places = [f"{SERVER}:{port}" for port in (25, 443, 993, 5060)] + [
        "192.0.2.1:443",
        "no-name.invalid:1",
    ]
    told = internet.look(Ports, ports=places)
    results = [told[f"net.port.result[{place}]"] for place in places]
    assert results == ["dropped", "open", "rejected", "rejected", "declined", "unreachable"]
    assert told[f"net.port.number[{SERVER}:25]"] == 25 and told[f"net.port.host[{SERVER}:25]"] == SERVER


def test_nothing_is_knocked_at_unasked(read: Any) -> None:
    assert read(Ports(), Settings(ports=("a.example:25",), active=False)) == {}


def test_silence_takes_no_longer_than_the_sources_may(internet6: Any) -> None:
    _firewall(internet6, "meta l4proto tcp drop")
    for source, settings, most in (
        (Portal, {"portal_urls": [f"http://{SERVER}/", f"http://{SERVER}:81/"]}, 10.0),
        (Families, {"anchors": [f"{SERVER}:443", f"[{SERVER6}]:443"]}, 9.0),
        (Ports, {"ports": [f"{SERVER}:{port}" for port in range(1, 13)]}, 8.0),
    ):
        began = time.monotonic()
        told = internet6.look(source, **settings)
        assert time.monotonic() - began < most and "timeout" not in told.values()
