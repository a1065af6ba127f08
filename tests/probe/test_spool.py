from __future__ import annotations

from hotline_probe.spool import Spool
from hotline_proto.v1 import probe_pb2 as pb
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

MAX_BYTES, MAX_FRAMES = 600, 12


def reading(size: int = 5) -> pb.ProbeFrame:
    return pb.ProbeFrame(mono_us=1, readings=pb.Readings(run_sources=list(range(size))))


def answer(text: str) -> pb.ProbeFrame:
    return pb.ProbeFrame(mono_us=1, answer=pb.Answer(question="q", value=text))


def contents(spool: Spool, seq: int = 1) -> list[pb.ProbeFrame]:
    return [pb.ProbeFrame.FromString(data) for _, data in spool.from_seq(seq)]


def test_numbers_from_one_and_drops_what_is_acknowledged() -> None:
    spool = Spool()
    assert [spool.append(reading()) for _ in range(3)] == [1, 2, 3]
    spool.ack(2)
    assert [seq for seq, _ in spool.from_seq(1)] == [3]
    assert (spool.first_seq, spool.last_seq) == (3, 3)
    spool.ack(99)
    assert spool.append(reading()) == 4
    assert spool.size == len(next(spool.from_seq(1))[1])


def test_overflow_gives_up_readings_and_keeps_what_humans_said() -> None:
    spool = Spool(max_frames=4)
    for frame in (answer("one"), reading(), answer("two"), reading()):
        spool.append(frame)
    assert not spool.take_lost_readings()
    spool.append(reading())
    kept = contents(spool)
    assert [frame.answer.value for frame in kept] == ["one", "two"]
    assert [frame.seq for frame in kept] == [6, 7]
    assert spool.first_seq == 6
    assert spool.take_lost_readings()
    assert not spool.take_lost_readings()


class SpoolMachine(RuleBasedStateMachine):
    """A spool against a plain list of what it must still hold."""

    def __init__(self) -> None:
        super().__init__()
        self.spool = Spool(MAX_BYTES, MAX_FRAMES)
        self.highest = 0
        self.said: list[str] = []
        self.count = 0

    @rule(size=st.integers(0, 60))
    def measure(self, size: int) -> None:
        self.spool.append(reading(size))
        self.highest = max(self.highest, self.spool.last_seq)

    @rule()
    def speak(self) -> None:
        self.count += 1
        self.said.append(str(self.count))
        self.spool.append(answer(str(self.count)))

    @rule(part=st.floats(0, 1.2))
    def acknowledge(self, part: float) -> None:
        before = {f.answer.value for f in contents(self.spool) if f.HasField("answer")}
        self.spool.ack(self.spool.first_seq + int(part * len(contents(self.spool))) - 1)
        after = {f.answer.value for f in contents(self.spool) if f.HasField("answer")}
        self.said = [text for text in self.said if text not in before - after]

    @rule()
    def revoke(self) -> None:
        self.spool.drop_readings()
        assert not any(f.HasField("readings") for f in contents(self.spool))
        assert self.spool.take_lost_readings()

    @invariant()
    def numbers_have_no_gap(self) -> None:
        frames = list(self.spool.from_seq(0))
        assert [seq for seq, _ in frames] == list(range(self.spool.first_seq, self.spool.last_seq + 1))
        assert all(pb.ProbeFrame.FromString(data).seq == seq for seq, data in frames)
        assert self.spool.size == sum(len(data) for _, data in frames)

    @invariant()
    def numbers_are_never_used_twice(self) -> None:
        assert self.spool.last_seq >= self.highest
        self.highest = self.spool.last_seq

    @invariant()
    def stays_within_bounds(self) -> None:
        assert self.spool.size <= MAX_BYTES
        assert len(contents(self.spool)) <= MAX_FRAMES

    @invariant()
    def what_was_said_stays_in_order(self) -> None:
        held = [f.answer.value for f in contents(self.spool) if f.HasField("answer")]
        # Only when nothing but speech fills the spool may the oldest of it go.
        assert held == self.said[len(self.said) - len(held) :]
        if len(self.said) < MAX_FRAMES - 1:
            assert len(held) == len(self.said)
        self.said = held


SpoolMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestSpoolMachine = SpoolMachine.TestCase
