"""A probe that means harm: it speaks the protocol well and puts hostile texts wherever a text may stand."""

from __future__ import annotations

import queue
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import grpc
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import Fact, NetworkPath, SourceRun, SourceStatus
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import probe_pb2_grpc as rpc
from hotline_proto.wire import ReadingEncoder
from hotline_proto.words import NONCE_BYTES, commit, two_words

from tests.e2e.conftest import Call, System, wait_for

NONCE = bytes(NONCE_BYTES)
MIB = 1024 * 1024
# What runs if a page takes a text for markup sets this, or asks.
FLAG = "owned"
TEXTS = (
    f"<script>window.{FLAG}=1;alert(1)</script>",
    f"\"><img src=x onerror='window.{FLAG}=1'>",
    f"'-alert(1)-'\" onfocus=window.{FLAG}=1 autofocus x=\"",
    "javascript:alert(1)",
    "</textarea></title></style><h1 id=planted>planted</h1>",
    "\x1b[2J\x1b]0;owned\x07\x1b[31mred",
    "\u202egnp.exe\u2066\u200f\ufeff",
    "{{ 7 * 7 }} {% raw %} ${7*7} %s {0}",
    "line\r\ndata: <b>second</b>\n\nevent: over\ndata: x\n\n",
    "W" * 120,
    "\0null\x85\x9b31m\u2028\u2029",
    "a\u0301\u0300\u0302" * 30,
)
CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def text(number: int) -> str:
    """Return one of the hostile texts, short enough to be let in."""
    return TEXTS[number % len(TEXTS)][:120]


@dataclass
class HostileProbe:
    """Joins a call and tells what it likes; `closed` is why the collector hung up, empty if it did not."""

    system: System
    call: Call
    channel: Any = None
    closed: str = ""
    received: list[pb.CollectorFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._encoder = ReadingEncoder(load_catalogue())
        self._frames: queue.Queue[bytes | None] = queue.Queue()
        self._seq = 0

    def join(self) -> str:
        """Join, say Hello and return the two words."""
        credentials = grpc.ssl_channel_credentials(self.system.ca_pem.encode())
        self.channel = grpc.secure_channel(f"localhost:{self.system.grpc_port}", credentials)
        stub: Any = rpc.ProbeServiceStub(self.channel)  # type: ignore[no-untyped-call]
        probe = pb.ProbeInfo(version=text(0)[:40], platform="linux", language=text(2)[:40])
        answer = stub.Join(
            pb.JoinRequest(
                protocol_version=1, code=self.call.code, probe=probe, nonce_commitment=commit(NONCE)
            ),
            timeout=20,
        )
        diagnose: Any = self.channel.stream_stream("/hotline.v1.ProbeService/Diagnose", None, None)
        self._stream = diagnose(self._sent(), metadata=(("hotline-token-bin", answer.session_token),))
        layers = [pb.CONSENT_LAYER_BASIC, pb.CONSENT_LAYER_PERSONAL]
        consent = pb.ConsentState(granted=layers)
        hello = pb.Hello(probe=probe, boot_id=text(3), nonce=NONCE, first_spooled_seq=1, consent=consent)
        self._frames.put(pb.ProbeFrame(mono_us=1, hello=hello).SerializeToString())
        return two_words(str(self.system.started["fingerprint"]), NONCE, answer.collector_nonce)

    def tell(self, source: str, *facts: Fact, note: str = "") -> None:
        """Report one run of a source."""
        path = NetworkPath(text(4)[:60], text(1)[:60])
        run = SourceRun(source, SourceStatus.OK, 5.0, 0.0, facts, path, note)
        for frame in self._encoder.encode([run], 5.0):
            self.send(frame)

    def send(self, frame: pb.ProbeFrame) -> None:
        """Send a numbered frame."""
        self._seq += 1
        frame.seq = self._seq
        self._frames.put(frame.SerializeToString())

    def report(self, proposal: str, state: Any, detail: str) -> None:
        """Report about an action."""
        told = pb.ActionReport(proposal_id=proposal, state=state, code=text(5), detail=detail)
        self.send(pb.ProbeFrame(mono_us=5_000_000, action=told))

    def hung_up(self) -> str:
        """Return why the collector ended the connection."""
        try:
            for _ in self._stream:
                pass
        except grpc.RpcError as error:
            return str(error.code())  # type: ignore[attr-defined]
        return "ended"

    def leave(self) -> None:
        """Hang up."""
        self._frames.put(None)
        if self.channel is not None:
            self.channel.close()

    def _sent(self) -> Iterator[bytes]:
        while (frame := self._frames.get()) is not None:
            yield frame


def everything(probe: HostileProbe) -> None:
    """Tell every text fact there is, about entities with hostile names, and faults of such entities."""
    by_source: dict[str, list[Fact]] = {}
    for number, spec in enumerate(load_catalogue().facts.values()):
        if spec.type == "text":
            key = text(number + 1) if spec.entity else ""
            by_source.setdefault(spec.source, []).append(Fact(spec.name, text(number), key))
    full: list[Fact] = []
    for number in range(len(TEXTS)):
        told = {"purpose": "data", "read_only_expected": False, "utilization": 0.995, "free": 1e6}
        full += [Fact(f"system.filesystem.{name}", value, text(number)) for name, value in told.items()]
    by_source["filesystems"] = full
    for number, (source, facts) in enumerate(by_source.items()):
        probe.tell(source, *facts, note=text(number))


def joined(system: System, call: Call) -> HostileProbe:
    """Return a hostile probe whose words are confirmed and that has told everything."""
    probe = HostileProbe(system, call)
    words = probe.join()
    call.linked("connected")
    assert call.client.confirm_words(call.id, words)
    everything(probe)
    wait_for(lambda: len([f for f in findings(call) if f.rule == "sto.fs.full"]) >= len(TEXTS) - 2, 30)
    return probe


def findings(call: Call) -> list[Any]:
    """Return the causes of a call, those beside the complaint, too."""
    view = call.view()
    return [*view.causes, *view.also_noticed]
