"""What was measured but is not yet durable at the collector: a bounded queue of frames by number."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice

from hotline_proto.v1 import probe_pb2 as pb

MAX_BYTES = 8 * 1024 * 1024
MAX_FRAMES = 50_000
_MEASURED = frozenset(("announcement", "readings", "notes"))


class Spool:
    """Keeps serialised frames under numbers from 1 without gaps until they are acknowledged.

    Readings refer to earlier announcements, so an overflow gives up all measured frames at once; what
    humans said and what actions did is kept under new numbers behind them. `lost_readings` then tells
    the encoder to forget what the collector knows and to send the full state.
    """

    def __init__(self, max_bytes: int = MAX_BYTES, max_frames: int = MAX_FRAMES) -> None:
        self._frames: deque[tuple[bytes, bool]] = deque()
        self._first = 1
        self._bytes = 0
        self._max_bytes = max_bytes
        self._max_frames = max_frames
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
        """Bytes held."""
        return self._bytes

    def append(self, frame: pb.ProbeFrame) -> int:
        """Give the frame the next number, keep it and return the number."""
        frame.seq = self.last_seq + 1
        self._push(frame.SerializeToString(), frame.WhichOneof("body") in _MEASURED)
        if self._bytes > self._max_bytes or len(self._frames) > self._max_frames:
            self.drop_readings()
            self._trim()
        return self.last_seq

    def ack(self, seq: int) -> None:
        """Drop everything up to a number; numbers never given are taken as the last one."""
        for _ in range(min(seq, self.last_seq) - self._first + 1):
            data, _measured = self._frames.popleft()
            self._bytes -= len(data)
            self._first += 1

    def from_seq(self, seq: int) -> Iterator[tuple[int, bytes]]:
        """Yield numbers and frames from a number on; the spool must not change meanwhile."""
        start = max(0, seq - self._first)
        for offset, (data, _measured) in enumerate(islice(self._frames, start, None), start):
            yield self._first + offset, data

    def drop_readings(self) -> None:
        """Give up all measured frames; the others get new numbers behind everything sent so far."""
        kept = [data for data, measured in self._frames if not measured]
        self._first = self.last_seq + 1
        self._frames.clear()
        self._bytes = 0
        self._lost = True
        for data in kept:
            frame = pb.ProbeFrame.FromString(data)
            frame.seq = self.last_seq + 1
            self._push(frame.SerializeToString(), False)

    def take_lost_readings(self) -> bool:
        """Tell once whether measured frames were given up since the last call."""
        lost, self._lost = self._lost, False
        return lost

    def _push(self, data: bytes, measured: bool) -> None:
        self._frames.append((data, measured))
        self._bytes += len(data)

    def _trim(self) -> None:
        while self._frames and (self._bytes > self._max_bytes or len(self._frames) > self._max_frames):
            self.ack(self._first)
