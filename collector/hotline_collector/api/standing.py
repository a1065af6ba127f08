"""Whether somebody who watches may still do so: an account may be disabled while a stream is open."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from hotline_collector.api.access import admitted
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.ports import Accounts
from hotline_collector.errors import StoreError

# The store is not asked for every state that is sent, for that would cost as much as the state itself.
ASK_AGAIN_S = 10.0


class Standing:
    """Tells who `token` stands for, by what the store said in the last ten seconds; `who` began the stream.

    A store that does not work changes nothing: nobody can be shut out in it either.
    """

    def __init__(
        self,
        accounts: Accounts,
        token: str,
        who: Actor,
        method: str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._accounts = accounts
        self._token = token
        self._who = who
        self._method = method
        self._now = now
        self._asked = now()

    async def who(self) -> Actor:
        """Return who it is.

        Raises:
            NotAdmitted: the login has ended, or its role may not do this any more.
        """
        if self._now() - self._asked >= ASK_AGAIN_S:
            self._asked = self._now()
            with contextlib.suppress(StoreError):
                self._who = admitted(await self._accounts.who(self._token), self._method)
        return self._who
