"""Accounts of agents as they are kept."""

from __future__ import annotations

from dataclasses import dataclass

ROLES = ("agent", "lead", "admin")
LANGUAGES = ("de", "en")
APPEARANCES = ("auto", "light", "dark")
# How many days a token may be valid.
TOKEN_DAYS = (30, 90, 365)


@dataclass(slots=True)
class UserRow:
    """A local account; `password_hash` is argon2id in PHC form, `created` is µs since the epoch.

    Without a password hash nobody signs in: the account waits for its link, or has API tokens only.
    `language` (de, en) and `appearance` (auto, light, dark) are empty until somebody chooses.
    """

    name: str
    password_hash: str
    role: str
    created: int
    language: str = ""
    appearance: str = ""
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A granted login, or a token for programs if it has a name; times are µs since the epoch.

    The token itself is never kept, only its SHA-256.
    """

    digest: bytes
    user: str
    created: int
    expires: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class BrowserRow:
    """A session of a browser, known by the HMAC of its token only; times are µs since the epoch.

    `device` says what its user shall know it by, such as "Firefox, Linux".
    """

    mac: bytes
    user: str
    created: int
    seen: int
    device: str = ""


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link that works once, known by its HMAC only; without a user it makes the first account."""

    mac: bytes
    user: str
    expires: int
