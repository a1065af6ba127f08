"""Accounts of agents as they are kept."""

from __future__ import annotations

from dataclasses import dataclass

ROLES = ("agent", "lead", "admin")


@dataclass(slots=True)
class UserRow:
    """A local account; `password_hash` is argon2id in PHC form, `created` is µs since the epoch."""

    name: str
    password_hash: str
    role: str
    created: int


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A granted login; the token itself is never kept, only its SHA-256. Times are µs since the epoch."""

    digest: bytes
    user: str
    created: int
    expires: int


@dataclass(frozen=True, slots=True)
class BrowserRow:
    """A session of a browser, known by the HMAC of its token only; times are µs since the epoch."""

    mac: bytes
    user: str
    created: int
    seen: int
