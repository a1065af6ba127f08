"""The stream of a session over a real connection: order, acks, consent, reconnects."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.intake import connection
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.words import NONCE_BYTES

BASIC = pb.ConsentState(granted=[pb.CONSENT_LAYER_BASIC])


async def test_a_fault_on_the_wire_becomes_a_cause(desk: Any, soon: Any) -> None:
    line, _ = await desk.open_line()
    assert desk.call().row.state == "active"
    plan = (await line.read("plan")).plan
    assert {entry.source for entry in plan.entries} >= {"cpu", "filesystems"}
    await line.tell(0.99)
    await soon(lambda: [c.finding.rule for c in desk.call().engine.causes()] == ["disk.full"])
    assert (await line.read("advice")).advice.lines[0].text_en == "disk.full"


async def test_frames_are_acked_when_they_are_durable_and_not_before(desk: Any, soon: Any) -> None:
    line, _ = await desk.open_line()
    desk.world.journal.hold()
    for _ in range(17):
        await line.tell(0.5)
    await soon(lambda: desk.counters.frames == line.seq)
    assert desk.counters.acks == 0
    desk.world.journal.release()
    await line.acked(16)


async def test_a_few_frames_are_acked_after_a_second(desk: Any) -> None:
    line, _ = await desk.open_line()
    await line.tell(0.5)
    await line.acked(line.seq)
    assert desk.counters.acks == 1


async def test_a_reconnect_resumes_where_it_was_durable(desk: Any, soon: Any) -> None:
    line, token = await desk.open_line()
    await line.tell(0.5)
    await line.acked(line.seq)
    line.call.cancel()
    await soon(lambda: desk.call().sessions[1].state == "lost")
    again = desk.line(token)
    assert (await again.hello()).durable_seq == line.seq
    again.encoder = line.encoder
    await again.tell(0.99)
    await soon(desk.call().engine.causes)


async def test_frames_that_were_sent_before_are_ignored(desk: Any, soon: Any) -> None:
    line, _ = await desk.open_line()
    first = line.frames(0.99)
    for number, frame in enumerate(first, 1):
        frame.seq = number
        await line.send(frame)
    line.seq = len(first)
    await soon(lambda: desk.counters.frames == line.seq)
    entries = len(desk.world.journal.entries)
    for frame in first:
        await line.send(frame)
    await soon(lambda: desk.counters.replayed == len(first))
    assert len(desk.world.journal.entries) == entries
    await line.tell(0.5)
    await soon(lambda: desk.counters.frames == line.seq)


async def test_a_gap_is_named_and_the_session_stays(desk: Any) -> None:
    line, token = await desk.open_line()
    line.seq = 5
    await line.number(consent=pb.ConsentState(granted=[pb.CONSENT_LAYER_BASIC]))
    assert await line.refused() == (grpc.StatusCode.ABORTED, "gap: expected 1, got 6")
    again = desk.line(token)
    assert (await again.hello()).durable_seq == 0


async def test_numbers_that_the_spool_gave_up_are_jumped_over(desk: Any, soon: Any) -> None:
    line, token = await desk.open_line()
    await line.tell(0.5)
    await line.acked(line.seq)
    line.call.cancel()
    again = desk.line(token)
    await again.hello(first=100)
    await again.tell(0.99)
    await soon(desk.call().engine.causes)
    assert desk.call().sessions[1].seq == again.seq == 101


async def test_a_second_connection_replaces_the_first(desk: Any, soon: Any) -> None:
    line, token = await desk.open_line()
    again = desk.line(token)
    await again.hello()
    status, message = await line.refused()
    assert status is grpc.StatusCode.ABORTED
    assert "took its place" in message
    await again.tell(0.99)
    await soon(desk.call().engine.causes)
    assert desk.call().sessions[1].state == "connected"
    assert desk.counters.connected == 1


NOTHING_YET = (
    {"readings": pb.Readings()},
    {"announcement": pb.Announcement()},
    {"notes": pb.SourceNotes()},
    {"answer": pb.Answer(question="ask.scope", value="works")},
)


@pytest.mark.parametrize("body", NOTHING_YET, ids=lambda body: str(next(iter(body))))
async def test_nothing_before_consent_and_nothing_after_it_is_taken_back(
    desk: Any, body: dict[str, Any]
) -> None:
    line = desk.line((await desk.join()).session_token)
    await line.hello(consent=pb.ConsentState())
    await line.number(**body)
    status, message = await line.refused()
    assert status is grpc.StatusCode.PERMISSION_DENIED
    assert "does not allow" in message

    line, _ = await desk.open_line()
    await line.tell(0.5)
    await line.number(consent=pb.ConsentState())
    entries = len(desk.world.journal.entries)
    await line.number(**body)
    assert (await line.refused())[0] is grpc.StatusCode.PERMISSION_DENIED
    kinds = [entry for _, entry in desk.world.journal.entries[entries:]]
    assert not any(b"ask.scope" in entry for entry in kinds)


async def test_goodbye_ends_the_session(desk: Any, soon: Any) -> None:
    line, token = await desk.open_line()
    await line.send(pb.ProbeFrame(bye=pb.Bye(reason="caller_ended")))
    assert (await line.refused())[0] is grpc.StatusCode.OK
    assert desk.call().sessions[1].state == "ended"
    again = desk.line(token)
    assert (await again.refused())[0] is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize("token", [b"", b"x" * 16, b"x" * 4000])
async def test_an_unknown_token_is_refused(desk: Any, token: bytes) -> None:
    assert (await desk.line(token).refused())[0] is grpc.StatusCode.UNAUTHENTICATED


async def test_closing_the_call_says_goodbye_to_the_probe(desk: Any, agent: Any) -> None:
    line, _ = await desk.open_line()
    await desk.world.desk.close(agent, desk.call().row.id, "abandoned")
    assert (await line.read("bye")).bye.reason == "agent_closed"
    assert (await line.refused())[0] is grpc.StatusCode.OK


async def test_the_first_frame_must_be_hello(desk: Any) -> None:
    token = (await desk.join()).session_token
    line = desk.line(token)
    await line.number(readings=pb.Readings())
    assert await line.refused() == (grpc.StatusCode.INVALID_ARGUMENT, "the first frame must be Hello")
    line = desk.line(token)
    await line.call.done_writing()
    assert (await line.refused())[0] is grpc.StatusCode.INVALID_ARGUMENT
    line = desk.line(token)
    await line.send(pb.ProbeFrame(hello=pb.Hello(boot_id="b", nonce=b"x" * NONCE_BYTES)))
    assert (await line.refused())[0] is grpc.StatusCode.PERMISSION_DENIED
    line = desk.line(token)
    await line.send(pb.ProbeFrame(hello=pb.Hello(nonce=bytes(range(16)))))
    assert await line.refused() == (grpc.StatusCode.INVALID_ARGUMENT, "Hello names no boot")


async def test_a_full_disk_is_said_and_nothing_is_lost(desk: Any, soon: Any) -> None:
    line, token = await desk.open_line()
    desk.world.journal.full = True
    await line.tell(0.99)
    status, message = await line.refused()
    assert status is grpc.StatusCode.UNAVAILABLE
    assert "cannot write to its disk" in message
    desk.world.journal.full = False
    again = desk.line(token)
    assert (await again.hello()).durable_seq == 0
    await again.tell(0.99)
    await soon(desk.call().engine.causes)


async def test_an_echo_tells_the_round_trip(desk: Any, soon: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "ECHO_AFTER_S", 0.01)
    line, _ = await desk.open_line()
    session = desk.call().sessions[1]
    echo = (await line.read("echo")).echo
    await line.tell(0.5)  # what comes in between is taken as always
    version = desk.call().version
    await line.send(pb.ProbeFrame(echo=echo))
    await soon(lambda: session.rtt_us)
    assert 0 < session.rtt_us < 30_000_000 and desk.call().version > version
    view = await desk.world.desk.view(Actor("mia", "agent"), desk.call().row.id, include_facts=False)
    assert view.targets[0].rtt_us == session.rtt_us
    await line.acked(line.seq)
    # Nobody asked for this one.
    await line.send(pb.ProbeFrame(echo=echo))
    assert "gap" in (await line.refused())[1]


@pytest.mark.parametrize(
    "body", [{"seq": 1}, {"echo": pb.Echo(number=99)}, {"seq": 1, "echo": pb.Echo(number=1)}]
)
async def test_what_is_no_answer_to_an_echo_is_judged_as_any_frame(
    desk: Any, monkeypatch: pytest.MonkeyPatch, body: Any
) -> None:
    monkeypatch.setattr(connection, "ECHO_AFTER_S", 0.01)
    line, _ = await desk.open_line()
    await line.read("echo")
    await line.send(pb.ProbeFrame(**body))
    assert (await line.refused())[0] in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.ABORTED)
    assert desk.call().sessions[1].rtt_us == 0


async def test_before_consent_no_echo_is_asked_for(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "ECHO_AFTER_S", 0.001)
    line = desk.line((await desk.join()).session_token)
    await line.hello(consent=pb.ConsentState())
    for _ in range(connection.ACK_EVERY):
        await line.number(consent=pb.ConsentState())
    seen: list[str] = []
    while "ack" not in seen:
        seen.append(pb.CollectorFrame.FromString(await line.call.read()).WhichOneof("body") or "")
    assert "echo" not in seen
    await line.number(consent=BASIC)
    assert await line.read("echo")
