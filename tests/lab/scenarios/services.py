"""A service that the caller names: connection, encryption and page."""

from __future__ import annotations

from collections.abc import Callable

from tests.lab.certificates import EXPIRED, EXPIRING, GOOD, NOT_YET, OLD_PROTOCOL, OTHER_NAME, STRANGER, Kind
from tests.lab.lab import MAIL, SHOP, Lab
from tests.lab.scenario import Scenario, cause
from tests.lab.sites import Behaviour

_PAGE = f"https://{SHOP}"
_PLAIN = f"http://{SHOP}"
_IMAP = f"{MAIL}:993"
_IMAPS = f"imaps://{MAIL}:143"
_PLAIN_IMAP = f"imap://{MAIL}"
_LOCAL = "127.0.0.1:8080"
_CLOSED = "Our shop does not open"
_UNSAFE = "The browser says that the shop is not safe"
_FILTER = """
table inet fault {{
  chain in {{ type filter hook input priority 0; ip daddr 203.0.113.31 {verdict}; }}
}}
"""


def _refuse(lab: Lab) -> None:
    lab.close(lab.site())


def _filter(verdict: str) -> Callable[[Lab], None]:
    def inject(lab: Lab) -> None:
        lab.site()
        lab.internet.nft(_FILTER.format(verdict=verdict))

    return inject


def _no_filter(lab: Lab) -> None:
    lab.internet.run("nft delete table inet fault")


def _behave(behaviour: Behaviour, *, tls: bool = True) -> Callable[[Lab], None]:
    def change(lab: Lab) -> None:
        lab.site(SHOP, 443 if tls else 80, tls=tls).behaviour = behaviour

    return change


def _status(status: int) -> Callable[[Lab], None]:
    def change(lab: Lab) -> None:
        lab.site().status = status

    return change


def _delay(seconds: float) -> Callable[[Lab], None]:
    def change(lab: Lab) -> None:
        lab.site().delay = seconds

    return change


def _certificate(kind: Kind) -> Callable[[Lab], None]:
    def change(lab: Lab) -> None:
        lab.certify(lab.site(), kind)

    return change


def _http(name: str, status: int, rule: str, *look_alikes: str) -> Scenario:
    return Scenario(
        name,
        "service",
        "A page of the shop does not open",
        cause(rule, _PAGE),
        inject=_status(status),
        repair=_status(200),
        look_alikes=look_alikes,
        checks=(_PAGE,),
    )


def _tls(name: str, kind: Kind, rule: str, *look_alikes: str) -> Scenario:
    return Scenario(
        name,
        "tls",
        _UNSAFE,
        cause(rule, _PAGE),
        inject=_certificate(kind),
        repair=_certificate(GOOD),
        look_alikes=look_alikes,
        checks=(_PAGE,),
    )


SCENARIOS = (
    Scenario(
        "service-stopped",
        "service",
        _CLOSED,
        cause("check.service_down", _PAGE),
        inject=_refuse,
        repair=lambda lab: lab.open(lab.site()),
        look_alikes=("check.local_service_down", "check.timeout"),
        checks=(_PAGE,),
    ),
    Scenario(
        "service-silent",
        "service",
        _CLOSED,
        cause("check.timeout", _PAGE),
        inject=_filter("drop"),
        repair=_no_filter,
        look_alikes=("check.service_down", "net.wan.loss", "net.wan.down"),
        checks=(_PAGE,),
    ),
    Scenario(
        "service-unreachable",
        "service",
        _CLOSED,
        cause("check.unreachable", _PAGE),
        inject=_filter("reject with icmp host-unreachable"),
        repair=_no_filter,
        look_alikes=("check.no_route", "check.service_down"),
        checks=(_PAGE,),
    ),
    Scenario(
        "service-hangs-up",
        "service",
        _CLOSED,
        cause("check.reset", _PAGE),
        inject=_behave("reset"),
        repair=_behave("serve"),
        look_alikes=("tls.protocol", "check.service_down"),
        checks=(_PAGE,),
    ),
    Scenario(
        "plain-service-hangs-up",
        "service",
        _CLOSED,
        cause("check.reset", _PLAIN),
        inject=_behave("reset", tls=False),
        repair=_behave("serve", tls=False),
        look_alikes=("check.http_server_error", "check.service_down"),
        checks=(_PLAIN,),
    ),
    Scenario(
        "service-without-route",
        "service",
        _CLOSED,
        cause("check.no_route", _PAGE),
        inject=lambda lab: (lab.site(), lab.customer.run("ip route add unreachable 203.0.113.31")),
        repair=lambda lab: lab.customer.run("ip route del unreachable 203.0.113.31"),
        look_alikes=("check.unreachable", "net.route.none"),
        checks=(_PAGE,),
    ),
    Scenario(
        "mail-stopped",
        "service",
        "Mails do not come any more",
        cause("check.service_down", _IMAP),
        inject=lambda lab: lab.close(lab.site(MAIL, 993, behaviour="greet")),
        repair=lambda lab: lab.open(lab.site(MAIL, 993)),
        look_alikes=("check.timeout", "net.wan.down"),
        checks=(_IMAP,),
    ),
    Scenario(
        "mail-wrong-encryption",
        "service",
        "Thunderbird does not connect since I set up the account anew",
        cause("mail.pair.wrong", _IMAPS),
        inject=lambda lab: lab.site(MAIL, 143, tls=False, behaviour="greet"),
        repair=lambda lab: lab.certify(lab.site(MAIL, 143), GOOD, MAIL),
        look_alikes=("tls.protocol", "mail.greeting.missing"),
        checks=(_IMAPS,),
    ),
    Scenario(
        "mail-silent",
        "service",
        "Mails do not come any more",
        cause("mail.greeting.missing", _PLAIN_IMAP),
        inject=lambda lab: lab.site(MAIL, 143, tls=False, behaviour="hang"),
        repair=lambda lab: lab.site(MAIL, 143).behave("greet"),
        look_alikes=("mail.server.busy", "check.timeout"),
        checks=(_PLAIN_IMAP,),
    ),
    Scenario(
        "mail-busy",
        "service",
        "Mails do not come any more",
        cause("mail.server.busy", _PLAIN_IMAP),
        inject=lambda lab: lab.site(MAIL, 143, tls=False, behaviour="busy"),
        repair=lambda lab: lab.site(MAIL, 143).behave("greet"),
        look_alikes=("mail.server.refuses", "mail.greeting.missing"),
        checks=(_PLAIN_IMAP,),
    ),
    Scenario(
        "local-service-stopped",
        "service",
        "My program says that it cannot connect",
        cause("check.local_service_down", _LOCAL),
        inject=lambda lab: lab.close(lab.local_site()),
        repair=lambda lab: lab.open(lab.local_site()),
        look_alikes=("check.service_down", "check.refused"),
        checks=(_LOCAL,),
    ),
    _http("page-gone", 404, "check.http_not_found", "check.http_denied", "check.http_server_error"),
    _http("page-denied", 403, "check.http_denied", "check.http_not_found", "check.http_server_error"),
    _http("page-fails", 500, "check.http_server_error", "check.http_denied", "check.service_down"),
    Scenario(
        "page-slow",
        "service",
        "The shop is very slow",
        cause("check.slow", _PAGE),
        inject=_delay(3.3),
        repair=_delay(0.0),
        look_alikes=("check.timeout", "net.wan.latency", "net.dns.resolver_slow"),
        checks=(_PAGE,),
        patience=40,
    ),
    _tls("certificate-expired", EXPIRED, "tls.expired", "tls.not_yet_valid", "tls.unknown_ca", "time.skew"),
    _tls("certificate-too-early", NOT_YET, "tls.not_yet_valid", "tls.expired", "time.skew"),
    _tls("certificate-of-another", OTHER_NAME, "tls.name_mismatch", "tls.unknown_ca", "net.hosts.overrides"),
    _tls("certificate-of-a-stranger", STRANGER, "tls.unknown_ca", "tls.expired", "tls.name_mismatch"),
    _tls("encryption-outdated", OLD_PROTOCOL, "tls.protocol", "tls.unknown_ca", "check.reset"),
    _tls("certificate-ends-soon", EXPIRING, "tls.expiring", "tls.expired"),
)
