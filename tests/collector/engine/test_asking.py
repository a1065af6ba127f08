"""Which question comes next: what decides most per second, nothing that cannot change the first cause."""

from __future__ import annotations

from itertools import product

import pytest
from hotline_proto.facts import UnknownReason
from hotline_proto.record import EntryKind
from hotline_proto.v1 import record_pb2 as rec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LEXICON = "all: {label: {en: A, de: A}, words: [kaputt], symptoms: ['x.*']}"
NAMES = ("ask.a", "ask.b", "ask.c")


def question(name, seconds=10, **more):
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    return f"{name}: {{type: bool, text: {{en: Q, de: F}}, seconds: {seconds}{extra}}}\n"


QUESTIONS = "".join(question(name) for name in NAMES)


def answer(call, name, value):
    message = rec.FactStated(target=1, fact=name, origin=rec.ORIGIN_CALLER)
    if value is None:
        message.unknown = int(UnknownReason.DECLINED)
    elif isinstance(value, bool):
        message.truth = value
    else:
        message.text = value
    call.input(EntryKind.FACT_STATED, message.SerializeToString())


def open_questions(call):
    return [state.fact for state in call.engine.questions() if state.answer is None]


@pytest.fixture
def start(build, bench):
    """Return a function that opens a call about rules whose ids begin with `x.`."""

    def make(*rules, questions=QUESTIONS):
        return bench(build(*rules, questions=questions, lexicon=LEXICON), complaint="kaputt")

    return make


def test_the_question_that_parts_the_causes_comes_first(start):
    # ask.a halves four causes, ask.b concerns only one of them.
    call = start(
        {"id": "x.one", "when": "ask.a && ask.c"},
        {"id": "x.two", "when": "ask.a && !ask.c"},
        {"id": "x.three", "when": "!ask.a && ask.b"},
        {"id": "x.four", "when": "!ask.a && !ask.b && ask.c"},
    )
    assert open_questions(call)[0] == "ask.a"
    answer(call, "ask.a", True)
    assert open_questions(call) == ["ask.c"]


def test_a_quick_question_comes_before_a_slow_one_that_decides_as_much(start):
    rules = ({"id": "x.one", "when": "ask.a"}, {"id": "x.two", "when": "ask.b"})
    call = start(*rules, questions=question("ask.a", 60) + question("ask.b", 5))
    assert open_questions(call) == ["ask.b", "ask.a"]


def test_nothing_is_asked_once_one_cause_stands(start):
    call = start({"id": "x.one", "when": "ask.a"}, {"id": "x.minor", "when": "ask.b", "severity": "warning"})
    answer(call, "ask.a", True)
    assert open_questions(call) == []


def test_what_would_explain_the_first_cause_is_still_asked(start):
    call = start(
        {"id": "x.one", "when": "ask.a"},
        {"id": "x.deeper", "when": "ask.b", "severity": "info", "explains": "x.one"},
    )
    answer(call, "ask.a", True)
    assert open_questions(call) == ["ask.b"]


def test_what_would_come_before_the_first_cause_is_still_asked(start):
    call = start({"id": "x.one", "when": "ask.a", "severity": "warning"}, {"id": "x.worse", "when": "ask.b"})
    answer(call, "ask.a", True)
    assert open_questions(call) == ["ask.b"]


def test_a_symptom_of_the_first_cause_is_not_asked_for(start):
    call = start(
        {"id": "x.one", "when": "ask.a", "severity": "warning", "explains": "x.below"},
        {"id": "x.below", "when": "ask.b"},
    )
    answer(call, "ask.a", True)
    assert open_questions(call) == []


@pytest.mark.parametrize(
    ("when", "follows"),
    [
        ("known(ask.a)", ["active", "cleared", "active"]),
        ("!known(ask.a) && ask.b", ["none", "active", "cleared"]),
        ('known(ask.a) && age(ask.a) < qty("1 min")', ["active", "cleared", "active"]),
    ],
)
def test_functions_of_a_fact_follow_what_is_told(start, when, follows):
    call = start({"id": "x.one", "when": when})
    answer(call, "ask.b", True)
    states = []
    for value in (True, None, False):
        call.now += 1_000_000
        answer(call, "ask.a", value)
        states.append(call.state("x.one"))
    assert states == follows


def test_dont_know_is_an_answer(start):
    call = start({"id": "x.one", "when": "ask.a && ask.b"}, {"id": "x.two", "when": "ask.c"})
    answer(call, "ask.a", None)
    # x.one can hold no more, so ask.b would be a waste of time.
    assert open_questions(call) == ["ask.c"]


def test_a_rule_that_waits_for_what_the_platform_lacks_asks_nothing(start):
    call = start({"id": "x.one", "when": "ask.a && system.cpu.iowait_ratio > 0.5"})
    assert open_questions(call) == ["ask.a"]
    call.run("cpu", ("system.cpu.iowait_ratio", UnknownReason.UNSUPPORTED))
    assert open_questions(call) == []


def test_hazards_come_before_everything(start):
    call = start(
        {"id": "x.one", "when": "ask.a && ask.c"},
        {"id": "x.two", "when": "ask.a && !ask.c"},
        {"id": "x.danger", "when": "ask.b", "hazard": "true"},
        questions=question("ask.a") + question("ask.b", 60, hazard="true") + question("ask.c"),
    )
    assert open_questions(call)[0] == "ask.b"


def test_a_text_question_is_worth_what_its_answers_tell_apart(start):
    values = "{k: {en: K, de: K}, l: {en: L, de: L}, m: {en: M, de: M}}"
    texts = f"ask.which: {{type: text, values: {values}, text: {{en: Q, de: F}}}}\n"
    call = start(
        {"id": "x.k", "when": 'ask.which == "k"'},
        {"id": "x.l", "when": 'ask.which == "l"'},
        {"id": "x.m", "when": 'ask.which == "m" && ask.a'},
        questions=texts + QUESTIONS,
    )
    first, second = (state for state in call.engine.questions() if state.answer is None)
    assert (first.fact, second.fact) == ("ask.which", "ask.a")
    assert first.decides > second.decides > 0
    answer(call, "ask.which", "l")
    assert call.causes() == ["x.l"]
    assert open_questions(call) == []


def test_a_proof_asks_again_what_was_answered_before_the_fix(start):
    call = start({"id": "x.one", "when": "ask.a", "expect": "!ask.a"})
    answer(call, "ask.a", True)
    call.fix(call.finding("x.one"))
    assert open_questions(call) == ["ask.a"]
    call.now += 1_000_000
    answer(call, "ask.a", False)
    assert call.engine.verifications()["fix"].state == "verified"
    assert open_questions(call) == []


atoms = st.sampled_from([*NAMES, *(f"!{name}" for name in NAMES)])
clauses = st.lists(atoms, min_size=1, max_size=3, unique=True)
conditions = st.builds(
    lambda inner, outer, groups: outer.join(f"({inner.join(group)})" for group in groups),
    *(st.sampled_from([(" && "), (" || ")]) for _ in range(2)),
    st.lists(clauses, min_size=1, max_size=2),
)
described = st.lists(
    st.tuples(conditions, st.sampled_from(["critical", "warning", "info"]), st.booleans()),
    min_size=1,
    max_size=4,
)


def _first(call):
    causes = call.engine.causes()
    return causes[0].finding.rule if causes else None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(described=described, truth=st.lists(st.booleans(), min_size=3, max_size=3))
def test_what_is_left_unasked_cannot_change_the_first_cause(start, described, truth):
    rules = [
        {"id": f"x.r{n}", "when": when, "severity": severity, "confidence": 0.5 + n / 10}
        | ({"explains": f"x.r{n - 1}"} if explains and n else {})
        for n, (when, severity, explains) in enumerate(described)
    ]
    told = dict(zip(NAMES, truth, strict=True))
    interview = start(*rules)
    asked: list[str] = []
    while waiting := open_questions(interview):
        assert waiting[0] not in asked
        asked.append(waiting[0])
        answer(interview, waiting[0], told[waiting[0]])
    left = [name for name in NAMES if name not in asked]
    for values in product([True, False], repeat=len(left)):
        complete = start(*rules)
        for name, value in (told | dict(zip(left, values, strict=True))).items():
            answer(complete, name, value)
        assert first(complete) == first(interview)


def first(call):
    causes = call.engine.causes()
    return causes[0].finding.rule if causes else None
