"""The clock: the world is moved, not the customer's clock, which belongs to everybody here."""

from __future__ import annotations

from tests.lab.certificates import GOOD, NOT_YET
from tests.lab.lab import SHOP, Lab
from tests.lab.scenario import Scenario, cause

_PAGE = f"https://{SHOP}"


def _ahead(lab: Lab, seconds: float) -> None:
    lab.time.ahead = seconds


def _months_behind(lab: Lab) -> None:
    """The computer is months behind: the shop's certificate, valid for the world, is not yet valid for it."""
    _ahead(lab, 80 * 86400)
    lab.certify(lab.site(), NOT_YET)


def _right(lab: Lab) -> None:
    _ahead(lab, 0)
    lab.certify(lab.site(), GOOD)


SCENARIOS = (
    Scenario(
        "clock-wrong",
        "time",
        "The clock of the computer is wrong",
        cause("time.skew"),
        inject=lambda lab: _ahead(lab, 3600),
        repair=lambda lab: _ahead(lab, 0),
        look_alikes=("time.drift",),
        proof=60,
    ),
    Scenario(
        "clock-drifts",
        "time",
        "The code of my bank is refused",
        cause("time.drift"),
        inject=lambda lab: _ahead(lab, -120),
        repair=lambda lab: _ahead(lab, 0),
        look_alikes=("time.skew",),
        proof=60,
    ),
    Scenario(
        "clock-breaks-certificates",
        "time",
        "The browser says that every page is unsafe",
        cause("time.skew"),
        inject=_months_behind,
        repair=_right,
        look_alikes=("tls.not_yet_valid", "tls.expired"),
        checks=(_PAGE,),
        proof=60,
    ),
)
