"""Errors of the probe.

ProbeError
├── SourceError            a source cannot tell
│   ├── Unsupported        this platform or machine has no such thing
│   ├── Denied             the user may not read it
│   ├── MissingTool        a program it needs is not installed
│   └── SourceFailed       what it read makes no sense, or a program failed
│       └── MachineLost    the connection to the machine has ended
├── ActionError            an action was refused or went wrong; carries a code
├── JoinRefused            the collector did not accept the code
├── LinkError              the collector cannot be reached or breaks the protocol
│   └── Untrusted          who answers cannot prove to be the collector
├── NoWindow               no window can be opened here
├── TableError             the decision table is damaged or not the operator's
└── UsageError             wrong arguments
"""

from __future__ import annotations


class ProbeError(Exception):
    """Something the probe must tell the caller or the collector."""


class SourceError(ProbeError):
    """A source cannot tell; the message says why in plain English."""


class Unsupported(SourceError):
    """This platform or machine has no such thing."""


class Denied(SourceError):
    """The user may not read it."""


class MissingTool(SourceError):
    """A program that the source needs is not installed."""


class SourceFailed(SourceError):
    """What was read makes no sense, or a program failed."""


class MachineLost(SourceFailed):
    """The connection to the machine has ended, in the middle of what was asked of it perhaps."""


class ActionError(ProbeError):
    """An action was refused or went wrong.

    `code` is one of permission, precondition, unknown_action, bad_parameter, lost, error; "lost" means that
    the connection to a device ended, so that nobody knows whether it was done.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class JoinRefused(ProbeError):
    """The collector did not accept the code."""


class LinkError(ProbeError):
    """The collector cannot be reached or breaks the protocol."""


class Untrusted(LinkError):
    """Who answers cannot prove to be the collector."""


class UsageError(ProbeError):
    """Wrong arguments."""


class NoWindow(ProbeError):
    """No window can be opened here: no display, or a Python without Tk."""


class TableError(ProbeError):
    """The decision table of this build is damaged, or not signed by its operator."""
