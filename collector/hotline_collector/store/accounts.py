"""Accounts, their logins, their sessions of browsers and the links that work once, as rows."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Delete, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_collector.errors import AccountError, LastAdmin
from hotline_collector.model.accounts import BrowserRow, LinkRow, TokenRow, UserRow
from hotline_collector.store import schema
from hotline_collector.store.transactions import Transactions

_USERS, _TOKENS = schema.users, schema.agent_tokens
_BROWSERS, _LINKS = schema.browser_sessions, schema.one_time_links


class AccountTables(Transactions):
    """Keeps accounts; every method is one transaction."""

    # ---- accounts ----
    async def user(self, name: str) -> UserRow | None:
        """Return an account."""
        found = await self._rows(UserRow, select(_USERS).where(_USERS.c.name == name))
        return found[0] if found else None

    async def users(self) -> list[UserRow]:
        """Return all accounts by name."""
        return await self._rows(UserRow, select(_USERS).order_by(_USERS.c.name))

    async def add_user(self, user: UserRow) -> bool:
        """Keep a new account; False if the name is taken."""
        async with self._write() as connection:
            return await _add(connection, user)

    async def set_password(self, name: str, password_hash: str, keep: bytes = b"") -> bool:
        """Change a password and end all logins of the account; False if there is no such account.

        The session of a browser with the HMAC `keep` stays, and so do tokens for programs.
        """
        async with self._write() as connection:
            return await _set_password(connection, name, password_hash, keep)

    async def set_taste(self, name: str, language: str, appearance: str) -> None:
        """Keep how somebody wants pages to speak and look."""
        async with self._write() as connection:
            changed = update(_USERS).where(_USERS.c.name == name)
            await connection.execute(changed.values(language=language, appearance=appearance))

    async def change_user(self, name: str, *, role: str | None = None, disabled: bool | None = None) -> bool:
        """Change an account's role, or disable it with all its logins; False if there is no such account.

        Raises:
            LastAdmin: nobody who may administer could sign in any more; nothing was changed.
        """
        values: dict[str, object] = {"role": role, "disabled": disabled}
        async with self._write() as connection:
            before = await _admins(connection)
            changed = update(_USERS).where(_USERS.c.name == name)
            done = await connection.execute(
                changed.values({key: value for key, value in values.items() if value is not None})
            )
            if before and not await _admins(connection):
                raise LastAdmin(f"{name} is the last admin who can sign in; make somebody else admin first")
            if disabled:
                for table in (_BROWSERS, _TOKENS, _LINKS):
                    await connection.execute(delete(table).where(table.c.user == name))
            return done.rowcount == 1

    # ---- logins and tokens for programs ----
    async def add_token(self, token: TokenRow) -> None:
        """Keep a login and forget those that have ended."""
        async with self._write() as connection:
            await connection.execute(delete(_TOKENS).where(_TOKENS.c.expires <= token.created))
            await connection.execute(insert(_TOKENS), asdict(token))

    async def token_user(self, digest: bytes, now: int) -> UserRow | None:
        """Return whose token this is, None if it is unknown or has ended, or the account is disabled."""
        query = (
            select(_USERS)
            .join(_TOKENS, _TOKENS.c.user == _USERS.c.name)
            .where(_TOKENS.c.digest == digest, _TOKENS.c.expires > now, ~_USERS.c.disabled)
        )
        found = await self._rows(UserRow, query)
        return found[0] if found else None

    async def tokens(self, now: int, user: str = "") -> list[TokenRow]:
        """Return the tokens that are valid, of one account or all, the newest first."""
        query = select(_TOKENS).where(_TOKENS.c.expires > now).order_by(_TOKENS.c.created.desc())
        return await self._rows(TokenRow, query.where(_TOKENS.c.user == user) if user else query)

    async def drop_token(self, digest: bytes) -> bool:
        """Forget a token; False if there was none."""
        async with self._write() as connection:
            return (await connection.execute(delete(_TOKENS).where(_TOKENS.c.digest == digest))).rowcount == 1

    async def drop_logins(self, user: str, keep: bytes = b"") -> None:
        """End all sessions of browsers but one, and all logins of the command line."""
        async with self._write() as connection:
            for statement in _ends(user, keep):
                await connection.execute(statement)

    # ---- browsers ----
    async def add_browser(self, row: BrowserRow, created_after: int, seen_after: int) -> None:
        """Keep a session of a browser and forget those begun or last seen before these times (µs)."""
        ended = (_BROWSERS.c.created <= created_after) | (_BROWSERS.c.seen <= seen_after)
        async with self._write() as connection:
            await connection.execute(delete(_BROWSERS).where(ended))
            await connection.execute(insert(_BROWSERS), asdict(row))

    async def browser(self, mac: bytes) -> BrowserRow | None:
        """Return a session of a browser, ended or not."""
        found = await self._rows(BrowserRow, select(_BROWSERS).where(_BROWSERS.c.mac == mac))
        return found[0] if found else None

    async def browsers(self, user: str) -> list[BrowserRow]:
        """Return the sessions of an account, ended or not, the one used last first."""
        query = select(_BROWSERS).where(_BROWSERS.c.user == user).order_by(_BROWSERS.c.seen.desc())
        return await self._rows(BrowserRow, query)

    async def browser_seen(self, mac: bytes, seen: int) -> None:
        """Note when a browser last asked for anything."""
        async with self._write() as connection:
            await connection.execute(update(_BROWSERS).where(_BROWSERS.c.mac == mac).values(seen=seen))

    async def drop_browser(self, mac: bytes) -> None:
        """Forget a session of a browser."""
        async with self._write() as connection:
            await connection.execute(delete(_BROWSERS).where(_BROWSERS.c.mac == mac))

    # ---- links that work once ----
    async def put_link(self, row: LinkRow, now: int) -> None:
        """Keep a link in place of earlier ones of the same account, and forget those that have ended."""
        gone = (_LINKS.c.user == row.user) | (_LINKS.c.expires <= now)
        async with self._write() as connection:
            await connection.execute(delete(_LINKS).where(gone))
            await connection.execute(insert(_LINKS), asdict(row))

    async def link(self, mac: bytes, now: int) -> LinkRow | None:
        """Return a link that can still be used."""
        query = select(_LINKS).where(_LINKS.c.mac == mac, _LINKS.c.expires > now)
        found = await self._rows(LinkRow, query)
        return found[0] if found else None

    async def use_link(self, mac: bytes, now: int, password_hash: str) -> str | None:
        """Use up a link of an account, set its password, end its logins and return its name."""
        async with self._write() as connection:
            live = delete(_LINKS).where(_LINKS.c.mac == mac, _LINKS.c.expires > now, _LINKS.c.user != "")
            user: str | None = (await connection.execute(live.returning(_LINKS.c.user))).scalar_one_or_none()
            if user is None or not await _set_password(connection, user, password_hash, b""):
                return None
            return user

    async def use_first_link(self, mac: bytes, now: int, user: UserRow) -> bool:
        """Use up the link for the first admin and make the account; False if it was used, or there is one.

        Raises:
            AccountError: the name is taken; the link can still be used.
        """
        async with self._write() as connection:
            live = delete(_LINKS).where(_LINKS.c.mac == mac, _LINKS.c.expires > now, _LINKS.c.user == "")
            if (await connection.execute(live)).rowcount != 1 or await _admins(connection):
                return False
            if not await _add(connection, user):
                raise AccountError(f"the account {user.name!r} exists already; take another name")
            return True


async def _add(connection: AsyncConnection, user: UserRow) -> bool:
    statement = upsert(_USERS).on_conflict_do_nothing()
    return (await connection.execute(statement, asdict(user))).rowcount == 1


async def _set_password(connection: AsyncConnection, name: str, password_hash: str, keep: bytes) -> bool:
    changed = update(_USERS).where(_USERS.c.name == name)
    done = await connection.execute(changed.values(password_hash=password_hash))
    for statement in (*_ends(name, keep), delete(_LINKS).where(_LINKS.c.user == name)):
        await connection.execute(statement)
    return done.rowcount == 1


async def _admins(connection: AsyncConnection) -> int:
    """Return how many may administer and can sign in."""
    able = (_USERS.c.role == "admin", ~_USERS.c.disabled, _USERS.c.password_hash != "")
    number: int = (await connection.execute(select(func.count()).where(*able))).scalar_one()
    return number


def _ends(user: str, keep: bytes) -> tuple[Delete, Delete]:
    """Return what ends the logins of an account, but neither one browser's nor tokens for programs."""
    browsers = delete(_BROWSERS).where(_BROWSERS.c.user == user, _BROWSERS.c.mac != keep)
    return browsers, delete(_TOKENS).where(_TOKENS.c.user == user, _TOKENS.c.name == "")
