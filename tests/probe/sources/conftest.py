"""Captured machines, and two real network namespaces: a computer and its router."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hotline_probe.errors import MissingTool
from hotline_probe.machine import CommandResult, LocalMachine
from hotline_probe.source import Context, Settings, Source
from hotline_proto.facts import FactValue


class CapturedMachine(LocalMachine):
    """A machine whose files lie in a folder; `programs` maps beginnings of command lines to results."""

    def __init__(self, root: Path) -> None:
        super().__init__(str(root))
        self.root = root
        self.programs: dict[str, CommandResult] = {}
        self.started: list[str] = []

    def put(self, files: dict[str, str]) -> None:
        """Write files, with the folders above them."""
        for name, text in files.items():
            path = self.path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def put_link(self, name: str, target: str) -> None:
        """Make a symbolic link."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    def prints(self, command: str, out: str = "", err: str = "", code: int = 0) -> None:
        """Say what command lines that begin like this print."""
        self.programs[command] = CommandResult(code, out, err)

    def replay(self, transcript: Path) -> None:
        """Take over what a transcript shows: after each line `$ command` what that printed."""
        for block in ("\n" + transcript.read_text("utf-8")).split("\n$ ")[1:]:
            command, _, printed = block.partition("\n")
            self.prints(command, printed + "\n")

    def run(self, argv: Sequence[str], timeout: float) -> CommandResult:  # noqa: ARG002 - nothing hangs
        """Return what was captured; the longest beginning that fits holds."""
        line = " ".join(argv)
        self.started.append(line)
        fitting = [known for known in self.programs if line.startswith(known)]
        if not fitting:
            raise MissingTool(f"{argv[0]} is not installed")
        return self.programs[max(fitting, key=len)]


Read = Callable[..., dict[str, FactValue]]
MACS = Path(__file__).parent / "macos"


@pytest.fixture
def captured(tmp_path: Path) -> CapturedMachine:
    return CapturedMachine(tmp_path)


@pytest.fixture
def macbook(captured: CapturedMachine) -> CapturedMachine:
    """A MacBook on Wi-Fi."""
    captured.system = "macos"
    captured.replay(MACS / "macbook.txt")
    return captured


@pytest.fixture
def imac(captured: CapturedMachine) -> CapturedMachine:
    """A German iMac with a cable and a VPN."""
    captured.system = "macos"
    captured.replay(MACS / "imac_de.txt")
    return captured


@pytest.fixture
def read(captured: CapturedMachine) -> Read:
    """Run a source on the captured machine; facts of entities are named name[key]."""

    def run(source: Source, settings: Settings | None = None) -> dict[str, FactValue]:
        facts = source.read(Context(captured, settings or Settings()))
        return {f"{fact.name}[{fact.key}]" if fact.key else fact.name: fact.value for fact in facts}

    return run


@pytest.fixture
def router() -> Iterator[tuple[str, str]]:
    """Two namespaces: a computer whose only way out is a veth to a router that routes nothing."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("needs root and ip(8) to make network namespaces")
    computer, there = f"hotline-c{os.getpid()}", f"hotline-r{os.getpid()}"

    def ip(line: str) -> None:
        subprocess.run(["ip", *line.split()], check=True, capture_output=True, timeout=10)

    with contextlib.ExitStack() as stack:
        for name in (computer, there):
            try:
                ip(f"netns add {name}")
            except subprocess.CalledProcessError as error:
                pytest.skip(f"no network namespaces here: {error.stderr.decode().strip()}")
            stack.callback(ip, f"netns del {name}")
        ip(f"-n {computer} link add veth0 type veth peer name veth1 netns {there}")
        ip(f"-n {computer} addr add 192.0.2.2/24 dev veth0")
        ip(f"-n {there} addr add 192.0.2.1/24 dev veth1")
        for name, link in ((computer, "veth0"), (there, "veth1"), (computer, "lo"), (there, "lo")):
            ip(f"-n {name} link set {link} up")
        ip(f"-n {computer} route add default via 192.0.2.1")
        yield computer, there


LOOK = """
import importlib, json, sys
from hotline_probe.errors import SourceError
from hotline_probe.machine import LocalMachine
from hotline_probe.source import Context, Settings
module, name, settings, times = json.loads(sys.argv[1])
settings = {key: tuple(value) if isinstance(value, list) else value for key, value in settings.items()}
source, told = getattr(importlib.import_module(f"hotline_probe.sources.{module}"), name)(), {}
for _ in range(times):
    told.clear()
    try:
        for fact in source.read(Context(LocalMachine(), Settings(**settings))):
            key = f"{fact.name}[{fact.key}]" if fact.key else fact.name
            told[key] = getattr(fact.value, "word", fact.value)
    except SourceError as error:
        told["error"] = str(error)
print(json.dumps(told))
"""


class Wire:
    """The computer and the router at the two ends of a cable."""

    def __init__(self, computer: str, there: str, stack: contextlib.ExitStack) -> None:
        self.computer, self.there = computer, there
        self._stack = stack

    def run(self, where: str, line: str) -> None:
        """Run a program at one end."""
        argv = ["ip", "netns", "exec", where, *shlex.split(line)]
        subprocess.run(argv, check=True, capture_output=True, timeout=10)

    def serve(self, code: str, *arguments: str) -> None:
        """Start a server written in Python on the router, which must print a line when it is ready."""
        argv = ["ip", "netns", "exec", self.there, sys.executable, "-c", code, *arguments]
        server = self._stack.enter_context(subprocess.Popen(argv, stdout=subprocess.PIPE, text=True))
        self._stack.callback(server.kill)
        assert server.stdout is not None and server.stdout.readline() == "ready\n"

    def look(
        self,
        source: type[Source],
        times: int = 1,
        environment: dict[str, str] | None = None,
        path: str = "",
        **settings: object,
    ) -> dict[str, object]:
        """Return what a source tells on the computer, at the last of some times.

        `environment` adds variables, `path` a folder with programs.
        """
        module = source.__module__.rpartition(".")[2]
        told = json.dumps([module, source.__name__, settings, times])
        argv = ["ip", "netns", "exec", self.computer, sys.executable, "-c", LOOK, told]
        variables = {**os.environ, **(environment or {}), "PATH": f"{path}:{os.environ['PATH']}"}
        done = subprocess.run(argv, check=True, capture_output=True, timeout=60, env=variables)
        facts: dict[str, object] = json.loads(done.stdout)
        return facts


@pytest.fixture
def wire(router: tuple[str, str]) -> Iterator[Wire]:
    """Both ends, with ways to serve at one and to look at the other; servers end with the test."""
    with contextlib.ExitStack() as stack:
        made = Wire(*router, stack)
        # What systemd sets on a caller's machine, and the kernel does not: every group may send echoes.
        made.run(made.computer, "sysctl -qw 'net.ipv4.ping_group_range=0 2147483647'")
        yield made
