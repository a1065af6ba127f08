"""The record format: every input of a call's engine in order, each with its time.

It serves journal, bundle and export alike. An entry is a fixed header and a payload:

    kind u8 · target u16 · time i64 (µs since the epoch, collector time) · length u32 · payload

little-endian, nothing between entries. A file starts with MAGIC (its last byte is the version) and a zlib
stream of entries and ends with the SHA-256 of the uncompressed entries. It may be encrypted as a whole:
hotline_proto.sealed.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

from hotline_proto.errors import RecordError

MAGIC = b"HOTLREC\x01"
MAX_PAYLOAD = 4 * 1024 * 1024
# Bytes of a file, packed; no program takes one with more.
MAX_FILE = 16 * 1024 * 1024
# Unpacked; hours of a call have a tenth of it.
MAX_RECORD = 64 * 1024 * 1024
_VERSION = 7
_BODY = 8
_DIGEST = 32
_HEADER = struct.Struct("<BHqI")


class EntryKind(IntEnum):
    """What an entry carries; the payload is the message of that name in record.proto or probe.proto."""

    CALL_OPENED = 1
    TARGET_ADDED = 2
    LINK_CHANGED = 3
    PROBE_FRAME = 4
    TICK = 5
    FACT_STATED = 6
    COMPLAINT_CHANGED = 7
    FIX_DONE = 8
    PACK_CHANGED = 9
    PLAN_FOLLOWED = 10


class Entry(NamedTuple):
    """One input: `at` is microseconds since the epoch in collector time."""

    kind: EntryKind
    target: int
    at: int
    payload: bytes


def pack_entry(kind: int, target: int, at: int, payload: bytes) -> bytes:
    """Return one entry as bytes."""
    return _HEADER.pack(kind, target, at, len(payload)) + payload


def unpack_entries(data: bytes | memoryview) -> Iterator[Entry]:
    """Yield the entries of a byte string.

    Raises:
        RecordError: an entry is truncated, oversized or of an unknown kind.
    """
    position, end = 0, len(data)
    while position < end:
        if position + _HEADER.size > end:
            raise RecordError(f"record is cut off at byte {position}")
        kind, target, at, length = _HEADER.unpack_from(data, position)
        position += _HEADER.size
        if length > MAX_PAYLOAD or position + length > end:
            raise RecordError(f"record is cut off or damaged at byte {position}")
        try:
            entry_kind = EntryKind(kind)
        except ValueError as error:
            raise RecordError(
                f"record has an entry of kind {kind}: written by a newer version, or damaged"
            ) from error
        yield Entry(entry_kind, target, at, bytes(data[position : position + length]))
        position += length


def write_file(entries: Iterable[bytes]) -> bytes:
    """Return packed entries as a record file."""
    body = b"".join(entries)
    return MAGIC + zlib.compress(body, 6) + hashlib.sha256(body).digest()


def read_file(data: bytes, limit: int = MAX_RECORD) -> bytes:
    """Return the packed entries of a record file; no more than `limit` bytes are ever unpacked.

    Raises:
        RecordError: it is no record, too new, damaged, truncated or larger than `limit` bytes.
    """
    if not data:
        raise RecordError("the file is empty; have it sent again")
    if data[:_VERSION] != MAGIC[:_VERSION]:
        raise RecordError("this is not a Hotline record")
    if len(data) < _BODY + _DIGEST:
        raise RecordError("the record is cut off: it ends within its header")
    if data[_VERSION] != MAGIC[_VERSION]:
        raise RecordError(
            f"the record has version {data[_VERSION]}; this program reads {MAGIC[_VERSION]}. "
            "Install a newer one here, or have the file sent again"
        )
    inflater = zlib.decompressobj()
    try:
        body = inflater.decompress(data[_BODY:-_DIGEST], limit + 1)
    except zlib.error as error:
        raise RecordError("the record is damaged; have the file sent again") from error
    if len(body) > limit:
        raise RecordError(f"the record is larger than {limit / 2**20:.4g} MiB when unpacked")
    whole = inflater.eof and not inflater.unused_data
    if not whole or hashlib.sha256(body).digest() != data[-_DIGEST:]:
        raise RecordError("the record is damaged or cut off: its digest does not match")
    return body
