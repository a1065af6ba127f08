"""The published conformance cases of CEL through our evaluation.

`scripts/cel_cases.py` fetches them (`make test` does so); they are no part of this repository.
"""

from __future__ import annotations

import math
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hotline_collector.engine.cel.environment import ConditionError
from hotline_collector.engine.cel.parse import parse_expression
from hotline_collector.engine.cel.standalone import evaluate_text
from hotline_collector.engine.cel.values import Failure, equal
from hotline_proto.catalogue import Catalogue, load_catalogue

from tests.collector.engine.cel_cases import Case, Unsupported, read_cases

FOLDER = Path(__file__).resolve().parents[3] / ".cache/cel-spec"
LEFT_OUT = Path(__file__).with_name("cel_left_out.toml")
FILES = sorted(FOLDER.glob("*.textproto"))
MISSING = "the conformance cases of CEL are missed: scripts/cel_cases.py could not fetch them"
# What the pinned release of the cases holds, so that an emptied folder cannot pass.
NUMBER_OF_FILES, NUMBER_RUN = 29, 914


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


@cache
def left_out() -> frozenset[str]:
    groups = tomllib.loads(LEFT_OUT.read_text(encoding="utf-8")).values()
    return frozenset(name for group in groups for name in group["cases"])


def is_left_out(case: Case) -> bool:
    return case.name in left_out() or f"{case.name.partition('/')[0]}/*" in left_out()


def complaint(case: Case) -> str:
    """Return in what our evaluation differs from a case, empty if in nothing."""
    try:
        environment, bindings = case.environment(catalogue()), case.bindings()
        if case.test.check_only:
            parse_expression(environment, case.test.expr)
            return ""
        told = evaluate_text(environment, case.test.expr, bindings)
        expected = None if case.expects_error else case.expected
    except (ConditionError, Unsupported) as error:
        return f"{case.name}: {error}"
    if case.expects_error:
        return "" if isinstance(told, Failure) else f"{case.name}: {told!r} instead of an error"
    return "" if same(told, expected) else f"{case.name}: {told!r} instead of {expected!r}"


def same(told: Any, expected: Any) -> bool:
    if isinstance(told, float) and isinstance(expected, float) and math.isnan(expected):
        return math.isnan(told)
    return type(told) is type(expected) and equal(told, expected)


@pytest.mark.skipif(not FILES, reason=MISSING)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_published_cases(file: Path) -> None:
    outcomes = [(case, complaint(case)) for case in read_cases(file)]
    assert [text for case, text in outcomes if text and not is_left_out(case)] == []
    assert [case.name for case, text in outcomes if is_left_out(case) and not text] == []


@pytest.mark.skipif(not FILES, reason=MISSING)
def test_what_is_left_out_exists_and_the_rest_is_run() -> None:
    cases = [case for file in FILES for case in read_cases(file)]
    exist = {case.name for case in cases} | {f"{file.stem}/*" for file in FILES}
    assert left_out() - exist == frozenset()
    assert len(FILES) == NUMBER_OF_FILES
    assert sum(not is_left_out(case) for case in cases) == NUMBER_RUN
