"""What the operator decides reaches the probe."""

from __future__ import annotations

from typing import Any

from hotline_collector.calls import frames
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.settings import CallSettings
from hotline_proto.catalogue import Catalogue
from hotline_proto.facts import Fact
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.words import commit

NONCE = bytes(range(16))
PROBE = pb.ProbeInfo(version="0.1.0", platform="linux", catalogue_digest="x", language="de")


def test_the_plan_follows_catalogue_configuration_and_platform(catalogue: Catalogue) -> None:
    settings = CallSettings(
        intervals={"cpu": 7.5, "memory": 0.0},
        anchors=("192.0.2.1:443",),
        known_names=("a.example",),
        portal_urls=("http://a.example/204",),
        ports=("a.example:25",),
        load_url="https://a.example/big",
        active=False,
    )
    plan = frames.plan(catalogue, settings, "linux").plan
    intervals = {entry.source: entry.interval_ms for entry in plan.entries}
    assert (intervals["cpu"], intervals["memory"]) == (7500, 0)
    assert intervals["filesystems"] == round(catalogue.sources["filesystems"].interval * 1000)
    assert "operator" not in intervals
    assert (list(plan.anchors), list(plan.known_names), plan.active) == (
        ["192.0.2.1:443"],
        ["a.example"],
        False,
    )
    assert (list(plan.portal_urls), list(plan.ports)) == (["http://a.example/204"], ["a.example:25"])
    assert plan.load_url == "https://a.example/big"
    windows = {entry.source for entry in frames.plan(catalogue, settings, "windows").plan.entries}
    assert "pressure" in intervals
    assert "pressure" not in windows


async def test_questions_go_to_the_callers_screen_unless_the_operator_minds(
    catalogue: Catalogue, rules: Any, world: Any, join: Any
) -> None:
    for settings, wanted in ((CallSettings(ask_caller=False), []), (CallSettings(), ["ask.scope"])):
        probe = await join(type(world)(catalogue, rules, settings=settings))
        probe.tell("ping", Fact("net.gateway.reachable", True))
        assert [question.id for question in probe.link.bodies("question")] == wanted
        assert [state.fact for state in probe.call.engine.questions()] == ["ask.scope"]
    [question] = probe.link.bodies("question")
    assert list(question.values) == ["works", "fails"]
    probe.connect()
    assert len(probe.link.bodies("question")) == 1
    probe.frame(answer=pb.Answer(question="ask.scope", value="works"))
    assert [c.finding.rule for c in probe.call.engine.causes()] == ["one.device"]
    probe.connect()
    assert not probe.link.bodies("question")


async def rejoin(world: Any, probe: Any) -> Any:
    """Return the probe that takes an earlier one's place, as after a reboot."""
    _token, call, session = await world.manager.join(probe.call.row.id, PROBE, commit(NONCE))
    after = type(probe)(world, call, session)
    after.connect()
    return after


async def test_checks_are_sent_again_to_the_probe_that_joins_later(
    world: Any, join: Any, agent: Actor
) -> None:
    probe = await join(world, "cannot reach example.org:443")
    probe.frame(check=pb.CheckDecision(check="example.org:443", allowed=True))
    probe.connect()
    assert not probe.link.bodies("check"), "this probe runs it already"
    await world.journal.durable(probe.session.ticket)
    after = await rejoin(world, probe)
    assert [check.check for check in after.link.bodies("check")] == ["example.org:443"]

    after.frame(check=pb.CheckDecision(check="example.org:443", allowed=False))
    after.connect()
    assert not after.link.bodies("check")
    await world.desk.add_check(agent, probe.call.row.id, "example.org:443")
    assert [check.check for check in after.link.bodies("check")] == ["example.org:443"]


async def test_what_was_decided_about_checks_holds_for_its_session_after_a_crash(
    world: Any, join: Any
) -> None:
    first = await join(world, "cannot reach example.org:443")
    first.frame(check=pb.CheckDecision(check="example.org:443", allowed=True))
    second = await rejoin(world, first)
    await world.journal.durable(len(world.journal.entries))
    await world.saver.flush()
    after = await world.crash()
    call = after.manager.calls[first.call.row.id]
    assert call.sessions[1].row.id == second.session.row.id
    second.world, second.call, second.session = after, call, call.sessions[1]
    second.connect()
    assert [check.check for check in second.link.bodies("check")] == ["example.org:443"]
