"""What the probe costs the caller's machine: memory, processor time and bytes on the wire.

The probe runs as a process, connected over TLS to a real collector, at the catalogue's own intervals.
Its processor time includes the programs it runs. It speaks to a human (into a pipe) and sends nothing
to measure the network meanwhile.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import Fact, SourceRun, SourceStatus
from hotline_proto.wire import ReadingEncoder

from tests.bench.figures import Figure, median
from tests.bench.messages import CHANGED, HealthyMachine
from tests.bench.processes import Collector, Probe, Watch, call_of, environment, planned, reported, warm_up
from tests.bench.procstat import CpuTime, cpu_time, rss

PROBES = 3
SECONDS = 60.0
# How long a probe measures before its memory and time count: imports and the first round are over.
_SETTLE = 5.0
_BARE = "import psutil, grpc.aio\nfrom hotline_proto.v1 import probe_pb2_grpc\n"
_CONNECTED = """
import asyncio, sys
async def main():
    credentials = grpc.ssl_channel_credentials(open(sys.argv[2], "rb").read())
    async with grpc.aio.secure_channel(sys.argv[1], credentials) as channel:
        await channel.channel_ready()
        print(flush=True)
        await asyncio.to_thread(sys.stdin.read)
asyncio.run(main())
"""
_WAITING = "print(flush=True)\nimport sys\nsys.stdin.read()"
_RECEIVED = "hotline_intake_bytes_total"
_FRAMES = "hotline_intake_frames_total"
_MINUTE = 60.0
_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Run:
    """One probe's life: seconds, bytes, and CPU time of its start and of a stretch of `SECONDS`."""

    first_reading: float
    start: CpuTime
    rss: int
    cpu: CpuTime
    received: float
    frames: float


def probe_figures() -> Sequence[Figure]:
    """Measure memory, processor time, frames and bytes of a connected probe."""
    with tempfile.TemporaryDirectory() as name, Collector(Path(name)) as collector:
        warm_up(Path(name))
        ca = Path(name) / "ca.pem"
        ca.write_text(collector.ca, "ascii")
        rounds = [
            (
                _bare_rss(Path(name), _BARE + _WAITING),
                _bare_rss(Path(name), _BARE + _CONNECTED, collector.agent.server, str(ca)),
                _run(collector, Path(name)),
            )
            for _ in range(PROBES)
        ]
    runs = [run for _, _, run in rounds]
    return [
        *_memory([bare for bare, _, _ in rounds], [connected for _, connected, _ in rounds], runs),
        *_processor(runs),
        *_frames(),
        median("bytes a minute on the wire, default plan", [_a_minute(r.received) for r in runs], "B/min"),
        median("frames a minute", [_a_minute(run.frames) for run in runs]),
    ]


def _run(collector: Collector, folder: Path) -> Run:
    sources = planned()
    with (
        call_of(collector) as (call_id, link),
        Watch(collector.agent, call_id) as watch,
        Probe(link, folder, as_json=False) as probe,
    ):
        first, _ = watch.until(lambda view: bool(reported(view)))
        start = cpu_time(probe.pid)
        watch.until(lambda view: reported(view) >= sources)
        time.sleep(_SETTLE)
        before, received, frames = cpu_time(probe.pid), collector.metric(_RECEIVED), collector.metric(_FRAMES)
        time.sleep(SECONDS)
        after = cpu_time(probe.pid)
        spent = CpuTime(after.own - before.own, after.children - before.children)
        return Run(
            first - probe.started,
            start,
            rss(probe.pid),
            spent,
            collector.metric(_RECEIVED) - received,
            collector.metric(_FRAMES) - frames,
        )


def _bare_rss(folder: Path, code: str, *arguments: str) -> int:
    """Return the memory of a Python that does no more than the code says, once it prints a line."""
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(folder),
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        return rss(process.pid)  # leaving the context closes its input, which ends it


def _memory(bare: Sequence[int], connected: Sequence[int], runs: Sequence[Run]) -> list[Figure]:
    ratios = [run.rss / floor for run, floor in zip(runs, bare, strict=True)]
    beyond_tls = [run.rss / floor for run, floor in zip(runs, connected, strict=True)]
    return [
        median("RSS of a bare Python with psutil, grpc.aio and stubs", [b / 2**20 for b in bare], "MiB"),
        median(f"RSS of the probe after {SECONDS:g} s", [run.rss / 2**20 for run in runs], "MiB"),
        median("… ÷ bare Python", ratios, "×", at_most=1.3),
        median("RSS of that Python with one gRPC channel over TLS", [c / 2**20 for c in connected], "MiB"),
        median("… the probe ÷ that", beyond_tls, "×"),
    ]


def _processor(runs: Sequence[Run]) -> list[Figure]:
    def share(seconds: Sequence[float]) -> list[float]:
        return [value / SECONDS * 100 for value in seconds]

    return [
        median("program start → first reading at the agent, wall", [run.first_reading for run in runs], "s"),
        median("program start → first reading at the agent, CPU", [run.start.total for run in runs], "s"),
        median(
            f"CPU over {SECONDS:g} s at the default plan, programs it runs included",
            share([run.cpu.total for run in runs]),
            "% of one",
            at_most=1,
        ),
        median("… the probe itself", share([run.cpu.own for run in runs]), "% of one"),
        median("… the programs it runs", share([run.cpu.children for run in runs]), "% of one"),
    ]


def _frames() -> list[Figure]:
    several = [frame.ByteSize() for frame in list(HealthyMachine(load_catalogue(), 1).frames(_ROUNDS))[2:]]
    return [
        Figure(f"frame of a reading with {CHANGED} changed facts of one source", _single(), "B", at_most=120),
        median(f"frame of 6 sources with {CHANGED} changed facts", several, "B"),
    ]


def _single() -> int:
    """Return the size late in a long session, when sequence numbers and clock take their room."""
    catalogue, at = load_catalogue(), 1e6
    names = [fact.name for fact in catalogue.facts_of_source["memory"] if fact.type == "double"]
    names += [fact.name for fact in catalogue.facts_of_source["cpu"] if fact.type == "double"]
    encoder = ReadingEncoder(catalogue)
    frames = []
    for value in (0.1, 0.123456789):
        facts = [Fact(name, value) for name in names[:CHANGED]]
        frames = encoder.encode([SourceRun("memory", SourceStatus.OK, at, 0.002, facts)], at + 0.05)
    (frame,) = frames
    frame.seq = 36_000
    return frame.ByteSize()


def _a_minute(amount: float) -> float:
    return amount / SECONDS * _MINUTE
