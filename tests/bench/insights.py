"""Replay of recorded machines against insights-core: the same rules over the same machines, as CPU time each.

Both start with what was recorded – files of an insights archive, frames of a probe – and end with the rules
that hold; both must find the same. insights-core runs in a process of its own, in its own environment.
"""

from __future__ import annotations

import json
import random
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rule import Pack, Rule, Text
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import Fact, SourceRun, SourceStatus
from hotline_proto.wire import ReadingEncoder

from tests.bench.engine import feed, new_engine
from tests.bench.fetch import Unavailable, interpreter
from tests.bench.figures import Figure, median

PACKAGE = "insights-core==3.8.4"
MACHINES = 20
RULES = (10, 100, 1_000)
ROUNDS = 5
_SEED = 5
_MOUNTS = ("/", "/boot", "/home", "/var", "/srv")
_DAY = 86_400
_GIB_IN_KIB = 1024 * 1024
_PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class Machine:
    """What was recorded: available share of the memory, used percent by mount point, days of uptime."""

    name: str
    memory: float
    used: dict[str, int]
    days: int


def insights_figures() -> Sequence[Figure]:
    """Measure both with each number of rules."""
    chance = random.Random(_SEED)
    machines = [_machine(f"m{number:02}", chance) for number in range(MACHINES)]
    out: list[Figure] = []
    for count in RULES:
        specs = [_spec(number, chance) for number in range(count)]
        own, found = _own(machines, specs)
        out.append(median(f"Hotline, {count:,} rules: CPU a machine", [t * 1e3 for t in own], "ms"))
        try:
            theirs = _theirs(machines, specs)
        except Unavailable as error:
            print(f"  insights-core is not compared: {error}")
            continue
        if any(line["found"] != found for line in theirs):
            raise RuntimeError("insights-core finds something else")
        costs = [line["cpu"] for line in theirs]
        out.append(median(f"insights-core, {count:,} rules: CPU a machine", [t * 1e3 for t in costs], "ms"))
        ratios = [b / a for a, b in zip(own, costs, strict=True)]
        out.append(median(f"{count:,} rules: insights-core ÷ Hotline", ratios, "×"))
    return out


def _machine(name: str, chance: random.Random) -> Machine:
    used = {mount: chance.randint(5, 99) for mount in _MOUNTS}
    return Machine(name, round(chance.uniform(0.02, 0.9), 4), used, chance.randint(1, 400))


def _spec(number: int, chance: random.Random) -> dict[str, Any]:
    """Return a rule: memory is short, a filesystem is full, and the machine has run for long."""
    return {
        "id": f"replay.r{number}",
        "memory": round(chance.uniform(0.05, 0.5), 3),
        "used": round(chance.uniform(0.5, 0.98), 3),
        "days": chance.randint(1, 365),
    }


# ---- ours -----------------------------------------------------------------------------------------
def _own(
    machines: Sequence[Machine], specs: Sequence[dict[str, Any]]
) -> tuple[list[float], dict[str, list[str]]]:
    rules = {spec["id"]: _rule(spec) for spec in specs}
    compiled = RuleSet(Pack("replay", "1", "replay", rules, {}, ()), load_catalogue())
    records = {machine.name: _record(machine) for machine in machines}
    costs: list[float] = []
    found: dict[str, list[str]] = {}
    for _ in range(ROUNDS):
        begin = time.process_time()
        found = {name: _judge(record, compiled) for name, record in records.items()}
        costs.append((time.process_time() - begin) / len(machines))
    return costs, found


def _rule(spec: dict[str, Any]) -> Rule:
    text = Text("A fault", "Ein Fehler")
    when = (
        f"system.memory.available_ratio < {spec['memory']} "
        f"&& size(filesystems) > 0 && filesystems.exists(f, f.utilization > {spec['used']}) "
        f'&& system.uptime > qty("{spec["days"] * _DAY} s")'
    )
    return Rule(
        spec["id"], "stable", "info", text, text, "", when, 0, 0, 0.5, (), {}, (), False, (), 0, "", ()
    )


def _record(machine: Machine) -> list[bytes]:
    mounts = [Fact("system.filesystem.utilization", used / 100, at) for at, used in machine.used.items()]
    runs = [
        SourceRun(
            "memory", SourceStatus.OK, 1.0, 0.01, [Fact("system.memory.available_ratio", machine.memory)]
        ),
        SourceRun("filesystems", SourceStatus.OK, 1.0, 0.01, mounts),
        SourceRun("host", SourceStatus.OK, 1.0, 0.01, [Fact("system.uptime", float(machine.days * _DAY))]),
    ]
    frames = ReadingEncoder(load_catalogue()).encode(runs, 1.0)
    return [frame.SerializeToString() for frame in frames]


def _judge(record: Sequence[bytes], rules: RuleSet) -> list[str]:
    engine = new_engine(rules)
    for raw in record:
        feed(engine, raw)
    return sorted(finding.rule for finding in engine.findings().values() if finding.present)


# ---- insights-core --------------------------------------------------------------------------------
def _theirs(machines: Sequence[Machine], specs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    python = interpreter(PACKAGE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rules.json").write_text(json.dumps(specs))
        for machine in machines:
            _archive(machine, folder / "machines" / machine.name)
        side = Path(__file__).with_name("insights_side.py")
        done = subprocess.run(
            [str(python), "-I", str(side), str(folder), str(ROUNDS)],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    if done.returncode:
        raise Unavailable((done.stderr.strip().splitlines() or ["it said nothing"])[-1])
    return [json.loads(line) for line in done.stdout.splitlines()]


def _archive(machine: Machine, folder: Path) -> None:
    """Write the files of an insights archive that the rules need."""
    commands = folder / "insights_commands"
    commands.mkdir(parents=True)
    (folder / "insights_archive.txt").write_text("")
    total = 16 * _GIB_IN_KIB
    available = round(total * machine.memory)
    (folder / "proc").mkdir()
    (folder / "proc" / "meminfo").write_text(
        f"MemTotal: {total} kB\nMemFree: {available} kB\nMemAvailable: {available} kB\n"
        "Buffers: 0 kB\nCached: 0 kB\nSwapCached: 0 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n"
    )
    lines = ["Filesystem 1024-blocks Used Available Capacity Mounted on"]
    lines += [
        f"/dev/d{n} 100 {used} {100 - used} {used}% {at}" for n, (at, used) in enumerate(machine.used.items())
    ]
    (commands / "df_-alP").write_text("\n".join(lines) + "\n")
    (commands / "uptime").write_text(
        f" 10:00:01 up {machine.days} days, 0:01, 1 user, load average: 0.10, 0.20, 0.30\n"
    )
