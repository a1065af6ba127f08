"""A collector and probes as real processes on loopback, TLS included, for benchmarks of a whole call.

Probes are told not to send packets that measure the network: a benchmark must not load other people's.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import hotline_probe
import hotline_proto
from hotline_collector.console.client import AgentClient
from hotline_collector.console.watch_stream import WatchStream
from hotline_probe.sources import all_sources
from hotline_proto.catalogue import load_catalogue
from hotline_proto.v1 import agent_pb2 as pb

_TOOLS = Path(sys.executable).parent
_HOST = "127.0.0.1"
_PATIENCE = 30.0
_PASSWORD = "an account for benchmarks"


class Collector:
    """`hotline-collector serve` in a folder, and an agent who is logged in to it.

    `text` is a whole configuration in place of the usual one, for a collector that listens on `host`.
    """

    def __init__(
        self, folder: Path, intervals: Mapping[str, float] | None = None, text: str = "", host: str = _HOST
    ) -> None:
        config = folder / "collector.toml"
        config.write_text(text or _config(folder, intervals or {}), "utf-8")
        _add_account(config, folder)
        self._log = (folder / "collector.log").open("wb")
        self._process = subprocess.Popen(
            [str(_TOOLS / "hotline-collector"), "--config", str(config), "serve", "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=environment(folder),
            text=True,
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError(f"the collector did not start: {(folder / 'collector.log').read_text()}")
        started = json.loads(line)
        self._host = host
        self._web = f"http://{host}:{started['web_port']}"
        self.ca = self._get("/ca.pem")
        self.agent = self._log_in(started)

    def __enter__(self) -> Collector:
        return self

    def __exit__(self, *_: object) -> None:
        self.agent.close()
        end(self._process)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._log.close()

    def metric(self, name: str) -> float:
        """Return a counter of the collector."""
        for line in self._get("/metrics").splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[1])
        raise RuntimeError(f"the collector has no metric {name}")

    def _get(self, path: str) -> str:
        with urllib.request.urlopen(self._web + path, timeout=_PATIENCE) as answer:
            return str(answer.read().decode("utf-8"))

    def _log_in(self, started: dict[str, Any]) -> AgentClient:
        server = f"{self._host}:{started['grpc_port']}"
        with AgentClient(server, self.ca) as nobody:
            token = nobody.login("admin", _PASSWORD).token
        return AgentClient(server, self.ca, token)


def _add_account(config: Path, folder: Path) -> None:
    adding = ("user", "add", "admin", "--role", "admin", "--password-file", "-")
    subprocess.run(
        [str(_TOOLS / "hotline-collector"), "--config", str(config), *adding],
        input=_PASSWORD,
        env=environment(folder),
        text=True,
        check=True,
        stdout=subprocess.DEVNULL,
    )


@dataclass(frozen=True, slots=True)
class Event:
    """A line that a probe printed with `--json`, and when it came, in seconds of the monotonic clock."""

    at: float
    body: dict[str, Any]


class Probe:
    """`hotline-probe` with full consent; its events are kept as they come, unless it speaks to humans.

    `wrap` turns its command line into one that starts it elsewhere, for instance on another machine.
    """

    def __init__(
        self,
        link: str,
        folder: Path,
        checks: Sequence[str] = (),
        *,
        as_json: bool = True,
        accept: Sequence[str] = (),
        wrap: Callable[[list[str]], list[str]] = list,
    ) -> None:
        options = [part for check in checks for part in ("--check", check)]
        options += [part for action in accept for part in ("--accept", action)]
        options += ["--json"] if as_json else []
        self._log = (folder / "probe.log").open("ab")
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            wrap([str(_TOOLS / "hotline-probe"), link, "--consent", "basic,personal", *options]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=environment(folder),
            text=True,
        )
        self._as_json = as_json
        self._events: list[Event] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()

    def __enter__(self) -> Probe:
        return self

    def __exit__(self, *_: object) -> None:
        end(self._process)
        self._reader.join(_PATIENCE)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._log.close()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def event(self, wanted: Callable[[dict[str, Any]], bool]) -> Event:
        """Wait for the first event that is wanted and return it."""
        deadline = time.monotonic() + _PATIENCE
        with self._news:
            while True:
                for event in self._events:
                    if wanted(event.body):
                        return event
                left = deadline - time.monotonic()
                if left <= 0 or not self._reader.is_alive():
                    raise RuntimeError(f"the probe said nothing of the kind: {self._events[-5:]}")
                self._news.wait(left)

    def _read(self, out: IO[str] | None) -> None:
        for line in out or ():
            if not self._as_json:
                continue
            event = Event(time.monotonic(), json.loads(line))
            with self._news:
                self._events.append(event)
                self._news.notify_all()
        with self._news:
            self._news.notify_all()


class Watch:
    """An agent who watches a call; views are looked at in the moment in which they arrive."""

    def __init__(self, agent: AgentClient, call_id: str) -> None:
        self._stream: WatchStream = agent.watch_call(call_id)
        self._views: list[tuple[float, pb.CallView]] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.cancel()
        self._reader.join(_PATIENCE)

    def until(
        self, wanted: Callable[[pb.CallView], bool], since: float = 0.0, patience: float = _PATIENCE
    ) -> tuple[float, pb.CallView]:
        """Wait for the first view that arrived after `since` and is wanted; return when it came, and it."""
        deadline, seen = time.monotonic() + patience, 0
        with self._news:
            while True:
                for at, view in self._views[seen:]:
                    if at >= since and wanted(view):
                        return at, view
                seen = len(self._views)
                left = deadline - time.monotonic()
                if left <= 0 or not self._reader.is_alive():
                    raise RuntimeError(f"no view was as expected; the last one: {self._views[-1:]}")
                self._news.wait(left)

    def forget(self) -> None:
        """Drop the views so far."""
        with self._news:
            self._views.clear()

    def _read(self) -> None:
        for view in self._stream:
            at = time.monotonic()
            with self._news:
                self._views.append((at, view))
                self._news.notify_all()
        with self._news:
            self._news.notify_all()


@contextlib.contextmanager
def call_of(collector: Collector, complaint: str = "", check: str = "") -> Iterator[tuple[str, str]]:
    """Open a call, yield its id and join link, and close it."""
    opened = collector.agent.open_call(complaint, "", check)
    try:
        yield opened.call_id, opened.code.link
    finally:
        collector.agent.close_call(opened.call_id, "abandoned", "", caller_confirmed=False)


def planned() -> set[str]:
    """Return the sources of a computer's probe that run without being asked."""
    specs = load_catalogue().sources
    return {name for make in all_sources() if specs[name := make().name].interval}


def reported(view: pb.CallView) -> set[str]:
    """Return the sources that have told how they are doing."""
    return {source.source for target in view.targets for source in target.sources if source.status}


def end(process: subprocess.Popen[Any]) -> None:
    """End a process in good order, else by force, and wait for it."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _config(folder: Path, intervals: Mapping[str, float]) -> str:
    lines = [
        f"data_dir = {json.dumps(str(folder / 'data'))}",
        f'[listen]\nhost = "{_HOST}"\ngrpc_port = 0\nweb_port = 0',
        f'[public]\nnames = ["localhost"]\naddresses = ["{_HOST}"]',
        "[measuring]\nactive = false",
        "[measuring.intervals]",
        *(f"{source} = {seconds}" for source, seconds in intervals.items()),
    ]
    return "\n".join(lines) + "\n"


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of an installed program: compiled modules, no settings of our own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("HOTLINE_") and not name.lower().endswith("_proxy")
    }
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "PYTHONPYCACHEPREFIX": str(compiled_modules(folder))}


def compiled_modules(folder: Path) -> Path:
    """Return where the programs that run in a folder keep their compiled modules."""
    return folder / "compiled"


def warm_up(folder: Path) -> None:
    """Let Python compile the probe's modules, so that no measured start has to."""
    own = [str(Path(str(package.__file__)).parent) for package in (hotline_probe, hotline_proto)]
    for argv in (
        [str(_TOOLS / "hotline-probe"), "--version"],
        [sys.executable, "-m", "compileall", "-q", *own],
    ):
        subprocess.run(argv, env=environment(folder), check=True, stdout=subprocess.DEVNULL)
