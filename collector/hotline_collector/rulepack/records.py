"""A record file from anybody, read before it is played: every byte of it may be hostile."""

from __future__ import annotations

import math

from google.protobuf.message import DecodeError
from hotline_proto.errors import RecordError
from hotline_proto.record import MAX_FILE, Entry, EntryKind, read_file, unpack_entries
from hotline_proto.sealed import is_sealed, unseal
from hotline_proto.v1 import record_pb2 as rec

# Hours of a call: a record with more is nothing that should be played each time somebody looks.
MAX_ENTRIES = 200_000
_MAX_TARGET = 64
# The years in which a machine may believe to be, in microseconds since the epoch: from 1970 to 2100.
_LATEST = 4_102_444_800 * 1_000_000


def read_record(data: bytes, key: bytes = b"") -> list[Entry]:
    """Return the entries of a record file, sealed or not; it begins as one, and time never goes back in it.

    Raises:
        RecordError: it is none, too large, too new, damaged, sealed for another key, or makes no sense.
    """
    entries, last = list[Entry](), 0
    for entry in unpack_entries(read_file(_opened(data, key))):
        begins = entry.kind is EntryKind.CALL_OPENED
        if begins is bool(entries):
            raise RecordError("the record does not begin, once, with the opening of a call")
        if len(entries) >= MAX_ENTRIES:
            raise RecordError(f"the record has more than {MAX_ENTRIES} entries")
        if not last <= entry.at < _LATEST or entry.target > _MAX_TARGET:
            raise RecordError("the times or targets of the record make no sense")
        last = entry.at
        entries.append(entry)
    if not entries:
        raise RecordError("the record is empty")
    _check_opening(entries[0])
    return entries


def _opened(data: bytes, key: bytes) -> bytes:
    if len(data) > MAX_FILE:
        raise RecordError(f"it is larger than {MAX_FILE / 2**20:.4g} MiB")
    if not is_sealed(data):
        return data
    if not key:
        raise RecordError("it is encrypted, and this collector has no key for bundles")
    return unseal(data, key)


def _check_opening(first: Entry) -> None:
    try:
        opened = rec.CallOpened.FromString(first.payload)
    except DecodeError as error:
        raise RecordError("the opening of the call is damaged") from error
    if not all(math.isfinite(each.confidence) and 0 <= each.confidence <= 1 for each in opened.confidences):
        raise RecordError("the confidences of the record make no sense")
