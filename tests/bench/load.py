"""The load that all servers get: prebuilt sessions of healthy machines, and the process that takes it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from hotline_proto.catalogue import load_catalogue
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.words import NONCE_BYTES

from tests.bench.messages import HealthyMachine

PATH = "/hotline.v1.ProbeService/Diagnose"
NONCE = bytes(NONCE_BYTES)
LOAD_CORE = 1
_PATIENCE = 60.0


def session_messages(deltas: int, seed: int) -> list[bytes]:
    """Return Hello, announcement, first reading and deltas of one probe."""
    frames = HealthyMachine(load_catalogue(), seed).frames(deltas)
    return [hello(), *(frame.SerializeToString() for frame in frames)]


def hello() -> bytes:
    """Return the first frame of a probe that may tell public facts."""
    frame = pb.ProbeFrame(
        mono_us=1,
        hello=pb.Hello(
            probe=pb.ProbeInfo(version="0", platform="linux"),
            boot_id="bench",
            nonce=NONCE,
            consent=pb.ConsentState(granted=[pb.CONSENT_LAYER_BASIC]),
        ),
    )
    return frame.SerializeToString()


@dataclass(frozen=True, slots=True)
class Stats:
    """CPU seconds and frames of a server so far, and its memory in bytes."""

    cpu: float
    frames: int
    rss: int


class Server:
    """A server process under measurement; `told` is what it printed at its start."""

    def __init__(self, kind: str, streams: int, module: str = "tests.bench.pipeline_server") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, kind, str(streams)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.told = self._line()
        self.port: int = self.told["port"]
        self.tokens = [bytes.fromhex(token) for token in self.told["tokens"]]

    def stats(self) -> Stats:
        """Ask for CPU time and count."""
        if self._process.stdin is None:
            raise RuntimeError("the server has no input")
        self._process.stdin.write("stats\n")
        self._process.stdin.flush()
        told = self._line()
        return Stats(told["cpu"], told["frames"], told["rss"])

    def wait_for(self, frames: int) -> Stats:
        """Wait until so many frames have been taken; raise if they do not come."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            stats = self.stats()
            if stats.frames >= frames:
                return stats
            if time.monotonic() > deadline:
                raise RuntimeError(f"only {stats.frames} of {frames} frames were taken")
            time.sleep(0.02)

    def stop(self) -> None:
        """End the process and wait for it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _line(self) -> Any:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError("the server under measurement ended")
        return json.loads(line)
