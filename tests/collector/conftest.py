"""A collector's middle in one process: the real engine, calls and intake over ports kept in memory.

The ports behave like the real ones where it matters (an entry is durable only once it is committed, a
restart sees only what was durable) and let a test hold the disk still.
"""

from __future__ import annotations

import asyncio
import copy
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hotline_collector.bus.local import LocalBus
from hotline_collector.calls import linking, receiving
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.clock import DeadlineClock, SteadyClock
from hotline_collector.calls.desk import Desk
from hotline_collector.calls.manager import CallManager
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.saver import RowSaver
from hotline_collector.calls.session import Session
from hotline_collector.calls.settings import CallSettings
from hotline_collector.calls.surroundings import Surroundings
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.errors import Busy
from hotline_collector.model.accounts import UserRow
from hotline_collector.model.figures import CallFiguresRow, FigureCount, VerdictDay, counted
from hotline_collector.model.outage_mark import OutageMark
from hotline_collector.model.rows import (
    CallRow,
    DeliveryRow,
    DisagreementRow,
    EarlierCall,
    FindingRow,
    FixRow,
    NoteRow,
    OutsideCause,
    Row,
    SessionRow,
    VerdictCount,
    VerdictRow,
    WrapUpRow,
)
from hotline_collector.model.rule import Fix, LexiconEntry, Pack, Plan, PlanStep, Question, Rule, Step, Text
from hotline_collector.model.targets import COMPUTER, CodePurpose
from hotline_collector.store.mapping import call_id_of
from hotline_collector.store.store import SqlStore
from hotline_proto.catalogue import Catalogue, load_catalogue
from hotline_proto.facts import Fact, SourceRun, SourceStatus
from hotline_proto.joincode import new_code
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.wire import ReadingEncoder
from hotline_proto.words import NONCE_BYTES, commit

AGENT = Actor("mia", "agent")
NONCE = bytes(range(NONCE_BYTES))
FINGERPRINT = "ab" * 32
PROBE = pb.ProbeInfo(version="0.1.0", platform="linux", catalogue_digest="x", language="de")


class MemoryStore:
    """Rows in memory; `broken` makes every write fail as a full disk does."""

    def __init__(self) -> None:
        self.rows: dict[tuple[type, str], Row] = {}
        self.trail: list[tuple[str, str, str, str]] = []
        self.broken: Exception | None = None
        self.gone: set[str] = set()
        self.marks: dict[str, OutageMark] = {}

    async def save(self, rows: Sequence[Row]) -> None:
        await asyncio.sleep(0)
        if self.broken is not None:
            raise self.broken
        for row in rows:
            if call_id_of(row) not in self.gone:
                self.rows[(type(row), row.id)] = copy.copy(row)

    def _of(self, kind: type, call_id: str) -> list[Any]:
        rows: list[Any] = [row for key, row in self.rows.items() if key[0] is kind]
        return [copy.copy(row) for row in rows if row.call_id == call_id]

    async def calls(self, *, include_closed: bool) -> list[CallRow]:
        rows = [copy.copy(row) for row in self.rows.values() if isinstance(row, CallRow)]
        rows.sort(key=lambda row: -row.opened)
        return [row for row in rows if include_closed or row.state != "closed"]

    async def call(self, call_id: str) -> CallRow | None:
        row = self.rows.get((CallRow, call_id))
        return copy.copy(row) if isinstance(row, CallRow) else None

    async def handling_times(self, limit: int) -> list[int]:
        rows = [r for r in await self.calls(include_closed=True) if r.state == "closed"]
        handled = sorted(
            (
                row
                for row in rows
                if row.outcome not in ("abandoned", "imported") and (row.picked or not row.waited_from)
            ),
            key=lambda row: -row.closed,
        )
        return [row.closed - (row.picked or row.opened) for row in handled[:limit]]

    async def users(self) -> list[UserRow]:
        return [UserRow(name, "", role, 1) for name, role in (("lea", "lead"), ("mia", "agent"))]

    async def outage_marks(self) -> list[OutageMark]:
        return list(self.marks.values())

    async def keep_outage_mark(self, mark: OutageMark, now: int) -> None:
        if self.broken is not None:
            raise self.broken
        self.marks = {rule: kept for rule, kept in self.marks.items() if kept.ends > now}
        self.marks[mark.rule] = mark

    async def sessions(self, call_id: str) -> list[SessionRow]:
        return self._of(SessionRow, call_id)

    async def fixes(self, call_id: str) -> list[FixRow]:
        return self._of(FixRow, call_id)

    async def notes(self, call_id: str) -> list[NoteRow]:
        return self._of(NoteRow, call_id)

    async def findings(self, call_id: str) -> list[FindingRow]:
        return self._of(FindingRow, call_id)

    async def disagreements(self, call_id: str) -> list[DisagreementRow]:
        return self._of(DisagreementRow, call_id)

    async def verdict_counts(self) -> list[VerdictCount]:
        kept = Counter((r.rule, r.verdict) for r in self.rows.values() if isinstance(r, VerdictRow))
        return [VerdictCount(rule, verdict, number) for (rule, verdict), number in kept.items()]

    async def rang_again(self, call: CallRow, contact: str, rule: str, since: int) -> list[VerdictRow]:
        raise NotImplementedError("what needs a query is tested with the real store")

    async def outside_causes(self, prefix: str) -> list[OutsideCause]:
        kept = [r for r in self.rows.values() if isinstance(r, DisagreementRow) and not r.in_pack]
        named = Counter((r.cause, r.rule) for r in kept if r.rule.startswith(prefix))
        return [OutsideCause(cause, rule, number) for (cause, rule), number in named.items()]

    async def figure_repeat(self, call: CallRow, row: CallFiguresRow, since: int) -> bool:
        raise NotImplementedError("what needs a query is tested with the real store")

    async def figure_counts(self, steps: Sequence[tuple[str, str]]) -> list[FigureCount]:
        total: Counter[Any] = Counter()
        for row in self.rows.values():
            if isinstance(row, CallFiguresRow):
                total.update(counted(row))
        return [
            FigureCount(last, figure, name, bucket, calls)
            for (day, figure, name, bucket), calls in total.items()
            for first, last in steps
            if first <= day <= last
        ]

    async def verdict_days(self, steps: Sequence[tuple[str, str]], rule: str = "") -> list[VerdictDay]:
        rows = [row for row in self.rows.values() if isinstance(row, VerdictRow)]
        return [
            VerdictDay(last, row.rule, row.verdict, 1)
            for row in rows
            for first, last in steps
            if first <= row.day <= last and rule in ("", row.rule)
        ]

    async def figures_since(self) -> str:
        return ""

    async def outside_causes_between(self, begin: int, end: int, limit: int) -> list[OutsideCause]:
        kept = [row for row in self.rows.values() if isinstance(row, DisagreementRow) and not row.in_pack]
        named = Counter((row.cause, row.rule) for row in kept if begin <= row.at < end)
        return [OutsideCause(cause, rule, number) for (cause, rule), number in named.most_common(limit)]

    async def wrap_up(self, call_id: str) -> WrapUpRow | None:
        row = self.rows.get((WrapUpRow, call_id))
        return copy.copy(row) if isinstance(row, WrapUpRow) else None

    async def earlier_calls(self, contact: str, since: int) -> list[EarlierCall]:
        raise NotImplementedError("what needs a query is tested with the real store")

    async def resend_deliveries(self, call_id: str, now: int) -> int:
        raise NotImplementedError("what needs a query is tested with the real store")

    async def deliveries(self, call_id: str) -> list[DeliveryRow]:
        return self._of(DeliveryRow, call_id)

    async def erase(self, call_id: str) -> bool:
        found = (CallRow, call_id) in self.rows
        self.gone.add(call_id)
        self.rows = {key: row for key, row in self.rows.items() if call_id_of(row) != call_id}
        return found

    async def last_audit(self, action: str) -> Any:
        raise NotImplementedError("what needs the chain is tested with the real store")

    async def audit_of(self, call_id: str) -> list[Any]:
        raise NotImplementedError("what needs the chain is tested with the real store")

    async def audit(self, actor: str, action: str, call_id: str, detail: str) -> None:
        self.trail.append((actor, action, call_id, detail))


class MemoryJournal:
    """Entries in memory; `hold()` keeps them from becoming durable until `release()`."""

    def __init__(self) -> None:
        self.full = False
        self.entries: list[tuple[str, bytes]] = []
        self.durable_ticket = 0
        self._open = asyncio.Event()
        self._open.set()

    def append(self, call_id: str, entry: bytes) -> int:
        self.entries.append((call_id, entry))
        return len(self.entries)

    async def durable(self, ticket: int) -> None:
        await self._open.wait()
        self.durable_ticket = max(self.durable_ticket, ticket)

    async def read(self, call_id: str) -> bytes:
        return b"".join(entry for owner, entry in self.entries if owner == call_id)

    def hold(self) -> None:
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def crash(self) -> MemoryJournal:
        """Return what a restart finds: only what somebody was told is durable."""
        after = MemoryJournal()
        after.entries = self.entries[: self.durable_ticket]
        after.durable_ticket = self.durable_ticket
        return after


@dataclass
class MemoryCode:
    code: str
    expires: int


class MemoryCodes:
    """Join codes in memory; `busy` paces, `expired` lets a code end."""

    def __init__(self) -> None:
        self.live: dict[str, CodePurpose] = {}
        self.busy = False

    async def issue(self, call_id: str, target: int = COMPUTER) -> MemoryCode:
        code = new_code()
        self.live[code] = CodePurpose(call_id, target)
        return MemoryCode(code, 1)

    async def redeem(self, code: str, address: str, connection: str = "") -> CodePurpose | None:
        assert address in (connection or address)
        if self.busy:
            raise Busy
        return self.live.pop(code, None)


class FakeTime(SteadyClock):
    """A clock that a test turns."""

    __slots__ = ("at",)

    def __init__(self, at: int = 1_800_000_000_000_000) -> None:
        super().__init__()
        self.at = at

    def now(self) -> int:
        return self.at

    def not_before(self, at: int) -> None:
        self.at = max(self.at, at)


class MemoryShelf:
    """Every pack that was ever in use."""

    def __init__(self, packs: dict[str, RuleSet]) -> None:
        self.packs = packs

    async def fetch(self, digest: str) -> RuleSet | None:
        return self.packs.get(digest)


class World:
    """One collector without sockets."""

    def __init__(
        self,
        catalogue: Catalogue,
        rules: RuleSet,
        *,
        store: MemoryStore | SqlStore | None = None,
        journal: MemoryJournal | None = None,
        clock: SteadyClock | None = None,
        settings: CallSettings | None = None,
    ) -> None:
        self.catalogue, self.rules = catalogue, rules
        self.store = store or MemoryStore()
        self.journal = journal or MemoryJournal()
        self.clock = clock or FakeTime()
        self.settings = settings or CallSettings(ca_fingerprint=FINGERPRINT)
        self.bus = LocalBus()
        self.codes = MemoryCodes()
        self.saver = RowSaver(self.store)
        around = Surroundings(
            catalogue,
            self.settings,
            self.store,
            self.journal,
            self.bus,
            self.saver,
            self.clock,
            DeadlineClock(self.clock),
            {},
        )
        self.packs = {rules.pack.digest: rules}
        self.manager = CallManager(around, rules, shelf=MemoryShelf(self.packs))
        self.desk = Desk(self.manager, self.codes)

    async def crash(self) -> World:
        """Return a new collector that finds what was durable of this one."""
        after = World(
            self.catalogue,
            self.rules,
            store=self.store,
            journal=self.journal.crash(),
            clock=self.clock,
            settings=self.settings,
        )
        after.packs.update(self.packs)
        await after.manager.restore()
        await after.desk.queue.outages.restore()
        return after

    async def change_rules(self, rules: RuleSet, signer: str = "") -> None:
        """Do what a hot reload does."""
        self.packs[rules.pack.digest] = rules
        await self.manager.change_rules(rules, signer)

    def pass_time(self, seconds: float) -> None:
        """Turn the clock in steps, so that everything due happens in its order."""
        assert isinstance(self.clock, FakeTime)
        end = self.clock.at + round(seconds * 1e6)
        while self.clock.at < end:
            self.clock.at = min(end, self.clock.at + 250_000)
            self.manager.around.deadlines.fire(self.clock.at)


class RecordedLink:
    """A link that keeps what the call sends."""

    def __init__(self) -> None:
        self.sent: list[pb.CollectorFrame] = []
        self.ended: list[str] = []

    def send(self, frame: pb.CollectorFrame) -> None:
        self.sent.append(frame)

    def close(self, reason: str) -> None:
        self.ended.append(f"bye {reason}")

    def drop(self, message: str) -> None:
        self.ended.append(f"drop {message}")

    def bodies(self, kind: str) -> list[Any]:
        return [getattr(frame, kind) for frame in self.sent if frame.HasField(kind)]


@dataclass
class Probe:
    """A probe's side of a session, without a socket: encodes real frames and hands them to the call."""

    world: World
    call: CallRuntime
    session: Session
    link: RecordedLink = field(default_factory=RecordedLink)
    seq: int = 0
    boot: str = "boot"

    def __post_init__(self) -> None:
        self.encoder = ReadingEncoder(self.world.catalogue)

    def mono(self) -> int:
        return self.world.clock.now() - 1_700_000_000_000_000

    def connect(self, *layers: int) -> None:
        self.link = RecordedLink()
        self.session.row.probe_nonce = NONCE
        consent = pb.ConsentState(granted=layers or (pb.CONSENT_LAYER_BASIC,))  # type: ignore[arg-type]
        hello = pb.Hello(probe=PROBE, boot_id=self.boot, nonce=NONCE, consent=consent)
        linking.up(self.call, self.session, self.link, hello, self.mono())

    def lose(self) -> None:
        linking.down(self.call, self.session, self.link)

    def frame(self, **body: Any) -> pb.ProbeFrame:
        frame = pb.ProbeFrame(mono_us=self.mono(), **body)
        self.deliver(frame)
        return frame

    def deliver(self, frame: pb.ProbeFrame) -> None:
        self.seq += 1
        frame.seq = self.seq
        body = frame.WhichOneof("body") or ""
        receiving.take(
            self.call, self.session, self.world.clock.now(), frame.SerializeToString(), frame, body
        )

    def tell(self, source: str, *facts: Fact) -> None:
        """Report one complete run of a source."""
        mono = self.mono() / 1e6
        run = SourceRun(source, SourceStatus.OK, mono, 0.0, facts)
        for frame in self.encoder.encode([run], mono):
            self.deliver(frame)

    def report(self, fix_id: str, state: int, **more: Any) -> None:
        self.frame(action=pb.ActionReport(proposal_id=fix_id, state=state, **more))  # type: ignore[arg-type]


def _text(words: str) -> Text:
    return Text(words, words + " (de)")


def _rule(identity: str, when: str, **more: Any) -> Rule:
    values: dict[str, Any] = {
        "status": "stable",
        "severity": "critical",
        "title": _text(identity),
        "symptom": _text(f"symptom of {identity}"),
        "for_each": "",
        "hold": 0,
        "release": 0,
        "confidence": 0.9,
        "explains": (),
        "look_alikes": {},
        "ask": (),
        "hazard": False,
        "fixes": (),
        "verify_within": 15_000_000,
        "verify_expect": "",
        "references": (),
    }
    return Rule(id=identity, when=when, **{**values, **more})


def _steps(name: str, risk: str = "low") -> Fix:
    return Fix("", {}, (Step(name, _text(f"do {name}"), _text(f"undo {name}")),), "caller", risk)


RULES = (
    _rule(
        "disk.full",
        "filesystem.utilization > 0.95",
        for_each="filesystem",
        verify_expect="filesystem.utilization < 0.9",
        fixes=(
            Fix("storage.set_aside_temp", {"filesystem": "filesystem"}, (), "caller", "low"),
            _steps("tidy"),
            _steps("look", risk="none"),
        ),
    ),
    _rule(
        "check.refused",
        "!check.tcp_ok",
        for_each="check",
        verify_expect="check.ok",
        fixes=(_steps("start.service"),),
    ),
    _rule(
        "process.busy",
        'process.cpu > 0.9 && process.name == "firefox"',
        for_each="process",
        severity="warning",
        fixes=(Fix("process.pause", {"process": "process"}, (), "caller", "low"),),
    ),
    _rule("one.device", 'net.gateway.reachable && ask.scope == "works"', ask=("ask.scope",)),
    _rule("burning", "ask.smell", hazard=True, fixes=(_steps("pull.plug"),), ask=("ask.smell",)),
)
QUESTIONS = {
    "ask.smell": Question("ask.smell", "bool", {}, _text("Does it smell of burning?"), True),
    "ask.scope": Question(
        "ask.scope",
        "text",
        {"works": _text("works"), "fails": _text("fails")},
        _text("Other devices?"),
        False,
    ),
}
LEXICON = (
    LexiconEntry("disk", _text("disk"), ("platte voll", "disk full"), {"disk.*": 2, "check.*": 2}),
    LexiconEntry("web", _text("web"), ("page",), {"check.*": 3, "one.device": 1}, "ask.scope", "target"),
)

PLANS = {
    "plan.net": Plan(
        "plan.net",
        _text("Network"),
        (
            PlanStep(_text("Other devices work"), 'ask.scope == "works"', ()),
            PlanStep(_text("There is a way out"), "net.route.default", (_steps("pull.plug").steps[0],)),
        ),
    )
}


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="session")
def rules(catalogue: Catalogue) -> RuleSet:
    pack = Pack("test", "1", "0" * 64, {rule.id: rule for rule in RULES}, QUESTIONS, LEXICON, PLANS)
    return RuleSet(pack, catalogue)


@pytest.fixture
def world(catalogue: Catalogue, rules: RuleSet) -> Iterator[World]:
    yield World(catalogue, rules)


@pytest.fixture
def agent() -> Actor:
    return AGENT


@pytest.fixture
def join() -> Any:
    """Return a function that opens a call with a connected probe."""

    async def joined(world: World, complaint: str = "disk full", *, words: bool = True, **more: Any) -> Probe:
        row, _code = await world.desk.open(AGENT, complaint, **more)
        _token, call, session = await world.manager.join(row.id, PROBE, commit(NONCE))
        probe = Probe(world, call, session)
        probe.connect(pb.CONSENT_LAYER_BASIC, pb.CONSENT_LAYER_PERSONAL)
        call.row.words_confirmed = words
        return probe

    return joined


@pytest.fixture
def join_call() -> Any:
    """Return a function that connects a probe to a call that is there already."""

    async def joined(world: World, call: CallRuntime) -> Probe:
        _token, call, session = await world.manager.join(call.row.id, PROBE, commit(NONCE))
        probe = Probe(world, call, session)
        probe.connect()
        return probe

    return joined


def fs(utilization: float, key: str = "/") -> tuple[Fact, ...]:
    return (
        Fact("system.filesystem.utilization", utilization, key),
        Fact("system.filesystem.purpose", "system", key),
    )


@pytest.fixture
def filesystem() -> Any:
    """Return a function that makes the facts of one filesystem."""
    return fs
