"""What must never leave the caller's machine or reach the store: looked for in every byte there is."""

from __future__ import annotations

import contextlib
import getpass
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import wait_for
from tests.e2e.opened import everything

CANARY = "hlcanaryproc"
USER = "hlcanaryuser"
HOST = "hlcanaryhost"
_RENAMED = ("unshare", "--uts", "sh", "-c", f'hostname {HOST} && exec "$@"', "sh")


@contextlib.contextmanager
def planted(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a busy process whose name gives it away."""
    program = folder / CANARY
    shutil.copy(sys.executable, program)
    script = "import time\nwhile True: sum(range(200000)); time.sleep(0.01)"
    process = subprocess.Popen([str(program), "-c", script], executable=str(program))
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def everything_stored(system: Any) -> bytes:
    """Return all bytes of the collector's data folder, sealed and opened, and of its log."""
    return everything(system.data) + system.collector.log.read_bytes()


def everything_sent(probe: Any) -> bytes:
    """Return the caller's copy of all that left; other tests compare it with the journal."""
    return bytes(probe.transcript.read_bytes())


def secrets_of_this_machine() -> list[str]:
    """Return names that the canary test looks for; very short ones would be found by chance."""
    found = [CANARY, USER, HOST, socket.gethostname(), getpass.getuser()]
    return [name for name in dict.fromkeys(found) if len(name) > 4 and name not in ("localhost", "debian")]


def shown(view: Any, fact: str) -> list[str]:
    return [item.value for item in view.facts if item.fact == fact and item.value]


def rounds(probe: Any, source: str, count: int, after: int = 0) -> None:
    """Wait until a source has run so many more times."""
    for _ in range(count):
        probe.event("run", after=after, source=source)
        lines = probe.lines()
        after = next(n for n, line in enumerate(lines) if n >= after and line.get("source") == source) + 1


@pytest.fixture
def watched(make_system: Any, tmp_path: Path) -> Iterator[Any]:
    system = make_system({"HOTLINE_MEASURING__INTERVALS": "processes=1,connections=5,host=1"})
    system.start()
    with planted(tmp_path):
        yield system


def renamed() -> tuple[str, ...]:
    """Return what gives a program a machine of another name, nothing where that is not allowed."""
    tried = subprocess.run([*_RENAMED, "true"], capture_output=True, check=False)
    return () if tried.returncode else _RENAMED


def start(system: Any, call: Any, consent: str) -> Any:
    """Start a probe as another user on a machine of another name, as far as that is allowed here."""
    before = renamed()
    return system.probe(call.link, consent=consent, before=before, USER=USER, LOGNAME=USER, USERNAME=USER)


def test_nothing_personal_without_both_consent_and_words(watched: Any) -> None:
    calls = [watched.open("everything is slow") for _ in range(2)]
    confirmed = start(watched, calls[0], "basic")
    consented = start(watched, calls[1], "basic,personal")
    for probe in (confirmed, consented):
        probe.event("first_look")
    assert calls[0].client.confirm_words(calls[0].id, confirmed.words)
    confirmed.event("words_confirmed")
    for probe in (confirmed, consented):
        rounds(probe, "processes", 3, len(probe.lines()))
        rounds(probe, "host", 1, len(probe.lines()))
    assert shown(calls[0].view(facts=True), "process.name"), "names come as pseudonyms"
    for probe in (confirmed, consented):
        probe.send(signal.SIGINT)
        probe.ended()
    watched.collector.send(signal.SIGTERM)
    assert watched.collector.ended() == 0
    looked_at = {
        "the store": everything_stored(watched),
        "sent without consent": everything_sent(confirmed),
        "sent without words": everything_sent(consented),
    }
    for where, content in looked_at.items():
        assert content, where
        for name in secrets_of_this_machine():
            assert name.encode() not in content.lower(), (name, where)


def test_personal_values_travel_with_both_until_consent_is_revoked(watched: Any) -> None:
    call = watched.open("everything is slow")
    probe = start(watched, call, "basic,personal")
    probe.event("first_look")
    assert call.client.confirm_words(call.id, probe.words)
    call.wait(lambda view: CANARY in shown(view, "process.name"), facts=True)
    host = HOST if renamed() else socket.gethostname()
    call.wait(lambda view: shown(view, "host.name") == [host], facts=True)
    assert CANARY.encode() in everything_sent(probe), "the canary lives: other tests look for it in vain"
    mark = len(probe.lines())
    probe.type("p")
    assert probe.event("consent", after=mark)["granted"] == ["basic"]
    call.wait(lambda view: list(view.targets[0].consent) == ["basic"])
    rounds(probe, "processes", 3, mark)
    call.wait(lambda view: CANARY not in shown(view, "process.name"), facts=True)
    probe.send(signal.SIGINT)
    probe.ended()

    frames = probe.frames()
    revoked = next(
        number
        for number, frame in enumerate(frames)
        if frame.get("consent", {}).get("granted") == ["CONSENT_LAYER_BASIC"]
    )
    assert any("readings" in frame for frame in frames[revoked:]), "basic facts go on"
    assert CANARY not in repr(frames[revoked:])
    assert CANARY in repr(frames[:revoked])
    kept = watched.journal(call.id)
    behind = [frame for frame in kept if frame["seq"] >= int(frames[revoked]["seq"])]
    assert any("readings" in frame for frame in behind)
    assert CANARY not in repr(behind)
    assert CANARY in repr(kept)
    assert CANARY.encode() in everything_stored(watched)


_BUSY_RULE = """\
id: test.busy
status: experimental
severity: warning
title: {en: Test program is busy, de: Testprogramm ist beschäftigt}
symptom: {en: Everything is slow., de: Alles ist langsam.}
for_each: process
when: process.memory > qty("1 By")
confidence: 0.8
fixes:
  - steps: [program.close]
    by: caller
references: [test]
"""


def test_personal_values_are_asked_for_when_a_cause_needs_them(make_system: Any, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "busy.yaml").write_text(_BUSY_RULE)
    intervals = "processes=1,connections=5,host=1"
    system = make_system(
        {"HOTLINE_RULES__FOLDERS": str(tmp_path / "rules"), "HOTLINE_MEASURING__INTERVALS": intervals}
    )
    system.start()
    with planted(tmp_path):
        call = system.open("")
        probe = start(system, call, "")
        wait_for(lambda: "[y/N]" in probe.log.read_text())
        probe.type("y")
        call.finding("test.busy")
        assert call.view().targets[0].personal == ""
        assert call.client.confirm_words(call.id, probe.words)
        wait_for(lambda: "personal facts during this call" in probe.log.read_text())
        call.wait(lambda view: view.targets[0].personal == "asked")
        asked = [line["text"] for line in probe.lines() if line["event"] == "personal"]
        assert asked[0] == "A cause of your problem only becomes clear with: names of programs."
        assert CANARY not in repr(probe.frames())
        probe.type("y")
        call.wait(lambda view: view.targets[0].personal == "allowed")
        call.wait(lambda view: CANARY in shown(view, "process.name"), facts=True)
        mark, revoked_at = len(probe.lines()), time.monotonic()
        probe.type("p")
        call.wait(lambda view: view.targets[0].personal == "declined")
        assert time.monotonic() - revoked_at < 10
        rounds(probe, "processes", 3, mark)
        call.wait(lambda view: CANARY not in shown(view, "process.name"), facts=True)
        assert "personal facts: declined" in system_shows(system, call)
        probe.type("q")
        assert probe.ended() == 0
        frames = probe.frames()
        last = max(n for n, frame in enumerate(frames) if CANARY in repr(frame))
        taken_back = next(n for n, f in enumerate(frames) if "declined" in f.get("consent", {}))
        assert last < taken_back
        assert any("readings" in frame for frame in frames[taken_back:])


def system_shows(system: Any, call: Any) -> str:
    """Return the page of a call as the command line shows it."""
    login = ("login", "--server", f"localhost:{system.grpc_port}", "--ca", str(system.folder / "ca.pem"))
    (system.folder / "ca.pem").write_text(system.ca_pem)
    assert system.agent(*login, "--user", "admin").returncode == 0
    shown = system.agent("call", "show", call.id)
    assert shown.returncode == 0, shown.stderr
    return str(shown.stdout)


def test_before_consent_only_the_join_leaves(system: Any) -> None:
    call = system.open("slow")
    probe = system.probe(call.link, consent="")
    assert probe.say_no() == 4
    assert [list(line) for line in probe.sent_lines()] == [["join"]]
    assert system.journal(call.id) == []
    kept = everything_stored(system)
    assert socket.gethostname().encode() not in kept or len(socket.gethostname()) <= 4


def test_join_says_what_the_probe_is_and_nothing_else(standing: Any) -> None:
    call = standing.open("slow")
    probe = standing.probe(call.link)
    probe.event("run")
    first = probe.transcript.read_text().splitlines()[0]
    assert re.fullmatch(
        r'\{"join": \{"protocol_version": 1, "code": "\d{12}", "probe": \{"version": "[^"]+", '
        r'"platform": "linux", "catalogue_digest": "[0-9a-f]+", "language": "en"\}, '
        r'"nonce_commitment": "[A-Za-z0-9+/=]{44}"\}\}',
        first,
    ), first
