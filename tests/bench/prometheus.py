"""The collector against Prometheus: 500 hosts with 100 values each, every 5 s, and 0 to 5,000 rules.

Both get the same values of the same hosts in clear text on loopback and judge them by the same rules
(`rulemix`); both write what they take to disk. The one under measurement has core 0 for itself, the load
core 1. A *sample* is a value that is watched, changed or not: Prometheus reads all 100 of a host each time,
our probe sends the ten that changed. Who cannot keep up on one core falls behind, and is measured by what it
took. Takes about ten minutes.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.blaster import Blaster
from tests.bench.fetch import Unavailable, debian
from tests.bench.figures import Figure
from tests.bench.load import LOAD_CORE, PATH, Server, hello
from tests.bench.processes import end
from tests.bench.procstat import cpu_time, rss
from tests.bench.rulemix import mixed_rules
from tests.bench.storm import allow_files
from tests.bench.synthetic import World, frames

HOSTS = 500
FACTS = 100
INTERVAL = 5
RULES = (0, 100, 1_000, 5_000)
# Windows over time are covered after that; then it is measured.
WARM_UP = 35
MEASURED = 25
_HANDSHAKE = 2
_PATIENCE = 60.0
_CORE = 0
# Prometheus cannot judge 5,000 rules every 5 s on one core, so these it judges less often.
_SLOW_RULES, _SLOW_INTERVAL = 5_000, 30


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds and memory (bytes) of one side, the samples that it took and the rules that it judged."""

    cpu: float
    samples: float
    evaluations: float
    memory: int

    @property
    def per_million(self) -> float:
        """CPU seconds for a million samples, rules included."""
        return self.cpu / self.samples * 1e6


def prometheus_figures() -> Iterator[Figure]:
    """Measure both sides with each number of rules."""
    allow_files(4 * HOSTS + 500)
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {LOAD_CORE})
    try:
        sessions = [_session(host) for host in range(HOSTS)]
        ours = {count: _collector(count, sessions) for count in RULES}
        try:
            theirs = {count: _prometheus(count) for count in RULES}
        except Unavailable as error:
            print(f"  Prometheus is not compared: {error}")
            theirs = {}
    finally:
        os.sched_setaffinity(0, before)
    yield from _figures("Hotline", ours)
    yield from _figures("Prometheus", theirs)
    for count in theirs:
        ratio = theirs[count].per_million / ours[count].per_million
        yield Figure(f"{count:,} rules: Prometheus ÷ Hotline, CPU a sample", ratio, "×")


def _figures(name: str, costs: dict[int, Cost]) -> Iterator[Figure]:
    for count, cost in costs.items():
        yield Figure(f"{name}, {count:,} rules: CPU a million samples", cost.per_million, "s")
        cores = cost.per_million * HOSTS * FACTS / INTERVAL / 1e6
        yield Figure(f"{name}, {count:,} rules: cores that {HOSTS} hosts every {INTERVAL} s need", cores)
        if count:
            ingest = costs[0].cpu / costs[0].samples * cost.samples
            share = max(0.0, cost.cpu - ingest) / cost.evaluations * 1e6
            yield Figure(f"{name}, {count:,} rules: CPU a million rules × hosts", share, "s")
        yield Figure(f"{name}, {count:,} rules: memory of the whole process", cost.memory / 2**20, "MiB")
    if costs:
        few, many = costs[RULES[0]], costs[RULES[-1]]
        yield Figure(
            f"{name}: growth from no rules to {RULES[-1]:,}", many.per_million / few.per_million, "×"
        )


# ---- ours -----------------------------------------------------------------------------------------
def _session(host: int) -> list[bytes]:
    """Return Hello, announcement, first reading and a reading every 5 s of one host."""
    snapshots = (WARM_UP + MEASURED) // INTERVAL
    return [hello(), *frames(World(host), snapshots, "walk", step=INTERVAL)[0]]


def _collector(rules: int, sessions: Sequence[Sequence[bytes]]) -> Cost:
    server = Server(f"rules={rules}", HOSTS)
    try:
        greetings = [
            (token, session[: _HANDSHAKE + 1]) for token, session in zip(server.tokens, sessions, strict=True)
        ]
        blaster = Blaster(server.port, PATH, greetings, HOSTS)
        blaster.flat_out(time.monotonic() + _PATIENCE)
        # With many rules the first reading of a host takes long: it makes all their instances.
        while server.stats().frames < HOSTS * _HANDSHAKE:
            blaster.drain(0.2)
        rest = [session[_HANDSHAKE + 1 :] for session in sessions]
        warm = WARM_UP // INTERVAL
        _send(blaster, [messages[:warm] for messages in rest])
        start = server.stats()
        _send(blaster, [messages[warm:] for messages in rest])
        stop = server.stats()
        if blaster.refused:
            raise RuntimeError(f"a connection was refused: {blaster.refused[0]}")
        blaster.close()
    finally:
        server.stop()
    judged = stop.frames - start.frames
    return Cost(stop.cpu - start.cpu, judged * FACTS, max(1, judged * rules), stop.rss)


def _send(blaster: Blaster, messages: Sequence[Sequence[bytes]]) -> None:
    blaster.load(messages)
    blaster.paced(HOSTS / INTERVAL, time.monotonic() + 2 * _PATIENCE)
    blaster.drain(0.5)


# ---- Prometheus -----------------------------------------------------------------------------------
def _prometheus(rules: int) -> Cost:
    program = debian("prometheus") / "usr" / "bin" / "prometheus"
    with _exporter() as port, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rules.yml").write_text(json.dumps(_rule_file(rules)))
        (folder / "prometheus.yml").write_text(json.dumps(_config(port)))
        with _running(program, folder) as (pid, web):
            time.sleep(WARM_UP)
            start = _counters(pid, web)
            time.sleep(MEASURED if rules < _SLOW_RULES else 2 * _SLOW_INTERVAL)
            stop = _counters(pid, web)
            cpu, samples, evaluations = (b - a for a, b in zip(start, stop, strict=True))
            return Cost(cpu, samples, max(1.0, evaluations * HOSTS), rss(pid))


@contextmanager
def _exporter() -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.exporter", str(HOSTS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise RuntimeError("the exporter ended")
        yield int(line)
    finally:
        process.communicate()


@contextmanager
def _running(program: Path, folder: Path) -> Iterator[tuple[int, str]]:
    """Run Prometheus on core 0 and return its process id and address."""
    log = (folder / "log").open("wb")
    port = _free_port()
    command = [
        str(program),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    process = subprocess.Popen(
        ["taskset", "-c", str(_CORE), *command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    web = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(process, web, folder / "log")
        yield process.pid, web
    finally:
        process.send_signal(signal.SIGTERM)
        end(process)
        log.close()


def _wait_until_ready(process: subprocess.Popen[bytes], web: str, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{web}/-/ready", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    said = log.read_text(errors="replace").splitlines()[-1:] or ["nothing"]
    raise Unavailable(f"it did not start and said: {said[0]}")


def _counters(pid: int, web: str) -> tuple[float, float, float]:
    """Return CPU seconds, samples taken and rules judged so far."""
    samples = _total(web, "prometheus_tsdb_head_samples_appended_total")
    return cpu_time(pid).own, samples, _total(web, "prometheus_rule_evaluations_total")


def _total(web: str, name: str) -> float:
    """Return a counter of Prometheus itself, summed over its labels."""
    with urllib.request.urlopen(f"{web}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))


def _rule_file(count: int) -> dict[str, object]:
    interval = _SLOW_INTERVAL if count >= _SLOW_RULES else INTERVAL
    rules = [
        {"alert": rule.id.replace(".", "_"), "expr": rule.promql}
        for rule in mixed_rules(World(0).catalogue, count)
    ]
    group = 50
    return {
        "groups": [
            {"name": f"g{start}", "interval": f"{interval}s", "rules": rules[start : start + group]}
            for start in range(0, count, group)
        ]
    }


def _config(port: int) -> dict[str, object]:
    targets = [
        {"targets": [f"127.0.0.1:{port}"], "labels": {"__metrics_path__": f"/{host}", "host": f"h{host}"}}
        for host in range(HOSTS)
    ]
    return {
        "global": {"scrape_interval": f"{INTERVAL}s", "evaluation_interval": f"{INTERVAL}s"},
        "rule_files": ["rules.yml"],
        "scrape_configs": [{"job_name": "hosts", "static_configs": targets}],
    }


def _free_port() -> int:
    with socket.socket() as plain:
        plain.bind(("127.0.0.1", 0))
        port: int = plain.getsockname()[1]
        return port
