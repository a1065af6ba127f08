"""Local accounts of agents: who may log in, and whose token this is."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from hotline_collector.errors import AccountError
from hotline_collector.model.accounts import ROLES, TokenRow, UserRow
from hotline_collector.security.passwords import Passwords
from hotline_collector.security.tokens import new_token, token_digest

LOGIN_LIFETIME_S = 12 * 3600
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
_log = logging.getLogger(__name__)


class AccountKeeper(Protocol):
    """Where accounts and logins are kept; the store implements it."""

    async def user(self, name: str) -> UserRow | None:
        """Return an account."""
        ...

    async def add_user(self, user: UserRow) -> bool:
        """Keep a new account; False if the name is taken."""
        ...

    async def set_password(self, name: str, password_hash: str, keep: bytes = b"") -> bool:
        """Change a password and end all logins of the account but one; False if there is no such account."""
        ...

    async def add_token(self, token: TokenRow) -> None:
        """Keep a login and forget those that have ended."""
        ...

    async def token_user(self, digest: bytes, now: int) -> UserRow | None:
        """Return whose token this is, None if it is unknown or has ended."""
        ...


@dataclass(slots=True)
class GrantedLogin:
    """A bearer token, when it ends (µs since the epoch), the account's role and the language chosen there."""

    token: str
    expires: int
    role: str
    language: str = ""


def wall_us() -> int:
    """Return the time in microseconds since the epoch."""
    return time.time_ns() // 1000


class LocalAccounts:
    """Accounts of this installation, with passwords that are not made of the `operator`'s name."""

    def __init__(
        self,
        keeper: AccountKeeper,
        passwords: Passwords | None = None,
        now: Callable[[], int] = wall_us,
        *,
        operator: str = "",
    ) -> None:
        self._keeper = keeper
        self._passwords = passwords or Passwords()
        self._now = now
        self._operator = operator

    def now(self) -> int:
        """Return the time of these accounts in microseconds since the epoch."""
        return self._now()

    async def grant(self, row: UserRow) -> GrantedLogin:
        """Return a token for somebody whose password was right.

        Raises:
            StoreError: the store cannot be reached.
        """
        token, now = new_token(), self._now()
        expires = now + LOGIN_LIFETIME_S * 1_000_000
        await self._keeper.add_token(TokenRow(token_digest(token), row.name, now, expires))
        return GrantedLogin(token, expires, row.role, row.language)

    async def check(self, user: str, password: str) -> UserRow | None:
        """Return the account for the right password, None otherwise; both take as long.

        Raises:
            StoreError: the store cannot be reached.
        """
        row = await self._keeper.user(user) if _NAME.fullmatch(user) else None
        hashed = row.password_hash or None if row and not row.disabled else None
        if not await self._passwords.verify(password, hashed) or row is None:
            # A name may be a password typed into the wrong field: only names that exist are logged.
            _log.warning("login failed", extra={"account": row.name if row else "(unknown)"})
            return None
        _log.info("login", extra={"account": row.name, "role": row.role})
        return row

    async def who(self, token: str) -> UserRow | None:
        """Return whose token this is, None if it is not valid (any more)."""
        return await self._keeper.token_user(token_digest(token), self._now())

    async def hash(self, name: str, password: str) -> str:
        """Return the hash of a new password of an account.

        Raises:
            PasswordRefused: it is too short, too long or too easy to guess.
        """
        return await self._passwords.hash(password, (name, self._operator))

    async def add(self, name: str, password: str | None, role: str) -> None:
        """Make an account; with None for a password nobody signs in with it yet.

        Raises:
            AccountError: the name is taken or malformed, or there is no such role.
            PasswordRefused: the password is too short, too long or too easy to guess.
        """
        row = checked(UserRow(name, "", role, self._now()))
        if password is not None:
            row.password_hash = await self.hash(name, password)
        if not await self._keeper.add_user(row):
            raise AccountError(
                f"the account {name!r} exists; `hotline-collector user passwd {name}` changes it"
            )

    async def change_password(self, name: str, password: str, keep: bytes = b"") -> None:
        """Set a password and end all logins of the account but the browser's with the HMAC `keep`.

        Raises:
            AccountError: there is no such account.
            PasswordRefused: the password is too short, too long or too easy to guess.
        """
        if not await self._keeper.set_password(name, await self.hash(name, password), keep):
            raise unknown(name)


def checked(row: UserRow) -> UserRow:
    """Return a new account whose name and role can be.

    Raises:
        AccountError: they cannot.
    """
    if not _NAME.fullmatch(row.name):
        raise AccountError(
            f"{row.name!r} cannot be a name: use up to 64 of a-z, 0-9, dot, dash, underscore and @"
        )
    if row.role not in ROLES:
        raise AccountError(f"there is no role {row.role!r}; use one of {', '.join(ROLES)}")
    return row


def unknown(name: str) -> AccountError:
    """Return the error for an account that is not there."""
    return AccountError(f"there is no account {name!r}; `hotline-collector user list` shows them")
