"""Join codes that agents are reading out: kept in memory only, for the store has but their hashes."""

from __future__ import annotations

from hotline_proto.v1 import agent_pb2 as pb

_MAX = 1000


class FreshCodes:
    """The newest code of each call until it runs out or is used."""

    def __init__(self) -> None:
        self._codes: dict[str, pb.JoinCode] = {}

    def keep(self, call_id: str, code: pb.JoinCode) -> None:
        """Keep the code of a call in place of its earlier one; the oldest of too many is forgotten."""
        self._codes.pop(call_id, None)
        self._codes[call_id] = code
        if len(self._codes) > _MAX:
            del self._codes[next(iter(self._codes))]

    def of(self, call_id: str, now: int) -> pb.JoinCode | None:
        """Return the code of a call, None if it is not known or has run out by `now` (µs)."""
        code = self._codes.get(call_id)
        if code is not None and code.expires_us <= now:
            self.drop(call_id)
            return None
        return code

    def drop(self, call_id: str) -> None:
        """Forget the code of a call."""
        self._codes.pop(call_id, None)
