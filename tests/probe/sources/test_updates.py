"""Updates: a real dpkg that breaks off, real locks, and captured files of other systems."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hotline_probe.errors import SourceFailed
from hotline_probe.machine import LocalMachine
from hotline_probe.sources.packagelocks import Holder, LockWatch, find_holder, parse_half_done, parse_locks
from hotline_probe.sources.updates import Updates, parse_available
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

HOLD = """
import fcntl, os, sys
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.lockf(file, fcntl.LOCK_EX)
print("ready", flush=True)
sys.stdin.read()
"""
CONTROL = "Package: broken\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: none\n"
NOW = "1700000000 /proc/self/stat\n"


@given(st.text(max_size=300))
def test_parsers_survive_anything(text: str) -> None:
    assert isinstance(parse_locks(text), dict)
    assert parse_available(text) is None or isinstance(parse_available(text), int)
    try:
        assert parse_half_done(text) >= 0
    except SourceFailed as error:
        assert str(error)


@pytest.fixture
def desktop(captured: Any) -> Any:
    """A captured Ubuntu desktop whose updates come by themselves."""
    captured.put(
        {
            "/usr/bin/apt-get": "",
            "/usr/bin/snap": "",
            "/proc/locks": "1: POSIX  ADVISORY  WRITE 900 fe:00:555 0 EOF\n",
            "/proc/uptime": "9000.00 100.00\n",
            "/proc/900/stat": f"900 (apt-get) S{' 0' * 18} 180000 0 0 0\n",
            "/var/lib/dpkg/status": "Package: a\nStatus: install ok installed\n",
            "/var/lib/dpkg/updates/.keep": "",
            "/var/lib/update-notifier/updates-available": "\n4 updates can be applied immediately.\n"
            "3 of these updates are standard security updates.\n",
        }
    )
    captured.prints("stat -c %i", "777\n")
    captured.prints("stat -c %Y", f"1699999000 /var/lib/dpkg/status\n{NOW}")
    captured.prints("snap refresh --time", "timer: 00:00~24:00/4\nlast: n/a\nnext: today\n")
    return captured


def test_a_desktop_at_rest(desktop: Any, read: Any) -> None:
    assert read(Updates()) == {
        "system.update.manager": "apt",
        "system.update.interrupted": False,
        "system.update.half_done": 0,
        "system.update.running": False,
        "system.update.locked_for": 0.0,
        "system.update.program": "",
        "system.update.checked_age": UnknownReason.UNSUPPORTED,
        "system.update.installed_age": 1000.0,
        "system.update.security_pending": 3,
        "system.update.snap_age": UnknownReason.UNSUPPORTED,
    }


def test_a_program_that_holds_the_lock(desktop: Any, read: Any) -> None:
    desktop.prints("stat -c %i", "555\n777\n")
    facts = read(Updates())
    assert facts["system.update.running"] is True and facts["system.update.program"] == "apt-get"
    assert facts["system.update.locked_for"] == 7200.0
    # Some other program has locked a file of the same number elsewhere.
    desktop.put({"/proc/900/stat": f"900 (postgres) S{' 0' * 18} 180000 0 0 0\n"})
    assert read(Updates())["system.update.running"] is False


def test_a_program_that_stays_holds_it_since_it_was_seen() -> None:
    watch, service = LockWatch(), Holder("7", "packagekitd", 90000.0)
    assert [watch.held_for(now, service) for now in (10.0, 70.0)] == [0.0, 60.0]
    assert watch.held_for(80.0, Holder("8", "packagekitd", 90000.0)) == 0.0
    assert watch.held_for(90.0, None) == 0.0 and watch.held_for(95.0, service) == 0.0


def test_steps_that_dpkg_has_not_written_down(desktop: Any, read: Any) -> None:
    desktop.put({"/var/lib/dpkg/updates/0001": ""})
    facts = read(Updates())
    assert facts["system.update.interrupted"] is True and facts["system.update.half_done"] == 0


def test_other_systems(captured: Any, read: Any) -> None:
    captured.put({"/usr/bin/dnf": "", "/proc/locks": ""})
    captured.prints("stat -c %Y", f"1699990000 /var/cache/dnf/last_makecache\n{NOW}")
    facts = read(Updates())
    assert facts["system.update.manager"] == "dnf" and facts["system.update.checked_age"] == 10000.0
    assert facts["system.update.interrupted"] is UnknownReason.UNSUPPORTED
    assert facts["system.update.running"] is False


def test_a_real_update_that_breaks_off(tmp_path: Path, captured: Any, read: Any) -> None:
    if shutil.which("dpkg-deb") is None:
        pytest.skip("needs dpkg(1)")
    package = tmp_path / "package"
    (package / "DEBIAN").mkdir(parents=True)
    (package / "DEBIAN/control").write_text(CONTROL)
    script = package / "DEBIAN/postinst"
    script.write_text("#!/bin/sh\nexit 1\n")
    script.chmod(0o755)
    database = tmp_path / "var/lib/dpkg"
    for folder in ("info", "updates", "triggers"):
        (database / folder).mkdir(parents=True)
    for file in ("status", "available"):
        (database / file).write_text("")
    subprocess.run(
        ["dpkg-deb", "-b", package, tmp_path / "x.deb"], check=True, capture_output=True, timeout=30
    )
    options = [
        f"--admindir={database}",
        f"--instdir={tmp_path}",
        "--force-not-root",
        "--force-script-chrootless",
    ]
    argv = ["dpkg", *options, "--log=/dev/null", "-i", str(tmp_path / "x.deb")]
    broken = subprocess.run(argv, capture_output=True, timeout=60, check=False)
    assert broken.returncode != 0
    captured.put({"/proc/locks": ""})
    facts = read(Updates())
    assert facts["system.update.half_done"] == 1 and facts["system.update.interrupted"] is True


def test_a_real_lock(tmp_path: Path) -> None:
    # A program is known by the name of the file that was started.
    program, lock = tmp_path / "dpkg", tmp_path / "lock"
    program.symlink_to(Path(sys.executable).resolve())
    lock.write_text("")
    machine = LocalMachine()
    assert find_holder(machine, (str(lock),)) is None
    argv = [str(program), "-c", HOLD, str(lock)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        holder = find_holder(machine, (str(lock), str(tmp_path / "missing")))
        process.communicate("")
    assert holder is not None and (holder.pid, holder.name) == (str(process.pid), "dpkg")
    assert 0 <= holder.age < 600
