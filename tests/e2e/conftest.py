"""Whole systems of real processes on loopback: a collector, probes, and the agent over gRPC or the CLI.

Nothing here measures outwards: the collectors are configured to observe only. Every process is stopped by
its pid, and its output lies in files of the test's own folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from google.protobuf.json_format import MessageToDict
from hotline_collector.console.client import AgentClient
from hotline_collector.store.journal import SqliteJournal
from hotline_collector.store.keyring import Keyring
from hotline_proto.record import EntryKind, unpack_entries
from hotline_proto.v1 import agent_pb2 as pb
from hotline_proto.v1 import probe_pb2

from tests.first_account import keep_first_account

PATIENCE = 20.0
# All rules are compiled at the start, which takes a busy machine a while.
STARTING = 90.0
_POLL = 0.03
_HOST = "127.0.0.1"
_COLLECTOR = "from hotline_collector.serve.cli import main; main()"
_AGENT = "from hotline_collector.console.cli import main; main()"
_PROBE = "import sys; from hotline_probe.cli import main; sys.exit(main())"
_PROGRAM = "import os, sys; os.execv(sys.argv[1], sys.argv[1:])"
# A terminal that is one's own is asked who sits at it.
_AT_TERMINAL = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
_Found = TypeVar("_Found")


def wait_for(
    look: Callable[[], _Found | None], timeout: float = PATIENCE, what: Callable[[], object] = lambda: ""
) -> _Found:
    """Return the first thing that `look` finds; `what` says what there was instead."""
    end = time.monotonic() + timeout
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            pytest.fail(f"did not come within {timeout} s; there is: {what()}")
        time.sleep(_POLL)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as plain:
        plain.bind((_HOST, 0))
        port: int = plain.getsockname()[1]
        return port


def as_sent(frame: probe_pb2.ProbeFrame) -> dict[str, Any]:
    """Return a frame as the probe's transcript spells it."""
    spelt: dict[str, Any] = MessageToDict(frame, preserving_proto_field_name=True)
    return spelt | {"seq": frame.seq}


class Process:
    """A child whose output goes to files; it is stopped by its pid."""

    def __init__(
        self,
        code: str,
        arguments: list[str],
        folder: Path,
        environ: dict[str, str],
        *before: str,
        terminal: bool = False,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.out, self.log = folder / "out", folder / "log"
        self.terminal, theirs = os.openpty() if terminal else (-1, subprocess.PIPE)
        with self.out.open("w") as out, self.log.open("a") as log:
            self.popen = subprocess.Popen(
                [*before, sys.executable, "-c", (_AT_TERMINAL if terminal else "") + code, *arguments],
                stdin=theirs,
                stdout=out,
                stderr=log,
                env=environ,
                start_new_session=terminal,
            )
        if terminal:
            os.close(theirs)

    @property
    def pid(self) -> int:
        """The process id."""
        return self.popen.pid

    def lines(self) -> list[dict[str, Any]]:
        """Return the JSON objects printed so far, whole lines only."""
        whole, _, _rest = self.out.read_text().rpartition("\n")
        return [json.loads(line) for line in whole.split("\n") if line]

    def send(self, number: int) -> None:
        """Send a signal."""
        self.popen.send_signal(number)

    def ended(self, timeout: float = PATIENCE) -> int:
        """Return the exit code once it has ended."""
        return self.popen.wait(timeout)

    def stop(self) -> None:
        """Kill it if it runs; leave nothing behind."""
        if self.popen.poll() is None:
            self.popen.kill()
        self.popen.wait()
        if self.terminal >= 0:
            os.close(self.terminal)
            self.terminal = -1
        if self.popen.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.popen.stdin.close()


class Probe(Process):
    """A caller's probe with `--json` and a transcript, or the `program` that one was built into."""

    def __init__(
        self,
        arguments: list[str],
        folder: Path,
        *others: Any,
        terminal: bool = False,
        program: Sequence[str] = (),
    ) -> None:
        self.transcript = folder / "transcript"
        code = _PROGRAM if program else _PROBE
        options = ["--json", "--lang", "en", "--transcript", str(self.transcript)]
        super().__init__(code, [*program, *arguments, *options], folder, *others, terminal=terminal)

    def event(self, kind: str, timeout: float = PATIENCE, after: int = 0, **fields: Any) -> dict[str, Any]:
        """Return the first event of a kind with these fields, from line `after` on."""

        def look() -> dict[str, Any] | None:
            for line in self.lines()[after:]:
                if line["event"] == kind and all(line.get(name) == value for name, value in fields.items()):
                    return line
            return None

        return wait_for(
            look, timeout, lambda: (kind, fields, self.lines()[-6:], self.log.read_text()[-1500:])
        )

    @property
    def words(self) -> str:
        """The two words on the caller's screen."""
        return str(self.event("words")["words"])

    def type(self, line: str) -> None:
        """Type a line."""
        if self.terminal >= 0:
            os.write(self.terminal, f"{line}\n".encode())
            return
        assert self.popen.stdin is not None
        self.popen.stdin.write(f"{line}\n".encode())
        self.popen.stdin.flush()

    def say_no(self) -> int:
        """Answer the first question at the terminal with no and return the exit code."""
        wait_for(lambda: "[y/N]" in self.log.read_text(), what=self.lines)
        self.type("n")
        return self.ended()

    def sent_lines(self) -> list[dict[str, Any]]:
        """Return the transcript: all that left, the join too."""
        return [json.loads(line) for line in self.transcript.read_text().splitlines()]

    def frames(self) -> list[dict[str, Any]]:
        """Return the frames that left, as the transcript keeps them, whole lines only."""
        if not self.transcript.exists():
            return []
        whole, _, _rest = self.transcript.read_text().rpartition("\n")
        found = [json.loads(line) for line in whole.split("\n") if line]
        return [line["frame"] for line in found if "frame" in line]

    def sent(self) -> dict[int, dict[str, Any]]:
        """Return the numbered frames that left, each once although it may have left twice."""
        by_seq: dict[int, dict[str, Any]] = {}
        for frame in self.frames():
            if "seq" in frame:
                frame["seq"] = int(frame["seq"])
                same = by_seq.setdefault(frame["seq"], frame)
                assert same == frame, "a number was used for two different frames"
        return by_seq


@dataclass
class Call:
    """One call as the agent sees it."""

    client: AgentClient
    id: str
    link: str
    code: str

    def view(self, *, facts: bool = False) -> pb.CallView:
        """Return it as it is now."""
        return self.client.get_call(self.id, include_facts=facts)

    def wait(
        self, look: Callable[[pb.CallView], _Found | None], timeout: float = PATIENCE, *, facts: bool = False
    ) -> _Found:
        """Return what `look` finds in the call."""
        return wait_for(lambda: look(self.view(facts=facts)), timeout, self.view)

    def linked(self, state: str, timeout: float = PATIENCE) -> pb.TargetView:
        """Return the target once its link is in a state."""
        return self.wait(lambda view: next((t for t in view.targets if t.link == state), None), timeout)

    def finding(
        self, rule: str, state: str = "active", timeout: float = PATIENCE, entity: str = ""
    ) -> pb.FindingView:
        """Return a finding once it is in a state, wherever it is shown."""

        def look(view: pb.CallView) -> pb.FindingView | None:
            roots = [*view.causes, *view.also_noticed, *view.suspected, *view.cleared]
            every = [*roots, *(folded for root in roots for folded in root.explains)]
            for found in every:
                if found.rule == rule and found.state == state and entity in ("", found.entity):
                    return found
            return None

        return self.wait(look, timeout)

    def fix(self, fix_id: str, state: str, timeout: float = PATIENCE) -> pb.FixView:
        """Return a fix once it is in a state."""
        return self.wait(
            lambda view: next((f for f in view.fixes if f.fix_id == fix_id and f.state == state), None),
            timeout,
        )


@dataclass
class System:
    """One collector with everything around it; `settings` are more variables of its environment."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    data_dir: Path | None = None
    host: str = _HOST
    started: dict[str, Any] = field(default_factory=dict)
    password: str = ""
    token: str = ""
    ca_pem: str = ""
    processes: list[Process] = field(default_factory=list)
    clients: list[AgentClient] = field(default_factory=list)
    collector: Process | None = None

    @property
    def data(self) -> Path:
        """The collector's data folder."""
        return self.data_dir or self.folder / "data"

    @property
    def grpc_port(self) -> int:
        """Where probes and agents connect."""
        return int(self.started["grpc_port"])

    @property
    def environ(self) -> dict[str, str]:
        """A clean environment: nothing of the developer's own settings or logins."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("HOTLINE_", "XDG_", "DISPLAY"))
        }
        return {**kept, "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "no_proxy": "*"}

    def start(self) -> dict[str, Any]:
        """Start the collector, again on the same ports if it ran before, and log in the first time."""
        ports = self.started or {"grpc_port": 0, "web_port": 0}
        self.password = self.password or keep_first_account(self.data)
        settings = {
            "HOTLINE_MEASURING__ACTIVE": "false",
            "HOTLINE_PUBLIC__NAMES": "localhost",
            "HOTLINE_PUBLIC__ADDRESSES": _HOST,
            "HOTLINE_LOG__FORMAT": "json",
            # All collectors of a run load the same rules.
            "HOTLINE_CACHE_DIR": str(self.folder.parent / "cache"),
            **self.settings,
        }
        arguments = ["--data-dir", str(self.data), "serve", "--host", self.host, "--json"]
        arguments += ["--grpc-port", str(ports["grpc_port"]), "--web-port", str(ports["web_port"])]
        self.collector = Process(_COLLECTOR, arguments, self.folder / "collector", self.environ | settings)
        self.processes.append(self.collector)
        process = self.collector
        ended = process.popen.poll
        wait_for(lambda: process.lines() or ended() is not None, STARTING, what=process.log.read_text)
        assert process.lines(), process.log.read_text()
        self.started = process.lines()[0]
        if not self.token:
            self.ca_pem = self.web("/ca.pem")[1]
            self.token = self.client().login("admin", self.password).token
        return self.started

    def web(self, path: str) -> tuple[int, str]:
        """Return status and text of a page of the web port."""
        try:
            with urllib.request.urlopen(
                f"http://{_HOST}:{self.started['web_port']}{path}", timeout=10
            ) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def client(self) -> AgentClient:
        """Return an agent's client, logged in once there is a token."""
        client = AgentClient(f"localhost:{self.grpc_port}", self.ca_pem, self.token)
        self.clients.append(client)
        return client

    def open(self, complaint: str = "", check: str = "") -> Call:
        """Open a call."""
        client = self.client()
        opened = client.open_call(complaint, "", check)
        return Call(client, opened.call_id, opened.code.link, opened.code.code)

    def follow(self, call_id: str) -> Call:
        """Return a call that somebody else opened, and open it for a reason."""
        client = self.client()
        client.request_access(call_id, "to follow it")
        return Call(client, call_id, "", "")

    def probe(
        self,
        link: str,
        *arguments: str,
        consent: str = "basic,personal",
        before: tuple[str, ...] = (),
        program: Sequence[str] = (),
        **environ: str,
    ) -> Probe:
        """Start a probe, by another program if there is one `before` it; at a terminal if it has to ask."""
        place = self.folder / f"probe{len(self.processes)}"
        told = ["--consent", consent] if consent else []
        words = [link, *told, *arguments]
        surroundings = self.environ | environ
        probe = Probe(words, place, surroundings, *before, terminal=not consent, program=program)
        self.processes.append(probe)
        return probe

    def at_terminal(self, call: Call, *arguments: str) -> Probe:
        """Start a probe at a terminal whose caller allows the basic readings and reads the two words out."""
        probe = self.probe(call.link, *arguments, consent="")
        wait_for(lambda: "[y/N]" in probe.log.read_text(), what=probe.lines)
        probe.type("y")
        call.linked("connected")
        assert call.client.confirm_words(call.id, probe.words)
        return probe

    def run(self, code: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env=self.environ | environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def collect(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command `hotline-collector` to its end."""
        return self.run(_COLLECTOR, *arguments)

    def agent(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command `hotline` with its own home."""
        return self.run(
            _AGENT,
            *arguments,
            HOTLINE_HOME=str(self.folder / "agent"),
            HOTLINE_PASSWORD=self.password,
        )

    def log_in(self) -> None:
        """Log in with the command `hotline`."""
        done = self.agent(
            *("login", "--server", f"localhost:{self.grpc_port}", "--user", "admin"),
            *("--fingerprint", self.started["fingerprint"], "--web-port", str(self.started["web_port"])),
        )
        assert done.returncode == 0, done.stderr

    def agent_json(self, *arguments: str) -> dict[str, Any]:
        """Return what the command `hotline` prints with `--json`."""
        done = self.agent(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def journal(self, call_id: str) -> list[dict[str, Any]]:
        """Return the durable numbered frames of a call's probe in order, as a transcript spells them."""
        path = self.data / "hotline.db"
        with contextlib.closing(Keyring.beside(path)) as keys:
            record = asyncio.run(SqliteJournal(path, keys).read(call_id))
        entries = [entry for entry in unpack_entries(record) if entry.kind is EntryKind.PROBE_FRAME]
        frames = [probe_pb2.ProbeFrame.FromString(entry.payload) for entry in entries]
        return [as_sent(frame) for frame in frames if frame.seq]

    def settle(self, call: Call, probe: Probe) -> None:
        """Wait until everything that a probe has sent so far is durable."""
        last = wait_for(lambda: max(probe.sent(), default=0))
        call.wait(lambda _: any(frame["seq"] >= last for frame in self.journal(call.id)))

    def leave(self) -> None:
        """Stop everything but the collector."""
        while self.clients:
            self.clients.pop().close()
        for process in self.processes:
            if process is not self.collector:
                process.stop()

    def close(self) -> None:
        """Stop everything that still runs."""
        self.leave()
        if self.collector is not None:
            self.collector.stop()

    def kill(self) -> None:
        """SIGKILL the collector."""
        assert self.collector is not None
        self.collector.send(signal.SIGKILL)
        self.collector.ended()
        self.collector.stop()


@contextlib.contextmanager
def running(system: System) -> Iterator[System]:
    try:
        system.start()
        yield system
    finally:
        system.close()


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """A running collector with an agent who is logged in."""
    with running(System(tmp_path)) as it:
        yield it


@pytest.fixture(scope="session")
def long_running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A collector that runs for all tests that leave it as it is."""
    with running(System(tmp_path_factory.mktemp("standing"))) as it:
        yield it


@pytest.fixture
def standing(long_running: System) -> Iterator[System]:
    """A running collector that others have used before; a test's probes and clients end with it."""
    yield long_running
    long_running.leave()


@pytest.fixture
def make_system(tmp_path: Path) -> Iterator[Callable[..., System]]:
    """Makes collectors with settings of their own; `start` them."""
    made: list[System] = []

    def make(settings: dict[str, str] | None = None, **fields: Any) -> System:
        # The folder above a test's own: all tests of a run have the same rules to compile.
        cache = {"HOTLINE_CACHE_DIR": str(tmp_path.parent / "cache")}
        system = System(tmp_path / f"system{len(made)}", cache | (settings or {}), **fields)
        system.folder.mkdir()
        made.append(system)
        return system

    try:
        yield make
    finally:
        for system in made:
            system.close()


@pytest.fixture
def desk(system: System) -> System:
    """The system, with an agent who has logged in with the command."""
    system.log_in()
    return system


@dataclass
class Listener:
    """A service of the test: answers TCP on a port while it is open."""

    port: int
    socket: socket.socket | None = None

    def start(self) -> None:
        """Begin to listen."""
        self.socket = socket.create_server((_HOST, self.port), backlog=64)

    def stop(self) -> None:
        """Listen no more."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None


@pytest.fixture
def service() -> Iterator[Listener]:
    """A local service that is not running yet."""
    listener = Listener(free_port())
    yield listener
    listener.stop()


@pytest.fixture
def tmpfs(tmp_path: Path) -> Iterator[Callable[[str, str], Path]]:
    """Mounts small filesystems; skips where that is not allowed."""
    mounted: list[Path] = []

    def mount(name: str, size: str) -> Path:
        point = tmp_path / name
        point.mkdir()
        if os.name != "posix" or os.geteuid() != 0:
            pytest.skip("needs root: mounts a filesystem of its own")
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "hotline-test", str(point)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"no filesystem can be mounted here: {done.stderr.strip()}")
        mounted.append(point)
        return point

    yield mount
    for point in mounted:
        subprocess.run(["umount", "-l", str(point)], check=True, timeout=20)
