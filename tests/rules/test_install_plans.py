"""The shipped installation plans, walked from nothing to done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hotline_collector.model.finding import PlanState, StepState
from hotline_collector.rulepack.cases import Moment
from hotline_collector.rulepack.play import Player
from hotline_proto.catalogue import load_catalogue
from hotline_proto.record import Entry, EntryKind
from hotline_proto.v1 import record_pb2 as rec

from tests.shipped import shipped_rules

NO_WIFI = {"interface": {"eth0": {"type": "ethernet", "carrier": True}}}
WIFI = {"interface": {"wlan0": {"type": "wifi", "carrier": True}}}

# For each step of a plan: what is true before it is done, and what is true after.
WALKS: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {
    "plan.home_network": [
        (
            {"facts": {"ask.router.power_light": "on", "ask.router.line_cable": False}},
            {"facts": {"ask.router.line_cable": True}},
        ),
        (
            {"facts": {"line.sync": False, "ask.router.line_light": "blinks"}},
            {"facts": {"ask.router.line_light": "on"}},
        ),
        (
            {"facts": {"net.internet.reachable": False, "ask.router.internet_light": "off"}},
            {"facts": {"net.internet.reachable": True}},
        ),
        ({"facts": {"ask.wifi.joined": False}, "entities": NO_WIFI}, {"entities": WIFI}),
        (
            {"facts": {"net.interfaces.connected": 1, "net.route.default": False}},
            {"facts": {"net.route.default": True}},
        ),
        ({"facts": {"net.dns.lookup.ok": False}}, {"facts": {"net.dns.lookup.ok": True}}),
        ({"facts": {"ask.speed.as_agreed": False}}, {"facts": {"ask.speed.as_agreed": True}}),
    ],
    "plan.printer": [
        ({"facts": {"ask.printer.shows": "paper"}}, {"facts": {"ask.printer.shows": "ready"}}),
        ({"facts": {"ask.printer.joined": False}}, {"facts": {"ask.printer.joined": True}}),
        ({"facts": {"net.gateway.reachable": False}}, {"facts": {"net.gateway.reachable": True}}),
        ({"facts": {"ask.printer.listed": False}}, {"facts": {"ask.printer.listed": True}}),
        ({"facts": {"ask.printer.job": "other"}}, {"facts": {"ask.printer.job": "prints"}}),
    ],
    "plan.mail": [
        ({"facts": {"net.internet.reachable": False}}, {"facts": {"net.internet.reachable": True}}),
        ({"facts": {"net.dns.lookup.ok": False}}, {"facts": {"net.dns.lookup.ok": True}}),
        ({"facts": {"time.offset": "-2 h"}}, {"facts": {"time.offset": "40 s"}}),
        ({"facts": {"ask.mail.webmail": False}}, {"facts": {"ask.mail.webmail": True}}),
        ({"facts": {"ask.mail.account_added": False}}, {"facts": {"ask.mail.account_added": True}}),
        ({"facts": {"ask.mail.receives": False}}, {"facts": {"ask.mail.receives": True}}),
        ({"facts": {"ask.mail.sends": False}}, {"facts": {"ask.mail.sends": True}}),
    ],
}


_pack = shipped_rules


def _follow(player: Player, plan: str) -> None:
    message = rec.PlanFollowed(plan=plan).SerializeToString()
    entry = Entry(EntryKind.PLAN_FOLLOWED, 1, player.now, message)
    player.engine.apply_entry(entry, {_pack().pack.digest: _pack()})


def _stands(player: Player) -> PlanState:
    state = player.engine.plan()
    assert state is not None
    return state


def test_every_plan_is_walked() -> None:
    assert WALKS.keys() == _pack().pack.plans.keys()


@pytest.mark.parametrize("plan", WALKS)
def test_from_nothing_to_done(plan: str, moment: Callable[[dict[str, Any]], Moment]) -> None:
    player = Player(_pack(), load_catalogue())
    _follow(player, plan)
    assert {state for state, _ in _stands(player).steps} == {StepState.UNKNOWN}
    for index, (before, after) in enumerate(WALKS[plan]):
        assert _stands(player).current == index
        player.play([moment(before)])
        assert _stands(player).steps[index][0] is StepState.UNMET
        assert _stands(player).current == index
        player.play([moment(after)])
        assert _stands(player).steps[index][0] is StepState.MET
    assert _stands(player).current == len(_stands(player).steps) == len(WALKS[plan])


@pytest.mark.parametrize("plan", WALKS)
def test_what_the_first_step_lacks_can_be_had(plan: str) -> None:
    player = Player(_pack(), load_catalogue())
    _follow(player, plan)
    lacks = _stands(player).steps[0][1]
    assert lacks
    assert all(item.settle for item in lacks)
