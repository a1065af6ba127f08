"""The states of a call as they come from the collector."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.console.errors import CannotReach
from hotline_collector.console.failures import console_error


class WatchStream:
    """The states of one call as they come; `cancel` ends it from any thread."""

    def __init__(self, stream: Any, server: str) -> None:
        self._stream = stream
        self._server = server
        self.cancelled = False

    def __iter__(self) -> Iterator[pb.CallView]:
        try:
            for message in self._stream:
                yield message.call
        except grpc.RpcError as error:
            if self.cancelled:
                return
            # A collector that shuts down cancels its streams; that is no refusal.
            if error.code() is grpc.StatusCode.CANCELLED:
                raise CannotReach(f"{self._server} has ended the stream") from error
            raise console_error(error, self._server) from error

    def cancel(self) -> None:
        """End the stream."""
        self.cancelled = True
        self._stream.cancel()
