"""Installation plans: the first condition that is not met is the current step."""

from __future__ import annotations

import pytest
from hotline_collector.engine.errors import InputError
from hotline_collector.rulepack.faults import PackError
from hotline_proto.record import EntryKind
from hotline_proto.v1 import record_pb2 as rec

ANY = {"id": "x.any", "when": "!net.route.default", "severity": "info"}
QUESTIONS = "ask.light: {type: bool, text: {en: Is it lit?, de: Leuchtet es?}}"
PLANS = """
plan.net:
  title: {en: Network, de: Netz}
  steps:
    - title: {en: The light is on, de: Das Licht ist an}
      met: ask.light
      steps: [s]
    - title: {en: There is a way out, de: Es gibt einen Weg hinaus}
      met: net.route.default
    - title: {en: All name servers answer, de: Alle Namensserver antworten}
      met: size(resolvers) > 0 && resolvers.all(r, r.reachable)
"""


@pytest.fixture
def call(build, bench):
    return bench(build(ANY, questions=QUESTIONS, plans=PLANS))


def follow(call, plan="plan.net"):
    call.input(EntryKind.PLAN_FOLLOWED, rec.PlanFollowed(plan=plan).SerializeToString())


def light(call, lit):
    message = rec.FactStated(target=1, fact="ask.light", origin=rec.ORIGIN_CALLER, truth=lit)
    call.input(EntryKind.FACT_STATED, message.SerializeToString())


def states(call):
    return [state.value for state, _ in call.engine.plan().steps]


def open_questions(call):
    return [state.fact for state in call.engine.questions() if state.answer is None]


def test_without_a_plan_there_is_none(call):
    assert call.engine.plan() is None
    follow(call)
    follow(call, "")
    assert call.engine.plan() is None


def test_a_plan_goes_from_step_to_step(call):
    follow(call)
    assert (states(call), call.engine.plan().current) == (["unknown"] * 3, 0)
    assert open_questions(call) == ["ask.light"]
    light(call, False)
    assert (states(call), call.engine.plan().current) == (["unmet", "unknown", "unknown"], 0)
    light(call, True)
    call.run("routes", ("net.route.default", True))
    assert (states(call), call.engine.plan().current) == (["met", "met", "unknown"], 2)
    assert open_questions(call) == []
    call.run("resolvers", ("net.resolver.reachable", True, "10.0.0.1"))
    assert (states(call), call.engine.plan().current) == (["met"] * 3, 3)


def test_a_later_step_does_not_hide_an_earlier_one(call):
    follow(call)
    light(call, True)
    call.run("resolvers", ("net.resolver.reachable", True, "10.0.0.1"))
    call.run("routes", ("net.route.default", False))
    assert (states(call), call.engine.plan().current) == (["met", "unmet", "met"], 1)


def test_what_is_missing_says_how_it_can_be_had(call):
    follow(call)
    missing = [[(item.fact, item.settle) for item in lacks] for _, lacks in call.engine.plan().steps]
    assert missing == [
        [("ask.light", "question:ask.light")],
        [("net.route.default", "source:routes")],
        [("resolvers", "source:resolvers")],
    ]


def test_progress_is_told_as_a_change(call):
    follow(call)
    call.engine.take_changes()
    call.run("routes", ("net.route.default", True))
    assert call.engine.take_changes().questions
    call.run("routes", ("net.route.default", True))
    assert not call.engine.take_changes()


def test_an_unknown_plan_is_refused(call):
    with pytest.raises(InputError, match=r"plan\.other"):
        follow(call, "plan.other")


def test_faults_of_a_plan_have_their_place(build):
    broken = PLANS.replace("net.route.default", "net.route.defalt").replace("[s]", "[t]")
    with pytest.raises(PackError) as caught:
        build(ANY, questions=QUESTIONS, plans=broken)
    told = {(fault.file, fault.line): fault.message for fault in caught.value.faults}
    assert "did you mean net.route.default?" in told[("plans.yaml", 9)]
    assert "unknown step t" in told[("plans.yaml", 7)]
