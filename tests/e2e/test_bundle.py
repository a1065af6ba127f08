"""A call from a file shows what the live call showed, and a bundle of a machine is diagnosed like a call."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict

RULE = "check.local_service_down"
_OWN = (
    "words_confirmed",
    "call_id",
    "agent",
    "state",
    "outcome",
    "targets",
    "opened_us",
    "now_us",
    "version",
    "say_now",
)


def shown(view: Any) -> dict[str, Any]:
    """Return all that a view says but what belongs to the call in which it is seen."""
    told = MessageToDict(view, preserving_proto_field_name=True)
    return {name: value for name, value in told.items() if name not in _OWN}


def replayed(desk: Any, file: Path) -> dict[str, Any]:
    done = desk.agent("rules", "replay", str(file), "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["replay"]
    return found


def bundle(path: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "hotline_probe", "--bundle", str(path), "--consent", "basic", *words],
        capture_output=True,
        text=True,
        timeout=90,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_a_live_call_recorded_gives_the_same_when_it_is_imported(
    desk: Any, service: Any, tmp_path: Path
) -> None:
    place = f"127.0.0.1:{service.port}"
    call = desk.open("my mail does not work", place)
    probe = desk.probe(call.link, "--check", place)
    call.finding(RULE, entity=place)
    assert desk.client().confirm_words(call.id, probe.words)
    probe.send(signal.SIGINT)
    probe.ended()
    call.linked("ended")
    desk.client().close_call(call.id, "technician", "", caller_confirmed=False)
    live = call.view(facts=True)

    record = tmp_path / "call.hlb"
    assert desk.agent("call", "export", call.id, str(record)).returncode == 0
    done = desk.agent_json("call", "import", str(record))
    assert done["refused"] == []
    again = desk.follow(done["call_id"]).view(facts=True)
    assert (again.state, again.outcome) == ("closed", "imported")
    assert shown(again) == shown(live)

    back = tmp_path / "back.hlb"
    assert desk.agent("call", "export", done["call_id"], str(back)).returncode == 0
    assert back.read_bytes() == record.read_bytes()
    found = replayed(desk, record)
    assert found["refused"] == [] and len(found["findings"]) == done["findings"]
    assert (RULE, place) in {(each["rule"], each["entity"]) for each in found["findings"]}


def test_a_machine_is_diagnosed_from_its_bundle(desk: Any, service: Any, tmp_path: Path) -> None:
    place, file = f"127.0.0.1:{service.port}", tmp_path / "fault.hlb"
    bundle(file, "--check", place, "--for", "8")
    done = desk.agent_json("call", "import", str(file), "--complaint", f"{place} does not answer")
    assert done["refused"] == []
    view = desk.follow(done["call_id"]).view(facts=True)
    assert (RULE, place, "active") in {(each.rule, each.entity, each.state) for each in view.causes}
    found = replayed(desk, file)
    assert len(found["findings"]) == done["findings"]
    assert (RULE, place, "active") in {
        (each["rule"], each["entity"], each["state"]) for each in found["findings"]
    }
    said = desk.agent("call", "show", done["call_id"])
    assert said.returncode == 0 and "read from a file" in said.stdout


def test_a_sealed_bundle_is_for_its_collector_alone(desk: Any, tmp_path: Path) -> None:
    key = desk.collect("--data-dir", str(desk.data), "bundle-key").stdout.strip()
    assert key == desk.collect("--data-dir", str(desk.data), "bundle-key").stdout.strip()
    file = tmp_path / "sealed.hlb"
    bundle(file, "--for", "1", "--bundle-key", key)
    assert desk.agent_json("call", "import", str(file))["call_id"]
    refused = desk.agent("rules", "replay", str(file))
    assert refused.returncode == 2 and "encrypted" in refused.stderr
    other = desk.collect("--data-dir", str(tmp_path / "other"), "bundle-key").stdout.strip()
    assert other.startswith("hlb1_") and other != key
    stranger = tmp_path / "stranger.hlb"
    bundle(stranger, "--for", "1", "--bundle-key", other)
    for path, said in ((stranger, "another call centre's key"), (Path(__file__), "not a Hotline record")):
        refused = desk.agent("call", "import", str(path))
        assert refused.returncode in (2, 4) and said in refused.stderr, refused.stderr
