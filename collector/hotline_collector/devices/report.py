"""What the process that reads a device may say; it has talked to a machine that may be hostile."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from hotline_proto.v1 import probe_pb2 as pb

MAX_LINE = 1024
FAILED = "reader_failed"
_STATES: Mapping[str, pb.DeviceState] = {
    "connecting": pb.DEVICE_STATE_CONNECTING,
    "reading": pb.DEVICE_STATE_READING,
    "failed": pb.DEVICE_STATE_FAILED,
    "ended": pb.DEVICE_STATE_ENDED,
}
# What may follow on what; nothing follows on the last words.
_AFTER: Mapping[pb.DeviceState, frozenset[pb.DeviceState]] = {
    pb.DEVICE_STATE_UNSPECIFIED: frozenset({pb.DEVICE_STATE_CONNECTING, pb.DEVICE_STATE_FAILED}),
    pb.DEVICE_STATE_CONNECTING: frozenset({pb.DEVICE_STATE_READING, pb.DEVICE_STATE_FAILED}),
    pb.DEVICE_STATE_READING: frozenset({pb.DEVICE_STATE_ENDED, pb.DEVICE_STATE_FAILED}),
}
_FIELDS = {"state", "trouble", "fingerprint"}
_TROUBLE = re.compile(r"[a-z_]{0,40}", re.ASCII)
_FINGERPRINT = re.compile(r"(?:SHA256:[A-Za-z0-9+/]{43})?", re.ASCII)


class Nonsense(Exception):
    """The process that reads a device said something that it may not say."""


def read_report(line: bytes, target: int, before: pb.DeviceState) -> pb.DeviceReport:
    """Return what a line says about a target after a state.

    Raises:
        Nonsense: it is no report, or cannot follow on what was said before.
    """
    try:
        told = json.loads(line) if len(line) <= MAX_LINE else None
    except (ValueError, RecursionError):
        raise Nonsense("a line is no JSON") from None
    if not isinstance(told, dict) or told.keys() != _FIELDS:
        raise Nonsense("a line is no report")
    words = [told[name] for name in ("state", "trouble", "fingerprint")]
    if not all(isinstance(word, str) for word in words):
        raise Nonsense("a report has something else than words")
    state, trouble, fingerprint = words
    if not _TROUBLE.fullmatch(trouble) or not _FINGERPRINT.fullmatch(fingerprint):
        raise Nonsense("a report names no trouble or no fingerprint")
    if _STATES.get(state) not in _AFTER.get(before, ()):
        raise Nonsense("a report comes out of turn")
    return pb.DeviceReport(target=target, state=_STATES[state], trouble=trouble, fingerprint=fingerprint)


def failed(target: int) -> pb.DeviceReport:
    """Return the report about a device whose reading process broke down."""
    return pb.DeviceReport(target=target, state=pb.DEVICE_STATE_FAILED, trouble=FAILED)


def is_last(state: pb.DeviceState) -> bool:
    """Tell whether nothing follows on a state."""
    return state not in _AFTER
