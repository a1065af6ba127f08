"""`hotline rules eval`: the value of one expression."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

import click
from hotline_proto.catalogue import Catalogue, FactSpec, load_catalogue

from hotline_collector.engine.cel.environment import ConditionError, ConditionFault, Environment
from hotline_collector.engine.cel.literal import literal
from hotline_collector.engine.cel.parse import line_and_column
from hotline_collector.engine.cel.standalone import Unknown, evaluate_text
from hotline_collector.engine.cel.values import Failure, type_name
from hotline_collector.model.hints import did_you_mean
from hotline_collector.model.rule import Question
from hotline_collector.rulepack.cases import typed_value
from hotline_collector.rulepack.faults import PackError
from hotline_collector.rulepack.loader import installed_questions

ERROR, UNKNOWN = 1, 3
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?")


@click.command("eval")
@click.argument("expression")
@click.option(
    "--set", "assignments", multiple=True, metavar="NAME=VALUE", help="A fact, such as ping.rtt='900 ms'."
)
@click.option("--for-each", "kind", default="", metavar="KIND", help="The kind of entity that is bound.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
def evaluate(expression: str, assignments: tuple[str, ...], kind: str, as_json: bool) -> None:
    """Print the value of an expression in the language of conditions.

    Values are typed by the catalogue and written as in cases: true, 3, 0.9, '900 ms', a text. Facts that are
    not set are unknown.

    \b
    Examples:
      hotline rules eval '[1, 2, 3].filter(n, n > 1)'
      hotline rules eval 'ping.rtt > qty("150 ms")' --set ping.rtt='900 ms'
      hotline rules eval '!resolver.reachable' --for-each resolver --set resolver.reachable=false

    Exit codes: 0 a value, 1 an error in the expression, 2 wrong usage, 3 unknown.
    """
    catalogue, questions = load_catalogue(), _questions()
    if kind and kind not in catalogue.entities:
        hint = did_you_mean(kind, catalogue.entities)
        raise click.UsageError(f"there are no entities of kind {kind}{hint}")
    known = _settable(catalogue, questions, kind)
    values = dict(_assigned(text, known) for text in assignments)
    try:
        result = evaluate_text(Environment(catalogue, questions), expression, values, kind)
    except ConditionError as error:
        _fail(error.faults, as_json)
    match result:
        case Failure():
            offset = max(result.offset, 0)
            _fail([ConditionFault(*line_and_column(expression, offset), result.message)], as_json)
        case Unknown(needs):
            _tell(f"unknown (needs {', '.join(needs)})", as_json, outcome="unknown", needs=needs)
            sys.exit(UNKNOWN)
        case _:
            text = literal(result)
            _tell(text, as_json, outcome="value", type=type_name(result), value=text)


def _questions() -> Mapping[str, Question]:
    try:
        return installed_questions()
    except PackError as error:
        raise click.ClickException(f"the installed questions are not usable: {error}") from error


def _settable(
    catalogue: Catalogue, questions: Mapping[str, Question], kind: str
) -> Mapping[str, FactSpec | None]:
    """Return what may be set, by name; questions and the key of the entity are not in the catalogue."""
    facts = {name: spec for name, spec in catalogue.facts.items() if not spec.entity}
    bound = {f"{kind}.{spec.short}": spec for spec in catalogue.facts_of_entity[kind]} if kind else {}
    key = {f"{kind}.key": None} if kind else {}
    settable = {**facts, **dict.fromkeys(questions), **bound, **key}
    return {name: spec for name, spec in settable.items() if spec is None or spec.type != "events"}


def _assigned(text: str, known: Mapping[str, FactSpec | None]) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign:
        raise click.UsageError(f"--set takes NAME=VALUE, not {text}")
    if name not in known:
        raise click.UsageError(f"there is no fact {name} to set{did_you_mean(name, known)}")
    spec = known[name]
    is_text = spec is not None and spec.type == "text"
    try:
        return name, typed_value(value if is_text else _scalar(value), spec)
    except ValueError as error:
        raise click.UsageError(f"{name}: {error}") from error


def _scalar(text: str) -> bool | int | float | str:
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def _fail(faults: list[ConditionFault], as_json: bool) -> NoReturn:
    lines = [f"error: {fault.line}:{fault.column}: {fault.message}" for fault in faults]
    listed = [{"line": f.line, "column": f.column, "message": f.message} for f in faults]
    _tell("\n".join(lines), as_json, outcome="error", faults=listed)
    sys.exit(ERROR)


def _tell(text: str, as_json: bool, **answer: object) -> None:
    click.echo(json.dumps({"version": 1, **answer}, ensure_ascii=False) if as_json else text)
