"""Which columns are sealed with the key of their call, and how a row gets sealed and opened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import JSON, Table

from hotline_collector.store import schema
from hotline_collector.store.keyring import Keyring
from hotline_collector.store.sealing import Seal, is_sealed

# What callers say, what is measured at their place, and what agents write about it. The rest of each table
# is what lists, statistics and the audit trail need: ids, times, states, rules, agents.
SEALED: Mapping[Table, frozenset[str]] = MappingProxyType(
    {
        schema.calls: frozenset({"complaint", "customer_reference", "first_check", "checks", "back_number"}),
        schema.sessions: frozenset({"platform", "version", "language"}),
        schema.fixes: frozenset({"entity", "parameters", "said", "detail"}),
        schema.notes: frozenset({"text"}),
        schema.findings: frozenset({"entity_key"}),
        schema.disagreements: frozenset({"cause", "reason"}),
        schema.wrap_ups: frozenset({"ticket", "summary", "cause", "tried"}),
        schema.deliveries: frozenset({"payload", "detail"}),
    }
)
SALT_BYTES = 16
_AUDIT = b"audit.detail"
_EMPTY: Mapping[tuple[Table, str], Any] = MappingProxyType(
    {
        (schema.calls, "checks"): (),
        (schema.fixes, "parameters"): {},
        (schema.fixes, "said"): {},
        (schema.wrap_ups, "cause"): {},
        (schema.wrap_ups, "tried"): (),
    }
)


def call_of(table: Table, columns: Mapping[str, Any]) -> str:
    """Return the call that a row belongs to."""
    return str(columns["id" if table is schema.calls else "call_id"])


def seal_row(seal: Seal, table: Table, columns: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a row as they are kept."""
    for name in SEALED.get(table, ()):
        value = columns[name]
        plain = json.dumps(value) if isinstance(table.c[name].type, JSON) else value
        columns[name] = seal.close_text(plain.encode("utf-8", "surrogatepass"), _place(table, name))
    return columns


def open_row(keys: Keyring, table: Table, columns: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a row as they were saved; what has no key any more is empty."""
    sealed = SEALED.get(table, ())
    call_id = call_of(table, columns) if sealed else ""
    for name in sealed:
        columns[name] = open_value(keys, table, call_id, name, columns[name])
    return columns


def open_value(keys: Keyring, table: Table, call_id: str, column: str, value: Any) -> Any:
    """Return the value of one column as it was saved."""
    if not is_sealed(value):
        return value
    is_json = isinstance(table.c[column].type, JSON)
    seal = keys.find(call_id)
    if seal is None:
        return _EMPTY.get((table, column), "")
    text = seal.open_text(value, _place(table, column)).decode("utf-8", "surrogatepass")
    return json.loads(text) if is_json else text


def seal_detail(seal: Seal, salt: bytes, detail: str) -> str:
    """Return the detail of an audit entry with its salt, as they are kept."""
    return seal.close_text(salt + detail.encode("utf-8", "surrogatepass"), _AUDIT)


def open_detail(seal: Seal | None, sealed: str) -> tuple[bytes, str] | tuple[None, None]:
    """Return salt and detail of an audit entry; none once its call is erased."""
    if seal is None:
        return None, None
    plain = seal.open_text(sealed, _AUDIT)
    return plain[:SALT_BYTES], plain[SALT_BYTES:].decode("utf-8", "surrogatepass")


def _place(table: Table, column: str) -> bytes:
    return f"{table.name}.{column}".encode()
