"""Plays cases through the engine: the same codec, inputs and clock as a real call."""

from __future__ import annotations

from collections.abc import Iterable

from hotline_proto.catalogue import Catalogue
from hotline_proto.facts import Events, Fact, FactValue, NetworkPath, SourceRun, SourceStatus, UnknownReason
from hotline_proto.record import Entry, EntryKind
from hotline_proto.v1 import record_pb2 as rec
from hotline_proto.wire import ReadingEncoder

from hotline_collector.engine.engine import Engine
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.finding import Finding, FindingState, VerificationState
from hotline_collector.rulepack.cases import Case, Moment

START = 1_700_000_000_000_000
SECOND = 1_000_000
_TARGET = 1


class Player:
    """One call whose machine says what a case says."""

    def __init__(self, rules: RuleSet, catalogue: Catalogue) -> None:
        self.engine = Engine("case", rules, catalogue)
        self.now = START
        self._catalogue = catalogue
        self._rules = rules
        self._encoder = ReadingEncoder(catalogue)
        self._values: dict[tuple[str, str], FactValue] = {}
        self._kinds: set[str] = set()
        self._path = "home"
        self._input(EntryKind.CALL_OPENED, rec.CallOpened(pack_digest=rules.pack.digest).SerializeToString())
        self._input(EntryKind.TARGET_ADDED, rec.TargetAdded(target=_TARGET, name="case").SerializeToString())
        link = rec.LinkChanged(target=_TARGET, up=True, boot_id="boot", session_id="s")
        self._input(EntryKind.LINK_CHANGED, link.SerializeToString())

    def play(self, moments: Iterable[Moment]) -> None:
        """Let the machine say one thing after the other; facts stay until changed and are refreshed."""
        for moment in moments:
            # What is measured at the end of the wait is what this moment says, not what was before.
            self.wait(moment.after, measure_last=False)
            self._values.update(moment.values)
            self._kinds.update(moment.kinds)
            self._path = moment.path
            self.measure()

    def wait(self, duration: int, *, measure_last: bool = True) -> None:
        """Let time pass while everything is measured again and again."""
        step = max(SECOND, duration // 120)
        end = self.now + duration
        while self.now < end:
            self._pass_time(min(end, self.now + step))
            if measure_last or self.now < end:
                self.measure()

    def measure(self) -> None:
        """Run every source that has something to say, once."""
        stated = {
            name: value for (name, key), value in self._values.items() if not key and self._is_stated(name)
        }
        for name, value in stated.items():
            self._state(name, value)
        runs = self._runs()
        for frame in self._encoder.encode(runs, self.now / 1e6):
            self.engine.apply_frame(_TARGET, self.now, frame)
        # An event happens once; afterwards the log is quiet.
        self._values = {
            name: Events() if isinstance(value, Events) else value for name, value in self._values.items()
        }

    def finding(self, rule: str, entity: str) -> Finding | None:
        """Return the newest finding of a rule, of one entity if it is named."""
        matching = [
            f
            for f in self.engine.findings().values()
            if f.rule == rule and (not entity or (f.entity is not None and f.entity.key == entity))
        ]
        return max(matching, key=lambda f: (f.state is not FindingState.CLEARED, f.onset), default=None)

    def is_unknown(self, rule: str, entity: str) -> bool:
        """Tell whether the condition of a rule is unknown, on one entity if it is named, else on any."""
        return self.engine.is_unknown(_TARGET, rule, entity)

    def leaf_states(self, rule: str) -> list[bytes]:
        """Return the states of the leaves of a rule's condition, for each entity that it is judged on."""
        return self.engine.leaf_states(_TARGET, rule)

    def do_fix(self, finding: Finding) -> None:
        """Say that a fix was done just now."""
        self.now += 1
        message = rec.FixDone(fix_id="fix", finding_id=finding.id, fix_index=0, done_us=self.now)
        self._input(EntryKind.FIX_DONE, message.SerializeToString())
        self.now += 1

    def _is_stated(self, name: str) -> bool:
        spec = self._catalogue.facts.get(name)
        return spec is None or not self._catalogue.sources[spec.source].platforms

    def _state(self, name: str, value: FactValue) -> None:
        message = rec.FactStated(target=_TARGET, fact=name, origin=rec.ORIGIN_OPERATOR)
        match value:
            case UnknownReason():
                message.unknown = int(value)  # type: ignore[assignment]
            case bool():
                message.truth = value
            case int():
                message.integer = value
            case float():
                message.number = value
            case _:
                message.text = str(value)
        self._input(EntryKind.FACT_STATED, message.SerializeToString())

    def _runs(self) -> list[SourceRun]:
        facts: dict[str, list[Fact]] = {
            self._catalogue.entities[kind].source: [] for kind in sorted(self._kinds)
        }
        for (name, key), value in self._values.items():
            if not self._is_stated(name):
                facts.setdefault(self._catalogue.facts[name].source, []).append(Fact(name, value, key))
        path = NetworkPath("eth0", self._path)
        return [
            SourceRun(
                source,
                SourceStatus.OK,
                self.now / 1e6,
                0.0,
                values,
                path if self._catalogue.sources[source].path else None,
            )
            for source, values in facts.items()
        ]

    def _pass_time(self, until: int) -> None:
        while (due := self.engine.next_deadline()) is not None and due <= until:
            self.now = max(self.now, due)
            self.engine.tick(self.now)
        self.now = until

    def _input(self, kind: EntryKind, payload: bytes) -> None:
        packs = {self._rules.pack.digest: self._rules}
        self.engine.apply_entry(Entry(kind, _TARGET, self.now, payload), packs)


def play_case(case: Case, first_fires: Case | None, rule_id: str, player: Player) -> str:
    """Play a case on a fresh call; return what went wrong, empty if it went as it says."""
    rules = player.engine.rules
    rule = rules.by_id[rule_id].rule
    if case.kind == "after_fix":
        return _play_fix(player, case, first_fires, rule_id, rules)
    player.play(case.moments)
    if rule.hold and case.kind != "unknown":
        player.wait(rule.hold + SECOND)
    finding = player.finding(rule_id, case.entity)
    state = finding.state if finding else None
    if case.kind == "fires":
        return "" if state is FindingState.ACTIVE else f"should fire, but is {state or 'silent'}"
    if case.kind == "silent":
        quiet = state in (None, FindingState.CLEARED)
        return "" if quiet else f"should be silent, but is {state}"
    return _judge_unknown(player, case, rule_id, state)


def _judge_unknown(player: Player, case: Case, rule_id: str, state: FindingState | None) -> str:
    if state in (FindingState.ACTIVE, FindingState.CONFIRMING):
        return f"should be unknown, but is {state}"
    if not player.is_unknown(rule_id, case.entity):
        return "should be unknown, but is known to be false"
    if case.suspected is not None and case.suspected != (state is FindingState.SUSPECTED):
        return "should be suspected" if case.suspected else "should not be suspected"
    return ""


def _play_fix(player: Player, case: Case, before: Case | None, rule_id: str, rules: RuleSet) -> str:
    if before is None:
        return "after_fix needs a fires case before it"
    rule = rules.by_id[rule_id].rule
    player.play(before.moments)
    player.wait(rule.hold + SECOND)
    finding = player.finding(rule_id, before.entity)
    if finding is None or finding.state is not FindingState.ACTIVE:
        return "the first fires case does not fire"
    player.do_fix(finding)
    player.play(case.moments)
    player.wait(rule.verify_within + SECOND)
    verification = player.engine.verifications()["fix"]
    if verification.state is not VerificationState.VERIFIED:
        return f"should be verified, but is {verification.state} {verification.reason}".rstrip()
    return ""
