"""What the call layer needs of the world: where rows and records are kept, and who is told.

The store and the bus implement these protocols; nothing here knows how.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from hotline_proto.v1 import probe_pb2 as pb

from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.accounts import UserRow
from hotline_collector.model.figures import CallFiguresRow, FigureCount, VerdictDay
from hotline_collector.model.outage_mark import OutageMark
from hotline_collector.model.rows import (
    CallRow,
    DeliveryRow,
    DisagreementRow,
    EarlierCall,
    FixRow,
    NoteRow,
    OutsideCause,
    Row,
    SessionRow,
    VerdictCount,
    VerdictRow,
    WrapUpRow,
)
from hotline_collector.model.targets import COMPUTER, CodePurpose


class AuditRecord(Protocol):
    """One entry of the audit trail; `at` is in µs since the epoch, `detail` is None once it is erased."""

    @property
    def at(self) -> int: ...  # noqa: D102 - told above
    @property
    def actor(self) -> str: ...  # noqa: D102
    @property
    def action(self) -> str: ...  # noqa: D102
    @property
    def detail(self) -> str | None: ...  # noqa: D102


class Store(Protocol):
    """Keeps rows; every method is one transaction and raises `StoreError` when it failed."""

    async def save(self, rows: Sequence[Row]) -> None:
        """Insert rows, or replace those with the same id."""
        ...

    async def calls(self, *, include_closed: bool) -> list[CallRow]:
        """Return calls, newest first."""
        ...

    async def call(self, call_id: str) -> CallRow | None:
        """Return one call."""
        ...

    async def handling_times(self, limit: int) -> list[int]:
        """Return how long the last closed calls took that were handled, newest first, in microseconds."""
        ...

    async def users(self) -> list[UserRow]:
        """Return all accounts by name."""
        ...

    async def sessions(self, call_id: str) -> list[SessionRow]:
        """Return the sessions of a call, oldest first."""
        ...

    async def fixes(self, call_id: str) -> list[FixRow]:
        """Return the fixes of a call, oldest first."""
        ...

    async def notes(self, call_id: str) -> list[NoteRow]:
        """Return the notes of a call, oldest first."""
        ...

    async def disagreements(self, call_id: str) -> list[DisagreementRow]:
        """Return the disagreements of a call, oldest first."""
        ...

    async def verdict_counts(self) -> list[VerdictCount]:
        """Return how many closed calls gave each rule each verdict."""
        ...

    async def rang_again(self, call: CallRow, contact: str, rule: str, since: int) -> list[VerdictRow]:
        """Turn the verdicts of solved calls after which the same customer rang about the same.

        They are returned as they were.
        """
        ...

    async def outside_causes(self, prefix: str) -> list[OutsideCause]:
        """Return the causes outside the pack that were named instead of rules whose ids begin like this."""
        ...

    async def figure_repeat(self, call: CallRow, row: CallFiguresRow, since: int) -> bool:
        """Note that a closed call is a repeat of one since a time, if it is, and return whether."""
        ...

    async def figure_counts(self, steps: Sequence[tuple[str, str]]) -> list[FigureCount]:
        """Return the figures of some spans of days (first and last) that follow one another."""
        ...

    async def verdict_days(self, steps: Sequence[tuple[str, str]], rule: str = "") -> list[VerdictDay]:
        """Return the verdicts on one rule, or on all, in some spans of days that follow one another."""
        ...

    async def figures_since(self) -> str:
        """Return the first day of the figures, empty if there is none."""
        ...

    async def outside_causes_between(self, begin: int, end: int, limit: int) -> list[OutsideCause]:
        """Return the most frequent causes outside the pack that were named between two times (µs)."""
        ...

    async def wrap_up(self, call_id: str) -> WrapUpRow | None:
        """Return the texts of a call, None if there are none yet."""
        ...

    async def earlier_calls(self, contact: str, since: int) -> list[EarlierCall]:
        """Return the newest calls of a customer that were closed since a time, newest first."""
        ...

    async def resend_deliveries(self, call_id: str, now: int) -> int:
        """Have the messages about a call that were given up wait once more; return how many those are."""
        ...

    async def deliveries(self, call_id: str) -> list[DeliveryRow]:
        """Return the messages to the ticket system about a call, oldest first."""
        ...

    async def outage_marks(self) -> list[OutageMark]:
        """Return what agents said about known outages."""
        ...

    async def keep_outage_mark(self, mark: OutageMark, now: int) -> None:
        """Keep a mark instead of an earlier one on the same outage, and forget those that have ended."""
        ...

    async def erase(self, call_id: str) -> bool:
        """Destroy the key of a call and remove all that belongs to it; False if there is no such call."""
        ...

    async def audit(self, actor: str, action: str, call_id: str, detail: str) -> None:
        """Append one entry to the hash-chained audit trail."""
        ...

    async def last_audit(self, action: str) -> AuditRecord | None:
        """Return the newest audit entry of an action."""
        ...

    async def audit_of(self, call_id: str) -> Sequence[AuditRecord]:
        """Return the audit entries of a call in order."""
        ...


class Journal(Protocol):
    """Keeps every input of every call; one writer commits for all, at most 50 ms apart.

    Entries that a full disk keeps from being written stay in memory and are tried again.
    """

    @property
    def full(self) -> bool:
        """Whether so much waits to be written that nothing more is taken."""
        ...

    def append(self, call_id: str, entry: bytes) -> int:
        """Queue one packed entry and return its ticket; tickets increase over all calls.

        Raises:
            JournalFull: not even the spare room that is kept for lost links is left.
        """
        ...

    async def durable(self, ticket: int) -> None:
        """Return when the entry with this ticket, and all before it, are on disk.

        Raises:
            StoreError: the journal was closed before that.
        """
        ...

    async def read(self, call_id: str) -> bytes:
        """Return all durable entries of a call, concatenated in order."""
        ...


class PackShelf(Protocol):
    """Has the rules of every pack that ever judged a call, by digest."""

    async def fetch(self, digest: str) -> RuleSet | None:
        """Return the rules of a pack, None if it was never kept or cannot be read any more.

        Raises:
            StoreError: the store cannot be read.
        """
        ...


class Subscription(Protocol):
    """Hears of one topic; what comes while nobody waits is merged into one."""

    async def next(self) -> None:
        """Return at the next message, at once if one came since the last call."""
        ...


class Bus(Protocol):
    """Tells every face that a call changed; carries no data, faces look for themselves."""

    def publish(self, topic: str) -> None:
        """Wake everyone who listens to a topic; never blocks."""
        ...

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[Subscription]:
        """Listen to a topic while the context is open."""
        ...


class IssuedCode(Protocol):
    """A fresh join code and when it ends (µs since the epoch)."""

    code: str
    expires: int


class JoinCodes(Protocol):
    """Makes and redeems join codes; knows the pacing of attempts."""

    async def issue(self, call_id: str, target: int = COMPUTER) -> IssuedCode:
        """Return a fresh code for one target of a call."""
        ...

    async def redeem(self, code: str, address: str, connection: str = "") -> CodePurpose | None:
        """Return what a live code is for and use the code up; None if it is wrong, used or expired.

        `connection` tells apart who shares an address.

        Raises:
            StoreError: the store does not work.
            Busy: too many attempts at once; the code was not looked at.
        """
        ...


class ReadyDevice(Protocol):
    """A device that the collector itself may read, with what it takes to log in there."""

    def begin(self, call_id: str, code: str, report: Callable[[pb.DeviceReport], None], target: int) -> None:
        """Read it as a target of a call, with a join code of that target, until the call or the device ends.

        What was read of the target before ends. `report` hears how it stands.
        """
        ...


class DeviceReach(Protocol):
    """Reads devices that the operator has listed, without a probe of the caller."""

    @property
    def addresses(self) -> Sequence[str]:
        """The addresses that are listed."""
        ...

    def prepare(self, address: str) -> ReadyDevice:
        """Return a device by its address.

        Raises:
            NotYet: too many are read, or were asked for within the last minute.
            CallError: it is not listed, or a file to log in cannot be read.
        """
        ...

    def may_change(self, address: str) -> bool:
        """Tell whether the operator allows actions on a device."""
        ...

    def agree(self, call_id: str, target: int, proposal_id: str) -> None:
        """Pass on that the owner of a device agrees to an action on it that is about to be proposed."""
        ...

    def end(self, call_id: str) -> None:
        """Read nothing for a call any more."""
        ...


class Login(Protocol):
    """A granted login: a bearer token, when it ends (µs since the epoch), the account's role and language."""

    token: str
    expires: int
    role: str
    language: str


class Account(Protocol):
    """A local account: its name and role (agent, lead, admin)."""

    name: str
    role: str


class Accounts(Protocol):
    """Knows who may use the agent's face."""

    async def login(self, user: str, password: str, address: str, connection: str = "") -> Login | None:
        """Return a token for the right password, None otherwise; attempts are paced like those of codes.

        Raises:
            StoreError: the store does not work.
            Busy: too many attempts at once; the password was not looked at.
        """
        ...

    async def who(self, token: str) -> Account | None:
        """Return whose token this is, None if it is not valid (any more)."""
        ...
