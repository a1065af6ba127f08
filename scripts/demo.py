"""`make demo`: a whole call on this machine, in about half a minute and without questions.

A collector, an agent at the command line and the real probe run side by side. Two real faults are made – a
local service is stopped, a small filesystem of the demo's own is filled – found, explained, cured and proven
gone. Every line below a heading is printed by the running programs. Nothing outside this machine is measured.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import secrets
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent
HOST = "127.0.0.1"
PATIENCE = 30.0
DISK_MIB = 16
SERVE = ("serve", "--host", HOST, "--grpc-port", "0", "--web-port", "0", "--json")
COMPLAINT = "The page of our shop does not open, and nothing can be saved any more"


class DemoFailed(Exception):
    """The demo could not go on; the message says at which step."""


def heading(text: str) -> None:
    """Print what comes next."""
    print(f"\n=== {text}", flush=True)


class Programs:
    """The three programs, in a folder that is gone afterwards."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._children: list[subprocess.Popen[str]] = []
        self._environment = {
            **os.environ,
            "HOTLINE_HOME": str(folder / "agent"),
            "HOTLINE_MEASURING__ACTIVE": "false",
            "HOTLINE_LOG__LEVEL": "warning",
            "NO_COLOR": "1",
            "COLUMNS": "100",
        }

    def start(self, *argv: str) -> subprocess.Popen[str]:
        """Start a program that goes on in the background."""
        child = subprocess.Popen(
            [str(BIN / argv[0]), *argv[1:]],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env=self._environment,
        )
        self._children.append(child)
        return child

    def operator(self, *argv: str, typed: str) -> None:
        """Run the operator's command line and show what it says."""
        done = subprocess.run(
            [str(BIN / "hotline-collector"), *argv],
            text=True,
            input=typed,
            capture_output=True,
            env=self._environment,
            check=False,
            timeout=PATIENCE,
        )
        if done.returncode:
            raise DemoFailed(f"hotline-collector {shlex.join(argv)}: {done.stderr.strip()}")
        print(f"operator | {done.stdout.rstrip()}")

    def agent(self, *argv: str, show: bool = True, **variables: str) -> str:
        """Run the agent's command line and return what it says."""
        command = [str(BIN / "hotline"), *argv]
        done = subprocess.run(
            command,
            text=True,
            capture_output=True,
            env={**self._environment, **variables},
            check=False,
            timeout=PATIENCE,
        )
        if done.returncode:
            raise DemoFailed(f"hotline {' '.join(argv)}: {done.stderr.strip()}")
        if show:
            print(f"agent  $ hotline {shlex.join(argv)}")
            print(*(f"       {line}" for line in done.stdout.rstrip().splitlines()), sep="\n", flush=True)
        return done.stdout

    def call(self) -> dict[str, Any]:
        """Return the call as the agent's command line tells it."""
        told: dict[str, Any] = json.loads(self.agent("call", "show", "--json", show=False))["call"]
        return told

    def wait(self, what: str, found: Callable[[dict[str, Any]], Any]) -> Any:
        """Wait until the agent sees something and return it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if result := found(self.call()):
                return result
            time.sleep(0.1)
        raise DemoFailed(f"{what} did not come within {PATIENCE:g} s")

    def stop(self) -> None:
        """End everything that was started, newest first."""
        for child in reversed(self._children):
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


class Caller:
    """The caller's screen: reads the probe's lines, prints them, and knows the two words."""

    def __init__(self, probe: subprocess.Popen[str]) -> None:
        self.words = ""
        self._seen = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(probe,), daemon=True)
        self._reader.start()

    def read_words(self) -> str:
        """Return the two words on the screen."""
        if not self._seen.wait(PATIENCE):
            raise DemoFailed("the probe showed no two words")
        return self.words

    def _read(self, probe: subprocess.Popen[str]) -> None:
        for line in probe.stdout or ():
            print(f"caller | {line.rstrip()}", flush=True)
            if "two words" in line:
                self.words = line.rpartition(":")[2].strip()
                self._seen.set()


class Page(http.server.BaseHTTPRequestHandler):
    """The local service: one page."""

    def do_GET(self) -> None:
        """Answer with a page."""
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def do_HEAD(self) -> None:
        """Answer with the head of the page."""
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the base class
        """Say nothing; the demo shows what the programs say."""


@contextlib.contextmanager
def service(port: int) -> Iterator[None]:
    """Run the local service while the context is open."""
    server = http.server.ThreadingHTTPServer((HOST, port), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """Mount a filesystem of the demo's own; None where this machine does not allow it."""
    place = folder / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=1777", "hotline-demo", str(place)]
    try:
        made = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        made = False
    if not made:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], capture_output=True, check=False)


def fill(place: Path) -> None:
    """Fill a filesystem with temporary files until nothing more fits."""
    for number in range(4 * DISK_MIB):
        with contextlib.suppress(OSError):
            (place / f"session-{number}.tmp").write_bytes(bytes(256 * 1024))


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as plain:
        plain.bind((HOST, 0))
        port: int = plain.getsockname()[1]
        return port


def cause(rule: str, entity: str) -> Callable[[dict[str, Any]], Any]:
    """Return a search for the finding of a rule on the demo's own thing; nobody else's is touched."""

    def search(call: dict[str, Any]) -> Any:
        causes = [*call["causes"], *call["also_noticed"]]
        mine = (f for f in causes if (f["rule"], f["entity"], f["state"]) == (rule, entity, "active"))
        return next(mine, None)

    return search


def fix(fix_id: str, *states: str) -> Callable[[dict[str, Any]], Any]:
    """Return a search for a fix in one of some states."""
    return lambda call: next(
        (f for f in call["fixes"] if f["fix_id"] == fix_id and f["state"] in states), None
    )


def propose(programs: Programs, finding: dict[str, Any]) -> str:
    """Propose the first fix of a finding and return its id."""
    before = {f["fix_id"] for f in programs.call()["fixes"]}
    programs.agent("call", "propose", "-", finding["finding_id"])
    new = programs.wait("the proposal", lambda call: [f for f in call["fixes"] if f["fix_id"] not in before])
    return str(new[0]["fix_id"])


def proven(programs: Programs, fix_id: str) -> None:
    """Wait for the proof of a fix and show it."""
    settled = ("verified", "still_present", "could_not_verify", "failed", "declined", "expired")
    result = programs.wait("the proof", fix(fix_id, *settled))
    programs.agent("call", "show")
    if result["state"] != "verified":
        raise DemoFailed(f"the fix is {result['state']}: {result['detail']}")


def log_in(programs: Programs) -> None:
    """Start the collector and log the agent in."""
    heading("The operator makes an account and starts a collector; it makes its certificates")
    password, data = secrets.token_urlsafe(16), ("--data-dir", str(programs.folder / "data"))
    programs.operator(
        *data, "user", "add", "admin", "--role", "admin", "--password-file", "-", typed=password
    )
    collector = programs.start("hotline-collector", *data, *SERVE)
    line = collector.stdout.readline() if collector.stdout else ""
    if not line:
        raise DemoFailed("the collector did not start")
    started = json.loads(line)
    print(f"operator | {line.rstrip()}")
    heading("The agent logs in and opens a call with what the caller says")
    programs.agent(
        *("login", "--server", f"{HOST}:{started['grpc_port']}", "--web-port", str(started["web_port"])),
        *("--fingerprint", started["fingerprint"], "--user", "admin"),
        HOTLINE_PASSWORD=password,
    )


def join(programs: Programs, target: str) -> None:
    """Open the call and let the caller join."""
    opened = json.loads(programs.agent("call", "open", "--complaint", COMPLAINT, "--check", target, "--json"))
    heading("The caller runs the probe with the code and reads two words aloud")
    consent = ("--consent", "basic,personal", "--accept", "storage.set_aside_temp", "--lang", "en")
    probe = programs.start("hotline-probe", opened["code"]["link"], "--check", target, *consent)
    words = Caller(probe).read_words()
    programs.agent("call", "confirm", "-", *words.split())
    heading("What the probe found on this machine")
    programs.wait("the first look", lambda call: len(call["targets"][0]["sources"]) > 10)
    programs.wait("the check", lambda call: not cause("check.local_service_down", target)(call))
    programs.agent("call", "show")


def break_service(programs: Programs, port: int) -> None:
    """Let the service be stopped, found, started again and proven."""
    heading("A fault is made: the local service has been stopped")
    finding = programs.wait("the cause", cause("check.local_service_down", f"{HOST}:{port}"))
    programs.agent("call", "show")
    heading("The agent proposes the first fix; the demo does what it says: it starts the service")
    fix_id = propose(programs, finding)
    with service(port):
        programs.agent("call", "done", "-", fix_id)
        proven(programs, fix_id)
        with small_disk(programs.folder) as place:
            if place is None:
                heading("This user may not mount a filesystem of its own, so the second fault is left out")
            else:
                fill_disk(programs, place)
        heading("The caller says that it works; the call is closed")
        programs.agent("call", "close", "-", "solved", "--caller-confirmed")


def fill_disk(programs: Programs, place: Path) -> None:
    """Let the small disk be full, and cured by an action of the probe."""
    heading("A second fault is made: a small filesystem is filled")
    fill(place)
    finding = programs.wait("the cause", cause("sto.fs.full", str(place)))
    programs.agent("call", "show")
    heading("The agent proposes an action; the probe does it with the caller's consent")
    proven(programs, propose(programs, finding))


def main() -> int:
    """Run the demo; return its exit code."""
    begin = time.monotonic()
    port = free_port()
    # Below /tmp, because the action that empties the small disk touches no others.
    with tempfile.TemporaryDirectory(prefix="hotline-demo-", dir="/tmp") as name:
        programs = Programs(Path(name))
        try:
            log_in(programs)
            with service(port):
                join(programs, f"{HOST}:{port}")
            break_service(programs, port)
        except DemoFailed as error:
            print(f"demo: {error}", file=sys.stderr)
            return 1
        finally:
            programs.stop()
    heading(f"Done in {time.monotonic() - begin:.0f} s. For real use: make serve, then README.md.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
