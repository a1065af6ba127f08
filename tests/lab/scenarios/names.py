"""Name servers and names."""

from __future__ import annotations

import socket

from tests.lab.certificates import OTHER_NAME
from tests.lab.lab import PORTAL_NAME, SHOP, Lab
from tests.lab.nameserver import PORTAL, Mode, NameServer
from tests.lab.router import LAN
from tests.lab.scenario import Scenario, cause

_NO_PAGES = "Keine Seite geht auf, aber die Verbindung ist da"
_DEAD, _DEAD_TOO = "198.51.100.98", "198.51.100.99"
_SECOND = "198.51.100.54"
_SHOP_PAGE = f"https://{SHOP}"


def _servers(lab: Lab, *addresses: str) -> None:
    lab.customer.write("/etc/resolv.conf", "".join(f"nameserver {address}\n" for address in addresses))


def _second_slow(lab: Lab) -> None:
    """The router's server is quick, the second one is not."""
    other = NameServer(lab.names.records)
    other.delay = 0.9
    lab.internet.ip(f"addr add {_SECOND}/32 dev lo")
    wait = lab.around.loop.wait
    wait(other.serve(lab.internet.socket(socket.SOCK_DGRAM, _SECOND, 53)))
    lab.at_the_end(lambda: wait(other.close()))
    _servers(lab, LAN, _SECOND)


def _mode(lab: Lab, mode: Mode) -> None:
    lab.names.mode = mode


def _delay(lab: Lab, seconds: float) -> None:
    lab.names.delay = seconds


def _forget(lab: Lab) -> None:
    lab.site()
    lab.names.records.pop(SHOP)


def _remember(lab: Lab) -> None:
    lab.names.records[SHOP] = ("203.0.113.31",)


def _override(lab: Lab) -> None:
    lab.site()
    lab.site(PORTAL_NAME, 443, OTHER_NAME)
    lab.customer.sh(f"echo '{PORTAL} {SHOP}' >> /etc/hosts")


SCENARIOS = (
    Scenario(
        "name-server-dead",
        "dns",
        _NO_PAGES,
        cause("net.dns.resolver_unreachable", _DEAD),
        inject=lambda lab: _servers(lab, _DEAD),
        fix="dns.use_gateway",
        root=True,
        look_alikes=("net.wan.down", "net.dns.resolver_refuses", "net.dns.none_configured"),
        cut=True,
    ),
    Scenario(
        "router-without-names",
        "dns",
        _NO_PAGES,
        cause("net.dns.resolver_unreachable", LAN),
        inject=lambda lab: lab.router.stop(),
        repair=lambda lab: lab.router.serve(),
        look_alikes=("net.gateway.unreachable", "net.wan.down"),
        cut=True,
    ),
    Scenario(
        "all-name-servers-dead",
        "dns",
        _NO_PAGES,
        cause("net.dns.all_unreachable"),
        inject=lambda lab: _servers(lab, _DEAD, _DEAD_TOO),
        repair=lambda lab: _servers(lab, LAN),
        look_alikes=("net.wan.down", "net.dns.resolver_unreachable"),
        cut=True,
    ),
    Scenario(
        "second-name-server-slow",
        "dns",
        "Pages sometimes take very long to begin",
        cause("net.dns.resolver_slow", _SECOND),
        inject=_second_slow,
        look_alikes=("net.wan.latency", "net.dns.resolver_unreachable", "net.dns.all_unreachable"),
        patience=40,
        proof=0,
    ),
    Scenario(
        "second-name-server-dead",
        "dns",
        "Pages sometimes take very long to begin",
        cause("net.dns.resolver_unreachable", _DEAD),
        inject=lambda lab: _servers(lab, LAN, _DEAD),
        look_alikes=("net.dns.all_unreachable", "net.wan.down"),
        proof=0,
    ),
    Scenario(
        "name-server-fails",
        "dns",
        _NO_PAGES,
        cause("net.dns.resolver_refuses", LAN),
        inject=lambda lab: _mode(lab, "servfail"),
        repair=lambda lab: _mode(lab, "answer"),
        look_alikes=("net.dns.resolver_unreachable", "net.wan.down"),
        cut=True,
    ),
    Scenario(
        "name-server-refuses",
        "dns",
        _NO_PAGES,
        cause("net.dns.resolver_refuses", LAN),
        inject=lambda lab: _mode(lab, "refused"),
        repair=lambda lab: _mode(lab, "answer"),
        look_alikes=("net.dns.resolver_unreachable", "net.wan.down"),
        cut=True,
    ),
    Scenario(
        "name-server-slow",
        "dns",
        "Pages take very long to begin",
        cause("net.dns.resolver_slow", LAN),
        inject=lambda lab: _delay(lab, 0.9),
        repair=lambda lab: _delay(lab, 0.0),
        look_alikes=("net.wan.latency", "net.dns.resolver_unreachable"),
        cut=True,
        patience=40,
    ),
    Scenario(
        "name-server-none",
        "dns",
        _NO_PAGES,
        cause("net.dns.none_configured"),
        inject=_servers,
        repair=lambda lab: _servers(lab, LAN),
        look_alikes=("net.dns.resolver_unreachable", "net.wan.down"),
        cut=True,
    ),
    Scenario(
        "names-all-exist",
        "dns",
        "Strange pages with advertisements open",
        cause("net.dns.resolver_invents", LAN),
        inject=lambda lab: _mode(lab, "wildcard"),
        repair=lambda lab: _mode(lab, "answer"),
        look_alikes=("net.hosts.overrides",),
    ),
    Scenario(
        "one-name-gone",
        "dns",
        "Our shop does not open",
        cause("check.name_fails", _SHOP_PAGE),
        inject=_forget,
        repair=_remember,
        look_alikes=("net.dns.lookup_fails", "net.dns.resolver_refuses"),
        checks=(_SHOP_PAGE,),
    ),
    Scenario(
        "hosts-file-lies",
        "dns",
        "The shop's page says that it is not safe",
        cause("net.hosts.overrides"),
        inject=_override,
        fix="hosts.disable_overrides",
        root=True,
        look_alikes=("tls.name_mismatch", "net.dns.wildcard"),
        checks=(_SHOP_PAGE,),
    ),
)
