"""Numbers without gaps, bounds that hold, and a disk that may be full, broken or not there."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hotline_probe.overflow import OverflowFile
from hotline_probe.spool import Spool
from hotline_proto.v1 import probe_pb2 as pb
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

MAX_MEMORY, MAX_DISK, MAX_FRAMES = 300, 700, 16


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


def open_in(folder: Path) -> list[Path]:
    """Return this process's descriptors of files in a folder, of those without a name, too."""
    found = []
    for place in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            if str(place.readlink()).startswith(str(folder)):
                found.append(place)
    return found


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can grow meanwhile (setrlimit(2)): what a full disk feels like."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_memory_cannot_hold_goes_to_disk_and_comes_back_in_order(tmp_path: Path) -> None:
    spool = Spool(max_memory=200, overflow=OverflowFile(100_000, [str(tmp_path)]))
    frames = [reading(size) for size in range(1, 60)]
    for frame in frames:
        spool.append(frame)
    assert spool.size <= 200 < spool.on_disk
    assert contents(spool) == frames
    assert not spool.take_lost_readings()
    assert list(tmp_path.iterdir()) == [], "the file has no name"
    spool.ack(len(frames))
    assert (spool.size, spool.on_disk) == (0, 0)
    assert [place.stat().st_size for place in open_in(tmp_path)] == [0], "the room is given back"
    spool.close()
    assert open_in(tmp_path) == []


def test_nobody_else_may_read_the_overflow(tmp_path: Path) -> None:
    overflow = OverflowFile(100, [str(tmp_path)])
    assert overflow.write(b"words") == 0
    (place,) = open_in(tmp_path)
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.stat().st_nlink == 0
    overflow.close()


def test_without_a_disk_memory_stays_bounded_and_the_full_state_is_due() -> None:
    spool = Spool(max_memory=200, overflow=OverflowFile(100_000, ["/proc"]))
    for number in range(60):
        spool.append(reading(number))
        assert spool.size <= 200
    assert spool.take_lost_readings()
    spool.append(answer("still here"))
    assert contents(spool)[-1].answer.value == "still here"
    spool.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A filesystem of 16 kB."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "hotline-test", str(place)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("needs root: mounts a filesystem of its own")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True, timeout=20)


def test_a_full_disk_marks_a_gap_and_room_on_it_is_used_again(small_disk: Path) -> None:
    place = small_disk
    (place / "others").write_bytes(bytes(12 * 1024))
    spool = Spool(max_memory=500, overflow=OverflowFile(1_000_000, [str(place)]))
    spool.append(answer("kept"))
    for _ in range(300):
        spool.append(reading(50))
        assert spool.size <= 500
    assert spool.take_lost_readings()
    assert contents(spool)[0].answer.value == "kept"
    (place / "others").unlink()
    spool.drop_readings()
    spool.take_lost_readings()
    for _ in range(150):
        spool.append(reading(50))
    assert spool.on_disk > 4096
    assert not spool.take_lost_readings()
    spool.close()


_FILLS = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever runs the tests in the background ignores it
from hotline_probe.overflow import OverflowFile
from hotline_probe.spool import Spool
from hotline_proto.v1 import probe_pb2 as pb
spool = Spool(max_memory=100, overflow=OverflowFile(1 << 20, [sys.argv[1]]))
for number in range(100):
    spool.append(pb.ProbeFrame(readings=pb.Readings(run_sources=[number] * 30)))
print(spool.on_disk, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_on_disk_however_the_probe_ends(tmp_path: Path, number: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _FILLS, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 1000
        assert list(tmp_path.iterdir()) == []
        process.send_signal(number)
        process.wait()
    assert list(tmp_path.iterdir()) == []


class SpoolMachine(RuleBasedStateMachine):
    """A spool against plain lists of what it must still hold, with a disk that fills up and breaks."""

    def __init__(self) -> None:
        super().__init__()
        self.temporary = TemporaryDirectory()
        self.folder = Path(self.temporary.name)
        self.overflow = OverflowFile(MAX_DISK, [str(self.folder)])
        self.spool = Spool(MAX_MEMORY, MAX_FRAMES, overflow=self.overflow)
        self.highest = 0
        self.said: list[str] = []
        self.measured: list[tuple[int, bytes]] = []
        self.count = 0
        self.broken = False

    def teardown(self) -> None:
        self.spool.close()
        assert list(self.folder.iterdir()) == []
        self.temporary.cleanup()

    def _add(self, frame: pb.ProbeFrame) -> None:
        seq = self.spool.append(frame)
        if self.spool.take_lost_readings():
            self.measured = []
        elif frame.HasField("readings"):
            self.measured.append((seq, frame.SerializeToString()))

    @rule(size=st.integers(0, 60))
    def measure(self, size: int) -> None:
        self._add(reading(size))

    @rule(size=st.integers(0, 60))
    def measure_with_a_full_disk(self, size: int) -> None:
        with full_disk():
            self._add(reading(size))

    @rule()
    def speak(self) -> None:
        self.count += 1
        self.said.append(str(self.count))
        self._add(answer(str(self.count)))

    @rule(part=st.floats(0, 1.2))
    def acknowledge(self, part: float) -> None:
        before = {f.answer.value for f in contents(self.spool) if f.HasField("answer")}
        self.spool.ack(self.spool.first_seq + int(part * len(contents(self.spool))) - 1)
        after = {f.answer.value for f in contents(self.spool) if f.HasField("answer")}
        self.said = [text for text in self.said if text not in before - after]
        self.measured = [(seq, data) for seq, data in self.measured if seq >= self.spool.first_seq]

    @rule()
    def revoke(self) -> None:
        self.spool.drop_readings()
        self.measured = []
        assert not any(f.HasField("readings") for f in contents(self.spool))
        assert self.spool.take_lost_readings()

    @precondition(lambda self: self.spool.on_disk)
    @rule()
    def the_disk_loses_everything(self) -> None:
        for place in open_in(self.folder):
            os.truncate(place, 0)
        held = contents(self.spool)
        assert all(frame.HasField("answer") for frame in contents(self.spool))
        assert self.spool.take_lost_readings()
        assert len(held) <= MAX_FRAMES
        self.measured = []
        kept = [f.answer.value for f in contents(self.spool)]
        self.said = [text for text in self.said if text in kept]

    @invariant()
    def numbers_have_no_gap(self) -> None:
        frames = list(self.spool.from_seq(0))
        assert [seq for seq, _ in frames] == list(range(self.spool.first_seq, self.spool.last_seq + 1))
        assert all(pb.ProbeFrame.FromString(data).seq == seq for seq, data in frames)
        assert self.spool.size + self.spool.on_disk == sum(len(data) for _, data in frames)

    @invariant()
    def what_was_measured_is_there_unchanged_unless_all_of_it_was_given_up(self) -> None:
        held = [
            (seq, data)
            for seq, data in self.spool.from_seq(0)
            if pb.ProbeFrame.FromString(data).HasField("readings")
        ]
        assert held == self.measured

    @invariant()
    def numbers_are_never_used_twice(self) -> None:
        assert self.spool.last_seq >= self.highest
        self.highest = self.spool.last_seq

    @invariant()
    def stays_within_bounds(self) -> None:
        assert self.spool.size <= MAX_MEMORY
        assert self.spool.on_disk <= MAX_DISK
        assert len(contents(self.spool)) <= MAX_FRAMES
        for place in open_in(self.folder):
            assert place.stat().st_size <= MAX_DISK

    @invariant()
    def what_was_said_stays_in_order(self) -> None:
        held = [f.answer.value for f in contents(self.spool) if f.HasField("answer")]
        # Only when nothing but speech fills the spool may the oldest of it go.
        assert held == self.said[len(self.said) - len(held) :]
        if len(self.said) < 6:
            assert len(held) == len(self.said)
        self.said = held


SpoolMachine.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestSpoolMachine = SpoolMachine.TestCase
