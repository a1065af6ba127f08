"""What the collector's operator reads on standard error: one JSON object a line, by id, without secrets."""

from __future__ import annotations

import json
import signal
from typing import Any

import pytest
from hotline_collector.console.errors import Refused


def log(system: Any) -> list[dict[str, Any]]:
    """Return the whole lines of the collector's log."""
    whole, _, _rest = system.collector.log.read_text().rpartition("\n")
    return [json.loads(line) for line in whole.split("\n") if line]


def logged(system: Any, event: str, **fields: Any) -> list[dict[str, Any]]:
    """Return the lines of an event with these fields."""
    found = [line for line in log(system) if line["event"] == event]
    return [line for line in found if all(line.get(name) == value for name, value in fields.items())]


def test_a_call_can_be_followed_in_the_log_and_every_line_is_json(system: Any, service: Any) -> None:
    place = f"127.0.0.1:{service.port}"
    assert logged(
        system, "started", grpc_port=system.grpc_port, web_port=system.started["web_port"], level="info"
    )
    assert logged(system, "login", account="admin")
    with pytest.raises(Refused):
        system.client().login("admin", "not the password")
    with pytest.raises(Refused):
        system.client().login("hunter2-in-the-wrong-field", "not the password")
    assert logged(system, "login failed", account="admin", level="warning")
    assert logged(system, "login failed", account="(unknown)")

    call = system.open(f"cannot reach {place}")
    probe = system.probe(call.link, "--check", place)
    found = call.finding("check.local_service_down")
    assert call.client.confirm_words(call.id, probe.words)
    fix_id = call.client.propose_fix(call.id, found.finding_id, 0)
    service.start()
    call.client.update_fix(call.id, fix_id, "done")
    call.fix(fix_id, "verified")
    session = probe.event("joined")["session"]
    probe.send(signal.SIGKILL)
    call.linked("lost")
    stranger = system.probe(call.link)
    stranger.ended()
    call.client.close_call(call.id, "abandoned", "", caller_confirmed=False)

    one = {"call": call.id, "session": session}
    assert logged(system, "call opened", call=call.id)
    assert logged(system, "probe joined", **one, platform="linux")
    assert logged(system, "link up", **one)
    assert logged(system, "link lost", **one)
    assert logged(system, "probe refused", kind="code_unknown")
    states = [line["state"] for line in logged(system, "fix", call=call.id, fix=fix_id)]
    assert (states[0], states[-1]) == ("proposed", "verified")
    assert logged(system, "call closed", call=call.id, outcome="abandoned")

    text = system.collector.log.read_text()
    digits = call.code.replace("-", "").replace(" ", "")
    secrets = [call.code, digits, system.password, system.token, probe.words, place, "hunter2"]
    assert [secret for secret in secrets if secret in text] == []

    system.collector.send(signal.SIGTERM)
    assert system.collector.ended() == 0
    assert logged(system, "stopping")
    assert all({"event", "level", "timestamp", "logger"} <= line.keys() for line in log(system))
