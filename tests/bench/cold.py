"""From a cold start to the cause on the screen, beside tools that collect a machine and are read afterwards.

The fault is a small filesystem that is full. Ours: the probe starts, joins a call over TLS, measures, and
the collector with all its rules names the cause at the agent. insights-core: collect, then judge what was
collected by as many rules as our pack has, one of which knows the fault. sos collects and judges nothing;
somebody has to read it. All run on this machine as it is, with the packages it has.
"""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hotline_proto.v1 import agent_pb2 as pb

from tests.bench.fetch import ROOT, Unavailable, interpreter
from tests.bench.figures import Figure, median
from tests.bench.insights import PACKAGE
from tests.bench.peers import PACKAGES
from tests.bench.processes import Collector, Probe, Watch, call_of, warm_up
from tests.bench.procstat import cpu_time
from tests.bench.room import Room

ROUNDS = 5
_RULE = "sto.fs.full"
_PATIENCE = 300.0
_PLUGIN = """
from insights.core.plugins import make_fail, rule
from insights.parsers.df import DiskFree_ALP
from insights.parsers.meminfo import MemInfo
from insights.parsers.uptime import Uptime

@rule(DiskFree_ALP)
def full(disks):
    found = [disk for disk in disks if disk.mounted_on == {place!r}]
    full = found and int(found[0].capacity.rstrip("%") or 0) > 97
    return make_fail("FILESYSTEM_FULL", place={place!r}) if full else None

def _other(number):
    def check(memory, uptime):
        low, long = memory.available / memory.total < number / 1e6, uptime.uptime.days > 1000 + number
        return make_fail("OTHER_%d" % number) if low and long else None
    check.__name__ = "other_%d" % number
    return rule(MemInfo, Uptime)(check)

for _number in range({others}):
    globals()["other_%d" % _number] = _other(_number)
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock and of the processor until the result is there."""

    wall: float
    cpu: float


def cold_figures() -> Iterator[Figure]:
    """Measure each side."""
    with tempfile.TemporaryDirectory() as name, _full(Path(name) / "full") as place:
        ours = _ours(Path(name))
        yield from _told("hotline-probe → cause at the agent", ours)
        try:
            yield from _told("insights-collect + insights-run → verdict", _insights(Path(name), place))
        except Unavailable as error:
            print(f"  insights-core is not compared: {error}")
    try:
        yield from _told("sos report → archive, no verdict", _sos())
    except Unavailable as error:
        print(f"  sos is not compared: {error}")


@contextmanager
def _full(place: Path) -> Iterator[Path]:
    """Mount a small filesystem and fill it."""
    if os.geteuid() != 0:
        raise RuntimeError("a filesystem of its own needs root")
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "hotline-bench", str(place)]
    subprocess.run(mount, check=True)
    try:
        (place / "file").write_bytes(bytes(4 * 2**20))
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def _ours(folder: Path) -> list[Spent]:
    home = folder / "collector"
    home.mkdir()
    with Collector(home) as collector:
        warm_up(home)
        return [_one(collector, home) for _ in range(ROUNDS)]


def _one(collector: Collector, folder: Path) -> Spent:
    with (
        call_of(collector, "Nothing can be saved") as (call_id, link),
        Watch(collector.agent, call_id) as watch,
        Probe(link, folder, as_json=False) as probe,
    ):
        at, _ = watch.until(_named)
        return Spent(at - probe.started, cpu_time(probe.pid).total)


def _named(view: pb.CallView) -> bool:
    return bool(view.causes) and view.causes[0].rule == _RULE and view.causes[0].state == "active"


def _insights(folder: Path, place: Path) -> list[Spent]:
    tools = interpreter(PACKAGE).parent
    (folder / "plugins").mkdir()
    (folder / "plugins" / "bench_rules.py").write_text(
        _PLUGIN.format(place=str(place), others=_our_rules() - 1), "utf-8"
    )
    out = []
    for number in range(ROUNDS):
        target = folder / f"collected{number}"
        target.mkdir()
        out.append(
            _run(
                [[str(tools / "insights-collect"), "-q", "-o", str(target)]],
                [str(tools / "insights-run"), "-p", "bench_rules", str(target)],
                str(folder / "plugins"),
            )
        )
    return out


def _our_rules() -> int:
    return sum(
        not name.name.endswith(".cases.yaml") for name in (ROOT / "rules/hotline_rules").glob("*/*.yaml")
    )


def _run(before: Sequence[Sequence[str]], last: Sequence[str], path: str) -> Spent:
    environ = {**os.environ, "PYTHONPATH": path}
    began, used = time.monotonic(), _children()
    said = ""
    for command in [*before, last]:
        done = subprocess.run(
            command, env=environ, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
        said = done.stdout + done.stderr
        if done.returncode:
            raise Unavailable(f"{Path(command[0]).name}: {(said.strip().splitlines() or ['it failed'])[-1]}")
    if "FILESYSTEM_FULL" not in said:
        raise Unavailable("insights-run does not find the fault")
    return Spent(time.monotonic() - began, _children() - used)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _sos() -> list[Spent]:
    room = Room(PACKAGES)
    try:
        out = []
        for number in range(2):
            with room.tenant(f"sos{number}") as tenant:
                began = time.monotonic()
                report = tenant.wrap(["sos", "report", "--batch", "--quiet", "--tmp-dir", "/tmp"])
                done = subprocess.run(report, capture_output=True, timeout=_PATIENCE, check=False)
                if done.returncode:
                    raise Unavailable(f"sos ended with {done.returncode}")
                out.append(Spent(time.monotonic() - began, tenant.cpu()))
        return out
    finally:
        room.close()


def _told(name: str, spent: Sequence[Spent]) -> Iterator[Figure]:
    yield median(f"{name}: wall", [one.wall for one in spent], "s")
    yield median(f"{name}: CPU", [one.cpu for one in spent], "s")
