"""Passwords: argon2id, in a thread, few at a time."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from hotline_collector.errors import SecurityError

MIN_LENGTH = 10
MAX_LENGTH = 256


class Passwords:
    """Hashes and verifies passwords with the second recommendation of RFC 9106 §4 (64 MiB, 3 passes).

    `together` bounds how many run at once: each takes 64 MiB and a core.
    """

    def __init__(self, *, together: int = 2, memory_kib: int = 64 * 1024, passes: int = 3) -> None:
        self._hasher = PasswordHasher(
            time_cost=passes, memory_cost=memory_kib, parallelism=4, hash_len=32, salt_len=16, type=Type.ID
        )
        self._slots = asyncio.Semaphore(together)
        self._decoy = ""

    async def hash(self, password: str) -> str:
        """Return the hash of a new password in PHC form.

        Raises:
            SecurityError: it is too short or too long.
        """
        if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
            raise SecurityError(f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters")
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, _bytes(password))

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Tell whether a password is right; without a hash the answer is no and takes as long."""
        if len(password) > MAX_LENGTH:
            return False
        if hashed is None and not self._decoy:
            self._decoy = await self.hash(secrets.token_urlsafe(16))
        async with self._slots:
            right = await asyncio.to_thread(self._verify, password, hashed or self._decoy)
        return right and hashed is not None

    def _verify(self, password: str, hashed: str) -> bool:
        try:
            return self._hasher.verify(hashed, _bytes(password))
        except VerifyMismatchError:
            return False
        except (InvalidHashError, VerificationError) as error:
            raise SecurityError(
                f"a kept password is damaged ({error}); set it again with `hotline-collector user passwd`"
            ) from error


def _bytes(password: str) -> bytes:
    # Text from the wire may hold lone surrogates, which no strict encoding takes.
    return password.encode("utf-8", "surrogatepass")
