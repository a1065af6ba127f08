"""Running programs: what is killed, where Windows looks, and what the bytes mean."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest
from hotline_probe.programs import decoded, end_tree, windows_path

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def test_a_tree_ends_as_a_whole() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        end_tree(parent.pid)
        parent.wait(30)
        assert not psutil.wait_procs([child], timeout=30)[1]


def test_a_tree_that_is_gone_is_no_error() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as parent:
        parent.wait(30)
    end_tree(parent.pid)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("netsh", r"D:\WINNT\System32\netsh.exe"),
        ("powershell", r"D:\WINNT\System32\WindowsPowerShell\v1.0\powershell.exe"),
        (r"C:\Program Files\x\y.exe", r"C:\Program Files\x\y.exe"),
    ],
)
def test_programs_come_from_the_systems_own_folders(name: str, path: str) -> None:
    assert windows_path(name, {"SystemRoot": r"D:\WINNT", "PATH": r"C:\Users\me\Downloads"}) == path


def test_without_a_root_it_is_the_usual_one() -> None:
    assert windows_path("reg", {}) == r"C:\Windows\System32\reg.exe"


def test_bytes_that_are_no_utf8_are_text_all_the_same() -> None:
    assert decoded("Gerät".encode()) == "Gerät"
    assert decoded("Gerät".encode("cp850")).startswith("Ger")
