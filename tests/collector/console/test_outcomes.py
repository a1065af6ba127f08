"""The words that the command line and the call layer each know by themselves are the same."""

from __future__ import annotations

from hotline_collector.calls import closing
from hotline_collector.console import end_commands


def test_the_command_line_offers_the_outcomes_that_a_call_can_have() -> None:
    assert end_commands.OUTCOMES == closing.OUTCOMES
