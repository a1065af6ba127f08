"""Writes what this machine tells into a file, for a time or place without a connection: an offline bundle.

A bundle is a record as the collector keeps one (hotline_proto.record): the inputs of an engine in order,
each with its time. So whoever imports it sees what a call would have shown.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass

from google.protobuf.message import Message
from hotline_proto.facts import SourceRun
from hotline_proto.record import EntryKind, pack_entry, write_file
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec
from hotline_proto.wire import ReadingEncoder

from hotline_probe.consent import Consent
from hotline_probe.equipment import Equipment
from hotline_probe.machine import monotonic

COMPUTER = 1
# What holds or is released only after a while is judged at these moments.
TICK = 1.0
# In seconds, as long as a preview takes at most.
PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Bundle:
    """The bytes of the record file, and from how many sources something is in it."""

    data: bytes
    sources: int


class _Record:
    """Entries in the order of their times; the clock is set once, so that time never goes back."""

    def __init__(self, consent: Consent) -> None:
        self.entries: list[bytes] = []
        self._offset = time.time_ns() // 1000 - _mono_us()
        name = secrets.token_hex(16)
        self._add(EntryKind.CALL_OPENED, 0, rec.CallOpened(call_id=f"bundle-{name}"))
        self._add(EntryKind.TARGET_ADDED, COMPUTER, rec.TargetAdded(target=COMPUTER, name="computer"))
        link = rec.LinkChanged(
            target=COMPUTER, up=True, boot_id=name, clock_offset_us=self._offset, session_id=name
        )
        self._add(EntryKind.LINK_CHANGED, COMPUTER, link)
        self.frame(pb.ProbeFrame(mono_us=_mono_us(), consent=consent.state()))

    def frame(self, frame: pb.ProbeFrame) -> None:
        """Add a frame of the probe as it would have left."""
        self._add(EntryKind.PROBE_FRAME, COMPUTER, frame)

    def tick(self) -> None:
        """Let time pass."""
        self._add(EntryKind.TICK, 0, None)

    def _add(self, kind: EntryKind, target: int, payload: Message | None) -> None:
        raw = payload.SerializeToString(deterministic=True) if payload is not None else b""
        self.entries.append(pack_entry(kind, target, _mono_us() + self._offset, raw))


async def take_bundle(kit: Equipment, consent: Consent, seconds: float) -> Bundle:
    """Run the sources for some seconds as in a call, and those once that a call runs only on demand.

    It takes longer, up to PATIENCE, until every source has ended; what has not ended then is left out.
    """
    record, encoder = _Record(consent), ReadingEncoder(kit.catalogue)
    arrived: asyncio.Queue[SourceRun] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def deliver(run: SourceRun) -> None:
        with contextlib.suppress(RuntimeError):  # a late source; the loop has ended
            loop.call_soon_threadsafe(arrived.put_nowait, run)

    specs = kit.catalogue.sources
    runner = kit.runner(deliver)
    runner.plan({name: specs[name].interval for name in kit.sources if specs[name].interval})
    runner.start()
    runner.run_now([name for name in kit.sources if not specs[name].interval])
    begin, told = monotonic(), set[str]()
    moment = begin
    try:
        while moment - begin < seconds or (told < set(kit.sources) and moment - begin < PATIENCE):
            moment += TICK
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(moment - monotonic()):
                    while True:
                        run = await arrived.get()
                        told.add(run.source)
                        for frame in encoder.encode([kit.redactor.redact(run)], monotonic()):
                            record.frame(frame)
            record.tick()
    finally:
        runner.stop()
    return Bundle(await asyncio.to_thread(write_file, record.entries), len(told))


def _mono_us() -> int:
    return int(monotonic() * 1e6)
