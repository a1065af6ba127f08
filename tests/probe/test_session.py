from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import socket
import threading
import unicodedata
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from hotline_probe.backoff import Backoff
from hotline_probe.consent import Consent, Layer
from hotline_probe.equipment import Equipment
from hotline_probe.errors import ActionError, ProbeError
from hotline_probe.hello import probe_info
from hotline_probe.join import join
from hotline_probe.keyboard import Keyboard
from hotline_probe.link import LinkEnd
from hotline_probe.machine import LocalMachine, monotonic
from hotline_probe.reach import Expectation, Route, find_way, plan_routes
from hotline_probe.redact import Redactor
from hotline_probe.session import Session
from hotline_probe.source import Context, Settings
from hotline_probe.spool import Spool
from hotline_probe.status import JsonScreen
from hotline_probe.terminalface import TerminalFace
from hotline_probe.texts import LANGUAGES
from hotline_probe.transcript import Transcript
from hotline_probe.waiting import Waiting
from hotline_proto.catalogue import ActionSpec, load_catalogue
from hotline_proto.facts import Events, Fact, SourceRun, SourceStatus
from hotline_proto.v1 import probe_pb2 as pb

CATALOGUE = load_catalogue()
EN = LANGUAGES["en"]
OWNER, COUNT = "net.connections.top_owner", "net.connections.top_count"
BOTH = (Layer.BASIC, Layer.PERSONAL)


@dataclass
class HandRunner:
    """Runs nothing by itself: the test says what was found, from a thread as the real one does."""

    on_run: Callable[[SourceRun], None]
    asked: list[str] = field(default_factory=list)
    plans: list[dict[str, float]] = field(default_factory=list)
    running: bool = False
    stopped: bool = False

    def run_now(self, names: Any) -> None:
        self.asked.extend(names)

    def plan(self, intervals: Mapping[str, float]) -> None:
        self.plans.append(dict(intervals))

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.stopped = True

    def found(self, source: str, *facts: Fact) -> None:
        run = SourceRun(source, SourceStatus.OK, monotonic(), 0.001, facts)
        thread = threading.Thread(target=self.on_run, args=(run,))
        thread.start()
        thread.join()


@dataclass
class FileMover:
    """Performs every action by moving one real file."""

    file: Path
    runs: int = 0

    def describe(self, action_id: str) -> ActionSpec:
        if action_id not in CATALOGUE.actions:
            raise ActionError("unknown_action", f"there is no action {action_id}")
        return CATALOGUE.actions[action_id]

    def preview(self, action_id: str, parameters: Mapping[str, str]) -> list[tuple[str, int]]:  # noqa: ARG002
        return [(str(self.file), self.file.stat().st_size)] if self.file.exists() else []

    def perform(self, action_id: str, parameters: Mapping[str, str]) -> FileMover:  # noqa: ARG002
        self.runs += 1
        if not self.file.exists():
            raise ActionError("precondition", "the file is gone")
        self.file.rename(self.file.with_suffix(".aside"))
        return self

    def undo(self) -> None:
        self.file.with_suffix(".aside").rename(self.file)


async def soon(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - the conditions are plain data of the probe
            await asyncio.sleep(0.005)


@dataclass
class Call:
    """A running session and its surroundings."""

    session: Session
    runner: HandRunner
    mover: FileMover
    context: Context
    task: asyncio.Task[LinkEnd]
    output: io.StringIO
    keys: Callable[[str], None]
    spool: Spool

    @property
    def events(self) -> list[dict[str, Any]]:
        # A question stands before the next event, without an end of its line.
        lines = [line[line.find("{") :] for line in self.output.getvalue().splitlines() if "{" in line]
        return [json.loads(line) for line in lines]

    async def event(self, **wanted: Any) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while True:
                for event in self.events:
                    if wanted.items() <= event.items():
                        return event
                await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def a_call(
    double: Any,
    tmp_path: Path,
    *,
    layers: tuple[Layer, ...] = BOTH,
    human: bool = False,
    spool: Spool | None = None,
    transcript: Transcript | None = None,
    detour: tuple[Route, ...] = (),
    **extra: Any,
) -> AsyncIterator[Call]:
    (tmp_path / "file").write_text("x")
    way = await find_way(plan_routes("localhost", double.port, ()), Expectation(double.fingerprint), EN)
    joined = await join(
        way, "000000000019", probe_info(CATALOGUE, EN), texts=EN, on_busy=print, on_sent=lambda _: None
    )
    joined = replace(joined, way=replace(joined.way, routes=(*detour, *joined.way.routes)))
    reading, writing = os.pipe()
    output, made = io.StringIO(), []
    context, mover = Context(LocalMachine(), Settings()), FileMover(tmp_path / "file")

    def runner(on_run: Callable[[SourceRun], None]) -> HandRunner:
        made.append(HandRunner(on_run))
        return made[0]

    with os.fdopen(reading) as stdin, os.fdopen(writing, "w", buffering=1) as typing:
        keyboard = Keyboard(stdin)
        keyboard.interactive = human
        face = TerminalFace(JsonScreen(output, output), keyboard, EN)
        kit = Equipment(
            catalogue=CATALOGUE,
            context=context,
            redactor=Redactor(CATALOGUE, b"k" * 32, personal=False),
            performer=mover,
            runner=runner,
            face=face,
            transcript=transcript or Transcript(),
            key=b"k" * 32,
            sources=("connections", "checks", "cpu"),
            **extra,
        )
        spool = spool or Spool()
        session = Session(kit, joined, Consent(set(layers)), spool, Backoff(0.001, 0.01))
        face.start(session)
        task = asyncio.create_task(session.run())
        try:
            yield Call(
                session, made[0], mover, context, task, output, lambda line: print(line, file=typing), spool
            )
        finally:
            session.end("caller_ended")
            with contextlib.suppress(ProbeError):
                await asyncio.wait_for(task, 20)


def owners(double: Any) -> list[str]:
    return [text for readings in double.bodies("readings") for text in readings.texts]


def counts(double: Any) -> list[int]:
    return [number for readings in double.bodies("readings") for number in readings.ints]


async def test_what_is_found_arrives_and_is_given_up_once_acknowledged(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path) as call:
        call.runner.found("connections", Fact(COUNT, 7))
        await double.until(lambda: counts(double) == [7])
        hello = double.hellos[0]
        assert hello.consent.granted == [pb.CONSENT_LAYER_BASIC, pb.CONSENT_LAYER_PERSONAL]
        assert (hello.first_spooled_seq, len(hello.nonce), len(hello.boot_id)) == (1, 16, 16)
        assert call.runner.running
        assert call.context.settings.collector_offset is not None
        await soon(lambda: call.spool.size == 0)
    assert double.byes == ["caller_ended"]
    assert call.runner.stopped
    assert call.task.result() == LinkEnd("probe", "caller_ended")


async def test_runs_within_a_moment_share_a_frame(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path) as call:
        call.runner.found("connections", Fact(COUNT, 7))
        call.runner.found("cpu", Fact("system.cpu.logical.count", 2))
        await double.until(lambda: len(counts(double)) == 2)
        assert len(double.bodies("readings")) == 1


async def test_the_first_look_is_over_when_every_planned_source_has_run(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path) as call:
        call.runner.found("cpu", Fact("system.cpu.logical.count", 2))
        await double.until(lambda: bool(double.bodies("readings")))
        assert "first_look" not in {event["event"] for event in call.events}
        call.runner.found("checks")
        assert "2 subjects" in (await call.event(event="first_look"))["text"]


async def test_a_cut_connection_loses_and_doubles_nothing(double: Any, tmp_path: Path) -> None:
    double.cut_after = [2, 3, 1, 4]
    double.ack = False
    async with a_call(double, tmp_path) as call:
        for number in range(1, 13):
            call.runner.found("connections", Fact(COUNT, number))
            await double.until(lambda number=number: counts(double)[-1:] == [number])
        assert counts(double) == list(range(1, 13))
        assert len(double.hellos) == 5
        assert double.doubled == 0
        assert not double.gaps
        assert len({hello.boot_id for hello in double.hellos}) == 1
        states = [event["state"] for event in call.events if event["event"] == "link"]
        assert {"connecting", "connected", "lost"} <= set(states)


async def test_what_is_found_without_a_connection_waits(double: Any, tmp_path: Path) -> None:
    double.refuse_stream = [grpc.StatusCode.UNAVAILABLE] * 5
    async with a_call(double, tmp_path) as call:
        call.runner.found("connections", Fact(COUNT, 1))
        await double.until(lambda: counts(double) == [1])
        assert len([e for e in call.events if e["event"] == "link" and e["state"] == "lost"]) == 5


async def test_a_way_that_died_during_the_call_gives_place_to_the_next(double: Any, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = Route("localhost", closed.getsockname()[1], "127.0.0.1")
        async with a_call(double, tmp_path, detour=(dead,)) as call:
            call.runner.found("connections", Fact(COUNT, 1))
            await double.until(lambda: counts(double) == [1])
            assert (await call.event(event="link", state="lost"))["retry_in_s"] <= 0.01


async def test_an_overflow_is_followed_by_the_full_state(double: Any, tmp_path: Path) -> None:
    double.ack = False
    async with a_call(double, tmp_path, spool=Spool(max_frames=6)) as call:
        call.runner.found("connections", Fact(COUNT, 1), Fact(OWNER, "app"))
        for number in range(2, 12):
            call.runner.found("connections", Fact(COUNT, number), Fact(OWNER, "app"))
            await double.until(lambda number=number: counts(double)[-1:] == [number])
        await double.until(lambda: len(double.gaps) > 0 or len(double.hellos) > 1)
        # "app" did not change, yet the collector hears it again with new announcements.
        await double.until(lambda: len(owners(double)) >= 2)
        assert len(set(owners(double))) == 1
        assert len(double.bodies("announcement")) >= 2


async def test_a_spool_too_small_for_the_full_state_does_not_make_the_probe_knock_without_a_pause(
    double: Any, tmp_path: Path
) -> None:
    async with a_call(double, tmp_path, spool=Spool(max_memory=10, max_disk=10)) as call:
        await call.event(event="link", state="connected")
        call.runner.found("connections", Fact(COUNT, 7))
        await call.event(event="link", state="lost")


async def test_events_are_not_counted_twice_by_the_full_state(double: Any, tmp_path: Path) -> None:
    log = next(fact for fact in CATALOGUE.facts.values() if fact.type == "events" and not fact.entity)
    async with a_call(double, tmp_path) as call:
        call.runner.found(log.source, Fact(log.name, Events((1.0, 2.0))))
        await double.until(lambda: bool(double.bodies("readings")))
        call.session.revoke_personal()
        await double.until(lambda: len(double.bodies("readings")) == 2)
        assert sum(len(readings.event_slots) for readings in double.bodies("readings")) == 2


async def test_personal_facts_wait_for_the_words_and_end_with_the_consent(
    double: Any, tmp_path: Path
) -> None:
    async with a_call(double, tmp_path) as call:
        call.runner.found("connections", Fact(OWNER, "firefox"), Fact(COUNT, 1))
        await double.until(lambda: len(owners(double)) == 1)
        stand_in = owners(double)[0]
        assert "firefox" not in stand_in
        double.say(call=pb.CallState(agent_name="Bea", words_confirmed=True))
        await double.until(lambda: owners(double) == [stand_in, "firefox"])
        call.keys("p")
        await double.until(lambda: bool(double.bodies("consent")))
        assert double.bodies("consent")[0].granted == [pb.CONSENT_LAYER_BASIC]
        call.runner.found("connections", Fact(OWNER, "thunderbird"), Fact(COUNT, 2))
        await double.until(lambda: counts(double)[-1] == 2)
        assert owners(double)[:2] == [stand_in, "firefox"]
        assert stand_in in owners(double)[2:]
        assert not {"firefox", "thunderbird"} & set(owners(double)[2:])
        assert (await call.event(event="agent"))["agent"] == "Bea"


async def test_the_place_in_the_queue_is_told_when_it_changes(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path) as call:
        for state in (
            pb.CallState(place=3),
            pb.CallState(place=3),
            pb.CallState(place=3, expected_s=90),
            pb.CallState(place=3, expected_s=89),
            pb.CallState(place=1),
            pb.CallState(agent_name="Bea"),
        ):
            double.say(call=state)
        assert (await call.event(event="agent"))["agent"] == "Bea"
        told = [line["place"] for line in call.events if line["event"] == "waiting"]
        assert told == [3, 3, 1]


@pytest.mark.parametrize(
    ("state", "lang", "said"),
    [
        (pb.CallState(), "en", None),
        (
            pb.CallState(place=1),
            "en",
            "You are next in the queue. How long it will take is not known yet.",
        ),
        (
            pb.CallState(place=2, expected_s=61),
            "de",
            "Sie sind Nummer 2 in der Warteschlange. Es dauert noch etwa 2 min.",
        ),
        (
            pb.CallState(place=2**32 - 1, expected_s=2**32 - 1),
            "en",
            "You are number 10000 in the queue. How long it will take is not known yet.",
        ),
    ],
)
def test_a_place_is_told_in_words(state: pb.CallState, lang: str, said: str | None) -> None:
    sentence = Waiting().news(state)
    assert (sentence(LANGUAGES[lang]) if sentence else None) == said


def wants(double: Any, reason: pb.ConsentReason = pb.CONSENT_REASON_CAUSE) -> None:
    request = pb.ConsentRequest(layer=pb.CONSENT_LAYER_PERSONAL, reason=reason, facts=[OWNER])
    double.say(consent=request)


async def test_personal_facts_are_asked_for_when_they_are_needed(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path, layers=(Layer.BASIC,), human=True) as call:
        wants(double)
        await double.until(lambda: len(double.bodies("consent")) == 1)
        assert "personal" not in {event["event"] for event in call.events}, "asked before the words"
        double.say(call=pb.CallState(words_confirmed=True))
        call.runner.found("connections", Fact(OWNER, "firefox"), Fact(COUNT, 1))
        await double.until(lambda: len(owners(double)) >= 1)
        wants(double)
        assert "most connections" in (await call.event(event="personal"))["text"]
        assert "firefox" not in owners(double)
        call.keys("y")
        await double.until(lambda: "firefox" in owners(double))
        assert double.bodies("consent")[1].granted == [pb.CONSENT_LAYER_BASIC, pb.CONSENT_LAYER_PERSONAL]
        call.keys("p")
        await double.until(lambda: list(double.bodies("consent")[-1].declined) == [pb.CONSENT_LAYER_PERSONAL])
        revoked = max(n for n, frame in double.frames.items() if frame.HasField("consent"))
        assert double.frames[revoked].consent.declined == [pb.CONSENT_LAYER_PERSONAL]
        call.runner.found("connections", Fact(OWNER, "firefox"), Fact(COUNT, 2))
        await double.until(lambda: counts(double)[-1] == 2)
        wants(double)
        await double.until(
            lambda: max(double.frames) > revoked and double.frames[max(double.frames)].HasField("consent")
        )
        behind = [frame for number, frame in double.frames.items() if number >= revoked]
        assert len(behind) > 2
        assert b"firefox" not in b"".join(frame.SerializeToString() for frame in behind)
        assert len([e for e in call.events if e["event"] == "personal"]) == 2, "asked again after a no"


async def test_an_agent_can_ask_again_but_not_wear_the_caller_down(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path, layers=(Layer.BASIC,), human=True) as call:
        await confirmed(double, call)

        def asked() -> int:
            return len([e for e in call.events if e["event"] == "personal"]) // 2

        for number in range(1, 6):
            wants(double, pb.CONSENT_REASON_AGENT)
            if number <= 3:
                await soon(lambda number=number: asked() == number)
                await soon(lambda number=number: call.output.getvalue().count(EN.ask_personal) == number)
                call.keys("n")
            await double.until(lambda number=number: len(double.bodies("consent")) == number)
        assert asked() == 3
        assert all(c.declined == [pb.CONSENT_LAYER_PERSONAL] for c in double.bodies("consent"))
        assert all(c.granted == [pb.CONSENT_LAYER_BASIC] for c in double.bodies("consent"))


async def test_personal_values_that_wait_in_the_spool_are_not_sent_after_the_revocation(
    double: Any, tmp_path: Path
) -> None:
    async with a_call(double, tmp_path) as call:
        double.say(call=pb.CallState(words_confirmed=True))
        await call.event(event="words_confirmed")
        double.refuse_stream = [grpc.StatusCode.UNAVAILABLE] * 100_000
        double.say(question=pb.Question(text_en="x" * 70_000))  # too large: the connection breaks
        await call.event(event="link", state="lost")
        call.runner.found("connections", Fact(OWNER, "firefox"))
        await soon(lambda: call.spool.size > 0)
        assert b"firefox" in b"".join(data for _, data in call.spool.from_seq(1))
        call.session.revoke_personal()
        double.refuse_stream.clear()
        call.runner.found("connections", Fact(OWNER, "firefox"), Fact(COUNT, 3))
        await double.until(lambda: counts(double)[-1:] == [3])
        assert owners(double)
        assert "firefox" not in owners(double)


async def test_q_ends_and_nothing_but_the_goodbye_follows(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path) as call:
        call.runner.found("connections", Fact(COUNT, 1))
        await double.until(lambda: counts(double) == [1])
        call.runner.found("connections", Fact(COUNT, 2))
        call.session.end()
        assert await asyncio.wait_for(call.task, 20) == LinkEnd("probe", "caller_ended")
        call.runner.found("connections", Fact(COUNT, 3))
        assert counts(double) == [1]
        assert double.order[-1] == "bye"


@pytest.mark.parametrize("code", ["UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_FOUND"])
async def test_a_refused_token_ends_the_session(double: Any, tmp_path: Path, code: str) -> None:
    double.refuse_stream = [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode[code]]
    async with a_call(double, tmp_path) as call:
        assert await asyncio.wait_for(call.task, 20) == LinkEnd("refused", code.lower())


async def test_frames_that_make_no_sense_to_the_collector_are_replaced_by_the_full_state(
    double: Any, tmp_path: Path
) -> None:
    async with a_call(double, tmp_path) as call:
        call.runner.found("connections", Fact(COUNT, 1))
        await double.until(lambda: counts(double) == [1])
        double.refuse_stream = [grpc.StatusCode.INVALID_ARGUMENT]
        double.cut_after = [1]
        double.outbox.put_nowait(pb.CollectorFrame())  # ignored
        call.runner.found("connections", Fact(COUNT, 2))
        await double.until(lambda: len(double.hellos) == 1 and counts(double) == [1, 2])
        await _reconnect(double, call)
        await double.until(lambda: counts(double).count(2) == 2)


@pytest.mark.parametrize("code", [grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN])
async def test_frames_over_which_the_collector_fails_twice_are_not_sent_for_ever(
    double: Any, tmp_path: Path, code: grpc.StatusCode
) -> None:
    async with a_call(double, tmp_path) as call:
        call.runner.found("connections", Fact(COUNT, 1))
        await double.until(lambda: counts(double) == [1])
        double.choke_on, double.choke_with = [666] * 100_000, code
        call.runner.found("connections", Fact(COUNT, 666))
        await soon(lambda: double.choked > 0)
        call.runner.found("connections", Fact(COUNT, 2))
        await double.until(lambda: counts(double)[-1:] == [2])
        assert double.choked >= 2
        assert double.gaps, "the frames were given up"


async def test_a_collector_that_fails_once_gets_the_same_frames_again(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path) as call:
        double.choke_on = [666]
        call.runner.found("connections", Fact(COUNT, 666))
        await double.until(lambda: counts(double) == [666])
        assert double.choked == 1
        assert not double.gaps


async def _reconnect(double: Any, call: Call) -> None:
    # A frame larger than the probe accepts makes it drop the connection.
    double.say(question=pb.Question(text_en="x" * 70_000))
    await double.until(lambda: len(double.hellos) >= 2)


async def test_the_collectors_goodbye_ends_the_session(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path) as call:
        double.say(bye=pb.Bye(reason="agent_closed"))
        assert await asyncio.wait_for(call.task, 20) == LinkEnd("collector", "agent_closed")


async def test_a_transcript_that_cannot_be_written_stops_the_sending(double: Any, tmp_path: Path) -> None:
    transcript = Transcript(Path("/dev/full"))
    async with a_call(double, tmp_path, transcript=transcript) as call:
        with pytest.raises(ProbeError, match="transcript"):
            await asyncio.wait_for(call.task, 20)
    assert not double.hellos
    transcript.close()


async def test_the_transcript_has_exactly_what_was_sent(double: Any, tmp_path: Path) -> None:
    transcript = Transcript(tmp_path / "sent.jsonl")
    async with a_call(double, tmp_path, transcript=transcript) as call:
        call.runner.found("connections", Fact(COUNT, 1))
        await double.until(lambda: counts(double) == [1])
    transcript.close()
    lines = [json.loads(line)["frame"] for line in (tmp_path / "sent.jsonl").read_text().splitlines()]
    assert [next(iter(line.keys() - {"seq", "mono_us"})) for line in lines] == double.order
    assert [int(line["seq"]) for line in lines if "seq" in line] == sorted(double.frames)


# Requests of the collector.


async def test_a_plan_is_followed_within_limits(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path) as call:
        entries = [
            pb.PlanEntry(source="cpu", interval_ms=1),
            pb.PlanEntry(source="checks", interval_ms=3000),
            pb.PlanEntry(source="connections", interval_ms=0),
            pb.PlanEntry(source="/etc/shadow", interval_ms=1000),
        ]
        anchors = [
            "collector.example:443",
            "169.254.169.254:80",
            "10.0.0.0/8:1",
            "[fd00:ec2::254]:80",
            "a b:1",
        ]
        names = ["a.example", "metadata.google.internal"]
        pages = ["http://portal.example/204", "https://portal.example/204", "http://169.254.169.254/"]
        plan = pb.Plan(entries=entries, anchors=anchors, known_names=names, ntp_servers=["::"])
        plan.MergeFrom(pb.Plan(portal_urls=pages, ports=["p.example:25", "x"], load_url="file:///etc/passwd"))
        double.say(plan=plan)
        await soon(lambda: len(call.runner.plans) >= 2)
        assert call.runner.plans[-1] == {"cpu": 0.25, "checks": 3.0}
        settings = call.context.settings
        assert (settings.anchors, settings.known_names) == (("collector.example:443",), ("a.example",))
        assert settings.ntp_servers == ()
        assert (settings.portal_urls, settings.ports) == (("http://portal.example/204",), ("p.example:25",))
        assert settings.load_url == ""
        assert not settings.active


async def _planned(call: Call, times: int) -> None:
    await soon(lambda: len(call.runner.plans) >= times)


async def test_changing_plans_cannot_scan(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path) as call:
        seen: set[str] = set()
        for batch in range(6):
            double.say(plan=pb.Plan(anchors=[f"h{batch}-{i}.example:1" for i in range(6)]))
            await _planned(call, batch + 2)
            seen.update(call.context.settings.anchors)
        assert len(seen) == 24


async def test_follow_ups_run_known_sources(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path) as call:
        double.say(follow_up=pb.FollowUp(sources=["connections", "connections", "nonsense"]))
        await soon(lambda: call.runner.asked)
        assert call.runner.asked == ["connections"]


async def test_an_echo_comes_back_at_once_and_is_no_part_of_the_spool(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path):
        double.say(echo=pb.Echo(number=7))
        await double.until(lambda: "echo" in double.order)
        assert not double.bodies("echo")


async def test_a_check_named_by_the_caller_needs_no_question(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path, checks=("127.0.0.1:9",)) as call:
        await double.until(lambda: bool(double.bodies("check")))
        decision = double.bodies("check")[0]
        assert (decision.allowed, decision.named_by_caller) == (True, True)
        assert call.context.settings.checks == ("127.0.0.1:9",)
        assert call.context.settings.own_checks == ("127.0.0.1:9",)
        double.say(check=pb.CheckRequest(check="127.0.0.1:9"))
        await double.until(lambda: len(double.bodies("check")) == 2)
        assert double.bodies("check")[1].allowed


@pytest.mark.parametrize(("answer", "allowed"), [("y", True), ("n", False), ("", False)])
async def test_a_check_in_the_own_network_is_the_callers_decision(
    double: Any, tmp_path: Path, answer: str, allowed: bool
) -> None:
    async with a_call(double, tmp_path, human=True) as call:
        double.say(check=pb.CheckRequest(check="http://192.168.1.1"))
        await soon(lambda: "192.168.1.1, which may lie in your own network" in call.output.getvalue())
        call.keys(answer)
        await double.until(lambda: bool(double.bodies("check")))
        assert double.bodies("check")[0].allowed is allowed
        assert bool(call.context.settings.checks) is allowed
        assert call.context.settings.own_checks == call.context.settings.checks


async def test_a_yes_to_a_public_check_is_no_yes_to_the_own_network(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path) as call:
        double.say(check=pb.CheckRequest(check="93.184.216.34:1"))
        await double.until(lambda: bool(double.bodies("check")))
        assert call.context.settings.checks == ("93.184.216.34:1",)
        assert call.context.settings.own_checks == ()


async def test_a_check_too_long_to_be_a_key_is_refused(double: Any, tmp_path: Path) -> None:
    long = "https://93.184.216.34/" + "x" * 110
    async with a_call(double, tmp_path) as call:
        double.say(check=pb.CheckRequest(check=long))
        await double.until(lambda: bool(double.bodies("check")))
        decision = double.bodies("check")[0]
        assert (decision.check, decision.allowed) == (long[:128], False)
        assert call.context.settings.checks == ()
        assert "was refused" in (await call.event(event="check"))["text"]


async def test_checks_without_a_human_or_of_metadata_are_refused(double: Any, tmp_path: Path) -> None:
    targets = [
        "10.0.0.1:22",
        "http://169.254.169.254/latest",
        "http://[::ffff:169.254.169.254]/",
        "x",
        "a:1-99",
    ]
    async with a_call(double, tmp_path) as call:
        for target in targets:
            double.say(check=pb.CheckRequest(check=target))
        await double.until(lambda: len(double.bodies("check")) == len(targets))
        assert not any(decision.allowed for decision in double.bodies("check"))
        assert call.context.settings.checks == ()


async def test_at_most_ten_checks_a_minute(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path):
        for number in range(14):
            double.say(check=pb.CheckRequest(check=f"93.184.216.{number}:1"))
        await double.until(lambda: len(double.bodies("check")) == 14)
        assert sum(decision.allowed for decision in double.bodies("check")) == 10


async def test_advice_is_shown_once_and_harmless(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path) as call:
        advice = pb.Advice(
            lines=[pb.AdviceLine(text_en="Plug \x07it in", text_de="Stecker", severity="info")] * 9
        )
        double.say(advice=advice)
        double.say(advice=advice)
        double.say(call=pb.CallState(agent_name="End"))
        await call.event(event="agent")
        shown = [event["text"] for event in call.events if event["event"] == "advice"]
        assert shown == ["Found: Plug it in"] * 5


async def test_garbage_and_unknown_bodies_are_ignored(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path) as call:
        double.say(welcome=pb.Welcome(durable_seq=10**9))
        double.say(ack=pb.Ack(seq=2**63))
        double.say(undo=pb.UndoRequest(proposal_id="never"))
        double.say(action=pb.ActionProposal(proposal_id="p", action="rm -rf"))
        await double.until(lambda: len(double.bodies("action")) == 2)
        reports = {report.proposal_id: report for report in double.bodies("action")}
        assert (reports["p"].state, reports["p"].code) == (pb.ACTION_STATE_FAILED, "unknown_action")
        call.runner.found("connections", Fact(COUNT, 1))
        await double.until(lambda: counts(double) == [1])


# None of these is a name that could be looked up.
NASTY = ["", "\x00", "\u202e", "a" * 300, "[::1", "http://[", "a:99999", "::", "ftp://a", "\x1b[2J"]


async def test_no_wording_of_a_hostile_collector_ends_the_session(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path, accepted=frozenset((HOSTS,))) as call:
        await confirmed(double, call)
        for text in NASTY:
            entries = [pb.PlanEntry(source=text, interval_ms=2**32 - 1)]
            plan = pb.Plan(entries=entries, anchors=NASTY, known_names=NASTY, ntp_servers=NASTY)
            plan.MergeFrom(pb.Plan(portal_urls=NASTY, ports=NASTY, load_url=text))
            double.say(plan=plan)
            double.say(follow_up=pb.FollowUp(sources=NASTY))
            double.say(question=pb.Question(id=text, text_en=text, text_de=text, values=NASTY * 9))
            double.say(check=pb.CheckRequest(check=text))
            parameters = [pb.ActionParameter(name=text, entity_key=text)] * 3
            double.say(action=pb.ActionProposal(proposal_id=text, action=text, parameters=parameters))
            double.say(undo=pb.UndoRequest(proposal_id=text))
            line = pb.AdviceLine(text_en=text, text_de=text, severity=text)
            double.say(advice=pb.Advice(lines=[line] * 20))
            double.say(call=pb.CallState(agent_name=text, words_confirmed=True))
        call.runner.found("connections", Fact(COUNT, 1))
        await double.until(lambda: counts(double) == [1])
        assert len(double.hellos) == 1
        assert call.context.settings.checks == ()
        assert call.mover.runs == 0
        shown = "".join(str(event.get("text", "")) for event in call.events)
        assert not any(unicodedata.category(c)[0] == "C" for c in shown)


# Actions.

HOSTS = "hosts.disable_overrides"


def states(double: Any) -> list[str]:
    return [pb.ActionState.Name(report.state)[13:] for report in double.bodies("action")]


async def confirmed(double: Any, call: Call) -> None:
    double.say(call=pb.CallState(words_confirmed=True))
    await call.event(event="words_confirmed")


async def test_an_allowed_action_runs_once_and_can_be_undone(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path, accepted=frozenset((HOSTS,))) as call:
        await confirmed(double, call)
        proposal = pb.ActionProposal(proposal_id="p1", action=HOSTS)
        double.say(action=proposal)
        await double.until(lambda: states(double) == ["ACCEPTED", "RUNNING", "DONE"])
        assert double.bodies("action")[-1].undoable
        assert call.session.still_changed() == [CATALOGUE.actions[HOSTS].title]
        double.say(action=proposal)
        await double.until(lambda: states(double)[3:] == ["DONE"])
        assert call.mover.runs == 1
        double.say(undo=pb.UndoRequest(proposal_id="p1"))
        await double.until(lambda: states(double)[4:] == ["UNDONE"])
        assert call.mover.file.exists()
        double.say(undo=pb.UndoRequest(proposal_id="p1"))
        await double.until(lambda: states(double)[5:] == ["UNDONE"])
        assert call.session.still_changed() == []


@pytest.mark.parametrize(
    ("answer", "expected"), [("y", ["ACCEPTED", "RUNNING", "DONE"]), ("what", ["DECLINED"])]
)
async def test_an_action_is_the_callers_decision(
    double: Any, tmp_path: Path, answer: str, expected: list[str]
) -> None:
    async with a_call(double, tmp_path, human=True) as call:
        await confirmed(double, call)
        double.say(action=pb.ActionProposal(proposal_id="p1", action=HOSTS))
        await soon(lambda: EN.action_ask.rstrip() in call.output.getvalue())
        asked = [event["text"] for event in call.events if event["event"] == "proposal"]
        assert CATALOGUE.actions[HOSTS].effect["en"] in asked[0]
        assert asked[1] == EN.action_low_risk
        assert asked[3].endswith("files: 1") and asked[3].startswith(f"  {tmp_path}: ")
        assert call.mover.runs == 0
        call.keys(answer)
        await double.until(lambda: states(double) == expected)


async def test_no_action_before_the_words_or_without_an_answer(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path) as call:
        double.say(action=pb.ActionProposal(proposal_id="p1", action=HOSTS))
        await double.until(lambda: states(double) == ["DECLINED"])
        assert double.bodies("action")[0].code == "precondition"
        await confirmed(double, call)
        double.say(action=pb.ActionProposal(proposal_id="p2", action=HOSTS))
        await double.until(lambda: states(double) == ["DECLINED", "DECLINED"])
        assert call.mover.runs == 0


async def test_a_parameter_is_an_entity_that_this_probe_announced(double: Any, tmp_path: Path) -> None:
    name = "interface.enable"
    fact = next(f for f in CATALOGUE.facts_of_entity["interface"] if f.type == "bool").name
    async with a_call(double, tmp_path, accepted=frozenset((name,))) as call:
        await confirmed(double, call)
        call.runner.found("interfaces", Fact(fact, True, "eth0"))
        await double.until(lambda: bool(double.bodies("readings")))
        for number, parameters in enumerate(
            ({}, {"interface": "eth1"}, {"x": "eth0"}, {"interface": "eth0"})
        ):
            listed = [pb.ActionParameter(name=k, entity_key=v) for k, v in parameters.items()]
            double.say(action=pb.ActionProposal(proposal_id=str(number), action=name, parameters=listed))
        await double.until(lambda: states(double)[-1:] == ["DONE"])
        assert [report.code for report in double.bodies("action")[:3]] == ["bad_parameter"] * 3
        assert call.mover.runs == 1


async def test_a_failed_action_says_why(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path, accepted=frozenset((HOSTS,))) as call:
        await confirmed(double, call)
        call.mover.file.unlink()
        double.say(action=pb.ActionProposal(proposal_id="p1", action=HOSTS))
        await double.until(lambda: states(double)[-1:] == ["FAILED"])
        assert double.bodies("action")[-1].code == "precondition"
        assert double.bodies("action")[-1].detail == "the file is gone"


async def test_an_action_that_crashes_is_reported_too(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path, accepted=frozenset((HOSTS,))) as call:
        await confirmed(double, call)
        call.mover.file.with_suffix(".aside").mkdir()  # no file can be moved onto a folder
        double.say(action=pb.ActionProposal(proposal_id="p1", action=HOSTS))
        await double.until(lambda: states(double)[-1:] == ["FAILED"])
        assert double.bodies("action")[-1].code == "error"
        assert "IsADirectoryError" in double.bodies("action")[-1].detail


async def test_what_another_run_did_cannot_be_taken_back_and_that_is_said(
    double: Any, tmp_path: Path
) -> None:
    async with a_call(double, tmp_path) as call:
        for number in range(15):
            double.say(undo=pb.UndoRequest(proposal_id=f"of an earlier run {number}"))
        double.say(call=pb.CallState(agent_name="End"))
        await call.event(event="agent")
        await double.until(lambda: len(double.bodies("action")) == 10)
        report = double.bodies("action")[0]
        assert (report.proposal_id, report.state) == ("of an earlier run 0", pb.ACTION_STATE_FAILED)
        assert (report.code, report.undoable) == ("precondition", False)
        assert "this run of the probe did not do it" in report.detail


async def test_a_flood_of_proposals_is_declined(double: Any, tmp_path: Path) -> None:
    async with a_call(double, tmp_path, accepted=frozenset((HOSTS,))) as call:
        await confirmed(double, call)
        for number in range(15):
            double.say(action=pb.ActionProposal(proposal_id=str(number), action=HOSTS))
        await double.until(lambda: states(double).count("DECLINED") == 5)
