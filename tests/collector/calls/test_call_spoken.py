"""Digits that a caller without internet reads out lead to the cause, and their proof to `verified`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.errors import CallError
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.rulepack.spoken import spoken_items, table_version
from hotline_proto.catalogue import Catalogue
from hotline_proto.spoken import spoken_result

from tests.shipped import installed_rules

WAN_DOWN = {
    "net.route.default": True,
    "net.gateway.reachable": True,
    "net.internet.reachable": False,
    "net.dns.lookup.ok": False,
}


@pytest.fixture
def shop(catalogue: Catalogue, world: Any) -> Iterator[Any]:
    """A collector with the shipped rules."""
    yield type(world)(catalogue, installed_rules())


def digits(world: Any, told: dict[str, bool], version: int | None = None) -> str:
    rules = world.manager.rules
    states = [told.get(item.name) for item in spoken_items(rules)]
    return spoken_result(states, table_version(rules) if version is None else version)


async def opened(world: Any, agent: Actor) -> CallRuntime:
    row, _code = await world.desk.open(agent, "kein Internet")
    return world.manager.calls[row.id]


async def test_what_is_read_out_becomes_a_cause(shop: Any, agent: Actor) -> None:
    call = await opened(shop, agent)
    facts = await shop.desk.enter_spoken(agent, call.row.id, digits(shop, WAN_DOWN))
    assert facts == len(WAN_DOWN)
    shop.pass_time(10)
    view = await shop.desk.view(agent, call.row.id, include_facts=True)
    assert view.causes[0].rule == "net.wan.down"
    assert "net.dns.lookup_fails" in [symptom.rule for symptom in view.causes[0].explains]


async def test_a_second_result_proves_the_fix(shop: Any, agent: Actor) -> None:
    call = await opened(shop, agent)
    await shop.desk.enter_spoken(agent, call.row.id, digits(shop, WAN_DOWN))
    shop.pass_time(10)
    [cause] = call.engine.causes()
    fix = await shop.desk.propose(agent, call.row.id, cause.finding.id, 0)
    await shop.desk.update_fix(agent, call.row.id, fix, "done")
    shop.pass_time(60)
    healed = {**WAN_DOWN, "net.internet.reachable": True, "net.dns.lookup.ok": True}
    await shop.desk.enter_spoken(agent, call.row.id, digits(shop, healed))
    shop.pass_time(6)
    assert call.fixes.rows[fix].state == "verified"


@pytest.mark.parametrize(
    ("typed", "said"),
    [("1234", "24 digits"), ("eins zwei", "24 digits and nothing else"), ("", "24 digits")],
)
async def test_what_is_no_result_gives_one_clear_error(
    shop: Any, agent: Actor, typed: str, said: str
) -> None:
    call = await opened(shop, agent)
    with pytest.raises(CallError, match=said):
        await shop.desk.enter_spoken(agent, call.row.id, typed)


async def test_a_slip_and_another_version_are_told_apart(shop: Any, agent: Actor) -> None:
    call = await opened(shop, agent)
    right = digits(shop, WAN_DOWN)
    wrong = right[:-1] + str((int(right[-1]) + 1) % 10)
    with pytest.raises(CallError, match="wrong or two are swapped"):
        await shop.desk.enter_spoken(agent, call.row.id, wrong)
    other = (table_version(shop.manager.rules) + 1) % 100
    with pytest.raises(CallError, match="other rules"):
        await shop.desk.enter_spoken(agent, call.row.id, digits(shop, WAN_DOWN, other))


async def test_a_connected_probe_needs_nobody_to_read(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world)
    with pytest.raises(CallError, match="is connected"):
        await world.desk.enter_spoken(agent, probe.call.row.id, "0")
