"""A call is erased while its probe is connected: both ends forget it, and no copy brings it back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.opened import bytes_of, everything

COMPLAINT, NOTE, REFERENCE = "PLANTED-COMPLAINT", "PLANTED-NOTE", "PLANTED-REF"


def test_a_connected_call_is_erased_for_good(system: Any, tmp_path: Path) -> None:
    agent = system.agent
    system.log_in()
    opened = system.agent_json("call", "open", "--complaint", COMPLAINT, "--customer", REFERENCE)
    probe = system.probe(opened["code"]["link"])
    call = system.follow(opened["call_id"])
    call.linked("connected")
    system.settle(call, probe)
    assert agent("call", "note", call.id, NOTE).returncode == 0
    stored = everything(system.data)
    sealed = bytes_of(system.data)
    for word in (COMPLAINT, NOTE, REFERENCE, "system.memory"):
        assert word.encode() in stored, "the search finds what is there"
        assert word.encode() not in sealed, "and only with the key"

    operator = ("--data-dir", str(system.data))
    copy = tmp_path / "copy.db"
    assert system.collect(*operator, "backup", str(copy)).returncode == 0
    text = tmp_path / "subject.txt"
    assert agent("call", "export", call.id, str(text), "--subject").returncode == 0
    assert all(word in text.read_text() for word in (COMPLAINT, NOTE, REFERENCE))

    refused = system.collect(*operator, "erase", call.id, "--reason", "asked")
    assert (refused.returncode, "another collector" in refused.stderr) == (1, True)
    erased = agent("call", "erase", call.id, "--reason", "the caller asked", "--yes")
    assert erased.returncode == 0, erased.stderr
    assert probe.ended() == 0
    assert probe.event("end")["by"] == "collector"
    assert agent("call", "show", call.id).returncode == 4
    assert system.agent_json("call", "list", "--all")["calls"] == []

    system.close()
    for word in (COMPLAINT, NOTE, REFERENCE, "system.memory"):
        assert word.encode() not in everything(system.data)
    restored = system.collect(*operator, "restore", str(copy), "--replace")
    assert (restored.returncode, "0 calls are back, 1 were erased" in restored.stdout) == (0, True), restored
    for word in (COMPLAINT, NOTE, REFERENCE, "system.memory"):
        assert word.encode() not in everything(system.data)
    assert system.collect(*operator, "audit", "verify").returncode == 0
    system.start()
    assert system.agent_json("call", "list", "--all")["calls"] == []
