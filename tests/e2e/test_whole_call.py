"""A call from its opening to its end: found, explained, cured by hand, proved, broken again, solved."""

from __future__ import annotations

from typing import Any


def test_local_service_from_complaint_to_solved(system: Any, service: Any) -> None:
    place = f"127.0.0.1:{service.port}"
    agent, agent_json = system.agent, system.agent_json
    server = f"localhost:{system.grpc_port}"
    logged_in = agent(
        *("login", "--server", server, "--user", "admin"),
        *("--fingerprint", system.started["fingerprint"], "--web-port", str(system.started["web_port"])),
    )
    assert logged_in.returncode == 0, logged_in.stderr
    opened = agent_json("call", "open", "--complaint", f"my program cannot reach {place}")
    probe = system.probe(opened["code"]["link"], "--check", place)
    call = system.follow(opened["call_id"])

    found = call.finding("check.local_service_down")
    view = call.view()
    assert (view.state, view.causes[0].finding_id, view.causes[0].entity) == (
        "active",
        found.finding_id,
        place,
    )
    evidence = {item.fact: item.value for item in found.evidence}
    assert (evidence["check.failed_at"], evidence["check.tcp_error"]) == ("tcp", "refused")
    assert [folded.rule for folded in found.explains] == ["check.refused"]
    shown = agent("call", "show")
    assert "Service on this computer is not running" in shown.stdout
    assert agent("call", "show", "--fail-on", "critical").returncode == 1
    probe.event("advice")

    wrong = agent("call", "confirm", "not", "these")
    assert (wrong.returncode, call.view().words_confirmed) == (4, False)
    assert agent_json("call", "confirm", *probe.words.split())["confirmed"] is True
    probe.event("words_confirmed")

    fix_id = agent_json("call", "propose", "check.local_service_down")["fix_id"]
    assert call.fix(fix_id, "proposed").steps[0].en
    service.start()
    assert agent("call", "done", fix_id).returncode == 0
    proved = call.fix(fix_id, "verified")
    assert proved.done_us <= proved.settled_us <= proved.done_us + 5_000_000
    call.finding("check.local_service_down", "cleared")

    service.stop()
    call.fix(fix_id, "regressed")
    again = call.finding("check.local_service_down")
    assert again.onset_us > found.onset_us
    refused = agent("call", "close", "solved", "--caller-confirmed")
    assert (refused.returncode, f"the check of {place} does not pass" in refused.stderr) == (4, True)

    service.start()
    call.finding("check.local_service_down", "cleared")
    call.wait(lambda view: not [c for c in view.causes if c.rule == "check.local_service_down"])
    refused = agent("call", "close", "solved")
    assert (refused.returncode, "the caller has not confirmed" in refused.stderr) == (4, True)
    closed = agent("call", "close", "solved", "--caller-confirmed", "--note", "service started")
    assert closed.returncode == 0, closed.stderr
    assert probe.ended() == 0
    assert probe.event("end")["by"] == "collector"
    listed = agent_json("call", "list", "--all")["calls"]
    assert [(item["call_id"], item["state"]) for item in listed] == [(call.id, "closed")]
