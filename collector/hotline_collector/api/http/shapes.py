"""Messages of the contract as JSON, and their description as JSON Schema.

Names stay as they are in the .proto files, every field is there even if it is empty, except a message that
is not set. Whole numbers are JSON numbers: none here exceeds 2^53 (times are µs since the epoch).
Descriptions are the comments of the .proto file.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

_FILE = "agent.proto"
_COMMENT = re.compile(r"\s*//\s?(.*)")
_OPENS = re.compile(r"(?:message|service) (\w+) ")
_NAMED = re.compile(r"\s+(?:repeated )?(?:rpc (\w+)\(|[\w.]+ (\w+) = \d+;)")
_MESSAGE = FieldDescriptor.TYPE_MESSAGE
_TYPES: Mapping[int, Mapping[str, Any]] = {
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_DOUBLE: {"type": "number"},
    # Of a series: null where it was not known.
    FieldDescriptor.TYPE_FLOAT: {"type": ["number", "null"]},
    FieldDescriptor.TYPE_UINT32: {"type": "integer", "minimum": 0},
    FieldDescriptor.TYPE_UINT64: {"type": "integer", "minimum": 0},
    FieldDescriptor.TYPE_INT64: {"type": "integer"},
}


def plain(message: Message) -> dict[str, Any]:
    """Return a message as it is written in JSON."""
    out: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if _repeated(field):
            out[field.name] = [plain(item) if field.type == _MESSAGE else _known(item) for item in value]
        elif field.type != _MESSAGE:
            out[field.name] = value
        elif message.HasField(field.name):
            out[field.name] = plain(value)
    return out


def _known(value: Any) -> Any:
    # JSON has no NaN (RFC 8259).
    return None if isinstance(value, float) and not math.isfinite(value) else value


def schemas(messages: Iterable[Descriptor]) -> dict[str, Any]:
    """Return the JSON Schema of messages and of all that they contain, by name."""
    out: dict[str, Any] = {}
    waiting = list(messages)
    while waiting:
        message = waiting.pop()
        if message.name not in out:
            out[message.name] = _schema(message)
            waiting.extend(f.message_type for f in message.fields if f.message_type is not None)
    return dict(sorted(out.items()))


def _schema(message: Descriptor) -> dict[str, Any]:
    fields = list(message.fields)
    always = [field.name for field in fields if _repeated(field) or field.type != _MESSAGE]
    return {
        "title": message.name,
        "description": told(message.name),
        "type": "object",
        "properties": {field.name: _field(message, field) for field in fields},
        "required": always,
    }


def _field(message: Descriptor, field: FieldDescriptor) -> dict[str, Any]:
    inner = field.message_type
    one = reference(inner.name) if inner is not None else dict(_TYPES[field.type])
    out = {"type": "array", "items": one} if _repeated(field) else one
    words = told(f"{message.name}.{field.name}") or _of_time(field)
    return out | ({"description": words} if words else {})


def _of_time(field: FieldDescriptor) -> str:
    if not field.name.endswith("_us"):
        return ""
    return "Microseconds." if "duration" in field.name else "Microseconds since the epoch; 0 is not yet."


def _repeated(field: Any) -> bool:
    # `label` is gone from new releases of protobuf and `is_repeated` is missing in old ones.
    return bool(field.default_value == [])


def reference(name: str) -> dict[str, Any]:
    """Return how a description refers to a message by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def told(name: str) -> str:
    """Return the comment of a message, field or method (`CallView`, `CallView.state`), empty if none."""
    return _comments().get(name, "")


@functools.cache
def _comments() -> Mapping[str, str]:
    out: dict[str, str] = {}
    comment: list[str] = []
    inside = ""
    for line in (resources.files("hotline_proto.v1") / _FILE).read_text("utf-8").splitlines():
        if found := _COMMENT.match(line):
            comment.append(found[1])
            continue
        if found := _OPENS.match(line):
            inside = found[1]
            out[inside] = " ".join(comment)
        elif found := _NAMED.match(line):
            out[f"{inside}.{found[1] or found[2]}"] = " ".join(comment)
        comment = []
    return {name: words for name, words in out.items() if words}
