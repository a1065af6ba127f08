"""One action with more rights: a real user without any, and a stand-in for pkexec that grants or refuses.

Granting is a set-user-ID copy of env(1), so that the kernel gives the rights as it does for the real one.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hotline_probe import __version__
from hotline_probe.actions.elevate import OPTION, own_command, run_action
from hotline_probe.errors import UsageError
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.probe.acting import as_nobody


@pytest.fixture
def tools() -> Iterator[Path]:
    # Below /tmp itself: the folders that pytest makes are closed to other users.
    folder = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    yield folder
    shutil.rmtree(folder)


def test_what_is_granted_is_done_and_taken_back(tools: Path) -> None:
    granting = tools / "granting"
    shutil.copy(shutil.which("env") or "/usr/bin/env", granting)
    granting.chmod(0o4755)
    (tools / "pkexec").write_text(f'#!/bin/sh\nshift\nexec {granting} "$@"\n')
    (tools / "pkexec").chmod(0o755)
    assert as_nobody(tools) == ["done 1", "undone 0"]


def test_what_is_refused_is_a_permission(tools: Path) -> None:
    (tools / "pkexec").write_text("#!/bin/sh\nexit 126\n")
    (tools / "pkexec").chmod(0o755)
    assert as_nobody(tools) == ["permission 0"]


def test_the_child_takes_no_program_from_the_folder_that_it_is_started_in(tmp_path: Path) -> None:
    # sudo(8) keeps the folder, and whoever may write there must not run anything with its rights.
    (tmp_path / "hotline_probe").mkdir()
    (tmp_path / "hotline_probe" / "__init__.py").touch()
    (tmp_path / "hotline_probe" / "__main__.py").write_text("print('somebody else')")
    done = subprocess.run(
        [*own_command(), "--version"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == f"hotline-probe {__version__}\n"


@pytest.mark.parametrize("words", [[], ["rm"], ["interface.enable", "more"], ["--help"]])
def test_only_the_name_of_an_action_is_taken(words: list[str]) -> None:
    with pytest.raises(UsageError, match=OPTION):
        run_action(words, io.StringIO(), io.StringIO())


texts = st.text(max_size=9)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=200), st.dictionaries(texts, texts).map(json.dumps)))
def test_whatever_is_sent_only_a_refusal_comes_back(line: str) -> None:
    answers = io.StringIO()
    assert run_action(["interface.enable"], io.StringIO(line + "\n"), answers) == 1
    assert json.loads(answers.getvalue())["error"] in ("bad_parameter", "precondition", "error")
