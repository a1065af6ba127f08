"""Agents open their own calls; another's only for a reason, which is audited and lasts an hour."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import hotline_collector
import pytest
from hotline_collector.calls.actor import CALLER, Actor
from hotline_collector.calls.desk import Desk
from hotline_collector.calls.errors import CallError, CallErrorKind
from hotline_collector.calls.looking import LookEnded

OTHERS = [Actor("tom", "agent"), Actor("lea", "lead"), Actor("ada", "admin")]
# Each decides by itself what it gives to whom; a phone belongs to the caller, who has the code of the call.
DECIDE = {
    "manager.py",
    "desk.py",
    "desk_base.py",
    "knowing.py",
    "ending.py",
    "erasing.py",
    "queue.py",
    "waiting_room.py",
    "phone.py",
}


def asks_for_reason(error: CallError) -> bool:
    return error.kind is CallErrorKind.REASON and "call of mia" in str(error)


@pytest.mark.parametrize("other", OTHERS, ids=lambda who: who.role)
async def test_the_call_of_another_opens_for_a_reason_and_an_hour(
    world: Any, join: Any, other: Actor
) -> None:
    call_id = (await join(world)).call.row.id
    with pytest.raises(CallError) as caught:
        await world.desk.view(other, call_id, include_facts=False)
    assert asks_for_reason(caught.value)
    for reason, why in (("  ", "say why"), ("x" * 501, "at most 500")):
        with pytest.raises(CallError, match=why):
            await world.desk.request_access(other, call_id, reason)
    until = await world.desk.request_access(other, call_id, " mia is\n ill ")
    assert until - world.clock.now() == 3_600_000_000
    await world.desk.view(other, call_id, include_facts=False)
    await world.desk.note(other, call_id, "seen")
    await world.saver.flush()
    assert (f"agent:{other.name}", "call.look_other", call_id, "mia is ill") in world.store.trail
    with pytest.raises(CallError) as caught:
        await world.desk.view(Actor("eve", "agent"), call_id, include_facts=False)
    assert asks_for_reason(caught.value), "nobody else is let in"
    world.pass_time(3599)
    await world.desk.view(other, call_id, include_facts=False)
    world.pass_time(2)
    with pytest.raises(LookEnded, match="the hour for which you opened this call of mia is over") as ended:
        await world.desk.note(other, call_id, "too late")
    assert asks_for_reason(ended.value)
    await world.desk.request_access(other, call_id, "once more")
    await world.desk.view(other, call_id, include_facts=False)


async def test_every_operation_on_a_call_asks(world: Any, join: Any) -> None:
    call_id = (await join(world)).call.row.id
    # Systems of the operator say what they know about any call, leads have messages about it sent again, and
    # neither sees anything of it.
    free = {"request_access", "erase", "enter_fact", "enter_facts", "resend"}
    for name, method in inspect.getmembers(Desk, inspect.iscoroutinefunction):
        wanted = inspect.signature(method).parameters
        if name.startswith("_") or "call_id" not in wanted or name in free:
            continue
        given = {
            key: {"include_facts": False, "index": 0}.get(key, "x")
            for key, each in wanted.items()
            if each.default is inspect.Parameter.empty and key not in ("self", "who", "call_id")
        }
        with pytest.raises(CallError) as caught:
            await method(world.desk, OTHERS[0], call_id, **given)
        assert asks_for_reason(caught.value), name


async def test_own_calls_calls_that_nobody_has_and_callers_need_no_reason(world: Any, agent: Any) -> None:
    row, _code = await world.desk.open(agent, "disk full")
    await world.desk.view(agent, row.id, include_facts=False)
    row.agent = "tom"
    with pytest.raises(CallError):
        await world.desk.view(agent, row.id, include_facts=False)
    row.agent = ""
    await world.desk.view(agent, row.id, include_facts=False)
    row.agent = "tom"
    with pytest.raises(CallError, match="digit"):
        await world.desk.enter_spoken(CALLER, row.id, "1")


async def test_agents_see_in_the_list_what_is_theirs_or_nobodys(world: Any, agent: Any) -> None:
    tom, lea, ada = OTHERS
    mine, _ = await world.desk.open(agent, "mine")
    theirs, _ = await world.desk.open(tom, "theirs")
    free, _ = await world.desk.open(tom, "free")
    free.agent = ""
    for who, ids in (
        (agent, {mine.id, free.id}),
        (tom, {theirs.id, free.id}),
        (lea, {mine.id, theirs.id, free.id}),
        (ada, {mine.id, theirs.id, free.id}),
    ):
        assert {each.call_id for each in await world.desk.list(who, include_closed=True)} == ids


def test_nothing_takes_a_call_past_the_desk() -> None:
    """A face or an operation that asked the manager itself would let everybody in."""
    root = Path(hotline_collector.__file__).parent
    taken = []
    for folder in ("calls", "api", "web", "console"):
        for file in sorted((root / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Attribute) and node.attr in ("live", "get"):
                    owner = ast.unparse(node.value)
                    if owner.endswith("manager") and file.name not in DECIDE:
                        taken.append(f"{file.name}: {owner}.{node.attr}")
    assert taken == [
        "complaints.py: desk.manager.live",
        "protection.py: self._desk.manager.get",
    ], "they show nothing of the call"
