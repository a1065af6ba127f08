"""What a human says, in the form that its question has: hostile strings come to nothing."""

from __future__ import annotations

import re

import pytest
from hotline_collector.calls.entering import answer
from hotline_collector.calls.errors import CallError
from hotline_collector.model.rule import Question, Text
from hotline_proto.v1 import probe_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st

TEXT = Text("What?", "Was?")
QUESTIONS = {
    "appl.model": Question("appl.model", "text", {}, TEXT, False, form="code"),
    "appl.bought": Question("appl.bought", "text", {}, TEXT, False, form="month"),
}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("e18", "E18"),
        ("  wan 28k/21:b ", "WAN 28K/21:B"),
        ("F:18", "F:18"),
        ("E-nr. WAX32", "E-NR. WAX32"),
    ],
)
def test_a_code_has_one_spelling(typed: str, kept: str) -> None:
    assert answer(QUESTIONS, "appl.model", typed).text == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("03/2025", "2025-03"),
        ("3.2025", "2025-03"),
        ("12 / 1999", "1999-12"),
        ("2025-03", "2025-03"),
    ],
)
def test_a_month_is_typed_as_people_say_it(typed: str, kept: str) -> None:
    assert answer(QUESTIONS, "appl.bought", typed).text == kept


@pytest.mark.parametrize("typed", ["13/2025", "0/2025", "03/1969", "2025-3", "2025", "March", "٣/2025"])
def test_what_is_no_month_is_refused(typed: str) -> None:
    with pytest.raises(CallError, match=r"is a month, such as 03/2025"):
        answer(QUESTIONS, "appl.bought", typed)


@pytest.mark.parametrize("typed", ["x" * 41, "<b>", "\x1b[2J", "a\u202eb", "'; --", "-1", "№5"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(CallError, match=r"letters and digits"):
        answer(QUESTIONS, "appl.model", typed)


@given(st.text(max_size=80), st.sampled_from(sorted(QUESTIONS)))
def test_anything_typed_is_kept_in_form_or_refused(typed: str, name: str) -> None:
    try:
        fact = answer(QUESTIONS, name, typed)
    except CallError as error:
        assert str(error).isprintable()
        return
    if not typed.strip():
        assert fact.unknown == pb.UNKNOWN_REASON_DECLINED
    elif name == "appl.bought":
        assert re.fullmatch(r"(19[7-9]|20\d)\d-\d\d", fact.text, re.ASCII)
    else:
        assert fact.text.isprintable() and len(fact.text) <= 40 and not set(fact.text) & set("<>&\"'`")
