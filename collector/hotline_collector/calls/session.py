"""One probe's session within a call, and the link that carries it at the moment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol

from hotline_proto.v1 import probe_pb2 as pb

from hotline_collector.model.consent import known_layers
from hotline_collector.model.rows import SessionRow


class Link(Protocol):
    """An open connection to a probe."""

    def send(self, frame: pb.CollectorFrame) -> None:
        """Queue a frame; never waits. A link whose queue is full closes itself."""
        ...

    def close(self, reason: str) -> None:
        """Send what is queued, say goodbye and end the session's connection."""
        ...

    def drop(self, message: str) -> None:
        """End the connection at once; the probe may come back."""
        ...


@dataclass(slots=True, eq=False)
class Session:
    """What the collector knows of one probe's session; survives reconnects and restarts.

    `seq` is the last frame applied, `ticket` its place in the journal. `offset` is collector time minus
    the probe's monotonic time of this connection, in microseconds. `basic` and `personal` are the consent.
    `declined` tells that they refused personal facts, `asks_personal` why they are being asked for them.
    `was_up` tells after a restart that the link's loss has not been recorded. What the caller decided about
    checks holds for this session, and so do the fixes it has `reported` on: the next probe has done none.
    `asked` is the question that the caller's screen shows, empty for none.
    `rtt_us` is the last round trip between collector and probe, 0 if not known.
    `measured` tells when somebody last wished for a source, in µs since the epoch; `said` is how many entries
    of the audit trail speak of what the probe said.
    """

    row: SessionRow
    seq: int = 0
    ticket: int = 0
    link: Link | None = None
    since: int = 0
    offset: int = 0
    basic: bool = False
    personal: bool = False
    declined: bool = False
    asks_personal: pb.ConsentReason = pb.CONSENT_REASON_UNSPECIFIED
    was_up: bool = False
    asked: str = ""
    checks_decided: set[str] = field(default_factory=set)
    rtt_us: int = 0
    measured: dict[str, int] = field(default_factory=dict)
    reported: set[str] = field(default_factory=set)
    advice: tuple[tuple[str, str], ...] = ()
    said: int = 0

    def __post_init__(self) -> None:
        self.row.consent = tuple(self.row.consent)
        self.consent(self.row.consent)

    def consent(self, layers: tuple[int, ...], declined: Collection[int] = ()) -> bool:
        """Take up what the caller allows and refuses, and tell whether what they allow is new."""
        layers = known_layers(layers)
        self.declined = pb.CONSENT_LAYER_PERSONAL in declined
        if self.declined or pb.CONSENT_LAYER_PERSONAL in layers:
            self.asks_personal = pb.CONSENT_REASON_UNSPECIFIED
        self.basic = pb.CONSENT_LAYER_BASIC in layers
        self.personal = pb.CONSENT_LAYER_PERSONAL in layers
        if layers == self.row.consent:
            return False
        self.row.consent = layers
        return True

    @property
    def stands_to_personal(self) -> str:
        """How the caller stands to personal facts in a word: asked, allowed, declined, or nothing yet."""
        if self.personal:
            return "allowed"
        if self.asks_personal:
            return "asked"
        return "declined" if self.declined else ""

    @property
    def state(self) -> str:
        """The link in a word: joined (and deciding about consent), connected, lost or ended."""
        if self.row.ended:
            return "ended"
        if self.link is not None:
            return "connected"
        return "lost" if self.row.probe_nonce else "joined"

    def send(self, frame: pb.CollectorFrame) -> None:
        """Send a frame if there is a link; what matters is sent again after the next Hello."""
        if self.link is not None:
            self.link.send(frame)
