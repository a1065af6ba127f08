"""Faults that leave no line but the caller's own: the probe goes as it can, or looks by itself."""

from __future__ import annotations

from dataclasses import dataclass

from tests.lab import faults
from tests.lab.lab import COLLECTOR_PORT, SHOP, Lab
from tests.lab.scenario import Scenario, cause

_OFFLINE = "Kein Internet"
_PAGE = f"https://{SHOP}"
_DROP = "table inet fault { chain in { type filter hook prerouting priority -300; %s drop; }; }"


@dataclass(frozen=True, slots=True)
class Alone:
    """A scenario, the way that the probe must take, and whether digits can tell the cause.

    The way is "live" or "local".
    """

    scenario: Scenario
    way: str
    heard: bool = True


def _hour_ahead(lab: Lab) -> None:
    lab.time.ahead = 3600


def _clock_and_line(lab: Lab) -> None:
    """The clock is wrong, and the collector's port is closed on the way."""
    _hour_ahead(lab)
    lab.router.ns.nft(_DROP % f"tcp dport {COLLECTOR_PORT}")


def _proxy_and_disk(lab: Lab) -> None:
    faults.only_proxy(lab)
    faults.fill_root(lab)


def _proxy_gone(lab: Lab) -> None:
    """Left over from another network; the line itself works."""
    lab.variables = ["https_proxy=http://192.168.178.77:3128"]


def _filtered_pages(lab: Lab) -> None:
    lab.site()
    faults.intercept(lab, 443)


def _filtered(lab: Lab) -> None:
    lab.site()
    faults.intercept(lab, 443, COLLECTOR_PORT)


def _line_dead(lab: Lab) -> None:
    lab.router.ns.ip("link set wan down")


def _alone(
    name: str, rule: str, inject: object, way: str, *, entity: str = "", heard: bool = True, **more: object
) -> Alone:
    scenario = Scenario(f"alone-{name}", "alone", _OFFLINE, cause(rule, entity), inject=inject, **more)  # type: ignore[arg-type]
    return Alone(scenario, way, heard)


ALONE = (
    _alone(
        "name-server-dead",
        "net.dns.resolver_unreachable",
        lambda lab: faults.name_servers(lab, faults.DEAD_SERVER),
        "live",
        entity=faults.DEAD_SERVER,
    ),
    _alone("router-without-names", "net.dns.resolver_unreachable", lambda lab: lab.router.stop(), "live"),
    _alone("clock-wrong", "time.skew", _hour_ahead, "live"),
    _alone("clock-wrong-and-no-way", "time.skew", _clock_and_line, "local"),
    _alone("only-proxy-and-disk-full", "sto.fs.full", _proxy_and_disk, "live", entity="/"),
    _alone("proxy-gone", "net.proxy.dead", _proxy_gone, "live"),
    _alone("filter-for-pages", "tls.intercepted", _filtered_pages, "live", checks=(_PAGE,)),
    _alone("filter-for-all", "tls.intercepted", _filtered, "local", heard=False, checks=(_PAGE,)),
    _alone("sign-in-page", "net.portal.sign_in", faults.sign_in_page, "local"),
    _alone("sign-in-page-by-names", "net.portal.sign_in", faults.sign_in_by_names, "local"),
    _alone("line-dead", "net.wan.down", _line_dead, "local"),
    _alone(
        "router-dead", "net.gateway.unreachable", lambda lab: lab.router.ns.ip("link set lan down"), "local"
    ),
    _alone(
        "cable-unplugged", "net.link.no_carrier", lambda lab: lab.router.ns.ip("link set port down"), "local"
    ),
    _alone(
        "all-name-servers-dead",
        "net.dns.all_unreachable",
        lambda lab: faults.name_servers(lab, faults.DEAD_SERVER, "198.51.100.99"),
        "live",
    ),
)
