"""Why a probe is refused.

Refused    carries a gRPC status and one sentence; `kind` names the counter
"""

from __future__ import annotations

import grpc


class Refused(Exception):
    """A request or stream is refused; the message says what is wrong and what to do."""

    def __init__(self, status: grpc.StatusCode, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
