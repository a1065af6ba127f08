"""Values that an operator allows actions to use: a small document with the operator's signature before it.

    64 bytes     Ed25519 signature (RFC 8032) of the purpose line and the document
    the rest     the document, JSON:
                 {"format": 1, "operator": "help.example.org", "expires": 1798761600, "call": "",
                  "values": {"resolver": ["192.0.2.53"], "time_server": ["time.example.org"]}}

`operator` is the host of the operator's build, `expires` the second (POSIX time) from which on the list is
worth nothing, `call` the salt of the only call it is for, in hexadecimal, or empty. The key that signs it
never lies on the collector, so that whoever steals a collector can choose among these values and no others.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hotline_proto.errors import OperatorListError

SIGNATURE_BYTES = 64
MAX_BYTES = 16 * 1024
MAX_VALUES = 50
_PURPOSE = b"hotline operator list 1\n"
# RFC 1123, section 2.1; systemd.unit(5).
_HOST = re.compile(r"(?=.{1,253}\Z)(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})+", re.ASCII)
_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@:-]{0,120}", re.ASCII)


@dataclass(frozen=True, slots=True)
class OperatorList:
    """What a list says; `values` are by kind, each in the form that its kind has."""

    operator: str
    expires: int
    call: str
    values: Mapping[str, tuple[str, ...]]


def _is_resolver(value: str) -> bool:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    # A scope (RFC 4007) may hold anything, and would end up in files and command lines.
    plain = str(address) == value and "%" not in value
    return plain and not (address.is_multicast or address.is_unspecified)


def _is_host(value: str) -> bool:
    return _HOST.fullmatch(value) is not None


def _is_service(value: str) -> bool:
    return _SERVICE.fullmatch(value) is not None


KINDS: Mapping[str, Callable[[str], bool]] = {
    "resolver": _is_resolver,
    "time_server": _is_host,
    "service": _is_service,
}


def is_value(kind: str, value: object) -> bool:
    """Tell whether a value has the form of a kind; an unknown kind has none."""
    return isinstance(value, str) and kind in KINDS and KINDS[kind](value)


def signed_part(document: bytes) -> bytes:
    """Return what is signed for a document."""
    return _PURPOSE + document


def split_list(raw: bytes) -> tuple[bytes, bytes]:
    """Return signature and document.

    Raises:
        OperatorListError: it is too short or too long to be a list.
    """
    if not SIGNATURE_BYTES < len(raw) <= MAX_BYTES:
        raise OperatorListError("this is no operator's list")
    return raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]


def write_document(listed: OperatorList) -> bytes:
    """Return the document of a list.

    Raises:
        OperatorListError: a value has not the form of its kind.
    """
    body = {
        "format": 1,
        "operator": listed.operator,
        "expires": listed.expires,
        "call": listed.call,
        "values": {kind: list(values) for kind, values in listed.values.items()},
    }
    document = json.dumps(body, sort_keys=True).encode("ascii")
    read_document(document)
    return document


def read_document(document: bytes) -> OperatorList:
    """Return what a document says; whether it is signed is another question.

    Raises:
        OperatorListError: it is damaged, or a value has not the form of its kind.
    """
    try:
        body = json.loads(document.decode("ascii"))
    except (ValueError, RecursionError) as error:
        raise OperatorListError("the operator's list is no JSON") from error
    if not isinstance(body, dict) or body.get("format") != 1:
        raise OperatorListError("the operator's list is of a form that this program does not know")
    operator, expires, call = body.get("operator"), body.get("expires"), body.get("call")
    if not (isinstance(operator, str) and operator and isinstance(call, str) and type(expires) is int):
        raise OperatorListError("the operator's list does not say whose it is and until when")
    return OperatorList(operator, expires, call, _values(body.get("values")))


def _values(body: Any) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(body, dict):
        raise OperatorListError("the operator's list has no values")
    found: dict[str, tuple[str, ...]] = {}
    for kind, values in body.items():
        if kind not in KINDS:  # a later version may know more
            continue
        if not _all_of(kind, values):
            raise OperatorListError(f"a {kind} of the operator's list is none")
        found[kind] = tuple(values)
    return found


def _all_of(kind: str, values: Sequence[object]) -> bool:
    return (
        isinstance(values, list)
        and len(values) <= MAX_VALUES
        and all(is_value(kind, value) for value in values)
    )
