"""`hotline rules eval`: what it prints and how it ends."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result
from hotline_collector.rulepack.cli import rules
from hotline_collector.rulepack.loader import installed_questions

from tests.shipped import installed_rules


def evaluated(*words: str) -> Result:
    return CliRunner().invoke(rules, ["eval", *words])


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["[1, 2, 3].filter(n, n > 1)"], "[2, 3]"),
        (["{'a': 1u, 'b': [1.0, null]}"], '{"a": 1u, "b": [1.0, null]}'),
        (["b'a\\xff\"'"], 'b"a\\xff\\""'),
        (["'a\\n\\u0007\"'"], '"a\\n\\U00000007\\""'),
        (["double('nan')"], 'double("nan")'),
        (["duration('90m') + duration('1ms')"], 'duration("5400.001s")'),
        (["timestamp(0)"], 'timestamp("1970-01-01T00:00:00Z")'),
        (["type(1)"], "int"),
        (["net.gateway.rtt > qty('150 ms')", "--set", "net.gateway.rtt=900 ms"], "true"),
        (["system.process.count", "--set", "system.process.count=-3"], "-3"),
        (["system.cpu.utilization", "--set", "system.cpu.utilization=5e-1"], "0.5"),
        (["host.arch + host.arch", "--set", "host.arch=12"], '"1212"'),
        (["known(net.route.default)"], "false"),
        (["resolver.key + '!'", "--for-each", "resolver", "--set", "resolver.key=a"], '"a!"'),
        (
            ["!resolver.reachable", "--for-each", "resolver", "--set", "resolver.reachable=false"],
            "true",
        ),
    ],
    ids=lambda part: part[0] if isinstance(part, list) else None,
)
def test_a_value_is_printed_as_a_literal(words: list[str], printed: str) -> None:
    result = evaluated(*words)
    assert (result.exit_code, result.output) == (0, printed + "\n")


def test_questions_are_those_of_the_rules() -> None:
    assert installed_questions() == installed_rules().pack.questions != {}


def test_unknown_says_what_is_needed() -> None:
    result = evaluated("net.route.default && net.ip.v4", "--set", "net.ip.v4=true")
    assert (result.exit_code, result.output) == (3, "unknown (needs net.route.default)\n")


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("1 +\n 1 / 0", "error: 2:4: division by zero"),
        ("net.gateway.rt", "error: 1:1: unknown fact net.gateway.rt; did you mean net.gateway.rtt?"),
        ("1 +", "error: 1:4: Syntax error"),
        ('"a".matches("(")', "error: 1:12: invalid regular expression"),
    ],
)
def test_an_error_has_its_place(source: str, printed: str) -> None:
    result = evaluated(source)
    assert result.exit_code == 1
    assert result.output.startswith(printed)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--set", "net.gateway.rtt"], "NAME=VALUE"),
        (["--set", "net.gateway.rt=1 s"], "did you mean net.gateway.rtt?"),
        (["--set", "net.gateway.rtt=1 GiB"], "must be in s"),
        (["--set", "net.route.default=1"], "must be true or false"),
        (["--set", "system.process.count=1.5"], "whole number"),
        (["--set", "log.disk.io_error=1"], "there is no fact"),
        (["--for-each", "resolvr"], "did you mean resolver?"),
    ],
)
def test_wrong_usage(words: list[str], message: str) -> None:
    result = evaluated("true", *words)
    assert result.exit_code == 2
    assert message in result.output


def test_json() -> None:
    assert json.loads(evaluated("'é' + 'a'", "--json").output) == {
        "version": 1,
        "outcome": "value",
        "type": "string",
        "value": '"éa"',
    }
    assert json.loads(evaluated("net.ip.v4", "--json").output) == {
        "version": 1,
        "outcome": "unknown",
        "needs": ["net.ip.v4"],
    }
    fault = {"line": 1, "column": 3, "message": "division by zero"}
    assert json.loads(evaluated("1 / 0", "--json").output) == {
        "version": 1,
        "outcome": "error",
        "faults": [fault],
    }
