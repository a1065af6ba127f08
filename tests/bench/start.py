"""How long programs take to start: a collector until it is ready, and the commands that people type.

Processor time, because that is what a busy machine makes longer in proportion; the contenders take turns.
Modules are compiled, as an installer leaves them.
"""

from __future__ import annotations

import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.figures import Figure, median
from tests.bench.processes import environment
from tests.bench.procstat import cpu_time

ROUNDS = 5
_TOOLS = Path(sys.executable).parent
# What people type all day.
_COMMANDS = (
    ("hotline", "--help"),
    ("hotline", "rules", "--help"),
    ("hotline-collector", "--help"),
    ("hotline-probe", "--version"),
)
_Seconds = tuple[float, float]


def start_figures() -> Sequence[Figure]:
    """Measure starts of a collector on new and known folders, then of commands beside a bare interpreter."""
    with tempfile.TemporaryDirectory() as name:
        return [*_collectors(Path(name)), *_commands(Path(name))]


def _collectors(folder: Path) -> list[Figure]:
    known = folder / "known"
    _collector(folder, known)
    first, again, unread = [], [], []
    for number in range(ROUNDS):
        first.append(_collector(folder, folder / f"new{number}"))
        again.append(_collector(folder, known))
        shutil.rmtree(known / "cache")
        unread.append(_collector(folder, known))
    saved = [without[0] / kept[0] for without, kept in zip(unread, again, strict=True)]
    return [
        median("first start, in an empty folder", [cpu for cpu, _ in first], "CPU s"),
        median("later start", [cpu for cpu, _ in again], "CPU s"),
        median("… until it is ready, by the clock", [wall for _, wall in again], "s"),
        median("later start that has to read and check all rules", [cpu for cpu, _ in unread], "CPU s"),
        median("… against one that knows them", saved, "times"),
    ]


def _collector(folder: Path, data: Path) -> _Seconds:
    """Return the processor time and the time until a collector said that it is ready."""
    began = time.monotonic()
    options = ["--host", "127.0.0.1", "--grpc-port", "0", "--web-port", "0", "--json"]
    with subprocess.Popen(
        [str(_TOOLS / "hotline-collector"), "--data-dir", str(data), "serve", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(folder),
    ) as process:
        ready = process.stdout.readline() if process.stdout else b""
        took = time.monotonic() - began
        spent = cpu_time(process.pid).total if ready else 0.0
        process.send_signal(signal.SIGTERM)
    if not ready:
        raise RuntimeError("the collector did not start")
    return spent, took


def _commands(folder: Path) -> list[Figure]:
    commands = [[sys.executable, "-c", "pass"], *([str(_TOOLS / name), *rest] for name, *rest in _COMMANDS)]
    spent: list[list[float]] = [[] for _ in commands]
    for turn in range(ROUNDS + 1):
        for command, times in zip(commands, spent, strict=True):
            times.append(_command(command, folder))
        if not turn:  # it compiled the modules
            for times in spent:
                times.clear()
    bare, *others = spent
    figures = [median("a bare interpreter", bare, "CPU s")]
    for named, times in zip(_COMMANDS, others, strict=True):
        ratios = [own / least for own, least in zip(times, bare, strict=True)]
        figures += [
            median(" ".join(named), times, "CPU s"),
            median("… against a bare interpreter", ratios, "times"),
        ]
    return figures


def _command(command: Sequence[str], folder: Path) -> float:
    before = _children()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment(folder))
    return _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
