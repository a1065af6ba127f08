"""Files that are no good bundle, each made of a good one, and what is said of it on every face."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hotline_proto.record import MAGIC, Entry, EntryKind, pack_entry, read_file, unpack_entries, write_file
from hotline_proto.sealed import seal

_OTHER = X25519PrivateKey.generate().public_key().public_bytes_raw()


def _rewritten(good: bytes, change: Callable[[list[Entry]], list[Entry]]) -> bytes:
    entries = change(list(unpack_entries(read_file(good))))
    return write_file(pack_entry(*entry) for entry in entries)


def _bomb() -> bytes:
    body = bytes(70 * 2**20)
    return MAGIC + zlib.compress(body, 9) + hashlib.sha256(body).digest()


def _spoilt(good: bytes) -> bytes:
    """Return a whole file, digest and all, of which one payload is no message."""
    return _rewritten(good, lambda all_: [*all_, Entry(EntryKind.FACT_STATED, 1, all_[-1].at, b"\xff")])


def _back_in_time(entries: list[Entry]) -> list[Entry]:
    return [*entries[:-1], entries[-1]._replace(at=entries[0].at - 1)]


def _newer(good: bytes) -> bytes:
    body = read_file(good) + b"\x63" + bytes(14)
    return MAGIC + zlib.compress(body) + hashlib.sha256(body).digest()


# By what is wrong: the file, and words of the error.
BROKEN: Mapping[str, Callable[[bytes], tuple[bytes, str]]] = {
    "foreign": lambda good: (b"\x89PNG\r\n" + good, "not a Hotline record"),
    "damaged": lambda good: (good[:60] + bytes(8) + good[68:], "damaged"),
    "truncated": lambda good: (good[:-40], "damaged or cut off"),
    "header only": lambda good: (good[:20], "ends within its header"),
    "zip bomb": lambda _good: (_bomb(), "larger than 64 MiB when unpacked"),
    "future version": lambda good: (MAGIC[:7] + b"\x02" + good[8:], "version 2; this program reads 1"),
    "future entry": lambda good: (_newer(good), "newer version, or damaged"),
    "spoilt entry": lambda good: (_spoilt(good), "damaged, or makes no sense"),
    "back in time": lambda good: (_rewritten(good, _back_in_time), "make no sense"),
    "no beginning": lambda good: (_rewritten(good, lambda all_: all_[1:]), "does not begin"),
    "sealed for another": lambda good: (seal(good, _OTHER), "encrypted"),
}
