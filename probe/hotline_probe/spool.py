"""What was measured but is not yet durable at the collector: a bounded queue of frames by number."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from hotline_proto.v1 import probe_pb2 as pb

from hotline_probe.overflow import OverflowFile

MAX_MEMORY = 1024 * 1024
MAX_DISK = 16 * 1024 * 1024
MAX_FRAMES = 50_000
_MEASURED = frozenset(("announcement", "readings", "notes"))


@dataclass(slots=True)
class _Kept:
    """One frame: its bytes, or the place in the overflow file where they are."""

    data: bytes | int
    size: int
    measured: bool


class Spool:
    """Keeps serialised frames under numbers from 1 without gaps until they are acknowledged.

    What `max_memory` bytes do not hold goes into a file without a name, at most `max_disk` bytes. Readings
    refer to earlier announcements, so when that is full too, or the disk is, all measured frames are given
    up at once; what humans said and what actions did is kept under new numbers behind them. `lost_readings`
    then tells the encoder to forget what the collector knows and to send the full state.
    """

    def __init__(
        self,
        max_memory: int | None = None,
        max_frames: int = MAX_FRAMES,
        max_disk: int | None = None,
        overflow: OverflowFile | None = None,
    ) -> None:
        self._frames: deque[_Kept] = deque()
        self._first = 1
        self._memory = 0
        self._max_memory = MAX_MEMORY if max_memory is None else max_memory
        self._max_frames = max_frames
        self._file = overflow or OverflowFile(MAX_DISK if max_disk is None else max_disk)
        self._lost = False

    @property
    def first_seq(self) -> int:
        """The lowest number that can still be sent, or the next one to be given if there is none."""
        return self._first

    @property
    def last_seq(self) -> int:
        """The highest number given so far, 0 before the first."""
        return self._first + len(self._frames) - 1

    @property
    def size(self) -> int:
        """Bytes held in memory."""
        return self._memory

    @property
    def on_disk(self) -> int:
        """Bytes held in the overflow file."""
        return self._file.size

    @property
    def lost_readings(self) -> bool:
        """Whether measured frames were given up since `take_lost_readings` was last called."""
        return self._lost

    def append(self, frame: pb.ProbeFrame) -> int:
        """Give the frame the next number, keep it and return the number."""
        frame.seq = self.last_seq + 1
        data, measured = frame.SerializeToString(), frame.WhichOneof("body") in _MEASURED
        place = self._place(data) if len(self._frames) < self._max_frames else None
        if place is not None:
            self._frames.append(_Kept(place, len(data), measured))
            return self.last_seq
        self._keep(data, measured)
        self.drop_readings()
        return self.last_seq

    def ack(self, seq: int) -> None:
        """Drop everything up to a number; numbers never given are taken as the last one."""
        for _ in range(min(seq, self.last_seq) - self._first + 1):
            self._forget(self._frames.popleft())
            self._first += 1

    def from_seq(self, seq: int) -> Iterator[tuple[int, bytes]]:
        """Yield numbers and frames from a number on; the spool must not change meanwhile.

        If the disk does not give a frame back, the readings are given up and nothing more is yielded.
        """
        start = max(0, seq - self._first)
        for offset, kept in enumerate(islice(self._frames, start, None), start):
            data = self._read(kept)
            if data is None:
                self.drop_readings()
                return
            yield self._first + offset, data

    def drop_readings(self) -> None:
        """Give up all measured frames; the others get new numbers behind everything sent so far."""
        said = [self._read(kept) for kept in self._frames if not kept.measured]
        self._first = self.last_seq + 1
        self._frames.clear()
        self._memory = 0
        self._file.clear()
        self._lost = True
        for data in said:
            if data is not None:
                frame = pb.ProbeFrame.FromString(data)
                frame.seq = self.last_seq + 1
                self._keep(frame.SerializeToString(), False)
        self._trim()

    def take_lost_readings(self) -> bool:
        """Tell once whether measured frames were given up since the last call."""
        lost, self._lost = self._lost, False
        return lost

    def close(self) -> None:
        """Forget everything and remove the overflow file."""
        self._first = self.last_seq + 1
        self._frames.clear()
        self._memory = 0
        self._file.close()

    def _place(self, data: bytes) -> bytes | int | None:
        if self._memory + len(data) <= self._max_memory:
            self._memory += len(data)
            return data
        return self._file.write(data)

    def _keep(self, data: bytes, measured: bool) -> None:
        place = self._place(data)
        if place is None:  # above the bound for a moment, until it is trimmed
            place = data
            self._memory += len(data)
        self._frames.append(_Kept(place, len(data), measured))

    def _read(self, kept: _Kept) -> bytes | None:
        if isinstance(kept.data, bytes):
            return kept.data
        try:
            return self._file.read(kept.data, kept.size)
        except OSError:
            return None

    def _forget(self, kept: _Kept) -> None:
        if isinstance(kept.data, bytes):
            self._memory -= kept.size
        else:
            self._file.release(kept.size)

    def _trim(self) -> None:
        while self._frames and (self._memory > self._max_memory or len(self._frames) > self._max_frames):
            self.ack(self._first)
