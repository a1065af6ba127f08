"""Between the router and the internet: gone, lossy, slow, uneven; and the same inside the home."""

from __future__ import annotations

from tests.lab.lab import Lab
from tests.lab.router import LAN
from tests.lab.scenario import Scenario, Step, cause

_OFFLINE = "Wir haben kein Internet"
_SLOW = "Everything on the internet is slow"
_LOSS = """
table inet fault {{
  chain in {{ type filter hook prerouting priority -300; {what} drop; }}
}}
"""
_SOME = "numgen random mod 3 == 0"


def _drop_on_line(what: str) -> Step:
    return lambda lab: lab.internet.nft(_LOSS.format(what=what))


def _drop_at_home(what: str) -> Step:
    return lambda lab: lab.router.ns.nft(_LOSS.format(what=what))


def _drop_nothing(lab: Lab) -> None:
    for ns in (lab.internet, lab.router.ns):
        ns.run("nft delete table inet fault", check=False)


def _delay(seconds: float, jitter: float = 0.0) -> Step:
    def change(lab: Lab) -> None:
        lab.wire.delay, lab.wire.jitter = seconds, jitter

    return change


def _lose_v6(lab: Lab) -> None:
    """IPv6 is announced, and leads nowhere behind the router."""
    lab.customer.accept_v6()
    lab.customer.write("/etc/resolv.conf", f"nameserver {LAN}\n")
    _drop_at_home('iifname "lan" ip6 daddr 2000::/3 ip6 daddr != 2001:db8:178::/64')(lab)


SCENARIOS = (
    Scenario(
        "ipv6-dead",
        "wan",
        "Some pages take very long to begin",
        cause("net.ipv6.dead"),
        inject=_lose_v6,
        repair=_drop_nothing,
        look_alikes=("net.wan.down", "net.wan.loss", "net.ipv6.v4_missing"),
        ipv6=True,
        patience=40,
        proof=60,
    ),
    Scenario(
        "line-dead",
        "wan",
        _OFFLINE,
        cause("net.wan.down"),
        inject=lambda lab: lab.router.ns.ip("link set wan down"),
        repair=lambda lab: lab.router.connect(),
        look_alikes=("net.gateway.unreachable", "net.dns.resolver_refuses", "net.dns.lookup_fails"),
        cut=True,
    ),
    Scenario(
        "provider-dead",
        "wan",
        _OFFLINE,
        cause("net.wan.down"),
        inject=_drop_on_line('iifname "line"'),
        repair=_drop_nothing,
        look_alikes=("net.gateway.unreachable", "net.dns.resolver_unreachable", "net.dns.lookup_fails"),
        cut=True,
    ),
    Scenario(
        "line-lossy",
        "wan",
        _SLOW,
        cause("net.wan.loss"),
        inject=_drop_on_line(f'iifname "line" {_SOME}'),
        repair=_drop_nothing,
        look_alikes=("net.gateway.lossy", "net.wan.down"),
        # Seen before twenty echoes could tell the loss.
        allowed=frozenset(("net.wan.jitter", "net.dns.lookup_slow", "net.dns.lookup_fails")),
        cut=True,
        patience=60,
        proof=130,
    ),
    Scenario(
        "home-lossy",
        "wan",
        _SLOW,
        cause("net.gateway.lossy"),
        inject=_drop_at_home(f'iifname "lan" {_SOME}'),
        repair=_drop_nothing,
        look_alikes=("net.wan.loss", "net.gateway.unreachable"),
        allowed=frozenset(("net.dns.lookup_slow", "net.dns.lookup_fails")),
        cut=True,
        patience=60,
        proof=90,
    ),
    Scenario(
        "line-slow",
        "wan",
        _SLOW,
        cause("net.wan.latency"),
        inject=_delay(0.15),
        repair=_delay(0.0),
        look_alikes=("net.gateway.slow", "net.dns.resolver_slow"),
        wire="line",
        patience=45,
        proof=60,
    ),
    Scenario(
        "line-uneven",
        "wan",
        "Telephone calls over the internet stutter",
        cause("net.wan.jitter"),
        inject=_delay(0.005, 0.1),
        repair=_delay(0.005),
        look_alikes=("net.wan.loss", "net.gateway.slow", "net.wan.latency"),
        wire="line",
        patience=60,
        proof=120,
    ),
    Scenario(
        "home-slow",
        "wan",
        _SLOW,
        cause("net.gateway.slow"),
        inject=_delay(0.09),
        repair=_delay(0.0),
        look_alikes=("net.wan.latency", "net.wan.jitter"),
        wire="home",
        cut=True,
        patience=45,
        proof=60,
    ),
)
