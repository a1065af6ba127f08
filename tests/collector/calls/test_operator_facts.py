"""Facts of the operator's systems: several at once, all of them or none."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_collector.calls.bounds import MAX_AGE_S, MAX_FACTS, MAX_ORIGIN
from hotline_collector.calls.errors import CallError, CallErrorKind
from hotline_collector.calls.operator_facts import Entered

FITTING = Entered("contract.rate_down", "100 Mbit/s", 3600, "crm")
OUTAGE = Entered("operator.outage", "true", 60, "monitoring")


def known(call: Any) -> dict[str, Any]:
    return {fact.fact: fact.value for fact in call.engine.facts(1) if not hasattr(fact.value, "word")}


async def test_several_facts_come_in_together_with_age_and_origin(world: Any, agent: Any) -> None:
    row, _ = await world.desk.open(agent, "slow")
    await world.desk.enter_facts(agent, row.id, [FITTING, OUTAGE])
    call = world.manager.live(row.id)
    assert known(call) == {"contract.rate_down": 100e6, "operator.outage": True}
    ages = {
        fact.fact: (call.last - fact.measured) / 1e6 for fact in call.engine.facts(1) if fact.measured > 0
    }
    assert ages["contract.rate_down"] == pytest.approx(3600)
    await world.saver.flush()
    details = [detail for _, action, _, detail in world.store.trail if action == "fact.enter"]
    assert details == ["contract.rate_down from crm", "operator.outage from monitoring"]


async def test_one_that_does_not_fit_keeps_all_out_and_every_fault_is_named(world: Any, agent: Any) -> None:
    row, _ = await world.desk.open(agent, "slow")
    wrong = [FITTING, Entered("contract.rate_down", "fast"), OUTAGE, Entered("system.uptime", "1 s")]
    with pytest.raises(CallError) as refused:
        await world.desk.enter_facts(agent, row.id, wrong)
    assert refused.value.kind is CallErrorKind.INVALID
    assert "fact 2: contract.rate_down" in str(refused.value)
    assert "fact 4: system.uptime is measured" in str(refused.value)
    assert known(world.manager.live(row.id)) == {}
    await world.saver.flush()
    assert not [entry for entry in world.store.trail if entry[1] == "fact.enter"]


@pytest.mark.parametrize(
    "facts",
    [
        [],
        [OUTAGE] * (MAX_FACTS + 1),
        [Entered("operator.outage", "true", -1)],
        [Entered("operator.outage", "true", MAX_AGE_S * 2)],
        [Entered("operator.outage", "true", float("nan"))],
        [Entered("operator.outage", "true", 0, "x" * (MAX_ORIGIN + 1))],
    ],
)
async def test_bounds(world: Any, agent: Any, facts: list[Entered]) -> None:
    row, _ = await world.desk.open(agent, "slow")
    with pytest.raises(CallError):
        await world.desk.enter_facts(agent, row.id, facts)
    assert known(world.manager.live(row.id)) == {}


async def test_a_journal_that_fills_up_does_not_cut_them_in_two(world: Any, agent: Any) -> None:
    row, _ = await world.desk.open(agent, "slow")
    append = world.journal.append

    def filling(call_id: str, entry: bytes) -> int:
        world.journal.full = True
        return append(call_id, entry)  # type: ignore[no-any-return]

    world.journal.append = filling
    await world.desk.enter_facts(agent, row.id, [FITTING, OUTAGE])
    assert len(known(world.manager.live(row.id))) == 2
    with pytest.raises(CallError):
        await world.desk.enter_facts(agent, row.id, [FITTING, OUTAGE])
