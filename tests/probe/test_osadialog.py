"""macOS's dialog for the rights of an administrator, with a stand-in for osascript that grants or refuses.

The stand-in takes its script apart as AppleScript does (AppleScript Language Guide, "Text") and hands the
command to sh(1), as `do shell script` does. Granting is a set-user-ID copy of env(1), as for the kernel.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hotline_probe.actions.elevate import OPTION, run_action
from hotline_probe.actions.osadialog import Meeting, asking, connected, literal
from hotline_probe.errors import ActionError, UsageError
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.probe.acting import as_nobody

pytestmark = pytest.mark.skipif(os.name != "posix", reason="macOS has sh(1) and sockets with names")
SCRIPT = re.compile(
    r'do shell script ("(?:[^"\\]|\\.)*") with prompt ("(?:[^"\\]|\\.)*") with administrator privileges',
    re.DOTALL,
)
GRANTS = f"""
import os, re, sys
script = re.compile({SCRIPT.pattern!r}, re.DOTALL).fullmatch(sys.argv[2])
assert sys.argv[1] == "-e" and script
line = re.sub(r"\\\\(.)", r"\\1", script[1][1:-1], flags=re.DOTALL)
os.setresuid(0, 0, 0)
os.execvp("sh", ["sh", "-c", line])
"""
words = st.lists(
    st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20), min_size=1, max_size=5
)


def plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


@given(words)
def test_what_is_started_is_what_was_meant(command: list[str]) -> None:
    program, option, script = asking(command)
    match = SCRIPT.fullmatch(script)
    assert (program, option) == ("osascript", "-e") and match is not None
    line = plain(match[1])
    assert line.endswith(" </dev/null >/dev/null 2>&1 &")
    assert shlex.split(line.removesuffix(" </dev/null >/dev/null 2>&1 &")) == command


@settings(max_examples=30, deadline=None)
@given(words)
def test_the_shell_takes_it_word_by_word(command: list[str]) -> None:
    match = SCRIPT.fullmatch(asking(["printf", "%s\\0", *command])[2])
    assert match is not None
    line = plain(match[1]).removesuffix(" </dev/null >/dev/null 2>&1 &")
    printed = subprocess.run(["sh", "-c", line], capture_output=True, check=True, timeout=30).stdout
    assert printed.decode().split("\0")[:-1] == command


@given(st.text())
def test_a_literal_ends_where_it_should(text: str) -> None:
    quoted = literal(text)
    assert plain(quoted) == text and re.fullmatch(r'"(?:[^"\\]|\\.)*"', quoted, re.DOTALL)


# ---- the whole way --------------------------------------------------------------------------------
@pytest.fixture
def tools() -> Iterator[Path]:
    # Below /tmp itself: the folders that pytest makes are closed to other users.
    folder = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def put(folder: Path, text: str) -> None:
    (folder / "osascript").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "osascript").chmod(0o755)


def test_what_is_granted_is_done_and_taken_back(tools: Path) -> None:
    granting = tools / "granting"
    shutil.copy(shutil.which("env") or "/usr/bin/env", granting)
    granting.chmod(0o4755)
    (tools / "grants.py").write_text(GRANTS)
    put(tools, f'exec {granting} {sys.executable} {tools}/grants.py "$@"')
    assert as_nobody(tools) == ["done 1", "undone 0"]


def test_what_is_refused_is_a_permission(tools: Path) -> None:
    # osascript(1) ends with 1 and "User canceled. (-128)".
    put(tools, "echo '0:1: execution error: User canceled. (-128)' >&2; exit 1")
    assert as_nobody(tools) == ["permission 0"]


def test_a_child_that_does_not_come_is_told(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tools, "exit 0")
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setattr("hotline_probe.actions.osadialog.START_PATIENCE", 0.2)
    with contextlib.closing(Meeting()) as meeting:
        place = Path(meeting.words[0])
        assert place.parent.stat().st_mode & 0o777 == 0o700, "nobody else may enter"
        with pytest.raises(ActionError) as caught:
            meeting.start(["true"])
    assert caught.value.code == "error" and not place.parent.exists()


def test_the_two_understand_each_other(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tools, "exit 0")
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")

    def child(path: str) -> None:
        with connected(path) as (requests, answers):
            answers.write(requests.readline().upper())
            answers.flush()

    with contextlib.closing(Meeting()) as meeting:
        thread = threading.Thread(target=child, args=meeting.words)
        thread.start()
        with meeting.start(["true"]) as channel:
            channel.sendall("grüße\n".encode())
            assert channel.makefile("r", encoding="utf-8").readline() == "GRÜSSE\n"
        thread.join()


def test_without_a_parent_nothing_is_done(tmp_path: Path) -> None:
    for path in (tmp_path / "s", tmp_path):
        with pytest.raises(UsageError, match="gone"):
            run_action(["interface.enable", str(path)], sys.stdin, sys.stdout)
    with pytest.raises(UsageError, match=OPTION):
        run_action(["rm", str(tmp_path / "s")], sys.stdin, sys.stdout)
