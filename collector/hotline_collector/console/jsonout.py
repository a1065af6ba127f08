"""What `--json` prints: one object with "version" and "kind" first; fields are named as in agent.proto."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from google.protobuf.message import Message

VERSION = 1


def document(kind: str, **content: Any) -> str:
    """Return one line of JSON; messages become objects, text is escaped to ASCII."""
    body = {"version": VERSION, "kind": kind}
    return json.dumps(body | {name: _plain(value) for name, value in content.items()}, ensure_ascii=True)


def as_dict(message: Message) -> dict[str, Any]:
    """Return a message with every field, also those not set (null where that means something).

    Numbers stay numbers; protobuf's own JSON form writes 64-bit integers as text, which scripts trip over.
    """
    fields = message.DESCRIPTOR.fields
    return {field.name: _field(message, field.name, field.has_presence) for field in fields}


def _field(message: Message, name: str, may_be_unset: bool) -> Any:
    return None if may_be_unset and not message.HasField(name) else _plain(getattr(message, name))


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return as_dict(value)
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value]
