"""Conditions of the decision table: three values, and nothing hostile gets through."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_probe.errors import TableError
from hotline_probe.local.evaluate import UNKNOWN, compile_tree
from hypothesis import given
from hypothesis import strategies as st


class Facts:
    """A view that knows some facts of the machine."""

    def __init__(self, **known: Any) -> None:
        self._known = known

    def fact(self, _kind: str, name: str) -> Any:
        return self._known.get(name, UNKNOWN)

    def count(self, _kind: str, name: str, _window: float) -> Any:
        return self._known.get(name, UNKNOWN)

    def elements(self, kind: str) -> Any:
        return self._known.get(kind, UNKNOWN)


def fact(name: str, function: str = "", window: float = 0.0) -> list[Any]:
    return ["fact", "", name, function, window]


def value(tree: list[Any], **known: Any) -> Any:
    return compile_tree(tree)(Facts(**known), {})


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (["and", fact("yes"), fact("lost")], UNKNOWN),
        (["and", fact("lost"), fact("no")], False),
        (["or", fact("lost"), fact("yes")], True),
        (["or", fact("no"), fact("lost")], UNKNOWN),
        (["not", fact("lost")], UNKNOWN),
        (["not", fact("no")], True),
        (["call", ">", fact("seven"), ["const", 5]], True),
        (["call", ">", fact("lost"), ["const", 5]], UNKNOWN),
        (["call", "<", fact("text"), ["const", 5]], UNKNOWN),
        (["call", "@in", fact("text"), ["items", ["const", "a"], ["const", "b"]]], True),
        (["call", "_?_:_", fact("lost"), ["const", 1], ["const", 2]], UNKNOWN),
        (["call", "_?_:_", fact("yes"), ["const", 1], fact("lost")], 1),
        (fact("lost", "known"), False),
        (fact("no", "known"), True),
        (["late", "", "seven"], UNKNOWN),
        (["call", ">", fact("seven", "count", 60.0), ["const", 3]], True),
    ],
)
def test_three_values(tree: list[Any], expected: Any) -> None:
    assert value(tree, yes=True, no=False, seven=7, text="a") == expected


atoms = st.sampled_from([fact("a"), fact("b"), fact("c"), ["const", True], ["const", False]])
trees = st.recursive(
    atoms,
    lambda below: st.one_of(
        below.map(lambda item: ["not", item]),
        st.lists(below, min_size=1, max_size=3).map(lambda items: ["and", *items]),
        st.lists(below, min_size=1, max_size=3).map(lambda items: ["or", *items]),
    ),
    max_leaves=12,
)
known = st.dictionaries(st.sampled_from("abc"), st.booleans())


@given(trees, known, st.sampled_from("abc"), st.booleans())
def test_learning_more_never_turns_a_verdict(
    tree: list[Any], facts: dict[str, bool], name: str, told: bool
) -> None:
    before = value(tree, **{key: facts[key] for key in facts if key != name})
    if before is not UNKNOWN:
        assert value(tree, **{**facts, name: told}) == before


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda below: st.lists(below, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_what_is_no_condition_is_refused(tree: Any) -> None:
    try:
        evaluate = compile_tree(tree)
    except TableError:
        return
    assert evaluate(Facts(), {}) is not None or tree == ["const", None]


def test_what_is_nested_too_deeply_is_refused() -> None:
    tree: list[Any] = ["const", True]
    for _ in range(1000):
        tree = ["not", tree]
    with pytest.raises(TableError, match="too deeply"):
        compile_tree(tree)
