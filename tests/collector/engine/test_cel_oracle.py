"""The whole language against the official library: same value for generated expressions, or an error in both.

Where the library (cel-expr-python 0.1.3) deviates from the specification, the strategies stay away:

- `duration("10000000000s") + duration("0s")` is about 9.2e9 seconds: it saturates beyond 64 bits of
  nanoseconds where the specification wants an error ("Overflow"), so durations are kept short here.
- `{1: 1, dyn(1u): 2}` is `{1: 1}`: the published case fields/map_fields/map_value_repeat_key_heterogeneous
  wants an error, so generated maps have distinct keys.
- `string(0.0 / 0.0)` is "-nan" on some processors: IEEE 754 gives the sign of a NaN no meaning.
- Offsets such as "+25:00" or "01:60" are taken, although the grammar ("Timezones") has none beyond a day.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from cel_expr_python import cel
from hotline_collector.engine.cel.conversions import text_to_double, write_double
from hotline_collector.engine.cel.environment import ConditionError, Environment
from hotline_collector.engine.cel.literal import literal
from hotline_collector.engine.cel.moments import parse_duration, parse_timestamp
from hotline_collector.engine.cel.standalone import evaluate_text
from hotline_collector.engine.cel.values import Duration, Failure, MapValue, Timestamp, type_name
from hotline_proto.catalogue import load_catalogue
from hypothesis import example, given
from hypothesis import strategies as st

Text = st.SearchStrategy[str]
INTS = ["0", "1", "-1", "7", "-3", "9007199254740993", "9223372036854775807", "(-9223372036854775807 - 1)"]
UINTS = ["0u", "1u", "3u", "9007199254740993u", "18446744073709551615u"]
DOUBLES = ["0.0", "-0.0", "1.0", "-2.5", "1e300", "0.1", "9007199254740992.0", "1.8446744073709552e19"]
DOUBLES += ["9223372036854775808.0", 'double("nan")', 'double("inf")', "1e-7", "123456789.5", "1e6"]
STRINGS = [
    '""',
    '"a"',
    '"ab"',
    '"é🐱"',
    '"1"',
    '"-7"',
    '"1.5e3"',
    '"true"',
    '"x"',
    '"1h30m"',
    '" 12 "',
    '"+5"',
]
STRINGS += ['"2024-02-29T12:00:00Z"', '"1_0"', '"9223372036854775808"', '"(a|b)*"', '"("', '"\\n"', '"inf"']
BYTES = ['b""', 'b"a"', 'b"ab"', "b'\\xff'", 'b"é"']
DURATIONS = [
    "0s",
    "1s",
    "-1.5s",
    "1h30m",
    "1ns",
    "-999999999ns",
    "250ms",
    "400000h",
    "1us",
    "1h1m1s1ms1us1ns",
]
TIMESTAMPS = ["1970-01-01T00:00:00Z", "2024-02-29T23:59:59.999999999Z", "1969-12-31T23:59:59.5Z"]
TIMESTAMPS += ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2024-07-01T12:00:00.120+02:00"]
ZONES = [
    "UTC",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "America/St_Johns",
    "+11:00",
    "-02:30",
    "02:00",
    "Nowhere",
    "",
]
PARTS = "FullYear Month Date DayOfMonth DayOfWeek DayOfYear Hours Minutes Seconds Milliseconds".split()
ORDERS = ("<", "<=", ">", ">=", "==", "!=")


def one_of(texts: list[str]) -> Text:
    return st.sampled_from(texts)


def form(pattern: str, *parts: Text) -> Text:
    return st.tuples(*parts).map(lambda chosen: pattern.format(*chosen))


def binary(operands: Text, *operators: str) -> Text:
    return form("({} {} {})", operands, st.sampled_from(operators), operands)


ints: Text = st.deferred(
    lambda: st.one_of(
        one_of(INTS),
        binary(ints, "+", "-", "*", "/", "%"),
        form("(-{})", ints),
        form("int({})", st.one_of(uints, doubles, strings, timestamps)),
        form("size({})", st.one_of(strings, byte_strings, lists, maps)),
        form("{}.get{}()", timestamps, one_of(PARTS)),
        form('{}.get{}("{}")', timestamps, one_of(PARTS), one_of(ZONES)),
        form("{}.get{}()", durations, one_of(PARTS[-4:])),
        form("{}[{}]", lists, ints),
        form("{}[{}]", maps, strings),
        # The order of a map's keys is nobody's promise, so only the number of elements is compared.
        form("size({}.map(k, {}[k]))", maps, maps),
        form("({} ? {} : {})", bools, ints, ints),
    )
)
uints: Text = st.deferred(
    lambda: st.one_of(
        one_of(UINTS),
        binary(uints, "+", "-", "*", "/", "%"),
        form("uint({})", st.one_of(ints, doubles, strings)),
    )
)
doubles: Text = st.deferred(
    lambda: st.one_of(
        one_of(DOUBLES),
        binary(doubles, "+", "-", "*", "/"),
        form("double({})", st.one_of(ints, uints, strings)),
    )
)
strings: Text = st.deferred(
    lambda: st.one_of(
        one_of(STRINGS),
        binary(strings, "+"),
        form("string({})", st.one_of(ints, uints, byte_strings, durations, timestamps, bools)),
        form("string({})", one_of(DOUBLES)),
        form("string(double({}))", st.one_of(ints, uints, strings)),
    )
)
byte_strings: Text = st.deferred(
    lambda: st.one_of(one_of(BYTES), binary(byte_strings, "+"), form("bytes({})", strings))
)
durations: Text = st.deferred(
    lambda: st.one_of(
        one_of(DURATIONS).map('duration("{}")'.format),
        binary(durations, "+", "-"),
        form("({} - {})", timestamps, timestamps),
    )
)
timestamps: Text = st.deferred(
    lambda: st.one_of(
        one_of(TIMESTAMPS).map('timestamp("{}")'.format),
        form("({} {} {})", timestamps, st.sampled_from(["+", "-"]), durations),
        form("timestamp({})", ints),
    )
)
lists: Text = st.deferred(
    lambda: st.one_of(
        st.lists(ints, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        binary(lists, "+"),
        form("{}.map(x, x + {})", lists, ints),
        form("{}.map(x, x > {}, x * 2)", lists, ints),
        form("{}.filter(x, {} / x > 0)", lists, ints),
    )
)
maps: Text = st.deferred(
    lambda: st.dictionaries(one_of(['"a"', '"b"', '"é"']), ints, max_size=3).map(
        lambda entries: "{" + ", ".join(f"{key}: {value}" for key, value in entries.items()) + "}"
    )
)
anything: Text = st.deferred(
    lambda: st.one_of(ints, uints, doubles, strings, byte_strings, durations, timestamps, lists, maps, bools)
)
bools: Text = st.deferred(
    lambda: st.one_of(
        one_of(["true", "false"]),
        *(binary(of, *ORDERS) for of in (ints, uints, doubles, strings, byte_strings, durations, timestamps)),
        binary(lists, "==", "!="),
        binary(maps, "==", "!="),
        form("(dyn({}) {} dyn({}))", anything, st.sampled_from(ORDERS), anything),
        form("(type({}) == type({}))", anything, anything),
        form("(dyn({}) in [{}, {}].map(x, dyn(x)))", anything, doubles, doubles),
        form("({} in {})", strings, maps),
        form("{}.{}({})", strings, one_of(["contains", "startsWith", "endsWith", "matches"]), strings),
        form("bool({})", strings),
        form("has({}.a)", maps),
        form("{}.{}(x, {} / x > 0)", lists, one_of(["all", "exists", "exists_one"]), ints),
        form("{}.{}(k, {}[k] > 0)", maps, one_of(["all", "exists", "exists_one"]), maps),
        form("{}.all(x, {}.exists(y, x == y))", lists, lists),
        binary(bools, "&&", "||"),
        binary(form("dyn({})", st.one_of(bools, ints)), "&&", "||"),
        form("(!{})", bools),
    )
)


@cache
def ours() -> Environment:
    return Environment(load_catalogue(), {})


@cache
def library() -> Any:
    return cel.NewEnv(variables={"number": cel.Type.DOUBLE})


def official(source: str) -> Any:
    """Return what the library says: a pair of type and comparable value, None for an error."""
    try:
        compiled = library().compile(source)
    except RuntimeError:
        return "refused"
    return plain(compiled.eval(data={}))


def plain(value: Any) -> Any:
    kind = value.type().name().lower().partition("<")[0]
    match kind:
        case "error":
            return None
        case "list":
            return kind, [plain(item) for item in value.value()]
        case "map":
            return kind, {key: plain(item) for key, item in value.value().items()}
        # Python's own types end at microseconds; the library's text does not.
        case "timestamp":
            year, _, rest = str(value).partition("-")
            return kind, parse_timestamp(f"{year:0>4}-{rest}").ns
        case "duration":
            return kind, parse_duration(str(value)).ns
        case "bytes":
            return kind, bytes(value.value())
        case "double":
            return kind, comparable(value.value())
        case _:
            return kind, value.value()


def comparable(number: float) -> object:
    return "nan" if math.isnan(number) else (number, math.copysign(1, number))


def our_plain(value: Any) -> Any:
    kind = type_name(value).rpartition(".")[2].lower()
    match value:
        case Failure():
            return None
        case list():
            return kind, [our_plain(item) for item in value]
        case MapValue():
            return kind, {key: our_plain(item) for key, item in value.items()}
        case Timestamp() | Duration():
            return kind, value.ns
        case float():
            return kind, comparable(value)
        case _:
            return kind, value


def told(source: str) -> Any:
    try:
        return our_plain(evaluate_text(ours(), source, {}))
    except ConditionError:
        return "refused"


@given(anything)
@example('{1: "a"}[1] == "a" && {true: 1}[true] == 1')
@example("dyn(1) == dyn(true) || dyn(0) == dyn(false)")
@example("{1: 1}[dyn(true)]")
@example("[1][dyn(true)]")
@example('type(duration("1s")) == google.protobuf.Duration')
@example("dyn(9223372036854775807) < dyn(9223372036854775808.0)")
@example("[dyn(null)] == [dyn(null)]")
@example("dyn(1).map(x, x)")
@example('uint("-0")')
@example("dyn([]) in {1: 2}")
@example("string(-0.0) + string(1e21) + string(1e100) + string(0.0001) + string(0.00001)")
def test_same_value_or_error(source: str) -> None:
    assert told(source) == official(source)


@given(anything)
def test_a_literal_is_read_back(source: str) -> None:
    value = evaluate_text(ours(), source, {}) if official(source) != "refused" else Failure("")
    if not isinstance(value, Failure):
        assert our_plain(evaluate_text(ours(), literal(value), {})) == our_plain(value)


@given(st.floats().map(lambda number: math.nan if math.isnan(number) else number))
@example(999999.9999999999)
@example(5e-324)
def test_doubles_are_written_as_the_library_writes_them(number: float) -> None:
    written = write_double(number)
    assert written == library().compile("string(number)").eval(data={"number": number}).value()
    assert comparable(text_to_double(written)) == comparable(number)
