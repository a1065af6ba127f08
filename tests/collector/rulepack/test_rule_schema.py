"""The schemas for editors: every shipped file fits, what is wrong does not, the committed are current."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import hotline_rules
import pytest
from click.testing import CliRunner
from hotline_collector.rulepack.cli import rules
from hotline_collector.rulepack.document import Document
from hotline_collector.rulepack.editor_schema import KINDS, editor_schema
from hotline_proto.catalogue import load_catalogue
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[3]
PACK = Path(hotline_rules.__file__).parent
FILES = sorted(PACK.rglob("*.yaml"))


@cache
def validator(kind: str) -> Draft202012Validator:
    made = editor_schema(kind, load_catalogue())
    Draft202012Validator.check_schema(made)
    return Draft202012Validator(made)


def kind_of(file: Path) -> str:
    if file.name.endswith(".cases.yaml"):
        return "cases"
    return file.stem if file.parent == PACK else "rule"


def faults(kind: str, text: str) -> list[str]:
    return [error.message for error in validator(kind).iter_errors(Document("x.yaml", text).data)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACK)))
def test_every_shipped_file_fits(file: Path) -> None:
    assert faults(kind_of(file), file.read_text(encoding="utf-8")) == []


def test_every_kind_of_file_occurs() -> None:
    assert {kind_of(file) for file in FILES} == set(KINDS)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("net/wan_down.yaml", "severity: critical", "severity: urgent", "'urgent' is not one of"),
        ("net/wan_down.yaml", "hold: 3s", "hold: 3", "3 is not of type 'string'"),
        ("net/wan_down.yaml", "hold: 3s", "for_each: router", "'router' is not one of"),
        ("net/wan_down.yaml", "symptom:", "symptoms:", "'symptom' is a required property"),
        (
            "net/wan_down.cases.yaml",
            "net.gateway.reachable: true",
            "net.gateway.reachabel: true",
            "reachabel",
        ),
        ("net/wan_down.cases.yaml", "{unknown: timeout}", "{unknown: tired}", "is not valid"),
        ("net/wan_down.cases.yaml", "resolver: {", "resolvr: {", "resolvr"),
        ("questions.yaml", "type: bool", "type: number", "'number' is not one of"),
        ("pack.yaml", "name: hotline", "name: Hot Line", "does not match"),
    ],
)
def test_what_is_wrong_does_not_fit(name: str, old: str, new: str, message: str) -> None:
    text = (PACK / name).read_text(encoding="utf-8")
    assert old in text
    found = faults(kind_of(PACK / name), text.replace(old, new, 1))
    assert any(message in fault for fault in found), found


def test_every_key_of_a_rule_is_described() -> None:
    properties: dict[str, Any] = editor_schema("rule", load_catalogue())["properties"]
    assert [name for name, key in properties.items() if not key.get("description")] == []


def test_the_command_prints_the_committed_schema() -> None:
    printed = json.loads(CliRunner().invoke(rules, ["schema", "cases"]).output)
    assert printed == json.loads((ROOT / "docs/schema/cases.json").read_text(encoding="utf-8"))
    assert CliRunner().invoke(rules, ["schema", "nothing"]).exit_code == 2


def test_the_committed_schemas_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/rule_schemas.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
