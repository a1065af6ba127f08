"""Without a call centre the probe names the cause by itself, and its digits lead an agent to the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hotline_probe.local.table import load_table
from hotline_proto.joincode import new_code
from hotline_proto.spoken import heard_version

PROBE = (sys.executable, "-m", "hotline_probe")
NAMESPACE = f"hl-local-{os.getpid()}"


def run(*words: str, inside: tuple[str, ...] = ()) -> tuple[int, list[dict[str, Any]]]:
    """Run the probe to its end and return its exit code and events."""
    done = subprocess.run(
        [*inside, *PROBE, *words, "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def dead_gateway() -> Iterator[tuple[str, ...]]:
    """A machine whose router is silent: the words that run a program on it."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("needs root and iproute2, for a network namespace of its own")
    ip("netns", "add", NAMESPACE)
    try:
        for words in (
            ("link", "set", "lo", "up"),
            ("link", "add", "eth0", "type", "veth", "peer", "name", "far"),
            ("link", "set", "eth0", "up"),
            ("link", "set", "far", "up"),
            ("address", "add", "192.0.2.2/24", "dev", "eth0"),
            ("route", "add", "default", "via", "192.0.2.1"),
        ):
            ip("-n", NAMESPACE, *words)
        yield ("ip", "netns", "exec", NAMESPACE)
    finally:
        ip("netns", "delete", NAMESPACE)


def test_what_is_found_without_anybody(tmp_path: Path) -> None:
    code, events = run("--local")
    assert code == 0
    kinds = [event["event"] for event in events]
    assert kinds[0] == "local"
    [digits] = [event["digits"] for event in events if event["event"] == "local_digits"]
    assert heard_version(digits) == load_table().number


def test_a_call_centre_out_of_reach_makes_the_probe_look_by_itself() -> None:
    code, events = run("--consent", "basic", f"hotline://127.0.0.1:1/{new_code()}?ca=" + "0" * 64)
    kinds = [event["event"] for event in events]
    assert code == 3
    assert kinds.index("error") < kinds.index("local") < kinds.index("local_digits")


def test_somebody_else_in_place_of_the_call_centre_makes_it_look_too(system: Any) -> None:
    link = f"hotline://127.0.0.1:{system.grpc_port}/{new_code()}?ca=" + "0" * 64
    code, events = run("--consent", "basic", link)
    kinds = [event["event"] for event in events]
    assert code == 3
    assert kinds.index("error") < kinds.index("local") < kinds.index("local_digits")


@pytest.mark.root
def test_what_is_read_out_leads_to_the_cause_that_the_caller_saw(
    system: Any, dead_gateway: tuple[str, ...]
) -> None:
    system.log_in()
    opened = system.agent_json("call", "open", "--complaint", "kein Internet")
    link = f"hotline://help.example.org:7443/{new_code()}?ip=198.51.100.1&ca={'0' * 64}"
    code, events = run("--consent", "basic", link, inside=dead_gateway)
    assert code == 3
    [first, *_] = [event for event in events if event["event"] == "local_cause"]
    assert first["rule"] == "net.gateway.unreachable"
    assert [event for event in events if event["event"] == "local_step"]
    [digits] = [event["digits"] for event in events if event["event"] == "local_digits"]
    slipped = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    refused = system.agent("call", "spoken", *slipped.split())
    assert (refused.returncode, "wrong or two are swapped" in refused.stderr) == (4, True)
    heard = system.agent_json("call", "spoken", *digits.split())
    assert heard["facts"] > 5
    call = system.follow(opened["call_id"])
    call.finding("net.gateway.unreachable")
    assert call.view().causes[0].rule == "net.gateway.unreachable"
