"""Pausing, slowing and ending programs as on Windows, with real processes; only taskkill is a stand-in."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from hotline_probe.actions import windowsprocesses
from hotline_probe.actions.registry import Actions
from hotline_probe.actions.windowsprocesses import closing, find
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine
from hotline_proto.catalogue import load_catalogue
from hypothesis import given
from hypothesis import strategies as st


@contextlib.contextmanager
def waiting(words: list[str]) -> Iterator[psutil.Process]:
    """Start a program, go on when it prints its first line, and kill it in the end."""
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None and process.stdout.readline()
            yield psutil.Process(process.pid)
        finally:
            process.kill()


@pytest.fixture
def child() -> Iterator[psutil.Process]:
    with waiting([sys.executable, "-c", "import time; print(flush=True); time.sleep(600)"]) as process:
        yield process


def key(process: psutil.Process) -> str:
    return f"{process.pid}@{int(process.create_time())}"


def perform(action: str, process: psutil.Process):
    machine = LocalMachine(system="windows")
    it = Actions(machine, load_catalogue(), lambda _kind: [key(process)], may_elevate=False)
    return it.perform(action, {"process": key(process)})


def refused(named: str) -> str:
    with pytest.raises(ActionError) as caught:
        find(named)
    return caught.value.code


def test_pause_and_resume(child: psutil.Process) -> None:
    done = perform("process.pause", child)
    assert child.status() == psutil.STATUS_STOPPED
    with pytest.raises(ActionError, match="already"):
        perform("process.pause", child)
    done.undo()
    assert child.status() != psutil.STATUS_STOPPED


def test_give_way_and_not_any_more(child: psutil.Process) -> None:
    before = child.nice()
    done = perform("process.lower_priority", child)
    assert child.nice() == windowsprocesses._LOWEST
    with pytest.raises(ActionError, match="already"):
        perform("process.lower_priority", child)
    if os.name == "nt" or os.geteuid() == 0:
        done.undo()
        assert child.nice() == before


@pytest.fixture
def taskkill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def put(script: str) -> None:
        (tmp_path / "taskkill").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "taskkill").chmod(0o755)

    return put


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
def test_one_that_closes_when_it_is_asked(child: psutil.Process, taskkill) -> None:
    taskkill('test "$1" = /PID && kill "$2"')
    assert "did not" not in perform("process.end", child).detail
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
def test_one_that_does_not(child: psutil.Process, taskkill, monkeypatch) -> None:
    monkeypatch.setattr(windowsprocesses, "_TO_END", 0.1)
    taskkill('echo "ERROR: The process could not be terminated." >&2; exit 128')
    assert "did not end by itself" in perform("process.end", child).detail
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_nothing_is_forced_at_first() -> None:
    assert closing(4711) == ("taskkill", "/PID", "4711")


def test_what_is_left_alone(child: psutil.Process) -> None:
    own = psutil.Process()
    assert refused(key(own)) == "precondition"
    assert refused(key(own.parents()[0])) == "precondition"
    assert refused(f"{child.pid}@{int(child.create_time()) - 5}") == "precondition"
    assert refused(f"{2**31 - 1}@1") == "precondition"


@pytest.mark.parametrize(
    "name", ["csrss.exe", "svchost.exe", "explorer.exe", "Memory Compression", "lsass.exe"]
)
def test_what_windows_needs_is_left_alone(name: str, tmp_path: Path) -> None:
    program = tmp_path / name
    program.symlink_to(sys.executable)
    with waiting([str(program), "-c", "import time; print(flush=True); time.sleep(600)"]) as running:
        assert running.name() == name
        assert refused(key(running)) == "precondition"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs root for somebody else")
def test_programs_of_others_are_left_alone() -> None:
    words = [sys.executable, "-c", "import os, time; os.setuid(65534); print(flush=True); time.sleep(600)"]
    with waiting(words) as running:
        assert refused(key(running)) == "permission"


@given(st.text(max_size=20))
def test_other_keys_name_nothing(named: str) -> None:
    with pytest.raises(ActionError):
        find(named)
