"""A record gives the same findings in the live call, in an import and in a replay, whatever their origin."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from tests.e2e.conftest import PATIENCE, Call, wait_for
from tests.probe.ssh.conftest import free_port, start_openssh, users  # noqa: F401 - fixtures
from tests.probe.ssh.servers import PASSWORD, Server

_FULL = 'mount -t tmpfs -o size=4m tmpfs /mnt && head -c 8M /dev/zero > /mnt/full; exec "$@"'
# What is said of faults; the rest belongs to the call in which it is seen, and to who is connected.
_JUDGED = ("causes", "also_noticed", "suspected", "cleared")


@pytest.fixture
def desk(standing: Any) -> Any:
    """The standing system, with an agent who has logged in with the command."""
    standing.log_in()
    return standing


@pytest.fixture
def device(start_openssh: Callable[..., Server]) -> Iterator[Server]:  # noqa: F811 - a fixture
    yield start_openssh(before=("sh", "-c", _FULL, "sh"))


def judged(view: Any) -> dict[str, Any]:
    """Return the findings of a view with their ids, times, evidence and order."""
    told = MessageToDict(view, preserving_proto_field_name=True)
    return {name: told.get(name, []) for name in _JUDGED}


def replayed(desk: Any, what: str) -> str:
    """Return what the command prints about a replay, byte for byte."""
    done = desk.agent("rules", "replay", what, "--json")
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


def exported(desk: Any, call: Call, file: Path) -> dict[str, Any]:
    """Export a call and return its findings at that time."""
    for _ in range(5):
        before = judged(call.view(facts=True))
        file.unlink(missing_ok=True)
        assert desk.agent("call", "export", call.id, str(file)).returncode == 0
        # An open call goes on meanwhile.
        if judged(call.view(facts=True)) == before:
            return before
    pytest.fail("the call does not come to rest")


def assert_same(desk: Any, call: Call, tmp_path: Path, rule: str) -> None:
    record, again = tmp_path / "call.hlb", tmp_path / "again.hlb"
    live = exported(desk, call, record)
    imported = desk.agent_json("call", "import", str(record))
    assert imported["refused"] == []
    view = desk.follow(imported["call_id"]).view(facts=True)
    assert judged(view) == live
    again.unlink(missing_ok=True)
    assert desk.agent("call", "export", imported["call_id"], str(again)).returncode == 0
    assert again.read_bytes() == record.read_bytes()
    said = replayed(desk, str(record))
    assert replayed(desk, imported["call_id"]) == said
    found = json.loads(said)["replay"]
    assert found["refused"] == [] and len(found["findings"]) == imported["findings"]
    assert rule in {each["rule"] for each in found["findings"]}


def test_a_running_and_a_closed_call(desk: Any, service: Any, tmp_path: Path) -> None:
    place, rule = f"127.0.0.1:{service.port}", "check.local_service_down"
    call = desk.open("my mail does not work", place)
    probe = desk.probe(call.link, "--check", place)
    call.finding(rule, entity=place)
    probe.send(signal.SIGINT)
    probe.ended()
    call.linked("ended")
    assert_same(desk, call, tmp_path, rule)
    assert call.view().state != "closed"
    desk.client().close_call(call.id, "technician", "", caller_confirmed=False)
    assert_same(desk, call, tmp_path, rule)


def test_a_call_by_answers_alone(desk: Any, tmp_path: Path) -> None:
    call = desk.open("the scale shows nothing")
    call.client.answer(call.id, "appl.scale.display", "low")
    call.finding("appl.scale.battery")
    assert_same(desk, call, tmp_path, "appl.scale.battery")
    call.client.answer(call.id, "appl.scale.display", "fine")
    call.finding("appl.scale.battery", "cleared")
    assert_same(desk, call, tmp_path, "appl.scale.battery")


@pytest.mark.root
def test_a_call_with_a_device_over_ssh(device: Server, desk: Any, tmp_path: Path) -> None:
    call, address = desk.open("the files on the storage cannot be saved"), str(device.address)
    probe = desk.at_terminal(call, "--device", address)
    target = call.client.add_target(call.id, address)
    for kind in ("device_asked", "host_key_asked"):
        probe.event(kind)
        probe.type("y")
    wait_for(lambda: f"Password of {device.address.user}" in probe.log.read_text(), what=probe.lines)
    probe.type(PASSWORD)
    assert call.finding("sto.fs.full", entity="/mnt", timeout=2 * PATIENCE).target == target
    probe.type("q")
    assert probe.ended() == 0
    call.linked("ended")
    assert_same(desk, call, tmp_path, "sto.fs.full")
