"""Every byte from a probe is hostile: one clear status, the call and the other callers go on."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from hotline_collector.calls import receiving
from hotline_collector.intake.limits import Allowance, IntakeLimits
from hotline_proto.v1 import probe_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st

INVALID = grpc.StatusCode.INVALID_ARGUMENT


async def test_bytes_that_are_no_frame(desk: Any) -> None:
    line, token = await desk.open_line()
    await line.send_raw(b"\xff" * 100)
    assert await line.refused() == (INVALID, "this is no ProbeFrame")
    assert desk.counters.refused["malformed"] == 1
    assert (await desk.line(token).hello()).durable_seq == 0


async def test_an_oversized_frame(desk: Any) -> None:
    line, _ = await desk.open_line()
    await line.number(answer=pb.Answer(question="q", value="x" * (256 * 1024)))
    status, message = await line.refused()
    assert status is INVALID
    assert "at most 262144 bytes" in message
    assert desk.counters.refused["oversized"] == 1


async def test_a_hundred_thousand_entities(desk: Any, soon: Any) -> None:
    line, token = await desk.open_line()
    for first in range(1, 100_001, 5000):
        news = pb.Announcement()
        for number in range(first, first + 5000):
            news.entities.add(id=number, kind="process", key=f"{number}@1")
        await line.number(announcement=news)
        status, message = await line.refused()
        assert status is INVALID
        assert "entities" in message
        line = desk.line(token)
        await line.hello()
    await line.tell(0.99)
    await soon(desk.call().engine.causes)


async def test_an_overlong_name(desk: Any) -> None:
    line, _ = await desk.open_line()
    await line.number(announcement=pb.Announcement(sources=[pb.SourceId(id=1, name="x" * 129)]))
    status, message = await line.refused()
    assert status is INVALID
    assert "128 characters" in message


NEWS = pb.Announcement(
    sources=[pb.SourceId(id=1, name="filesystems")],
    entities=[pb.EntityId(id=1, kind="filesystem", key="/")],
    slots=[pb.SlotId(id=1, fact="system.filesystem.utilization", entity=1)],
)


@pytest.mark.parametrize(
    "readings",
    [
        pb.Readings(double_slots=[9], doubles=[0.5]),
        pb.Readings(double_slots=[1], doubles=[float("nan")]),
        pb.Readings(double_slots=[1], doubles=[float("inf")]),
        pb.Readings(double_slots=[1], doubles=[]),
        pb.Readings(int_slots=[1], ints=[1]),
        pb.Readings(true_slots=[1]),
        pb.Readings(text_slots=[1], texts=["full"]),
        pb.Readings(unknown_slots=[1], unknown_reasons=[99]),
        pb.Readings(run_sources=[7], run_statuses=[1], run_ages_ms=[0], run_durations_us=[0]),
        pb.Readings(run_sources=[1], run_statuses=[99], run_ages_ms=[0], run_durations_us=[0]),
        pb.Readings(run_sources=[1]),
        pb.Readings(gone_entities=[5]),
        pb.Readings(path=3),
    ],
)
async def test_readings_that_break_the_protocol(desk: Any, soon: Any, readings: pb.Readings) -> None:
    line, token = await desk.open_line()
    await line.number(announcement=NEWS)
    await line.number(readings=readings)
    status, message = await line.refused()
    assert status is INVALID
    assert message
    assert desk.call().sessions[1].seq == 1
    again = desk.line(token)
    assert (await again.hello()).durable_seq == 1
    await again.tell(0.99)
    await soon(desk.call().engine.causes)


@pytest.mark.parametrize(
    "frame", [pb.ProbeFrame(), pb.ProbeFrame(hello=pb.Hello()), pb.ProbeFrame(bye=pb.Bye())]
)
async def test_numbered_frames_that_cannot_be(desk: Any, frame: pb.ProbeFrame) -> None:
    line, _ = await desk.open_line()
    frame = pb.ProbeFrame.FromString(frame.SerializeToString())
    frame.seq = 1
    await line.send(frame)
    assert (await line.refused())[0] is INVALID


async def test_an_answer_to_what_nobody_asks_is_not_believed(desk: Any, soon: Any) -> None:
    line, _ = await desk.open_line()
    await line.number(answer=pb.Answer(question="ask.smell", value="perhaps"))
    await line.number(answer=pb.Answer(question="no.such", value="x"))
    await line.number(answer=pb.Answer(question="ask.smell", value="true"))
    await soon(lambda: desk.call().sessions[1].seq == 3)
    assert not desk.call().engine.causes()
    assert not any(state.answer for state in desk.call().engine.questions())


UNHEARD = {
    "a state of an action": {"action": pb.ActionReport(proposal_id="p", state=99)},  # type: ignore[arg-type]
    "a state of a device": {"device": pb.DeviceReport(target=2, state=99)},  # type: ignore[arg-type]
    "a device that there is not": {"device": pb.DeviceReport(target=7, state=pb.DEVICE_STATE_READING)},
    "a layer": {"consent": pb.ConsentState(granted=[1, 99, 1, 98], declined=[97] * 5000)},  # type: ignore[list-item]
    "a check": {"check": pb.CheckDecision(check="x" * 100_000, allowed=True)},
}


@pytest.mark.parametrize("body", UNHEARD.values(), ids=UNHEARD)
async def test_what_nobody_asked_or_knows_leaves_nothing_behind(desk: Any, soon: Any, body: Any) -> None:
    line, _ = await desk.open_line()
    await desk.world.manager.around.saver.flush()
    before = len(desk.world.store.trail)
    for _ in range(3):
        await line.number(**body)
    await soon(lambda: desk.call().sessions[1].seq == 3)
    await line.tell(0.99)
    await soon(desk.call().engine.causes)
    session = desk.call().sessions[1]
    assert session.checks_decided == set() and session.row.consent == (pb.CONSENT_LAYER_BASIC,)
    await desk.world.manager.around.saver.flush()
    assert sum(len(detail) for *_, detail in desk.world.store.trail[before:]) < 200


async def test_a_probe_that_says_one_thing_again_and_again_fills_no_audit_trail(
    desk: Any, soon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MOST_SAID", 20)
    line, _ = await desk.open_line()
    for number in range(60):
        layers = [1, 2] if number % 2 else [1]
        await line.number(consent=pb.ConsentState(granted=layers))  # type: ignore[arg-type]
    await soon(lambda: desk.call().sessions[1].seq == 60)
    await desk.world.manager.around.saver.flush()
    said = [entry for entry in desk.world.store.trail if entry[0].startswith("caller:")]
    assert len(said) <= 22 and said[-1][3] == "no more of this session is recorded"
    assert desk.call().sessions[1].row.consent == (1, 2)


class TestTooFast:
    """A sender that is too fast is slowed down, not thrown out."""

    @pytest.fixture
    def limits(self) -> IntakeLimits:
        return IntakeLimits(frames_per_second=500.0, burst=10)

    async def test_the_stream_goes_on_slower(self, desk: Any, soon: Any) -> None:
        line, _ = await desk.open_line()
        for _ in range(400):
            await line.tell(0.5)
        await soon(lambda: desk.counters.frames == line.seq)
        assert desk.counters.slowed >= 1


@given(st.lists(st.integers(0, 200_000), min_size=1, max_size=200))
def test_the_allowance_never_gives_more_than_burst_and_rate(gaps: list[int]) -> None:
    limits = IntakeLimits(frames_per_second=200.0, burst=20)
    allowance, now = Allowance(limits, 0), 0
    for taken, gap in enumerate(gaps, 1):
        now += gap
        # Whoever obeys the pause reads on only after it.
        allowance.take(now, 1)
        now += round(allowance.pause * 1e6) + 1
        assert taken <= limits.burst + now / 1e6 * limits.frames_per_second + 1


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(1, 64)), max_size=60))
def test_nobody_gets_more_than_a_share_of_the_processor(batches: list[tuple[float, int]]) -> None:
    caps = IntakeLimits()
    allowance, now, computed, longest = Allowance(caps, 0), 0, 0.0, 0.0
    for seconds, frames in batches:
        allowance.take(now, frames)
        allowance.spent(seconds, frames)
        now += round(allowance.pause * 1e6)
        computed, longest = computed + seconds, max(longest, seconds)
    at_once = caps.burst / caps.frames_per_second * caps.share
    assert computed <= at_once + longest + caps.share * now / 1e6 + 0.01


class TestCostly:
    """Frames that take long to judge are read slowly, and others have their turn between them."""

    @pytest.fixture
    def limits(self) -> IntakeLimits:
        return IntakeLimits(burst=10, share=0.002)

    async def test_entities_that_come_and_go(self, desk: Any, soon: Any, monkeypatch: Any) -> None:
        monkeypatch.setattr("hotline_collector.intake.limits._COSTLY_S", 0.0)
        line, _ = await desk.open_line()
        for number in range(10):
            await line.tell(0.99 if number % 2 else 0.1)
            await soon(lambda: desk.counters.frames == line.seq)
        assert desk.counters.slowed >= 3


async def test_a_probe_that_does_not_read_loses_the_connection_only(desk: Any) -> None:
    line, token = await desk.open_line()
    session = desk.call().sessions[1]
    for _ in range(IntakeLimits().queued_frames + 1):
        session.send(pb.CollectorFrame(follow_up=pb.FollowUp(sources=["cpu"])))
    status, message = await line.refused()
    assert status is grpc.StatusCode.ABORTED
    assert "does not read" in message
    assert (await desk.line(token).hello()).wall_us
