"""Join codes: single use, short-lived, kept as HMAC, guesses paced."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from hotline_proto.joincode import new_code

from hotline_collector.errors import SecurityError
from hotline_collector.model.targets import COMPUTER, CodePurpose
from hotline_collector.security.accounts import wall_us
from hotline_collector.security.pacing import Gate

LIFETIME_S = 600
_DRAWS = 20


class CodeKeeper(Protocol):
    """Where codes are kept; the store implements it."""

    async def put_join_code(self, mac: bytes, purpose: CodePurpose, expires: int, now: int) -> bool:
        """Keep a target's code in place of its earlier ones; False if another target has the same code."""
        ...

    async def redeem_join_code(self, mac: bytes, now: int) -> CodePurpose | None:
        """Return what a live code is for and remove the code, in one step."""
        ...

    async def find_join_code(self, mac: bytes, now: int) -> CodePurpose | None:
        """Return what a live code is for; it stays valid."""
        ...


@dataclass(slots=True)
class FreshCode:
    """A code and when it ends (µs since the epoch)."""

    code: str
    expires: int


class PacedCodes:
    """Makes and redeems join codes; a target's new code ends its earlier ones."""

    def __init__(
        self,
        keeper: CodeKeeper,
        key: bytes,
        gate: Gate,
        *,
        lifetime: int = LIFETIME_S,
        now: Callable[[], int] = wall_us,
    ) -> None:
        self._keeper = keeper
        self._key = key
        self._gate = gate
        self._lifetime_us = lifetime * 1_000_000
        self._now = now
        # When each of the codes that were looked up has surely ended.
        self._looked_up: dict[bytes, int] = {}

    async def issue(self, call_id: str, target: int = COMPUTER) -> FreshCode:
        """Return a fresh code for one target of a call.

        Raises:
            StoreError: it cannot be kept.
            SecurityError: no free code was drawn, which cannot happen with fewer than billions of calls.
        """
        for _ in range(_DRAWS):
            code, now = new_code(), self._now()
            expires = now + self._lifetime_us
            if await self._keeper.put_join_code(self._mac(code), CodePurpose(call_id, target), expires, now):
                return FreshCode(code, expires)
        raise SecurityError("no free join code was found")

    async def redeem(self, code: str, address: str, connection: str = "") -> CodePurpose | None:
        """Return what a live code is for and use the code up; None if it is wrong, used or expired.

        `connection` tells apart who shares an address; give gRPC's whole peer.

        Raises:
            Busy: too many attempts at once; the code was not looked at.
            StoreError: the store cannot be reached.
        """
        attempt = await self._gate.turn(address, connection)
        purpose = await self._keeper.redeem_join_code(self._mac(code), self._now())
        if purpose is not None:
            self._gate.succeeded(attempt)
        return purpose

    async def look_up(self, code: str, address: str, connection: str = "") -> CodePurpose | None:
        """Return what a live code is for; it stays valid. Paced and raising like `redeem`.

        Only the first time it counts as a right attempt: with one code nobody makes up for many guesses.
        """
        attempt = await self._gate.turn(address, connection)
        mac = self._mac(code)
        purpose = await self._keeper.find_join_code(mac, self._now())
        if purpose is not None and self._is_first(mac):
            self._gate.succeeded(attempt)
        return purpose

    def _is_first(self, mac: bytes) -> bool:
        """Tell whether a live code was not looked up before, and note that it was."""
        now = self._now()
        self._looked_up = {seen: end for seen, end in self._looked_up.items() if end > now}
        first = mac not in self._looked_up
        self._looked_up.setdefault(mac, now + self._lifetime_us)
        return first

    def _mac(self, code: str) -> bytes:
        return hmac.digest(self._key, b"join " + code.encode(), "sha256")
