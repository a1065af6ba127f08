"""A small rule set and a machine to say things about, for tests of the engine."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest
from hotline_collector.engine.engine import Engine
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.finding import Finding
from hotline_collector.rulepack.loader import load_files
from hotline_proto.catalogue import Catalogue, load_catalogue
from hotline_proto.facts import Fact, NetworkPath, SourceRun, SourceStatus
from hotline_proto.record import Entry, EntryKind
from hotline_proto.v1 import record_pb2 as rec
from hotline_proto.wire import ReadingEncoder

RULE = """
id: {id}
status: stable
severity: {severity}
title: {{en: T, de: T}}
symptom: {{en: S, de: S}}
for_each: "{for_each}"
when: >
  {when}
hold: {hold}
release: {release}
confidence: {confidence}
explains: [{explains}]
hazard: {hazard}
fixes: [{{steps: [s], by: caller, risk: none}}]
verify: {{within: {within}, expect: "{expect}"}}
"""

Build = Callable[..., RuleSet]


def rule_file(**fields: object) -> bytes:
    defaults: dict[str, object] = {
        "severity": "critical",
        "for_each": "",
        "hold": "0s",
        "release": "0s",
        "confidence": 0.9,
        "explains": "",
        "hazard": "false",
        "within": "10s",
        "expect": "",
    }
    return textwrap.dedent(RULE).format(**{**defaults, **fields}).encode()


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def build(catalogue: Catalogue) -> Build:
    """Return a function that makes a rule set of rules given as dictionaries, and of library files."""

    def make(*rules: dict[str, object], **library: str) -> RuleSet:
        files = {"pack.yaml": b'{name: test, version: "1"}', "steps.yaml": b"s: {en: Do it, de: Tun}"}
        files |= {f"{name}.yaml": text.encode() for name, text in library.items()}
        files |= {f"{rule['id']}.yaml": rule_file(**rule) for rule in rules}
        return load_files(files, catalogue)

    return make


class CallBench:
    """A call whose machine says exactly what a test wants, through the real codec."""

    def __init__(self, rules: RuleSet, catalogue: Catalogue, complaint: str = "") -> None:
        self.packs = {rules.pack.digest: rules}
        self.catalogue = catalogue
        self.engine = Engine("call", rules, catalogue)
        self.now = 1_700_000_000_000_000
        self.entries: list[Entry] = []
        self.encoder = ReadingEncoder(catalogue)
        opened = rec.CallOpened(call_id="call", complaint=complaint, pack_digest=rules.pack.digest)
        self.input(EntryKind.CALL_OPENED, opened.SerializeToString())
        self.input(EntryKind.TARGET_ADDED, rec.TargetAdded(target=1, name="pc").SerializeToString())
        self.link(True)

    def input(self, kind: EntryKind, payload: bytes) -> None:
        entry = Entry(kind, 1, self.now, payload)
        self.entries.append(entry)
        self.engine.apply_entry(entry, self.packs)

    def link(self, up: bool, session: str = "s", boot: str = "b") -> None:
        message = rec.LinkChanged(target=1, up=up, session_id=session, boot_id=boot)
        self.input(EntryKind.LINK_CHANGED, message.SerializeToString())

    def change_pack(self, rules: RuleSet) -> None:
        self.packs[rules.pack.digest] = rules
        message = rec.PackChanged(pack_digest=rules.pack.digest)
        self.input(EntryKind.PACK_CHANGED, message.SerializeToString())

    def run(
        self,
        source: str,
        *facts: tuple[object, ...],
        status: SourceStatus = SourceStatus.OK,
        path: str | None = "home",
        interface: str = "eth0",
        started: float | None = None,
    ) -> None:
        """Let one source run: facts are (name, value) or (name, value, key)."""
        found = NetworkPath(interface, path) if path and self.catalogue.sources[source].path else None
        at = self.now / 1e6 if started is None else started
        run = SourceRun(source, status, at, 0.0, [Fact(*fact) for fact in facts], found)  # type: ignore[arg-type]
        for frame in self.encoder.encode([run], self.now / 1e6):
            self.input(EntryKind.PROBE_FRAME, frame.SerializeToString())

    def wait(self, seconds: float) -> None:
        """Let time pass without any reading."""
        end = self.now + round(seconds * 1e6)
        while (due := self.engine.next_deadline()) is not None and due <= end:
            self.now = max(self.now, due)
            self.input(EntryKind.TICK, b"")
        self.now = end

    def fix(self, finding: Finding, fix_id: str = "fix") -> None:
        self.now += 1000
        message = rec.FixDone(fix_id=fix_id, finding_id=finding.id, done_us=self.now)
        self.input(EntryKind.FIX_DONE, message.SerializeToString())
        self.now += 1000

    def finding(self, rule: str, key: str = "") -> Finding | None:
        return next(
            (
                f
                for f in reversed(list(self.engine.findings().values()))
                if f.rule == rule and (not key or (f.entity is not None and f.entity.key == key))
            ),
            None,
        )

    def state(self, rule: str, key: str = "") -> str:
        finding = self.finding(rule, key)
        return finding.state.value if finding else "none"

    def causes(self) -> list[str]:
        return [cause.finding.rule for cause in self.engine.causes()]


Bench = Callable[..., CallBench]


@pytest.fixture
def bench(catalogue: Catalogue) -> Bench:
    return lambda rules, complaint="": CallBench(rules, catalogue, complaint)
