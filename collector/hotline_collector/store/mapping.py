"""Turns rows of the model into rows of tables and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import Table

from hotline_collector.model.figures import CallFiguresRow
from hotline_collector.model.rows import (
    CallRow,
    DeliveryRow,
    DisagreementRow,
    FindingRow,
    FixRow,
    NoteRow,
    Row,
    SessionRow,
    VerdictRow,
    WrapUpRow,
)
from hotline_collector.store import schema

# Parents before children, because of the foreign keys.
TABLES: Mapping[type, Table] = {
    CallRow: schema.calls,
    SessionRow: schema.sessions,
    FixRow: schema.fixes,
    NoteRow: schema.notes,
    FindingRow: schema.findings,
    DisagreementRow: schema.disagreements,
    VerdictRow: schema.verdicts,
    CallFiguresRow: schema.call_figures,
    WrapUpRow: schema.wrap_ups,
    DeliveryRow: schema.deliveries,
}
_TUPLES = frozenset({"checks", "consent", "tried"})
_Kind = TypeVar("_Kind")


def call_id_of(row: Row) -> str:
    """Return the call that a row belongs to."""
    return row.id if isinstance(row, CallRow | CallFiguresRow) else row.call_id


def to_columns(row: Row) -> dict[str, Any]:
    """Return the columns of a row."""
    out: dict[str, Any] = {}
    for field in dataclasses.fields(row):
        value = getattr(row, field.name)
        if isinstance(value, tuple):
            value = list(value)
        elif isinstance(value, Mapping):
            value = dict(value)
        out[field.name] = value
    return out


def from_columns(kind: type[_Kind], columns: Mapping[Any, Any]) -> _Kind:
    """Return the row of some columns."""
    values = {name: tuple(value) if name in _TUPLES else value for name, value in columns.items()}
    return kind(**values)
