"""Puts the data of a YAML document into a form; what does not fit becomes a fault with its place."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from hotline_collector.rulepack.document import Document
from hotline_collector.rulepack.schema import ID_FORM, ID_PATTERN

_Form = TypeVar("_Form", bound=BaseModel)


def parse_form(
    document: Document, form: type[_Form], data: Any, path: tuple[str | int, ...] = ()
) -> _Form | None:
    """Return data in a form; what does not fit is added to the document's faults."""
    try:
        return form.model_validate(data)
    except ValidationError as error:
        for item in error.errors():
            where = (*path, *item["loc"])
            name = ".".join(str(part) for part in item["loc"]) or "the file"
            document.faults.append(document.fault(where, f"{name}: {_plain(item)}"))
        return None


def _plain(item: Any) -> str:
    match item["type"]:
        case "extra_forbidden":
            return "unknown key"
        case "missing":
            return "is missing"
        case "string_pattern_mismatch" if item["ctx"]["pattern"] == ID_PATTERN:
            return f"{str(item['input'])[:80]!r} is no id; {ID_FORM}"
        case _:
            return str(item["msg"]).removeprefix("Value error, ").replace("Input should", "it should")
