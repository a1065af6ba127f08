"""The collector is killed or shut down, the probe killed or ended: what both sides see, and what is kept."""

from __future__ import annotations

import signal
import sys
from typing import Any

import pytest

# A probe doubles its waits up to 15 s, and a busy machine starts a collector slowly.
RECONNECT = 45.0
# A check on loopback is the caller's decision, and only a terminal has somebody to decide: this gives a
# program one as its standard input, and types there what comes through the pipe.
_TERMINAL = (
    sys.executable,
    "-c",
    """
import os, pty, sys
out, log = os.dup(1), os.dup(2)
child, screen = pty.fork()
if not child:
    os.dup2(out, 1), os.dup2(log, 2)
    os.execv(sys.argv[1], sys.argv[1:])
while typed := os.read(0, 1000):
    os.write(screen, typed)
""",
)


def proved_call(system: Any, service: Any) -> tuple[Any, Any, str]:
    """Return a call whose words are confirmed and one fix of which is verified, its probe, and the fix."""
    place = f"127.0.0.1:{service.port}"
    call = system.open(f"cannot reach {place}")
    probe = system.probe(call.link, "--check", place)
    found = call.finding("check.local_service_down")
    assert call.client.confirm_words(call.id, probe.words)
    fix_id = call.client.propose_fix(call.id, found.finding_id, 0)
    service.start()
    call.client.update_fix(call.id, fix_id, "done")
    call.fix(fix_id, "verified")
    service.stop()
    call.fix(fix_id, "regressed")
    return call, probe, fix_id


def test_sigkill_of_the_collector_loses_nothing_that_was_acked(system: Any, service: Any) -> None:
    call, probe, fix_id = proved_call(system, service)
    session = probe.event("joined")["session"]
    before = call.finding("check.local_service_down")
    system.settle(call, probe)
    system.kill()
    kept = system.journal(call.id)
    numbers = [frame["seq"] for frame in kept]
    assert numbers == list(range(1, len(numbers) + 1))
    probe.event("link", state="lost")
    service.start()  # changes while nobody listens; it must arrive all the same
    mark = len(probe.lines())
    welcome_at = numbers[-1]
    system.start()
    assert system.started["calls"] == 1
    probe.event("link", RECONNECT, after=mark, state="connected")
    call.linked("connected")

    call.wait(lambda view: before.finding_id in [found.finding_id for found in view.cleared])
    view = call.view()
    assert view.words_confirmed
    assert [(fix.fix_id, fix.state) for fix in view.fixes] == [(fix_id, "regressed")]
    assert [line["session"] for line in probe.lines() if line["event"] == "joined"] == [session]
    call.wait(lambda _: system.journal(call.id)[-1] != kept[-1])
    frames, left = system.journal(call.id), probe.sent()
    numbers = [frame["seq"] for frame in frames]
    assert numbers == list(range(1, len(numbers) + 1)), "every number once, none missing"
    assert frames[:welcome_at] == kept
    assert frames == [left[number] for number in numbers]


def test_findings_go_on_with_the_same_ids_after_a_restart(system: Any, service: Any) -> None:
    place = f"127.0.0.1:{service.port}"
    call = system.open(f"cannot reach {place}")
    probe = system.probe(call.link, "--check", place)
    before = call.finding("check.local_service_down")
    assert call.client.confirm_words(call.id, probe.words)
    system.settle(call, probe)
    system.kill()
    mark = len(probe.lines())
    system.start()
    probe.event("link", RECONNECT, after=mark, state="connected")
    call.linked("connected")
    after = call.wait(
        lambda view: next((c for c in view.causes if c.rule == before.rule and not c.stale), None)
    )
    assert (after.finding_id, after.onset_us, after.state) == (before.finding_id, before.onset_us, "active")
    mark = len(probe.lines())
    probe.type("p")  # personal facts go on under the same rules: the words are still confirmed over there
    probe.event("consent", after=mark)
    call.wait(lambda view: list(view.targets[0].consent) == ["basic"])


def test_killed_probe_is_lost_and_a_new_code_lets_it_back_in(system: Any, service: Any) -> None:
    place = f"127.0.0.1:{service.port}"
    call = system.open(f"cannot reach {place}")
    probe = system.probe(call.link, "--check", place)
    before = call.finding("check.local_service_down")
    probe.send(signal.SIGKILL)
    probe.ended()
    lost = call.linked("lost")
    view = call.view()
    assert view.opened_us < lost.link_since_us <= view.now_us
    stale = call.wait(lambda view: next((c for c in view.causes if c.rule == before.rule and c.stale), None))
    assert (stale.finding_id, stale.state) == (before.finding_id, "active")

    code = call.client.renew_code(call.id)
    again = system.probe(code.link, before=_TERMINAL)
    call.linked("connected")
    again.event("check_asked", check=place)
    call.wait(lambda _: "[y/N]" in again.log.read_text())
    again.type("y")
    fresh = call.wait(
        lambda view: next((c for c in view.causes if c.rule == before.rule and not c.stale), None)
    )
    assert (fresh.entity, fresh.state) == (before.entity, "active")
    assert not call.view().words_confirmed, "another session shows other words"
    assert call.client.confirm_words(call.id, again.words)
    assert [target.link for target in call.view().targets] == ["connected"]


def test_what_was_found_before_a_rejoin_clears_after_it(standing: Any, service: Any) -> None:
    place = f"127.0.0.1:{service.port}"
    call = standing.open(f"cannot reach {place}")
    probe = standing.probe(call.link, "--check", place)
    before = call.finding("check.local_service_down")
    probe.send(signal.SIGKILL)
    probe.ended()
    call.linked("lost")
    standing.probe(call.client.renew_code(call.id).link, "--check", place).event("first_look")
    service.start()
    call.wait(lambda view: any(found.rule == before.rule for found in view.cleared))
    assert [found.finding_id for found in call.view().causes if found.rule == before.rule] == []


@pytest.mark.parametrize(
    ("number", "code", "reason"), [(signal.SIGINT, 130, "caller_ended"), (signal.SIGTERM, 0, "shutdown")]
)
def test_a_probe_that_ends_says_goodbye(system: Any, number: int, code: int, reason: str) -> None:
    call = system.open("slow")
    probe = system.probe(call.link)
    call.linked("connected")
    probe.event("run")
    probe.send(number)
    assert probe.ended() == code
    assert (probe.lines()[-1]["event"], probe.lines()[-1]["reason"]) == ("end", reason)
    call.linked("ended")
    assert "Traceback" not in probe.log.read_text()


def test_sigterm_ends_the_collector_in_time_and_probes_come_back(system: Any) -> None:
    calls = [system.open(f"call {number}") for number in range(2)]
    probes = [system.probe(call.link) for call in calls]
    for call in calls:
        call.linked("connected")
    assert system.collector is not None
    for probe in probes:
        probe.event("run")
    system.collector.send(signal.SIGTERM)
    assert system.collector.ended(8) == 0
    assert "Traceback" not in system.collector.log.read_text()
    for probe in probes:
        probe.event("link", state="lost")
        assert not [line for line in probe.lines() if line["event"] == "end"], "it is no goodbye"
    marks = [len(probe.lines()) for probe in probes]
    system.start()
    for call, probe, mark in zip(calls, probes, marks, strict=True):
        probe.event("link", RECONNECT, after=mark, state="connected")
        call.linked("connected")
