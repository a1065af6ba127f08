"""What an error of gRPC means for the person at the screen."""

from __future__ import annotations

from typing import Any

import grpc

from hotline_collector.console.errors import CannotReach, ConsoleError, NotLoggedIn, Refused
from hotline_collector.model.safe import harmless

_TRUST = ("CERTIFICATE_VERIFY_FAILED", "Peer name", "certificate", "SSL_ERROR_SSL")
# How gRPC begins when nobody listens; what went wrong in the end stands last.
_NOWHERE = "failed to connect to all addresses"
_UNREACHED = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


def console_error(error: Any, server: str) -> ConsoleError:
    """Return what a gRPC error means for the person at the screen."""
    code, details = error.code(), details_of(error)
    if code is grpc.StatusCode.UNAUTHENTICATED:
        return NotLoggedIn(f"your login at {server} has ended, or is not known there; run: hotline login")
    if code in _UNREACHED and any(word in details for word in _TRUST):
        return CannotReach(
            f"the certificate of {server} is not the one you trusted ({details}); "
            "if the collector was set up anew, compare its fingerprint and run: hotline login"
        )
    if code in _UNREACHED:
        reason = details.rpartition(": ")[2] if details.startswith(_NOWHERE) else details
        return CannotReach(
            f"cannot reach the collector at {server} ({reason or 'no answer'}); "
            "does it run, and is that its address?"
        )
    return Refused(details or f"the collector refused: {code.name}")


def details_of(error: Any) -> str:
    """Return what the collector, or gRPC itself, says about an error."""
    return harmless(error.details() or "", 400)
