"""Log files are read by the real tools, on files below a folder of the test."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hotline_probe.errors import Unsupported
from hotline_probe.machine import CommandResult, LocalMachine
from hotline_probe.sources import logreaders
from hotline_probe.sources.logreaders import FileReader

SYSLOG, AUTH = "/var/log/syslog", "/var/log/auth.log"


class MovedMachine(LocalMachine):
    """Runs programs for real, with the paths of log files moved below the root."""

    def __init__(self, root: Path) -> None:
        super().__init__(str(root))
        (root / "var/log").mkdir(parents=True)
        self.root = root

    def run(self, argv: Sequence[str], timeout: float) -> CommandResult:
        moved = [part.replace("/var/log", f"{self.root}/var/log") for part in argv]
        result = super().run(moved, timeout)
        return CommandResult(result.code, result.out.replace(str(self.root), ""), result.err)

    def append(self, name: str, text: str) -> None:
        with self.path(name).open("a") as file:
            file.write(text)


@pytest.fixture
def machine(tmp_path: Path) -> MovedMachine:
    return MovedMachine(tmp_path)


def line(ago: float, program: str, message: str) -> str:
    stamp = time.strftime("%b %d %H:%M:%S", time.localtime(time.time() - ago))
    return f"{stamp} pc {program}: {message}\n"


def messages(reader: FileReader, machine: MovedMachine) -> list[str]:
    return [entry.message for entry in reader.read(machine, 3600.0)]


def test_only_new_lines_are_read(machine: Any) -> None:
    reader = FileReader()
    machine.append(
        SYSLOG, line(7200, "kernel", "[ 1.0] too old") + line(60, "kernel", "[ 2.0] first") + "no log line\n"
    )
    assert messages(reader, machine) == ["first"]
    assert messages(reader, machine) == []
    half = line(0, "cron[7]", "second")
    machine.append(SYSLOG, half[:20])
    assert messages(reader, machine) == []
    machine.append(SYSLOG, half[20:])
    machine.append(AUTH, line(5, "sshd[9]", "Failed password for root"))
    assert messages(reader, machine) == ["second", "Failed password for root"]


def test_iso_times(machine: Any) -> None:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.123456+00:00", time.gmtime(time.time() - 100))
    machine.append(SYSLOG, f"{stamp} pc kernel: [ 3.0] hello\n")
    (entry,) = FileReader().read(machine, 3600.0)
    assert entry.kernel and entry.age == pytest.approx(100, abs=5)


def test_rotation_begins_anew(machine: Any) -> None:
    reader = FileReader()
    machine.append(SYSLOG, line(9, "a", "one") + line(8, "a", "two"))
    assert messages(reader, machine) == ["one", "two"]
    machine.path(SYSLOG).write_text(line(0, "a", "new"))
    assert messages(reader, machine) == ["new"]


def test_a_flood_is_cut_to_its_end(machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logreaders, "MAX_BYTES", 200)
    machine.append(SYSLOG, "".join(line(1, "a", f"number {n}") for n in range(1000)))
    found = messages(FileReader(), machine)
    assert 0 < len(found) < 10 and found[-1] == "number 999"


def test_no_files(machine: Any) -> None:
    with pytest.raises(Unsupported):
        FileReader().read(machine, 3600.0)
