"""What is kept of a call besides its journal: plain rows that the call layer writes and the store keeps.

All times are microseconds since the epoch in collector time; 0 means not yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hotline_collector.model.figures import CallFiguresRow


@dataclass(slots=True)
class CallRow:
    """One call; `state` is created, waiting, active or closed.

    `checks` are what a human asked to have checked, the complaint's own first if it names one.

    The rest is about the queue. `waited_from` is when the caller began to wait for an agent, `queued` since
    when the call is in the queue now (0: it is not), `picked` when an agent first took it; `wait_us`
    and `wait_paid_us` are what its waits add up to, and the part that the line charged for, in microseconds.
    `for_agent` is whom it waits for. `back_number` is where the caller wants to be called back (a personal
    value), `back_asked` and `back_called` when they asked for it and when an agent began to. `wait_digest`
    is the SHA-256 (hex) of the token in the address of the caller's waiting page.
    """

    id: str
    state: str
    complaint: str
    customer_reference: str
    first_check: str
    agent: str
    opened: int
    pack_digest: str
    closed: int = 0
    outcome: str = ""
    words_confirmed: bool = False
    checks: tuple[str, ...] = ()
    waited_from: int = 0
    queued: int = 0
    picked: int = 0
    wait_us: int = 0
    wait_paid_us: int = 0
    for_agent: str = ""
    back_number: str = field(default="", repr=False)
    back_asked: int = 0
    back_called: int = 0
    wait_digest: str = ""


@dataclass(slots=True)
class SessionRow:
    """One probe's session; the token itself is never kept, only its SHA-256.

    `consent` holds numbers of hotline.v1.ConsentLayer; `ended` is set when the probe said goodbye.
    """

    id: str
    call_id: str
    target: int
    token_digest: bytes
    commitment: bytes
    collector_nonce: bytes
    platform: str
    version: str
    language: str
    joined: int
    probe_nonce: bytes = b""
    consent: tuple[int, ...] = ()
    ended: int = 0


@dataclass(slots=True)
class FixRow:
    """One fix and where it stands; `parameters` maps the action's parameters to entity keys.

    `said` is what was proposed, by language: title, then steps. An edit of the rule does not change it.
    """

    id: str
    call_id: str
    finding_id: str
    rule: str
    index: int
    target: int
    entity: str
    action: str
    by: str
    risk: str
    state: str
    proposed: int
    parameters: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""
    undoable: bool = False
    undo_asked: bool = False
    done: int = 0
    verify_until: int = 0
    settled: int = 0
    said: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One note of a human."""

    id: str
    call_id: str
    at: int
    author: str
    text: str


@dataclass(slots=True)
class FindingRow:
    """One finding as it stands, for lists and statistics; the journal holds how it came about."""

    id: str
    call_id: str
    rule: str
    target: int
    entity_kind: str
    entity_key: str
    state: str
    stale: bool
    onset: int
    changed: int
    pack_digest: str
    pack_version: str


@dataclass(slots=True)
class DisagreementRow:
    """A human's word that a finding was not the cause; `id` is the finding's.

    `cause` is what it was instead: the id of a rule if `in_pack`, else free text.
    """

    id: str
    call_id: str
    at: int
    author: str
    rule: str
    cause: str
    in_pack: bool
    reason: str


@dataclass(slots=True)
class VerdictRow:
    """What a closed call says about one rule (a `Verdict`); `id` is made of both.

    `day` is the UTC day of closing as YYYY-MM-DD. `main` marks the rule that the call was about in the end.
    `contact` is the keyed hash of the customer reference, empty unless repeat contact is recognised.
    """

    id: str
    call_id: str
    rule: str
    pack_digest: str
    pack_version: str
    day: str
    verdict: str
    main: bool
    contact: str


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """How many closed calls gave a rule a verdict, over all days and packs."""

    rule: str
    verdict: str
    calls: int


@dataclass(frozen=True, slots=True)
class OutsideCause:
    """A cause outside the pack that agents named instead of a rule's, and in how many calls."""

    cause: str
    rule: str
    calls: int


@dataclass(slots=True)
class WrapUpRow:
    """What is to be read of a call later; `id` is the call's.

    While the call is open `ticket` and `summary` are what the agent wrote, empty for what the system writes;
    once it is closed they are the final texts. Closing fills in the rest: `contact` is the keyed hash of the
    customer reference, empty unless repeat contact is recognised, `cause` the title of what the call was
    about by language, `tried` each fix: its title by language and how it ended (`state`).
    """

    id: str
    call_id: str
    ticket: str = ""
    summary: str = ""
    contact: str = ""
    cause: Mapping[str, str] = field(default_factory=dict)
    tried: Sequence[Mapping[str, str]] = ()


@dataclass(slots=True)
class DeliveryRow:
    """A message to the operator's ticket system: waiting, delivered or failed.

    `payload` is the body as it is sent each time, emptied once it has arrived; `due` is when it is tried
    next.
    """

    id: str
    call_id: str
    event: str
    payload: str
    created: int
    due: int
    state: str = "waiting"
    attempts: int = 0
    detail: str = ""
    settled: int = 0


@dataclass(frozen=True, slots=True)
class EarlierCall:
    """A closed call of the same customer: when, about what, how it ended, what it was and what was tried."""

    call_id: str
    opened: int
    closed: int
    complaint: str
    outcome: str
    cause: Mapping[str, str]
    tried: Sequence[Mapping[str, str]]


Row = (
    CallRow
    | SessionRow
    | FixRow
    | NoteRow
    | FindingRow
    | DisagreementRow
    | VerdictRow
    | CallFiguresRow
    | WrapUpRow
    | DeliveryRow
)
