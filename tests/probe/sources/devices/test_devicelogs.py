"""What devices write into their logs, and anything at all in its place."""

from __future__ import annotations

import contextlib

import pytest
from hotline_probe.errors import SourceFailed
from hotline_probe.sources.devices.clock import DeviceClock, parse_clock
from hotline_probe.sources.devices.devicelogs import new_lines, parse_logread
from hypothesis import given
from hypothesis import strategies as st

LINE = st.sampled_from(["a", "b", "c"])


@given(st.lists(LINE, max_size=12), st.lists(LINE, max_size=12))
def test_new_lines_follow_the_old(old: list[str], new: list[str]) -> None:
    found = new_lines(old + new, old[-3:])
    assert (old + new)[len(old + new) - len(found) :] == found
    numbered = [f"{number} {line}" for number, line in enumerate(old + new)]
    assert new_lines(numbered, numbered[: len(old)][-3:]) == numbered[len(old) :]


@given(st.text(max_size=200))
def test_any_line_is_an_entry_or_none(text: str) -> None:
    assert len(parse_logread(text, DeviceClock(0.0, 0.0))) <= text.count("\n") + 1
    stamped = parse_logread(f"Mon Nov 30 01:05:00 2026 kern.info kernel: {text}", DeviceClock(0.0, 0.0))
    assert all(entry.kernel and len(entry.message) <= 1024 for entry in stamped)


@given(st.text(max_size=40))
def test_any_clock_is_a_time_or_a_typed_error(text: str) -> None:
    with contextlib.suppress(SourceFailed):
        assert parse_clock(text).now >= 0


@pytest.mark.parametrize("text", ["", "%s %z\n", "1796000830\n", "1796000830 CET\n"])
def test_a_clock_that_is_none(text: str) -> None:
    with pytest.raises(SourceFailed):
        parse_clock(text)
