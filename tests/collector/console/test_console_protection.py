"""The command line opens others' calls for a reason, writes down what is kept, and erases when told twice."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hotline_collector.console.cli import hotline
from hotline_proto.v1 import agent_pb2 as pb


async def run(*words: str, stdin: str = "") -> Result:
    return await asyncio.to_thread(CliRunner().invoke, hotline, list(words), stdin)


@pytest.mark.parametrize("command", [("show",), ("note", "0197a3c2", "seen"), ("confirm", "anker", "zebra")])
async def test_a_reason_opens_the_call_before_anything_else(
    logged_in: Any, call_id: str, command: tuple[str, ...]
) -> None:
    result = await run("call", "--reason", " anna is ill ", *command)
    assert result.exit_code == 0, result.output
    asked = [each for each in logged_in.state.asked if not isinstance(each, pb.ListCallsRequest)]
    assert asked[0] == pb.RequestAccessRequest(call_id=call_id, reason="anna is ill")
    assert len(asked) > 1
    await run("call", *command)
    again = [each for each in logged_in.state.asked if isinstance(each, pb.RequestAccessRequest)]
    assert len(again) == 1, "without a reason nothing is asked for"


async def test_everything_kept_is_written_into_a_file_of_ones_own(
    logged_in: Any, call_id: str, tmp_path: Path
) -> None:
    file = tmp_path / "call.txt"
    result = await run("call", "export", "-", str(file), "--subject", "--lang", "de")
    assert result.exit_code == 0, result.output
    assert file.read_text("utf-8") == f"alles zu {call_id} (de)"
    assert file.stat().st_mode & 0o077 == 0
    assert (await run("call", "export", "-", str(file), "--subject")).exit_code == 2, "it is there already"


async def test_erasing_is_asked_about_unless_told_not_to(logged_in: Any, call_id: str) -> None:
    refused = await run("call", "erase", "0197a3c2", "--reason", "asked")
    assert (refused.exit_code, call_id in logged_in.state.calls) == (2, True)
    assert "--yes" in refused.stderr
    assert (await run("call", "erase", "0197a3c2", "--yes")).exit_code == 2, "a reason must be given"
    done = await run("call", "erase", "0197a3c2", "--reason", "asked", "--yes", "--json")
    assert json.loads(done.stdout) == {"kind": "erased", "version": 1, "call_id": call_id}
    assert logged_in.state.asked[-1] == pb.EraseCallRequest(call_id=call_id, reason="asked")
