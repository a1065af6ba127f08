"""Accounts behind the gate at which join codes wait: guesses of passwords are paced by whichever door."""

from __future__ import annotations

from typing import Protocol

from hotline_collector.errors import Busy
from hotline_collector.model.accounts import UserRow
from hotline_collector.security.accounts import GrantedLogin, LocalAccounts
from hotline_collector.security.pacing import Gate

_AT_ONCE = 16


class Audit(Protocol):
    """Keeps the audit trail."""

    async def audit(self, actor: str, action: str, call_id: str, detail: str) -> None:
        """Append one entry."""
        ...


class PacedAccounts:
    """Checks passwords in turn; `address` and `connection` tell apart who guesses, as for join codes."""

    def __init__(self, accounts: LocalAccounts, gate: Gate, audit: Audit) -> None:
        self._accounts = accounts
        self._gate = gate
        self._audit = audit
        self._checking = 0

    async def check(self, user: str, password: str, address: str, connection: str = "") -> UserRow | None:
        """Return the account for the right password, None otherwise.

        Raises:
            Busy: too many attempts at once; the password was not looked at.
            StoreError: the store cannot be reached.
        """
        attempt = await self._gate.turn(address, connection)
        # Hashing is slower than the gate: without a bound those who wait for it would pile up.
        if self._checking >= _AT_ONCE:
            raise Busy("too many passwords are being checked already")
        self._checking += 1
        try:
            row = await self._accounts.check(user, password)
        finally:
            self._checking -= 1
        if row is not None:
            self._gate.succeeded(attempt)
        return row

    async def login(
        self, user: str, password: str, address: str, connection: str = ""
    ) -> GrantedLogin | None:
        """Return a token for the right password, None otherwise; raises like `check`."""
        row = await self.check(user, password, address, connection)
        if row is None:
            return None
        login = await self._accounts.grant(row)
        await self._audit.audit(f"agent:{row.name}", "agent.login", "", "")
        return login

    async def who(self, token: str) -> UserRow | None:
        """Return whose token this is, None if it is not valid (any more)."""
        return await self._accounts.who(token)
