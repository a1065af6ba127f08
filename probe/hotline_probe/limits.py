"""How often a collector may ask for something."""

from __future__ import annotations

import time
from collections import deque


class Budget:
    """Allows `amount` uses in any `window` seconds."""

    def __init__(self, amount: int, window: float = 60.0) -> None:
        self._amount = amount
        self._window = window
        self._uses: deque[float] = deque()

    def take(self, now: float | None = None) -> bool:
        """Use it once; False when there is nothing left."""
        now = time.monotonic() if now is None else now
        while self._uses and now - self._uses[0] >= self._window:
            self._uses.popleft()
        if len(self._uses) >= self._amount:
            return False
        self._uses.append(now)
        return True
