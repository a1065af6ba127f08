"""Networks that stand before the internet: sign-in pages and proxies."""

from __future__ import annotations

from tests.lab import faults
from tests.lab.lab import Lab
from tests.lab.scenario import Scenario, cause

_NOTHING = "Im Hotel bin ich im Netz, aber es geht nichts"
_COMPANY = "Nothing works in the company's network"
# Seen before the sign-in page has answered.
_BEFORE = frozenset(("net.wan.down", "net.dns.wildcard", "net.dns.resolver_invents"))


def _dead_proxy(lab: Lab) -> None:
    """Left over from another network."""
    lab.customer.write("/etc/environment", "https_proxy=http://192.168.178.77:3128\n")


SCENARIOS = (
    Scenario(
        "sign-in-page",
        "network",
        _NOTHING,
        cause("net.portal.sign_in"),
        inject=faults.sign_in_page,
        repair=faults.signed_in,
        look_alikes=("net.wan.down", "net.dns.lookup_fails", "net.gateway.unreachable"),
        allowed=_BEFORE,
        cut=True,
        proof=60,
    ),
    Scenario(
        "sign-in-page-by-names",
        "network",
        _NOTHING,
        cause("net.portal.sign_in"),
        inject=faults.sign_in_by_names,
        repair=faults.names_again,
        look_alikes=("net.wan.down", "net.dns.resolver_invents", "net.dns.wildcard"),
        allowed=_BEFORE,
        cut=True,
        proof=60,
    ),
    Scenario(
        "proxy-left-over",
        "network",
        "The browser says that there is no connection to the proxy server",
        cause("net.proxy.dead"),
        inject=_dead_proxy,
        repair=lambda lab: lab.customer.run("rm /etc/environment"),
        look_alikes=("net.wan.down", "net.proxy.refuses"),
        proof=90,
    ),
    Scenario(
        "healthy-only-proxy",
        "healthy",
        _COMPANY,
        inject=faults.only_proxy,
    ),
)
