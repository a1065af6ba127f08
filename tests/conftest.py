"""What holds for all tests."""

from __future__ import annotations

import socket

import pytest
from hypothesis import HealthCheck, settings

# How long an example or its making takes tells who else uses the machine, not how good the code is.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Have workers tell at once what they may play again.

    pytest-rerunfailures writes twice and then waits for an answer, which the kernel holds back for 40 ms at
    every test: some five minutes of a whole run.

    Source: RFC 896 with RFC 1122, 4.2.3.2 (delayed acknowledgements); tcp(7), TCP_NODELAY.
    """
    told = getattr(getattr(session.config, "failures_db", None), "sock", None)
    if isinstance(told, socket.socket) and hasattr(session.config, "workerinput"):
        told.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
