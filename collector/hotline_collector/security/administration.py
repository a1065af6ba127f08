"""What an admin does with everybody's accounts and with tokens for programs; every face calls this.

`actor` is who does it as the audit trail names them: "agent:ada" for an account, "operator" for whoever has
the collector's command line.
"""

from __future__ import annotations

import re
from typing import Protocol

from hotline_collector.errors import AccountError
from hotline_collector.model.accounts import ROLES, TOKEN_DAYS, TokenRow, UserRow
from hotline_collector.security.accounts import LocalAccounts, unknown
from hotline_collector.security.links import OneTimeLinks
from hotline_collector.security.paced import Audit
from hotline_collector.security.tokens import new_token, token_digest

_TOKEN_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,64}")
_DAY_US = 86_400_000_000


class AdministrationKeeper(Protocol):
    """Where accounts are kept; the store implements it."""

    async def user(self, name: str) -> UserRow | None:
        """Return an account."""
        ...

    async def users(self) -> list[UserRow]:
        """Return all accounts by name."""
        ...

    async def change_user(self, name: str, *, role: str | None = None, disabled: bool | None = None) -> bool:
        """Change an account; False if there is none; raises `LastAdmin`."""
        ...

    async def drop_logins(self, user: str, keep: bytes = b"") -> None:
        """End all sessions of browsers but one, and all logins of the command line."""
        ...

    async def tokens(self, now: int, user: str = "") -> list[TokenRow]:
        """Return the tokens that are valid, of one account or all."""
        ...

    async def add_token(self, token: TokenRow) -> None:
        """Keep a token."""
        ...

    async def drop_token(self, digest: bytes) -> bool:
        """Forget a token; False if there was none."""
        ...


class Administration:
    """Looks after accounts; raises `AccountError` for what cannot be, `StoreError` if the store fails."""

    def __init__(
        self, keeper: AdministrationKeeper, local: LocalAccounts, links: OneTimeLinks, audit: Audit
    ) -> None:
        self._keeper = keeper
        self._local = local
        self._links = links
        self._audit = audit

    async def users(self) -> list[UserRow]:
        """Return all accounts by name."""
        return await self._keeper.users()

    async def user(self, name: str) -> UserRow:
        """Return an account."""
        row = await self._keeper.user(name)
        if row is None:
            raise unknown(name)
        return row

    async def add(self, actor: str, name: str, role: str, password: str | None = None) -> None:
        """Make an account; without a password it waits for a link, or has tokens for programs only.

        Raises:
            PasswordRefused: the password is not taken.
        """
        await self._local.add(name, password, role)
        await self._audit.audit(actor, "user.add", "", f"{name}: {role}")

    async def set_role(self, actor: str, name: str, role: str) -> None:
        """Give an account another role, at once in all its sessions.

        Raises:
            LastAdmin: nobody who may administer could sign in any more.
        """
        if role not in ROLES:
            raise AccountError(f"there is no role {role!r}; use one of {', '.join(ROLES)}")
        if not await self._keeper.change_user(name, role=role):
            raise unknown(name)
        await self._audit.audit(actor, "user.role", "", f"{name}: {role}")

    async def disable(self, actor: str, name: str) -> None:
        """Let nobody sign in with an account; its sessions, logins, tokens and links end.

        Raises:
            LastAdmin: nobody who may administer could sign in any more.
        """
        if not await self._keeper.change_user(name, disabled=True):
            raise unknown(name)
        await self._audit.audit(actor, "user.disable", "", name)

    async def enable(self, actor: str, name: str) -> None:
        """Let an account sign in again."""
        if not await self._keeper.change_user(name, disabled=False):
            raise unknown(name)
        await self._audit.audit(actor, "user.enable", "", name)

    async def set_password(self, actor: str, name: str, password: str) -> None:
        """Set a password, which ends all logins of the account.

        Raises:
            PasswordRefused: the password is not taken.
        """
        await self._local.change_password(name, password)
        await self._audit.audit(actor, "user.passwd", "", name)

    async def link(self, actor: str, name: str) -> str:
        """Return the secret end of a link behind which the owner of an account sets its password, once."""
        if (await self.user(name)).disabled:
            raise AccountError(f"{name} is disabled; enable the account first")
        token = await self._links.issue(name)
        await self._audit.audit(actor, "user.link", "", name)
        return token

    async def end_sessions(self, actor: str, name: str) -> None:
        """End all sessions and logins of an account; tokens for programs stay."""
        await self.user(name)
        await self._keeper.drop_logins(name)
        await self._audit.audit(actor, "user.sessions_end", "", name)

    async def tokens(self) -> list[TokenRow]:
        """Return the tokens for programs that are valid, the newest first."""
        return [row for row in await self._keeper.tokens(self._local.now()) if row.name]

    async def add_token(self, actor: str, user: str, name: str, days: int) -> str:
        """Return a token with which a program acts as an account for some days; it is not shown again."""
        name = name.strip()
        if not _TOKEN_NAME.fullmatch(name):
            raise AccountError("a token has a name of 1 to 64 characters, such as the program that uses it")
        if days not in TOKEN_DAYS:
            raise AccountError(f"a token is valid for {', '.join(map(str, TOKEN_DAYS))} days, not {days}")
        if (await self.user(user)).disabled:
            raise AccountError(f"{user} is disabled; enable the account first")
        token, now = new_token(), self._local.now()
        await self._keeper.add_token(TokenRow(token_digest(token), user, now, now + days * _DAY_US, name))
        await self._audit.audit(actor, "token.add", "", f"{user}: {name}, {days} days")
        return token

    async def revoke_token(self, actor: str, identity: str) -> None:
        """End a token for programs, told by its digest in hex, or by its name if no other has it."""
        found = [row for row in await self.tokens() if identity in (row.digest.hex(), row.name)]
        if len(found) != 1:
            why = "several tokens have this name" if found else f"there is no token {identity[:80]!r}"
            raise AccountError(f"{why}; `hotline-collector token list` shows them")
        await self._keeper.drop_token(found[0].digest)
        await self._audit.audit(actor, "token.revoke", "", f"{found[0].user}: {found[0].name}")
