"""Passwords: argon2id, in a thread, few at a time."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from hotline_collector.errors import SecurityError
from hotline_collector.security import password_rules
from hotline_collector.security.password_rules import LONGEST, SHORTEST


class Passwords:
    """Hashes and verifies passwords with the second recommendation of RFC 9106 §4.

    That is argon2id with 64 MiB, 3 passes and 4 lanes, a salt of 128 bits and a tag of 256; more than the
    least that OWASP's Password Storage Cheat Sheet asks for (19 MiB, 2 passes). `together` bounds how many
    run at once: each takes 64 MiB and a core. New passwords have at least `shortest` characters.
    """

    def __init__(
        self,
        *,
        together: int = 2,
        memory_kib: int = 64 * 1024,
        passes: int = 3,
        shortest: int = SHORTEST,
    ) -> None:
        self._hasher = PasswordHasher(
            time_cost=passes, memory_cost=memory_kib, parallelism=4, hash_len=32, salt_len=16, type=Type.ID
        )
        self._slots = asyncio.Semaphore(together)
        self._decoy = ""
        self._shortest = shortest

    async def hash(self, password: str, known: Iterable[str] = ()) -> str:
        """Return the hash of a new password in PHC form; `known` are names that it must not be made of.

        Raises:
            PasswordRefused: it is too short, too long or too easy to guess.
        """
        password_rules.check(password_rules.normal(password), known, self._shortest)
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, _bytes(password))

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Tell whether a password is right; without a hash the answer is no and takes as long."""
        if len(password) > LONGEST:
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
    return password_rules.normal(password).encode("utf-8", "surrogatepass")
