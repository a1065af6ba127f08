"""JSON Schemas of the files of a pack, for editors: descriptions, and the names that the catalogue knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hotline_proto.catalogue import Catalogue, FactSpec
from hotline_proto.facts import UnknownReason
from pydantic import BaseModel, RootModel

from hotline_collector.rulepack import schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_FORMS: Mapping[str, tuple[type[BaseModel], str]] = {
    "rule": (schema.RuleForm, "a rule of a Hotline pack"),
    "cases": (schema.CasesForm, "the cases of a rule"),
    "steps": (RootModel[dict[str, schema.StepForm]], "steps.yaml: sentences for a human to follow"),
    "questions": (RootModel[dict[str, schema.QuestionForm]], "questions.yaml: what only a human can answer"),
    "lexicon": (RootModel[dict[str, schema.LexiconForm]], "lexicon.yaml: what callers say"),
    "plans": (RootModel[dict[str, schema.PlanForm]], "plans.yaml: installations step by step"),
    "pack": (schema.PackForm, "pack.yaml: name and version"),
}
KINDS = tuple(_FORMS)
_TYPES: Mapping[str, str | list[str]] = {
    "bool": "boolean",
    "int": "integer",
    "events": "integer",
    "double": ["number", "string"],
    "text": "string",
}
_UNKNOWN = {
    "type": "object",
    "properties": {"unknown": {"enum": [reason.word for reason in UnknownReason]}},
    "required": ["unknown"],
    "additionalProperties": False,
}


def editor_schema(kind: str, catalogue: Catalogue) -> dict[str, Any]:
    """Return the schema of one kind of file, as in `KINDS`."""
    form, title = _FORMS[kind]
    made = form.model_json_schema(by_alias=True)
    _plain_titles(made)
    _name_the_known(made, catalogue)
    return {"$schema": DIALECT, **made, "title": title}


def _plain_titles(node: Any) -> None:
    """Take out the titles that only repeat a key, and defaults in the engine's own units."""
    if isinstance(node, list):
        for item in node:
            _plain_titles(item)
    elif isinstance(node, dict):
        if isinstance(node.get("title"), str):
            del node["title"]
        if node.get("type") == "string" and isinstance(node.get("default"), int):
            del node["default"]
        for value in node.values():
            _plain_titles(value)


def _name_the_known(made: dict[str, Any], catalogue: Catalogue) -> None:
    """Put in what only the catalogue knows: entity kinds, actions, names and values of facts."""
    forms = {**made.get("$defs", {}), "": made}
    rule = forms[""].get("properties", {})
    if "for_each" in rule:
        rule["for_each"]["enum"] = ["", *catalogue.entities]
    if "FixForm" in forms:
        forms["FixForm"]["properties"]["action"]["enum"] = ["", *catalogue.actions]
    if "CaseStep" in forms:
        step = forms["CaseStep"]["properties"]
        made["$defs"] |= {
            "Unknown": _UNKNOWN,
            "Facts": _facts(step["facts"], catalogue),
            "Entities": _entities(step["entities"], catalogue),
        }
        for name in ("CaseForm", "CaseStep"):
            for part in ("facts", "entities"):
                forms[name]["properties"][part] = {"$ref": f"#/$defs/{part.capitalize()}"}


def _facts(node: dict[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """Describe the facts of the machine itself; other names are answers to the pack's questions."""
    return {
        "type": "object",
        "description": node["description"],
        "properties": {fact.name: _fact(fact) for fact in catalogue.facts.values() if not fact.entity},
        "patternProperties": {"^(ask|appl)\\.": node["additionalProperties"]},
        "additionalProperties": False,
    }


def _entities(node: dict[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    return {
        "type": "object",
        "description": node["description"],
        "properties": {
            kind.name: {
                "description": kind.meaning.en,
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "properties": {fact.short: _fact(fact) for fact in catalogue.facts_of_entity[kind.name]},
                    "additionalProperties": False,
                },
            }
            for kind in catalogue.entities.values()
        },
        "additionalProperties": False,
    }


def _fact(fact: FactSpec) -> dict[str, Any]:
    """Describe one fact; numbers with a unit may be written as quantities."""
    unit = f" ({fact.unit})" if fact.unit and fact.unit != "1" else ""
    value: dict[str, Any] = {"type": _TYPES[fact.type]}
    if fact.values:
        value["enum"] = list(fact.values)
    return {"description": fact.meaning.en + unit, "anyOf": [value, {"$ref": "#/$defs/Unknown"}]}
