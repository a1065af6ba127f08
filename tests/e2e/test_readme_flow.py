"""What README.md says under "How a call goes", done with the installed commands and their own output."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.first_account import make_first_account

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()
BIN = Path(sys.executable).parent
PATIENCE = 30.0


def told(beginning: str) -> list[str]:
    """Return the words of the command in README.md that begins like this."""
    found = re.search(rf"(?:^|`)({re.escape(beginning)}[^`\n#]*)", README, re.MULTILINE)
    assert found, f"README.md does not say {beginning}"
    return shlex.split(found[1])


@dataclass
class Desk:
    """Runs the installed commands as a person at two computers would."""

    folder: Path
    password: str = ""
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HOTLINE_", "XDG_"))}
        own = {"HOME": str(self.folder), "HOTLINE_HOME": str(self.folder / "agent"), "LC_ALL": "C.UTF-8"}
        quiet = {"HOTLINE_MEASURING__ACTIVE": "false", "no_proxy": "*", "HOTLINE_PASSWORD": self.password}
        return kept | own | quiet

    def start(self, name: str, *words: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """Start a program; what it says goes to a file of its name."""
        with self.said(name).open("wb") as out:
            process = subprocess.Popen(
                [BIN / words[0], *words[1:]],
                stdin=stdin,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=self.environ,
            )
        self.running.append(process)
        return process

    def said(self, name: str) -> Path:
        return self.folder / name

    def until(self, name: str, pattern: str) -> re.Match[str]:
        """Wait until a started program has said something."""
        end = time.monotonic() + PATIENCE
        while (found := re.search(pattern, self.said(name).read_text())) is None:
            assert time.monotonic() < end, f"{name} never said {pattern}: {self.said(name).read_text()}"
            time.sleep(0.05)
        return found

    def run(self, *words: str) -> str:
        """Run a command to its end and return what it says on standard output."""
        done = subprocess.run(
            [BIN / words[0], *words[1:]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=self.environ,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    def shows(self, pattern: str) -> str:
        """Return the page of the call once it shows something."""
        end = time.monotonic() + PATIENCE
        while re.search(pattern, page := self.run("hotline", "call", "show")) is None:
            assert time.monotonic() < end, f"{pattern} is not shown: {page}"
            time.sleep(0.1)
        return page


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    it = Desk(tmp_path)
    try:
        yield it
    finally:
        for process in it.running:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()


@contextlib.contextmanager
def keyboard() -> Iterator[tuple[int, int]]:
    """Make a terminal to type at: our end and the program's."""
    ours, theirs = os.openpty()
    try:
        yield ours, theirs
    finally:
        os.close(ours)
        os.close(theirs)


def serve_and_log_in(desk: Desk) -> subprocess.Popen[bytes]:
    """Start a collector and log in with the line that it prints."""
    ports = ("--host", "127.0.0.1", "--grpc-port", "0", "--web-port", "0")
    collector = desk.start(
        "collector", "hotline-collector", "--data-dir", str(desk.folder / "data"), "serve", *ports
    )
    login = shlex.split(desk.until("collector", r"Next: (hotline .*)\n")[1])
    fingerprint = desk.until("collector", r"CA fingerprint (\w+)")[1]
    link = desk.until("collector", r"first account at\n +(http\S+)\n")[1]
    desk.password = make_first_account(link, int(login[login.index("--web-port") + 1]))
    assert re.search(r"\d rules, 0 open calls;", desk.said("collector").read_text())
    port = login[login.index("--server") + 1].rpartition(":")[2]
    web = login.index("--web-port")
    without = [*login[:web], *login[web + 2 :], "--user", "admin"]
    assert without == [word.replace(":7443", f":{port}") for word in told("hotline login")]
    said = desk.run(*login, "--user", "admin", "--fingerprint", fingerprint)
    assert said.startswith(f"Logged in to localhost:{port} as admin (")
    return collector


def join(desk: Desk, link: str, place: str, terminal: tuple[int, int]) -> tuple[subprocess.Popen[bytes], str]:
    """Start the probe with the link, allow what it asks for, and return it with its two words."""
    ours, theirs = terminal
    assert told('hotline-probe "hotline')[1].startswith("hotline://localhost:7443/")
    on_terminal = (
        "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    probe = desk.start(
        "probe",
        *("python", "-c", on_terminal, str(BIN / "hotline-probe"), link, "--check", place),
        stdin=theirs,
    )
    desk.until("probe", r"facts during this call\? \[y/N\]")
    os.write(ours, b"y\n")
    return probe, desk.until("probe", r"Read these two words to your agent: (.+)\n")[1]


def test_a_call_goes_as_the_readme_says(desk: Desk, service: Any) -> None:
    place = f"127.0.0.1:{service.port}"
    collector = serve_and_log_in(desk)
    opening = [word.replace("shop.example.org:443", place) for word in told("hotline call open")]
    said = desk.run(*opening)
    call_id = re.search(r"^Call (\S+)$", said, re.MULTILINE)
    link = re.search(r"^Link: +(hotline://\S+)$", said, re.MULTILINE)
    assert call_id and link and re.search(r"^Join code: \d{3} \d{3} \d{3} \d{3}$", said, re.MULTILINE)
    watch = desk.start("watch", *told("hotline call watch"))

    with keyboard() as terminal:
        probe, words = join(desk, link[1], place, terminal)
        named = {"ID": [call_id[1]], "WORD": []}
        confirm = [part for word in told("hotline call confirm") for part in named.get(word, [word])]
        assert desk.run(*confirm, *words.split()) == "The words match.\n"
        page = desk.shows(r"1\. \[..\] Service on this computer is not running")
        assert f"{place}" in page
        fix = re.fullmatch(
            r"Proposed as fix (\S+)\.\n", desk.run(*told("hotline call propose"), "check.local_service_down")
        )
        assert fix
        service.start()
        assert desk.run("hotline", "call", "done", fix[1]) == f"{fix[1]}: verifying\n"
        desk.shows(r"\[ok\] .* verified ·")
        closing = [call_id[1] if word == "ID" else word for word in told("hotline call close")]
        assert desk.run(*closing) == "Closed: solved.\n"
        assert probe.wait(PATIENCE) == 0
    assert watch.wait(PATIENCE) == 0
    assert "Service on this computer is not running" in desk.said("watch").read_text()
    collector.send_signal(signal.SIGTERM)
    assert collector.wait(PATIENCE) == 0
