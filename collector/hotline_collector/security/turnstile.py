"""How many strangers may come in: so many an address and so many in all within some minutes; pure."""

from __future__ import annotations

from collections import deque

from hotline_collector.errors import Busy
from hotline_collector.security.pacing import client_of

WINDOW_S = 600.0
# A household, or a small office behind one address; and more than a large call centre sees.
PER_CLIENT = 10
IN_ALL = 600


class Turnstile:
    """Counts who came in; what it remembers is bounded by `in_all`. Time comes in from outside (seconds)."""

    def __init__(
        self, *, per_client: int = PER_CLIENT, in_all: int = IN_ALL, window: float = WINDOW_S
    ) -> None:
        self._per_client = per_client
        self._in_all = in_all
        self._window = window
        self._came: deque[tuple[float, str]] = deque()

    def enter(self, address: str, now: float) -> None:
        """Let somebody in.

        Raises:
            Busy: too many came from this address, or in all.
        """
        while self._came and self._came[0][0] <= now - self._window:
            self._came.popleft()
        client = client_of(address)
        if len(self._came) >= self._in_all:
            raise Busy("too many come in at once")
        if sum(1 for _, other in self._came if other == client) >= self._per_client:
            raise Busy("too many come in from this address")
        self._came.append((now, client))
