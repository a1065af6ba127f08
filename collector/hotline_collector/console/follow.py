"""A watched call that survives restarts of the collector."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.console.client import AgentClient
from hotline_collector.console.errors import CannotReach
from hotline_collector.console.watch_stream import WatchStream

PAUSES = (0.3, 0.6, 1.0, 2.0, 3.0)
_CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection to the collector is lost for now; the next view says that it is back."""

    reason: str


class Follower:
    """Yields the states of one call, and `Lost` while the collector is away.

    Iterate in one thread; `stop` and `include_facts` may be called from any.
    """

    def __init__(self, client: AgentClient, call_id: str, *, include_facts: bool = False) -> None:
        self._client = client
        self._call_id = call_id
        self._facts = include_facts
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._stream: WatchStream | None = None

    def __iter__(self) -> Iterator[pb.CallView | Lost]:
        """Yield until the call is closed or `stop` is called.

        Raises:
            NotLoggedIn: the login is not accepted any more.
            Refused: the collector does not show this call.
        """
        failures = 0
        while stream := self._open():
            try:
                for view in stream:
                    failures = 0
                    yield view
                    if view.state == _CLOSED:
                        return
            except CannotReach as error:
                yield Lost(str(error))
                failures += 1
            if not stream.cancelled:
                self._stopped.wait(PAUSES[min(failures, len(PAUSES) - 1)])

    def include_facts(self, wanted: bool) -> None:
        """Ask for views with or without facts from now on."""
        with self._lock:
            self._facts = wanted
            if self._stream is not None:
                self._stream.cancel()

    def stop(self) -> None:
        """End the iteration."""
        with self._lock:
            self._stopped.set()
            if self._stream is not None:
                self._stream.cancel()

    def _open(self) -> WatchStream | None:
        with self._lock:
            if self._stopped.is_set():
                return None
            self._stream = self._client.watch_call(self._call_id, include_facts=self._facts)
            return self._stream
