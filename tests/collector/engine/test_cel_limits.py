"""What conditions may cost and where the values end: one clear error, never a crash or a hang."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import pytest
from cel_expr_python import cel
from hotline_collector.engine.cel.environment import ConditionError, Environment
from hotline_collector.engine.cel.parse import parse_condition
from hotline_collector.engine.cel.standalone import Unknown, evaluate_text
from hotline_collector.engine.cel.values import Failure, MapValue, Timestamp, TypeValue, UInt
from hotline_proto.catalogue import load_catalogue

TEN = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"
BOMB = f"{TEN}.map(a, {TEN}.map(b, {TEN}.map(c, {TEN}.map(d, {TEN}.map(e, {TEN}.map(f, {TEN}.map(g, 1)))))))"


@cache
def environment() -> Environment:
    return Environment(
        load_catalogue(), {}, {"n": cel.Type.INT, "m": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)}
    )


def value(source: str, **values: Any) -> Any:
    return evaluate_text(environment(), source, values)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("(" * 5_000 + "true" + ")" * 5_000, "nested too deeply"),
        ("1" + " + 1" * 40 + " == 1", "nested too deeply"),
        ("[1].all(x, " * 30 + "true" + ")" * 30, "nested too deeply"),
        (" || ".join(["1 < 2"] * 4_000), "too large"),
        (f"1 in [{', '.join(['1'] * 20_000)}]", "too large"),
        ("true && " * 20_000 + "true", "longer than"),
        ('"\ud800" == ""', "surrogate"),
        ("google.protobuf.Int64Value{value: 1} == 1", "not part of the rule language"),
        ("optional.of(1) == optional.of(1)", "unknown fact"),
        ("processes.exists(p, has(p.name))", "known or unknown by itself"),
    ],
    ids=lambda text: text[:20],
)
def test_what_is_too_much_is_refused(source: str, message: str) -> None:
    with pytest.raises(ConditionError, match=message):
        parse_condition(environment(), source)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (BOMB, "too much work"),
        (f"size({BOMB}) > 0", "too much work"),
        ('["' + "a" * 50 + '"]' + ".map(x, x + x)" * 20, "at most 100000 characters"),
        ("[[1]]" + ".map(x, x + x)" * 20, "at most 100000"),
        ("[[1]]" + ".map(x, [x, x])" * 25, "more than 10000 parts"),
        ("[[[1]]" + ".map(x, [x, x])" * 25 + "].all(y, y == y)", "too much work"),
        (
            f"{TEN}.all(a, {TEN}.all(b, {TEN}.all(c, {TEN}.all(d, {TEN}.all(e, {TEN}.all(f, 1 / 0 > 0))))))",
            "work",
        ),
    ],
    ids=lambda text: text[:20],
)
def test_macros_over_macros_end_soon(source: str, message: str) -> None:
    begun = time.monotonic()
    told = value(source)
    assert isinstance(told, Failure) and message in told.message
    assert time.monotonic() - begun < 30


def test_a_list_as_long_as_a_busy_machine_has_processes_is_no_bomb() -> None:
    numbers = list(range(1_000))
    listed = Environment(load_catalogue(), {}, {"numbers": cel.Type.List(cel.Type.INT)})
    source = "numbers.map(x, x * 2).filter(x, x % 3 == 0).exists(x, x == 999)"
    assert evaluate_text(listed, source, {"numbers": numbers}) is False


def test_a_regular_expression_takes_linear_time() -> None:
    begun = time.monotonic()
    assert value(f'"{"a" * 20_000}".matches("^(a+)+$b")') is False
    assert time.monotonic() - begun < 10


def test_an_unknown_part_names_what_it_needs_unless_the_rest_decides() -> None:
    assert value("net.route.default && n > 1") == Unknown(("net.route.default", "n"))
    assert value("(net.ip.v4 || true) && n > 1") == Unknown(("n",))
    assert value("net.route.default && n > 1", n=0) is False
    assert value("1 / 0 > n") == Unknown(("n",))
    assert value('size(resolvers) > 0 || rate(net.udp.receive_errors, "1m") > qty("1 /s")') == Unknown(
        ("all resolver entities", "rate(net.udp.receive_errors, 60s)")
    )


def test_an_error_stands_where_it_happens() -> None:
    told = value("true &&\n  [1, 2][7] > 0")
    assert isinstance(told, Failure) and (told.offset, told.message) == (16, "a list of 2 has no element 7")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("has(m.a)", True),
        ("m.a == null", True),
        ("m['b']", UInt(3)),
        ("type(m.b)", TypeValue("uint")),
        ("m.exists(k, k == 'b')", True),
    ],
)
def test_declared_variables(source: str, expected: Any) -> None:
    told = value(source, m=MapValue([("a", None), ("b", UInt(3))]))
    assert (type(told), told) == (type(expected), expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # The years before the first and after the last, where Python's own calendar ends.
        ('timestamp("0001-01-01T00:00:00Z").getFullYear("-01:00")', 0),
        ('timestamp("0001-01-01T00:00:00Z").getMonth("America/New_York")', 11),
        ('timestamp("9999-12-31T23:59:59Z").getFullYear("+01:00")', 10_000),
        ('timestamp("9999-12-31T23:59:59Z").getHours("Europe/Berlin")', 0),
        ('timestamp("2024-03-31T00:59:59Z").getHours("Europe/Berlin")', 1),
        ('timestamp("2024-03-31T01:00:00Z").getHours("Europe/Berlin")', 3),
        ('timestamp("2024-12-31T12:00:00Z").getDayOfYear()', 365),
        ('timestamp("2016-12-31T23:59:60Z")', Timestamp(1_483_228_800 * 10**9)),
    ],
)
def test_dates(source: str, expected: Any) -> None:
    assert value(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        'timestamp("2024-02-30T00:00:00Z")',
        'timestamp("2024-01-01T00:00:61Z")',
        'timestamp("2024-01-01T00:00:00+24:00")',
        'timestamp("0001-01-01T00:00:00+01:00")',
        'timestamp("2024-01-01T00:00:00Z").getHours("../../etc/passwd")',
        'timestamp("2024-01-01T00:00:00Z").getHours("zone.tab")',
        'timestamp("2024-01-01T00:00:00Z").getHours("Europe")',
        'duration("1d")',
        'duration("' + "9" * 400 + 'h")',
        'int("' + "9" * 5_000 + '")',
        "{1: 1, dyn(1u): 2}",
        "{dyn(1.0): 2}",
    ],
    ids=lambda text: text[:50],
)
def test_what_has_no_value_is_an_error(source: str) -> None:
    assert isinstance(value(source), Failure)
