"""Actions that a real probe does on this machine, on things that the test made itself."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hotline_collector.console.errors import Refused

MIB = 1024 * 1024
_RUNAWAY_RULE = """\
id: test.runaway
status: experimental
severity: warning
title: {en: Test program spins, de: Testprogramm dreht durch}
symptom: {en: Everything is slow., de: Alles ist langsam.}
for_each: process
when: process.cpu > 0.2 && !process.stopped
hold: 0s
release: 1s
confidence: 0.8
fixes:
  - action: process.pause
    with: {process: process}
    risk: low
verify:
  within: 30s
  expect: process.stopped
references: [test]
"""


def state_of(pid: int) -> str:
    """Return the kernel's state of a process, T when it is stopped (proc_pid_stat(5))."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@contextlib.contextmanager
def spinning() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def fill(point: Path, name: str, size: int) -> bytes:
    """Write a file of random bytes and return them."""
    content = os.urandom(MIB) * (size // MIB)
    (point / name).write_bytes(content)
    return content


def option(finding: Any, action: str) -> int:
    """Return the number of the fix that is this action."""
    return int(next(fix.index for fix in finding.fixes if fix.action == action))


@pytest.mark.root
def test_full_filesystem_is_cleared_proved_and_put_back(tmpfs: Any, system: Any) -> None:
    point = tmpfs("tmp", "8m")
    (point / "kept").write_bytes(b"x" * 1000)
    call = system.open("it says that nothing can be saved")
    probe = system.probe(call.link, "--accept", "storage.set_aside_temp")
    probe.event("first_look")
    contents = {name: fill(point, name, 4 * MIB) for name in ("one",)}
    with contextlib.suppress(OSError):
        contents["two"] = b"\0" * (8 * MIB)
        (point / "two").write_bytes(contents["two"])
    contents["two"] = (point / "two").read_bytes()
    contents["kept"] = b"x" * 1000
    found = call.finding("sto.fs.full", entity=str(point))
    index = option(found, "storage.set_aside_temp")

    with pytest.raises(Refused, match="two words first"):
        call.client.propose_fix(call.id, found.finding_id, index)
    assert sorted(path.name for path in point.iterdir()) == ["kept", "one", "two"]
    assert call.client.confirm_words(call.id, probe.words)
    fix_id = call.client.propose_fix(call.id, found.finding_id, index)
    probe.event("action", state="done")
    fix = call.fix(fix_id, "verified")
    assert (fix.action, fix.undoable) == ("storage.set_aside_temp", True)
    assert list(point.iterdir()) == []
    call.wait(lambda view: found.finding_id in [item.finding_id for item in view.cleared])

    call.client.update_fix(call.id, fix_id, "undo")
    call.fix(fix_id, "undone")
    assert {path.name: path.read_bytes() for path in point.iterdir()} == contents
    assert list(system.folder.glob("hotline-aside-*")) == [], "nothing lies about in the caller's home"
    call.finding("sto.fs.full", entity=str(point))


@pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="needs /proc to see that a process is stopped"
)
def test_runaway_process_is_paused_with_consent_only_and_goes_on(make_system: Any, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "runaway.yaml").write_text(_RUNAWAY_RULE)
    system = make_system(
        {
            "HOTLINE_RULES__FOLDERS": str(tmp_path / "rules"),
            "HOTLINE_MEASURING__INTERVALS": "processes=1",
        }
    )
    system.start()
    with spinning() as child:
        call, fix_id = propose_pause(system, child.pid, "process.lower_priority")
        call.fix(fix_id, "declined")  # nobody is at the keyboard, and silence is no
        assert state_of(child.pid) == "R"

        call, fix_id = propose_pause(system, child.pid, "process.pause")
        fix = call.fix(fix_id, "verified")
        assert state_of(child.pid) == "T"
        call.client.update_fix(call.id, fix_id, "undo")
        call.fix(fix_id, "undone")
        assert state_of(child.pid) == "R"
        call.finding("test.runaway", entity=fix.entity)


def propose_pause(system: Any, pid: int, accepted: str) -> tuple[Any, str]:
    """Return a call in which pausing a process is proposed, to a probe that accepts one action unasked."""
    call = system.open("everything is slow")
    probe = system.probe(call.link, "--accept", accepted)

    def look(view: Any) -> Any:
        causes = [cause for cause in (*view.causes, *view.also_noticed) if cause.rule == "test.runaway"]
        return next((cause for cause in causes if cause.entity.startswith(f"{pid}@")), None)

    found = call.wait(look)
    assert call.client.confirm_words(call.id, probe.words)
    return call, call.client.propose_fix(call.id, found.finding_id, option(found, "process.pause"))
