"""When a caller is asked for personal facts, and what becomes of the answer."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.errors import CallError
from hotline_proto.facts import Fact
from hotline_proto.v1 import probe_pb2 as pb

BASIC, PERSONAL = pb.CONSENT_LAYER_BASIC, pb.CONSENT_LAYER_PERSONAL
BUSY = (Fact("process.cpu", 0.99, "7@1"), Fact("process.name", "firefox", "7@1"))


async def joined(world: Any, join: Any, complaint: str = "", *, words: bool = True) -> Any:
    """Return a probe whose caller has allowed the basic layer only."""
    probe = await join(world, complaint, words=words)
    probe.connect(BASIC)
    return probe


def requests(probe: Any) -> list[tuple[int, list[str]]]:
    return [(request.reason, list(request.facts)) for request in probe.link.bodies("consent")]


async def stands(world: Any, probe: Any, agent: Actor) -> str:
    view = await world.desk.view(agent, probe.call.row.id, include_facts=False)
    return str(view.targets[0].personal)


def decide(probe: Any, *granted: int, declined: tuple[int, ...] = ()) -> None:
    probe.frame(consent=pb.ConsentState(granted=granted, declined=declined))  # type: ignore[arg-type]


async def test_a_cause_that_only_a_name_makes_clear_asks_once(world: Any, join: Any, agent: Actor) -> None:
    probe = await joined(world, join)
    assert await stands(world, probe, agent) == ""
    probe.tell("processes", *BUSY)
    assert requests(probe) == [(pb.CONSENT_REASON_CAUSE, ["process.name"])]
    assert await stands(world, probe, agent) == "asked"
    probe.tell("processes", Fact("process.cpu", 0.1, "7@1"), BUSY[1])
    probe.tell("processes", *BUSY)
    decide(probe, BASIC, declined=(PERSONAL,))
    assert await stands(world, probe, agent) == "declined"
    probe.tell("processes", Fact("process.cpu", 0.1, "7@1"), BUSY[1])
    probe.tell("processes", *BUSY)
    assert len(requests(probe)) == 1


async def test_what_needs_no_name_or_is_only_noticed_asks_nothing(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await joined(world, join, "disk full")
    probe.tell("filesystems", *filesystem(0.99))
    probe.tell("processes", *BUSY)
    view = await world.desk.view(agent, probe.call.row.id, include_facts=False)
    assert [f.rule for f in view.causes] == ["disk.full"]
    assert [f.rule for f in view.also_noticed] == ["process.busy"]
    assert requests(probe) == []


async def test_nothing_is_asked_before_the_words_are_confirmed(world: Any, join: Any, agent: Actor) -> None:
    probe = await joined(world, join, words=False)
    probe.tell("processes", *BUSY)
    assert requests(probe) == []
    with pytest.raises(CallError, match="confirm the two words first"):
        await world.desk.ask_personal(agent, probe.call.row.id)
    probe.call.words_confirmed()
    assert requests(probe) == [(pb.CONSENT_REASON_CAUSE, ["process.name"])]


async def test_an_unanswered_question_is_asked_again_on_the_next_connection(
    world: Any, join: Any, agent: Actor
) -> None:
    probe = await joined(world, join)
    probe.tell("processes", *BUSY)
    probe.lose()
    assert await stands(world, probe, agent) == "asked"
    probe.connect(BASIC)
    assert requests(probe) == [(pb.CONSENT_REASON_CAUSE, ["process.name"])]


async def test_an_agent_asks_whatever_the_causes_need(world: Any, join: Any, agent: Actor) -> None:
    probe = await joined(world, join)
    call_id = probe.call.row.id
    await world.desk.ask_personal(agent, call_id)
    assert requests(probe) == [(pb.CONSENT_REASON_AGENT, [])]
    decide(probe, BASIC, declined=(PERSONAL,))
    await world.desk.ask_personal(agent, call_id)
    assert await stands(world, probe, agent) == "asked"
    decide(probe, BASIC, PERSONAL)
    assert await stands(world, probe, agent) == "allowed"
    with pytest.raises(CallError, match="allows personal facts already"):
        await world.desk.ask_personal(agent, call_id)
    decide(probe, BASIC, declined=(PERSONAL,))
    assert await stands(world, probe, agent) == "declined"
    probe.lose()
    with pytest.raises(CallError, match="not connected"):
        await world.desk.ask_personal(agent, call_id)


async def test_a_refusal_survives_a_restart(world: Any, join: Any, agent: Actor) -> None:
    probe = await joined(world, join)
    probe.tell("processes", *BUSY)
    decide(probe, BASIC, declined=(PERSONAL,))
    await world.desk.view(agent, probe.call.row.id, include_facts=False)
    await world.saver.flush()
    await world.journal.durable(probe.session.ticket)
    after = await world.crash()
    assert await stands(after, probe, agent) == "declined"
