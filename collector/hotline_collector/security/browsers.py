"""Sessions of browsers: a token in a cookie, ended by hand, by a new password or by time.

A session ends 30 minutes after the browser last asked for anything, and 12 hours after the sign-in at the
latest; both limits are those of NIST SP 800-63B-3 §4.2.3.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Protocol

from hotline_collector.model.accounts import BrowserRow, UserRow
from hotline_collector.security.accounts import wall_us
from hotline_collector.security.tokens import new_token

IDLE_S = 30 * 60
LIFETIME_S = 12 * 3600
_NOTED_EVERY_US = 60_000_000


class BrowserKeeper(Protocol):
    """Where sessions of browsers are kept; the store implements it."""

    async def user(self, name: str) -> UserRow | None:
        """Return an account."""
        ...

    async def add_browser(self, row: BrowserRow, created_after: int, seen_after: int) -> None:
        """Keep a session and forget those begun or last seen before these times."""
        ...

    async def browser(self, mac: bytes) -> BrowserRow | None:
        """Return a session, ended or not."""
        ...

    async def browsers(self, user: str) -> list[BrowserRow]:
        """Return the sessions of an account, ended or not, the one used last first."""
        ...

    async def browser_seen(self, mac: bytes, seen: int) -> None:
        """Note when a browser last asked for anything."""
        ...

    async def drop_browser(self, mac: bytes) -> None:
        """Forget a session."""
        ...


class Browsers:
    """Begins, finds and ends sessions; every method but `form_key` raises `StoreError` if the store fails.

    `endings` counts the sessions that were ended here by hand.
    """

    def __init__(self, keeper: BrowserKeeper, key: bytes, now: Callable[[], int] = wall_us) -> None:
        self._keeper = keeper
        self._key = key
        self._now = now
        self.endings = 0

    async def begin(self, user: str, device: str = "") -> str:
        """Return the token of a new session; it is never one that a browser brought along."""
        token, now = new_token(), self._now()
        row = BrowserRow(self.mac(token), user, now, now, device)
        await self._keeper.add_browser(row, now - LIFETIME_S * 1_000_000, now - IDLE_S * 1_000_000)
        return token

    async def find(self, token: str, *, active: bool = True) -> UserRow | None:
        """Return whose session this is, None if there is none, it has ended or the account is disabled.

        With `active` the browser counts as seen, which puts off the end that idling brings.
        """
        mac, now = self.mac(token), self._now()
        row = await self._keeper.browser(mac)
        if row is None:
            return None
        if _has_ended(row, now):
            await self._keeper.drop_browser(mac)
            return None
        if active and now - row.seen >= _NOTED_EVERY_US:
            await self._keeper.browser_seen(mac, now)
        user = await self._keeper.user(row.user)
        return None if user is None or user.disabled else user

    async def of(self, user: str) -> list[BrowserRow]:
        """Return the sessions of an account, the one used last first."""
        now = self._now()
        return [row for row in await self._keeper.browsers(user) if not _has_ended(row, now)]

    async def end(self, token: str) -> None:
        """End a session."""
        await self.drop(self.mac(token))

    async def drop(self, mac: bytes) -> None:
        """End the session with this HMAC."""
        await self._keeper.drop_browser(mac)
        self.endings += 1

    def mac(self, token: str) -> bytes:
        """Return what is kept of a session's token."""
        return self._mac("session", token)

    def form_key(self, token: str) -> str:
        """Return what every form of this browser must bring along, which no other site can know."""
        return self._mac("form", token).hex()

    def _mac(self, use: str, token: str) -> bytes:
        return hmac.digest(self._key, f"{use} {token}".encode("utf-8", "surrogatepass"), "sha256")


def _has_ended(row: BrowserRow, now: int) -> bool:
    return now >= row.created + LIFETIME_S * 1_000_000 or now >= row.seen + IDLE_S * 1_000_000
