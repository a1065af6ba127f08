"""What the operator decides reaches the probe."""

from __future__ import annotations

from typing import Any

from hotline_collector.calls import frames
from hotline_collector.calls.settings import CallSettings
from hotline_proto.catalogue import Catalogue
from hotline_proto.facts import Fact
from hotline_proto.v1 import probe_pb2 as pb


def test_the_plan_follows_catalogue_configuration_and_platform(catalogue: Catalogue) -> None:
    settings = CallSettings(
        intervals={"cpu": 7.5, "memory": 0.0},
        anchors=("192.0.2.1:443",),
        known_names=("a.example",),
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
    windows = {entry.source for entry in frames.plan(catalogue, settings, "windows").plan.entries}
    assert "pressure" in intervals
    assert "pressure" not in windows


async def test_questions_go_to_the_callers_screen_only_if_the_operator_wants_it(
    catalogue: Catalogue, rules: Any, world: Any, join: Any
) -> None:
    for settings, wanted in ((CallSettings(), []), (CallSettings(ask_caller=True), ["ask.scope"])):
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
