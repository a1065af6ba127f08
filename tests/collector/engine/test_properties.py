"""What must hold after any sequence of inputs."""

from __future__ import annotations

import json
import random
from dataclasses import asdict

import pytest
from hotline_collector.engine.engine import Engine
from hotline_collector.engine.errors import FrameError
from hotline_collector.engine.ruleset import RuleSet
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import Events, Fact, NetworkPath, SourceRun, SourceStatus, UnknownReason
from hotline_proto.record import Entry, EntryKind
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec
from hotline_proto.wire import ReadingEncoder
from hypothesis import given
from hypothesis import strategies as st

CATALOGUE = load_catalogue()
RULES = [
    {"id": "a.threshold", "when": "system.cpu.utilization > 0.9 && system.cpu.iowait_ratio <= 0.5"},
    {
        "id": "a.either",
        "when": "system.cpu.utilization >= 0.5 || !net.route.default",
        "hold": "2s",
        "release": "1s",
    },
    {
        "id": "a.negated",
        "when": "!(system.cpu.utilization < 0.9 && net.route.default)",
        "explains": "a.threshold",
    },
    {"id": "b.each", "for_each": "resolver", "when": "!resolver.reachable && net.route.default"},
    {"id": "b.all", "when": "size(resolvers) > 0 && resolvers.all(r, !r.reachable)", "explains": "b.each"},
    {
        "id": "b.other",
        "for_each": "resolver",
        "when": "resolvers.exists(r, r.key != resolver.key && r.reachable)",
    },
    {"id": "c.window", "when": 'max(system.cpu.utilization, "3s") > 0.9'},
    {"id": "c.events", "when": 'count(log.disk.io_error, "10s") > 1'},
    {"id": "c.age", "when": 'age(system.cpu.utilization) > qty("3 s")'},
    {"id": "c.known", "when": "known(system.cpu.iowait_ratio) && system.cpu.utilization == 0.9"},
]


# The same pack after an edit: thresholds, windows and holds moved, a rule gone, one new, one bound anew.
EDITED = [
    {"id": "z.new", "when": "system.cpu.iowait_ratio > 0.4"},
    {"id": "a.threshold", "when": "system.cpu.utilization > 0.5"},
    {**RULES[1], "hold": "1s", "release": "4s"},
    RULES[3],
    {"id": "b.other", "when": "size(resolvers) > 1"},
    {"id": "c.window", "when": 'max(system.cpu.utilization, "3s") > 0.4'},
    {"id": "c.events", "when": 'count(log.disk.io_error, "5s") > 0'},
    {"id": "c.age", "when": 'age(system.cpu.utilization) > qty("6 s")'},
]


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return rule_set(RULES)


@pytest.fixture(scope="module")
def edited() -> RuleSet:
    return rule_set(EDITED)


def rule_set(rules: list[dict[str, str]]) -> RuleSet:
    from hotline_collector.rulepack.loader import load_files

    body = "status: stable\nseverity: warning\ntitle: {en: T, de: T}\nsymptom: {en: S, de: S}\n"
    files = {"pack.yaml": b'{name: t, version: "1"}', "steps.yaml": b"s: {en: Do, de: Tu}"}
    for rule in rules:
        text = (
            body
            + "confidence: 0.5\nfixes: [{steps: [s]}]\n"
            + "".join(
                f"{key}: {json.dumps([value] * bool(value) if key == 'explains' else value)}\n"
                for key, value in rule.items()
            )
        )
        files[f"{rule['id']}.yaml"] = text.encode()
    return load_files(files, CATALOGUE)


reasons = st.sampled_from([UnknownReason.PERMISSION, UnknownReason.TIMEOUT, UnknownReason.UNSUPPORTED])
ratios = st.one_of(st.sampled_from([0.0, 0.4, 0.5, 0.89, 0.9, 0.91, 1.0]), reasons)
bools = st.one_of(st.booleans(), reasons)
statuses = st.sampled_from([SourceStatus.OK] * 4 + [SourceStatus.PARTIAL, SourceStatus.TIMEOUT])
paths = st.sampled_from([NetworkPath("eth0", "home"), NetworkPath("wlan0", "phone"), None])


def run_of(source: str, facts: list[Fact], status: SourceStatus, path: NetworkPath | None) -> SourceRun:
    return SourceRun(source, status, 0.0, 0.01, facts if status is not SourceStatus.TIMEOUT else (), path)


runs = st.one_of(
    st.builds(
        lambda u, w, s: run_of(
            "cpu", [Fact("system.cpu.utilization", u), Fact("system.cpu.iowait_ratio", w)], s, None
        ),
        ratios,
        ratios,
        statuses,
    ),
    st.builds(lambda d, s: run_of("routes", [Fact("net.route.default", d)], s, None), bools, statuses),
    st.builds(
        lambda found, s, p: run_of(
            "resolvers", [Fact("net.resolver.reachable", v, k) for k, v in found.items()], s, p
        ),
        st.dictionaries(st.sampled_from("abc"), bools, max_size=3),
        statuses,
        paths,
    ),
    st.builds(
        lambda n: run_of("logs", [Fact("log.disk.io_error", Events([0.0] * n))], SourceStatus.OK, None),
        st.integers(0, 3),
    ),
)
steps = st.lists(
    st.one_of(
        runs,
        st.floats(0.01, 12.0).map(lambda seconds: ("wait", seconds)),
        st.booleans().map(lambda up: ("link", up)),
        st.just(("session", None)),
        st.integers(0, 1).map(lambda number: ("pack", number)),
    ),
    max_size=25,
)


class Call:
    def __init__(self, rules: RuleSet, *others: RuleSet) -> None:
        self.rules = rules
        self.packs = [rules, *others]
        self.engine = Engine("c", rules, CATALOGUE)
        self.entries: list[Entry] = []
        self.now = 1_700_000_000_000_000
        self.session = 0
        self.encoder = ReadingEncoder(CATALOGUE)
        opened = rec.CallOpened(call_id="c", pack_digest=rules.pack.digest)
        self.feed(EntryKind.CALL_OPENED, opened.SerializeToString())
        self.feed(EntryKind.TARGET_ADDED, rec.TargetAdded(target=1).SerializeToString())
        self.link(True)

    @property
    def known(self) -> dict[str, RuleSet]:
        return {rules.pack.digest: rules for rules in self.packs}

    def feed(self, kind: EntryKind, payload: bytes) -> None:
        entry = Entry(kind, 1, self.now, payload)
        self.entries.append(entry)
        self.engine.apply_entry(entry, self.known)

    def link(self, up: bool) -> None:
        message = rec.LinkChanged(target=1, up=up, session_id=str(self.session), boot_id="b")
        self.feed(EntryKind.LINK_CHANGED, message.SerializeToString())

    def play(self, items: list[object]) -> None:
        for item in items:
            match item:
                case ("wait", seconds):
                    end = self.now + round(seconds * 1e6)
                    while (due := self.engine.next_deadline()) is not None and due <= end:
                        self.now = max(self.now, due)
                        self.feed(EntryKind.TICK, b"")
                    self.now = end
                case ("link", up):
                    self.link(up)
                case ("session", _):
                    self.session += 1
                    self.encoder = ReadingEncoder(CATALOGUE)
                    self.link(True)
                case ("pack", int(number)):
                    digest = self.packs[number % len(self.packs)].pack.digest
                    message = rec.PackChanged(pack_digest=digest)
                    self.feed(EntryKind.PACK_CHANGED, message.SerializeToString())
                case SourceRun():
                    self.tell([item])
                case list():
                    self.tell(item)

    def tell(self, together: list[SourceRun]) -> None:
        for run in together:
            run.started = self.now / 1e6
        for frame in self.encoder.encode(together, self.now / 1e6):
            self.feed(EntryKind.PROBE_FRAME, frame.SerializeToString())

    def dump(self) -> str:
        findings = [asdict(f) for f in self.engine.findings().values()]
        causes = [c.finding.id for c in self.engine.causes()]
        return json.dumps([findings, causes, [f.id for f in self.engine.suspected()]], default=str)


def test_incremental_equals_evaluating_everything(rules: RuleSet, edited: RuleSet) -> None:
    @given(steps)
    def check(items: list[object]) -> None:
        call = Call(rules, edited)
        call.play(items)
        target = call.engine._targets[1]
        for instance in call.engine._network.instances(target):
            whole = instance.compiled.when(instance.view, {})
            expected = 1 if whole is True else 0 if whole is False else 2
            assert instance.root == expected, instance.compiled.rule.id

    check()


def test_replay_is_byte_identical(rules: RuleSet, edited: RuleSet) -> None:
    @given(steps)
    def check(items: list[object]) -> None:
        call = Call(rules, edited)
        call.play(items)
        again = Engine("c", rules, CATALOGUE)
        for entry in call.entries:
            again.apply_entry(entry, call.known)
        replayed = Call.__new__(Call)
        replayed.engine = again
        assert replayed.dump() == call.dump()

    check()


def test_the_order_of_facts_in_a_reading_does_not_matter(rules: RuleSet) -> None:
    @given(st.permutations([("system.cpu.utilization", 0.95), ("system.cpu.iowait_ratio", 0.1)]))
    def check(facts: list[tuple[str, float]]) -> None:
        call = Call(rules)
        call.play([run_of("cpu", [Fact(*fact) for fact in facts], SourceStatus.OK, None)])
        assert [f.rule for f in call.engine.findings().values() if f.present] == ["a.threshold", "a.negated"]

    check()


moments = st.lists(st.lists(runs, max_size=4, unique_by=lambda run: run.source), max_size=5)


def told(rules: RuleSet, moments: list[list[object]]) -> tuple[list[object], list[str]]:
    """Return what is found in the end when something is told once a second."""
    call = Call(rules)
    for moment in moments:
        call.play([*moment, ("wait", 1.0)])
    states = sorted(
        (f.rule, str(f.entity), str(f.path), f.state.value, f.stale, f.changed)
        for f in call.engine.findings().values()
    )
    return states, [f"{cause.finding.rule} {cause.finding.entity}" for cause in call.engine.causes()]


def test_the_order_of_sources_in_a_reading_does_not_matter(rules: RuleSet) -> None:
    @given(moments, st.randoms())
    def check(given_: list[list[SourceRun]], chance: random.Random) -> None:
        for run in (run for moment in given_ for run in moment):
            # What was measured on different paths travels in different readings.
            run.path = None
        mixed = [chance.sample(moment, len(moment)) for moment in given_]
        assert told(rules, [[moment] for moment in given_]) == told(rules, [[moment] for moment in mixed])

    check()


def test_the_order_in_which_unrelated_sources_tell_does_not_matter() -> None:
    # No rule reads two sources.
    single = {"a.threshold", "b.all", "b.other", "c.window", "c.events", "c.age", "c.known"}
    separate = rule_set([{**rule, "explains": ""} for rule in RULES if rule["id"] in single])

    @given(moments, st.randoms())
    def check(given_: list[list[object]], chance: random.Random) -> None:
        mixed = [chance.sample(moment, len(moment)) for moment in given_]
        assert told(separate, given_) == told(separate, mixed)

    check()


def test_an_active_finding_ends_only_by_a_known_false_condition(rules: RuleSet) -> None:
    @given(
        steps, st.lists(st.one_of(st.floats(0.01, 60.0).map(lambda s: ("wait", s)), st.just(("link", False))))
    )
    def check(items: list[object], silence: list[object]) -> None:
        call = Call(rules)
        call.play(items)
        active = {f.id for f in call.engine.findings().values() if f.state.value == "active"}
        call.play(silence)
        # That time passes without an event is known, and so is that a fact is no longer known.
        timed = ("c.events", "c.age", "c.window", "c.known")
        for finding in call.engine.findings().values():
            if finding.id in active and finding.rule not in timed:
                assert finding.state.value == "active"

    check()


def test_every_open_finding_belongs_to_a_rule_of_the_pack_in_use(rules: RuleSet, edited: RuleSet) -> None:
    @given(steps)
    def check(items: list[object]) -> None:
        call = Call(rules, edited)
        call.play(items)
        for finding in call.engine.findings().values():
            if finding.state.value != "cleared":
                assert finding.rule in call.engine.rules.by_id
                assert finding.pack_digest == call.engine.rules.pack.digest

    check()


@given(st.binary(max_size=200))
def test_hostile_bytes_never_break_the_engine(raw: bytes) -> None:
    from google.protobuf.message import DecodeError

    call = Call(EMPTY)
    try:
        frame = pb.ProbeFrame.FromString(raw)
    except DecodeError:
        return
    try:
        call.engine.apply_frame(1, call.now, frame)
    except FrameError as error:
        assert str(error)


def empty_rules() -> RuleSet:
    from hotline_collector.rulepack.loader import load_files

    return load_files({"pack.yaml": b'{name: t, version: "1"}'}, CATALOGUE)


EMPTY = empty_rules()

readings = st.builds(
    pb.Readings,
    **{
        name: st.lists(st.integers(0, 12), max_size=4)
        for name in (
            "run_sources",
            "run_statuses",
            "run_ages_ms",
            "run_durations_us",
            "double_slots",
            "int_slots",
            "true_slots",
            "false_slots",
            "text_slots",
            "unknown_slots",
            "unknown_reasons",
            "event_slots",
            "event_ages_ms",
            "gone_entities",
        )
    },
    doubles=st.lists(st.floats(), max_size=4),
    ints=st.lists(st.integers(-(2**62), 2**62), max_size=4),
    texts=st.lists(st.text(max_size=8), max_size=4),
    path=st.integers(0, 3),
)


def test_a_refused_reading_changes_nothing(rules: RuleSet) -> None:
    @given(steps, readings)
    def check(items: list[object], hostile: pb.Readings) -> None:
        call = Call(rules)
        call.play(items)
        before = [(f.fact, f.entity, repr(f.value)) for f in call.engine.facts(1)]
        try:
            call.engine.apply_frame(1, call.now, pb.ProbeFrame(seq=1, mono_us=1, readings=hostile))
        except FrameError:
            assert [(f.fact, f.entity, repr(f.value)) for f in call.engine.facts(1)] == before

    check()
