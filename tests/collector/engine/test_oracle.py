"""Our evaluation against the official CEL library: same value, or no value in both."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from cel_expr_python import cel
from hotline_collector.engine.cel.environment import ConditionError, Environment
from hotline_collector.engine.cel.evaluate import compile_node
from hotline_collector.engine.cel.parse import parse_condition
from hotline_collector.engine.cel.tree import VarKey
from hotline_collector.engine.cel.values import UNKNOWN as NO_VALUE
from hotline_collector.engine.cel.values import NoValue
from hotline_collector.engine.cells import TargetState
from hotline_collector.engine.circuit import FALSE, TRUE, UNKNOWN, Circuit
from hotline_collector.engine.network import Network
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rule import Pack, Rule, Text
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

BOOLS = ("net.route.default", "net.ip.v4", "net.ip.v6")
INTS = ("system.process.count", "system.process.zombies")
DOUBLES = ("system.cpu.utilization", "system.memory.available_ratio")
TEXTS = ("host.arch", "host.os.name")
NAMES = (*BOOLS, *INTS, *DOUBLES, *TEXTS)

ints = st.one_of(
    st.sampled_from(INTS),
    st.integers(-5, 5).map(str),
    st.sampled_from(["9223372036854775807", "(-9223372036854775807)"]),
)
doubles = st.one_of(st.sampled_from(DOUBLES), st.sampled_from(["0.0", "0.5", "1.0", "-2.5", "1e300"]))
texts = st.one_of(st.sampled_from(TEXTS), st.sampled_from(['""', '"a"', '"ab"', '"é"']))


def binary(operands: st.SearchStrategy[str], *operators: str) -> st.SearchStrategy[str]:
    return st.tuples(operands, st.sampled_from(operators), operands).map(lambda t: f"({t[0]} {t[1]} {t[2]})")


ints = st.recursive(ints, lambda inner: binary(inner, "+", "-", "*", "/", "%"), max_leaves=4)
doubles = st.recursive(doubles, lambda inner: binary(inner, "+", "-", "*", "/"), max_leaves=3)
int_lists = st.lists(ints, max_size=3).map(lambda items: f"[{', '.join(items)}]")
comparisons = st.one_of(
    binary(ints, "<", "<=", ">", ">=", "==", "!="),
    binary(doubles, "<", "<=", ">", ">=", "==", "!="),
    binary(texts, "<", ">", "==", "!="),
    st.tuples(ints, int_lists).map(lambda t: f"({t[0]} in {t[1]})"),
    st.tuples(texts, st.sampled_from(["contains", "startsWith", "endsWith"]), texts).map(
        lambda t: f"{t[0]}.{t[1]}({t[2]})"
    ),
    texts.map(lambda text: f"(size({text}) > 1)"),
    st.tuples(int_lists, st.sampled_from(["all", "exists", "exists_one"]), ints).map(
        lambda t: f"{t[0]}.{t[1]}(x, x > {t[2]})"
    ),
    int_lists.map(lambda items: f"({items}.map(x, x + 1).filter(y, y > 0).size() > 0)"),
    # Facts within the types that no fact has.
    binary(ints.map("uint({})".format), "<", "==", "!="),
    binary(texts.map("bytes({})".format), "<", "==", "!="),
    binary(ints.map("timestamp({})".format), "<=", "==", "!="),
    binary(texts.map("{{{0}: {0}}}".format), "==", "!="),
    st.tuples(texts, texts, ints).map(lambda t: f"({{{t[0]}: {t[2]}}}[{t[1]}] > 0)"),
    st.tuples(doubles, ints).map(lambda t: f"(dyn({t[0]}) == {t[1]} || string({t[0]}) in [string({t[1]})])"),
    st.tuples(texts, texts).map(lambda t: f"{t[0]}.matches({t[1]})"),
    st.tuples(ints, ints).map(lambda t: f'((timestamp({t[0]}) + duration("1h")).getHours() == {t[1]})'),
)
conditions = st.recursive(
    st.one_of(st.sampled_from(BOOLS), st.sampled_from(["true", "false"]), comparisons),
    lambda inner: st.one_of(
        binary(inner, "&&", "||"),
        inner.map(lambda item: f"!{item}" if item[0] != "!" else item),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} ? {t[1]} : {t[2]})"),
    ),
    max_leaves=8,
)
facts = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.booleans() for name in BOOLS},
        **{name: st.integers(-3, 3) for name in INTS},
        **{name: st.sampled_from([0.0, 0.5, 1.0, -2.5, 1e308]) for name in DOUBLES},
        **{name: st.sampled_from(["", "a", "ab", "é"]) for name in TEXTS},
    },
)


class Facts:
    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def value(self, key: VarKey) -> Any:
        return self._values.get(key.fact, NO_VALUE)

    def elements(self, kind: str) -> Any:
        raise AssertionError(kind)


@cache
def environment() -> Environment:
    return Environment(load_catalogue(), {})


@cache
def library() -> Any:
    types = dict.fromkeys(BOOLS, cel.Type.BOOL) | dict.fromkeys(INTS, cel.Type.INT)
    types |= dict.fromkeys(DOUBLES, cel.Type.DOUBLE) | dict.fromkeys(TEXTS, cel.Type.STRING)
    return cel.NewEnv(variables=types)


def officially(source: str, values: dict[str, Any]) -> bool | None:
    result = library().compile(source).eval(data=values)
    return result.value() if result.type() == cel.Type.BOOL else None


@given(conditions, facts)
def test_same_value_or_no_value(source: str, values: dict[str, Any]) -> None:
    ours = compile_node(parse_condition(environment(), source).root)(Facts(values), {})
    assert (None if isinstance(ours, NoValue) else ours) == officially(source, values)


@given(conditions, facts)
def test_the_circuit_says_what_the_tree_says(source: str, values: dict[str, Any]) -> None:
    root = parse_condition(environment(), source).root
    circuit = Circuit(root)
    states = bytearray(leaf.state(leaf.evaluator(Facts(values), {})) for leaf in circuit.leaves)
    told = circuit.evaluate(states, lambda _leaf: False)
    whole = compile_node(root)(Facts(values), {})
    assert told == (TRUE if whole is True else FALSE if whole is False else 2)


@given(conditions, facts, st.sampled_from(NAMES))
def test_removing_a_fact_never_decides(source: str, values: dict[str, Any], name: str) -> None:
    evaluate = compile_node(parse_condition(environment(), source).root)
    without = evaluate(Facts({k: v for k, v in values.items() if k != name}), {})
    if isinstance(without, bool):
        assert evaluate(Facts(values), {}) is without


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("net.gateway.reachabel", "did you mean net.gateway.reachable?"),
        ("system.cpu.utilization > 1", "1.0"),
        ("net.gateway.rtt > 0.1", 'qty("… s")'),
        ('net.gateway.rtt > qty("1 GiB")', "cannot be compared"),
        ('net.gateway.rtt > qty("1 parsec")', "is not a unit"),
        ("resolvers.all(r, !r.reachabel)", "did you mean reachable?"),
        ("net.resolver.reachable", "for_each: resolver"),
        ("log.disk.io_error > 3", "no matching overload"),
        ('rate(net.udp.receive_errors, "soon") > 1.0', "not a number with a unit"),
        ("system.cpu.utilization", "must be a bool"),
        ("has(net.route.default)", "write known(net.route.default)"),
    ],
)
def test_faults_say_what_to_do(source: str, message: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition(environment(), source)
    assert message in str(caught.value)


def test_a_fault_has_line_and_column() -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition(environment(), "net.route.default &&\n  net.route.defualt")
    fault = caught.value.faults[0]
    assert (fault.line, fault.column) == (2, 3)


def a_rule(number: int, when: str) -> Rule:
    text = Text("T", "T")
    return Rule(
        f"r{number}", "stable", "info", text, text, "", when, 0, 0, 0.5, (), {}, (), False, (), 0, "", ()
    )


@given(st.lists(conditions, min_size=1, max_size=6), st.lists(facts, max_size=6))
def test_the_network_says_what_the_tree_says(sources: list[str], moments: list[dict[str, Any]]) -> None:
    rules = {rule.id: rule for rule in (a_rule(*item) for item in enumerate(sources))}
    network = Network(
        RuleSet(Pack("p", "1", "", rules, {}, ()), load_catalogue()), load_catalogue(), lambda _source: None
    )
    target = TargetState(1, "pc")
    network.add_target(target)
    cells = {name: network.cell(target.scope, name) for name in NAMES}
    for cell in cells.values():
        network.refresh(cell.source, True)
    network.settle()
    roots = [instance.root for instance in target.scope.instances]
    for values in moments:
        for name, cell in cells.items():
            if name in values:
                network.put(cell, values[name])
            else:
                network.forget(cell, UnknownReason.TIMEOUT)
        woken = network.settle()
        for number, instance in enumerate(target.scope.instances):
            whole = instance.compiled.when(Facts(values), {})
            assert instance.root == (TRUE if whole is True else FALSE if whole is False else UNKNOWN)
            leaves = instance.compiled.circuit.leaves
            assert instance.states == [leaf.state(leaf.evaluator(Facts(values), {})) for leaf in leaves]
            assert instance in woken or instance.root == roots[number]
            roots[number] = instance.root
