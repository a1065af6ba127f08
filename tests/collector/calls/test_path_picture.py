"""The way from the computer to the service: unknown is never good, and the break is where it breaks."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_collector.calls.path_picture import FACTS, Fault, PartState, part_of, path_picture
from hotline_collector.model.rule import Text
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

HEALTHY: dict[str, dict[str, Any]] = {
    "system.cpu.utilization": {"": 0.2},
    "net.interface.in_use": {"wlan0": True, "eth0": False},
    "net.interface.physical": {"wlan0": True, "eth0": True},
    "net.interface.carrier": {"wlan0": True, "eth0": False},
    "net.interface.type": {"wlan0": "wifi", "eth0": "ethernet"},
    "net.interfaces.connected": {"": 1},
    "net.route.default": {"": True},
    "net.gateway.reachable": {"": True},
    "net.internet.reachable": {"": True},
    "net.dns.lookup.ok": {"": True},
    "check.ok": {"a:1": True},
}


def states(known: Any, *faults: Fault, service: str = "") -> dict[str, str]:
    return {part.name: part.state.value for part in path_picture(known, faults, service)}


def but(**facts: Any) -> dict[str, dict[str, Any]]:
    return HEALTHY | {name.replace("__", "."): value for name, value in facts.items()}


def fault(rule: str, severity: str = "critical", kind: str = "") -> Fault:
    return Fault(rule, kind, severity, Text(rule, rule))


def test_what_was_measured_to_work_is_good() -> None:
    parts = path_picture(HEALTHY, ())
    assert [part.name for part in parts] == ["computer", "link", "router", "provider", "names", "service"]
    assert {part.state for part in parts} == {PartState.GOOD} and not any(part.broken for part in parts)
    assert [part.detail for part in parts] == ["", "wifi", "", "", "", "a:1"]


def test_nothing_known_is_unknown() -> None:
    assert set(states({}).values()) == {"unknown"}


@pytest.mark.parametrize(
    ("facts", "part", "state", "reason"),
    [
        ({"net__interface__carrier": {"wlan0": False}}, "link", "doubtful", "silent"),
        ({"net__gateway__reachable": {"": False}}, "router", "doubtful", "silent"),
        ({"net__internet__reachable": {"": False}}, "provider", "bad", "no_answer"),
        ({"net__portal__status": {"": "portal"}}, "provider", "bad", "portal"),
        ({"operator__outage": {"": True}}, "provider", "bad", "outage"),
        ({"net__dns__lookup__ok": {"": False}}, "names", "bad", "no_names"),
        ({"check__ok": {}}, "service", "unknown", "no_check"),
        ({"check__ok": {"a:1": True, "b:2": False}}, "service", "bad", "check_failed"),
    ],
)
def test_a_fact_that_is_bad_shows_where(facts: Any, part: str, state: str, reason: str) -> None:
    found = {each.name: each for each in path_picture(but(**facts), ())}
    assert (found[part].state.value, found[part].reason) == (state, reason)
    assert all(each.state is PartState.GOOD for name, each in found.items() if name != part)


def test_the_break_is_the_first_part_of_the_network_that_is_bad() -> None:
    known = but(net__internet__reachable={"": False}, net__dns__lookup__ok={"": False})
    known |= {"check.ok": {"a:1": False}, "net.interfaces.connected": {"": 0}, "net.interface.in_use": {}}
    parts = path_picture(known, [fault("sto.disk.full")])
    assert [part.name for part in parts if part.broken] == ["link"]
    assert parts[0].state is PartState.BAD  # a computer in trouble breaks no way


def test_the_line_of_the_router_tells_of_the_provider_when_nothing_was_reached() -> None:
    unknown = {"net__internet__reachable": {"": UnknownReason.NOT_COLLECTED}}
    assert states(but(**unknown))["provider"] == "unknown"
    assert states(but(**unknown, router__wan__status={"": "connected"}))["provider"] == "good"
    assert states(but(**unknown, router__wan__status={"": "disconnected"}))["provider"] == "bad"
    assert states(but(**unknown, line__sync={"": False}))["provider"] == "bad"


def test_the_check_of_the_complaint_decides_about_the_service() -> None:
    known = but(check__ok={"a:1": True, "b:2": False, "c:3": UnknownReason.PENDING})
    assert states(known, service="a:1")["service"] == "doubtful"
    assert states(known, service="b:2")["service"] == "bad"
    assert states(known, service="c:3")["service"] == "unknown"


def test_findings_say_more_than_facts() -> None:
    assert states(HEALTHY, fault("net.wifi.weak", "warning"))["link"] == "doubtful"
    assert states(HEALTHY, fault("net.wan.loss"))["provider"] == "bad"
    assert states(HEALTHY, fault("net.wan.loss", "info"))["provider"] == "good"
    assert states(HEALTHY, fault("print.queue.stuck"), fault("appl.washer.leak")) == states(HEALTHY)
    assert states({}, fault("net.dns.resolver_slow", "warning", "resolver"))["names"] == "doubtful"


def test_one_of_several_that_is_out_of_order_breaks_nothing_that_works() -> None:
    dead = fault("net.dns.resolver_unreachable", kind="resolver")
    assert states(HEALTHY, dead)["names"] == "doubtful"
    assert states(but(net__dns__lookup__ok={"": False}), dead)["names"] == "bad"


def test_the_worst_finding_of_a_part_is_the_one_to_read() -> None:
    parts = path_picture(
        {}, [fault("net.wan.loss", "warning"), fault("net.wan.down"), fault("net.wan.outage")]
    )
    assert parts[3].title == Text("net.wan.down", "net.wan.down") and parts[3].broken


@pytest.mark.parametrize(
    ("rule", "kind", "part"),
    [
        ("net.dns.all_unreachable", "", "names"),
        ("own.rule", "check", "service"),
        ("net.vpn.no_answer", "", "computer"),
        ("router.internet.no_login", "", "provider"),
        ("router.wifi.off", "", "link"),
        ("router.start.stuck", "", "router"),
        ("hazard.water", "", ""),
    ],
)
def test_a_finding_belongs_to_a_part(rule: str, kind: str, part: str) -> None:
    assert part_of(rule, kind) == part


VALUES = st.sampled_from(
    [True, False, 0, 1, -1, 0.5, float("nan"), "portal", "connected", "disconnected", "wifi", *UnknownReason]
)
TOLD = st.lists(st.tuples(st.sampled_from(FACTS), st.sampled_from(["", "a", "b"]), VALUES), max_size=20)


@given(TOLD, st.sampled_from(["", "a"]))
def test_without_a_fact_nothing_is_good_whatever_a_probe_says(
    told: list[tuple[str, str, Any]], service: str
) -> None:
    known: dict[str, dict[str, Any]] = {}
    blind: dict[str, dict[str, Any]] = {}
    for fact, key, value in told:
        known.setdefault(fact, {})[key] = value
        blind.setdefault(fact, {})[key] = UnknownReason.STALE
    assert sum(part.broken for part in path_picture(known, (), service)) <= 1
    assert set(states(blind, service=service).values()) == {"unknown"}
