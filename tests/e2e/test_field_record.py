"""An agent disagrees, the customer rings again, and the record of the rules tells both."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

RULE = "check.local_service_down"


def ring(system: Any, place: str) -> Any:
    """Open a call of the one customer about a service that does not run, and find that."""
    opened = system.agent_json("call", "open", "--customer", "K-4711", "--check", place)
    system.probe(opened["code"]["link"], "--check", place)
    call = system.follow(opened["call_id"])
    call.finding(RULE)
    return call


def record(system: Any) -> dict[str, Any]:
    """Return what the command tells of the one rule."""
    told = system.agent_json("rules", "record", "check.")
    [found] = [each for each in told["records"] if each["rule"] == RULE]
    return {**found, "outside": told["outside"]}


def test_what_closed_calls_say_about_a_rule(make_system: Callable[..., Any], service: Any) -> None:
    system = make_system({"HOTLINE_REPEAT_CONTACT__ENABLED": "true"})
    system.start()
    system.log_in()
    place = f"127.0.0.1:{service.port}"

    call = ring(system, place)
    fix_id = system.agent_json("call", "propose", RULE)["fix_id"]
    service.start()
    assert system.agent("call", "done", fix_id).returncode == 0
    call.fix(fix_id, "verified")
    closed = system.agent("call", "close", "solved", "--caller-confirmed")
    assert closed.returncode == 0, closed.stderr
    praised = record(system)
    assert (praised["right"], praised["wrong"], praised["confidence"]) == (1, 0, praised["prior"])

    service.stop()
    call = ring(system, place)
    said = system.agent("call", "disagree", RULE, "--cause", "loose cable", "--reason", "seen by the caller")
    assert (said.returncode, said.stdout) == (0, f"Noted: not {RULE}, but loose cable.\n")
    shown = system.agent("call", "show").stdout
    assert f"not {RULE}, but loose cable" in shown and "because: seen by the caller" in shown
    typo = system.agent("call", "disagree", RULE, "--cause", "check.refusde")
    assert (typo.returncode, "did you mean check.refused?" in typo.stderr) == (4, True)
    assert system.agent("call", "close", call.id, "technician").returncode == 0

    # The cause was another one, but it is the same check: the first call has not solved it.
    blamed = record(system)
    assert (blamed["right"], blamed["wrong"]) == (0, 2)
    assert blamed["outside"] == [{"cause": "loose cable", "rule": RULE, "calls": 1}]

    # A restart forgets nothing, and the numbers know nobody.
    system.kill()
    system.start()
    assert record(system) == blamed
    plain = system.agent("rules", "record", "check.").stdout
    assert f"{RULE}  right 0, wrong 2" in plain and "1× loose cable" in plain
    raw = sqlite3.connect(system.data / "hotline.db")
    contacts = {row[0] for row in raw.execute("SELECT contact FROM verdicts")}
    raw.close()
    assert len(contacts) == 1 and all(len(each) == 64 for each in contacts)
