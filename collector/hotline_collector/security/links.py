"""Links that work once: for the first admin's account, and for a password that somebody else asked for.

They hold 256 random bits, are kept as HMAC and end after a day, which is the longest that NIST SP 800-63B-4
§4.2.1.2 gives a code of this kind; a new link of the same account ends the one before.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Protocol

from hotline_collector.model.accounts import LinkRow, UserRow
from hotline_collector.security.accounts import LocalAccounts, checked, wall_us
from hotline_collector.security.paced import Audit
from hotline_collector.security.tokens import new_token

LIFETIME_S = 24 * 3600
PATH = "/desk/set-up/"


class LinkKeeper(Protocol):
    """Where links are kept; the store implements it."""

    async def put_link(self, row: LinkRow, now: int) -> None:
        """Keep a link in place of earlier ones of the same account."""
        ...

    async def link(self, mac: bytes, now: int) -> LinkRow | None:
        """Return a link that can still be used."""
        ...

    async def use_link(self, mac: bytes, now: int, password_hash: str) -> str | None:
        """Use up a link of an account, set its password, end its logins and return its name."""
        ...

    async def use_first_link(self, mac: bytes, now: int, user: UserRow) -> bool:
        """Use up the link for the first admin and make the account; False if that cannot be."""
        ...


class OneTimeLinks:
    """Makes and uses up links; every method raises `StoreError` if the store fails."""

    def __init__(
        self,
        keeper: LinkKeeper,
        accounts: LocalAccounts,
        key: bytes,
        audit: Audit,
        now: Callable[[], int] = wall_us,
    ) -> None:
        self._keeper = keeper
        self._accounts = accounts
        self._key = key
        self._audit = audit
        self._now = now

    async def issue(self, user: str = "") -> str:
        """Return the secret end of a new link of an account, or of the one for the first admin."""
        token, now = new_token(), self._now()
        await self._keeper.put_link(LinkRow(self._mac(token), user, now + LIFETIME_S * 1_000_000), now)
        return token

    async def find(self, token: str) -> LinkRow | None:
        """Return the link that a browser brings along, None if it was used, replaced or has run out."""
        return await self._keeper.link(self._mac(token), self._now())

    async def use(self, link: LinkRow, password: str) -> bool:
        """Set the password of a link's account; False if the link was used in between.

        Raises:
            PasswordRefused: the password is not taken; the link can still be used.
        """
        hashed = await self._accounts.hash(link.user, password)
        user = await self._keeper.use_link(link.mac, self._now(), hashed)
        if user is not None:
            await self._audit.audit(f"agent:{user}", "user.passwd", "", f"{user}: by a link")
        return user is not None

    async def use_first(self, link: LinkRow, name: str, password: str, language: str) -> bool:
        """Make the first admin's account; False if the link was used in between, or there is an admin.

        Raises:
            AccountError: the name is taken or malformed; the link can still be used.
            PasswordRefused: the password is not taken; the link can still be used.
        """
        row = checked(UserRow(name, "", "admin", self._now(), language))
        row.password_hash = await self._accounts.hash(name, password)
        made = await self._keeper.use_first_link(link.mac, self._now(), row)
        if made:
            await self._audit.audit(f"agent:{name}", "user.add", "", f"{name}: admin, by the set-up link")
        return made

    def _mac(self, token: str) -> bytes:
        return hmac.digest(self._key, f"link {token}".encode("utf-8", "surrogatepass"), "sha256")
