"""The audit trail's hash chain: any changed or removed entry shows.

An entry's hash is the SHA-256 over the previous hash and the canonical JSON of its time, actor, action,
call and the digest of its salted detail. So a detail can be erased (with its salt, lest a short text be
guessed from the digest) and the chain still holds. Entries cut off at the end show only against a hash
that was noted elsewhere; `hotline-collector audit verify` prints it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

START = b"\0" * 32


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry; `detail` and `salt` are None once erased. `at` is in µs since the epoch."""

    seq: int
    at: int
    actor: str
    action: str
    call_id: str
    detail_digest: bytes
    hash: bytes
    salt: bytes | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; what is empty or 0 counts for all.

    `actor` is a whole name with or without "agent:", `action` and `call_id` are beginnings, `since` and
    `until` (not included) µs since the epoch.
    """

    actor: str = ""
    action: str = ""
    call_id: str = ""
    since: int = 0
    until: int = 0


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a check of the chain found; `broken_at` is the first entry that does not fit, 0 if all do."""

    entries: int
    head: bytes
    broken_at: int = 0
    reason: str = ""


def make_entry(
    previous: bytes, seq: int, at: int, actor: str, action: str, call_id: str, detail: str, salt: bytes
) -> AuditEntry:
    """Return the entry that follows one with the hash `previous`."""
    digest = detail_digest(salt, detail)
    chained = _chained(previous, at, actor, action, call_id, digest)
    return AuditEntry(seq, at, actor, action, call_id, digest, chained, salt, detail)


def detail_digest(salt: bytes, detail: str) -> bytes:
    """Return the digest of a detail that the chain holds."""
    return hashlib.sha256(salt + detail.encode("utf-8", "surrogatepass")).digest()


def fault_of(entry: AuditEntry, previous: bytes, expected_seq: int) -> str:
    """Return why an entry does not follow one with the hash `previous`, empty if it does."""
    if entry.seq != expected_seq:
        return f"entry {expected_seq} is missing"
    digest = entry.detail_digest
    if entry.hash != _chained(previous, entry.at, entry.actor, entry.action, entry.call_id, digest):
        return f"entry {entry.seq} was changed, or the one before it"
    if entry.detail is not None and detail_digest(entry.salt or b"", entry.detail) != digest:
        return f"the detail of entry {entry.seq} was changed"
    return ""


def _chained(previous: bytes, at: int, actor: str, action: str, call_id: str, digest: bytes) -> bytes:
    body = {"action": action, "actor": actor, "at": at, "call": call_id, "detail": digest.hex()}
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(previous + canonical.encode()).digest()
