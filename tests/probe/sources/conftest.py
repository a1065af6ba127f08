"""Captured machines, and two real network namespaces: a computer and its router."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
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

    def run(self, argv: Sequence[str], timeout: float) -> CommandResult:  # noqa: ARG002 - nothing hangs
        """Return what was captured; the longest beginning that fits holds."""
        line = " ".join(argv)
        self.started.append(line)
        fitting = [known for known in self.programs if line.startswith(known)]
        if not fitting:
            raise MissingTool(f"{argv[0]} is not installed")
        return self.programs[max(fitting, key=len)]


Read = Callable[..., dict[str, FactValue]]


@pytest.fixture
def captured(tmp_path: Path) -> CapturedMachine:
    return CapturedMachine(tmp_path)


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
