"""What can go wrong before a machine can be read over SSH."""

from __future__ import annotations

from enum import StrEnum

from hotline_probe.errors import ProbeError


class SshTrouble(StrEnum):
    """Why a machine cannot be read; also the values of the fact `device.ssh.error`."""

    UNREACHABLE = "unreachable"
    NO_SSH = "no_ssh"
    FRITZBOX = "fritzbox"
    TOO_SLOW = "too_slow"
    HOST_KEY_UNKNOWN = "host_key_unknown"
    HOST_KEY_CHANGED = "host_key_changed"
    LOGIN_REFUSED = "login_refused"
    KEY_LOCKED = "key_locked"
    KEY_UNREADABLE = "key_unreadable"
    TOO_OLD = "too_old"
    ENDED = "ended"
    UNSUPPORTED = "unsupported"


class SshError(ProbeError):
    """A machine cannot be read over SSH; `trouble` says why, the message says it to a human."""

    def __init__(self, trouble: SshTrouble, message: str) -> None:
        super().__init__(message)
        self.trouble = trouble


class HostKeyUnknown(SshError):
    """Nobody has said yet that this key belongs to the machine; `fingerprint` is for a human to compare."""

    def __init__(self, message: str, fingerprint: str) -> None:
        super().__init__(SshTrouble.HOST_KEY_UNKNOWN, message)
        self.fingerprint = fingerprint


class HostKeyChanged(SshError):
    """The machine shows another key than before: it was set up anew, or somebody stands in between."""

    def __init__(self, message: str, fingerprint: str) -> None:
        super().__init__(SshTrouble.HOST_KEY_CHANGED, message)
        self.fingerprint = fingerprint
