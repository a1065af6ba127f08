"""200 open desks and 500 probes on one collector: how soon a fact is on the page, and what each costs.

The collector runs on core 0; probes, desks and the browser on core 1. Every probe sends ten changed gauges a
second; every call that a desk has open gets a fault now and then, which is gone a few seconds later.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from hotline_proto.catalogue import Catalogue, load_catalogue
from hotline_proto.facts import Fact, FactValue, SourceRun, SourceStatus

from tests.bench.blaster import Blaster
from tests.bench.desk_readers import Readers, latencies, open_desk, painted
from tests.bench.figures import Figure, percentile
from tests.bench.load import LOAD_CORE, PATH, Server, Stats, hello
from tests.bench.messages import HealthyMachine
from tests.bench.storm import allow_files

PROBES, DESKS, NEVER_READ = 500, 200, 20
SECONDS = 20.0
FAULT_EVERY, FAULT_LASTS = 10.0, 4.0
_SETTLE = 3.0
_PATIENCE = 120.0
_SEED = 77
# What a browser does when a fact comes: the time is taken when the frame that has it was drawn.
_PAINTED = r"""() => {
  window.seen = {};
  const look = () => {
    for (const [found] of document.getElementById("live").textContent.matchAll(/\/mnt\/\d+-\d+/g)) {
      if (found in window.seen) continue;
      window.seen[found] = 0;
      requestAnimationFrame(() => setTimeout(() => {
        window.seen[found] = performance.timeOrigin + performance.now();
      }));
    }
  };
  const observer = new MutationObserver(look);
  observer.observe(document.getElementById("live"), { subtree: true, childList: true, characterData: true });
}"""


class Machine(HealthyMachine):
    """A machine whose filesystems fill up now and then; times are seconds since it said hello."""

    def __init__(self, catalogue: Catalogue, number: int) -> None:
        super().__init__(catalogue, number)
        self.number = number
        self.faults = 0
        self.full = False
        self._seq = 0

    @property
    def marker(self) -> str:
        """The filesystem that is full now, or was the last to be so."""
        return f"/mnt/{self.number}-{self.faults}"

    def second(self, at: float) -> list[bytes]:
        """Return what is sent for the next second."""
        runs = self._runs(at)
        self._walk()
        return self._encoded(runs, at)

    def turn(self, at: float) -> list[bytes]:
        """Fill another filesystem up, or empty the one that is full; return what is sent then."""
        self.full = not self.full
        self.faults += self.full
        told: dict[str, FactValue] = {
            "purpose": "data",
            "read_only_expected": False,
            "utilization": 0.995 if self.full else 0.5,
            "free": 1e6 if self.full else 1e12,
        }
        facts = [Fact(f"system.filesystem.{name}", value, self.marker) for name, value in told.items()]
        return self._encoded([SourceRun("filesystems", SourceStatus.OK, at, 0.001, facts)], at)

    def _encoded(self, runs: Sequence[SourceRun], at: float) -> list[bytes]:
        frames = self._encoder.encode(runs, at)
        for frame in frames:
            self._seq += 1
            frame.seq = self._seq
        return [frame.SerializeToString() for frame in frames]


@dataclass(frozen=True, slots=True)
class Phase:
    """What happened in some seconds: CPU spent, memory at the end, latencies, what never came, and lag."""

    cpu: float
    rss: int
    took: list[float]
    missing: int
    lag: float


class Load:
    """Probes that talk, each once a second, and watched calls with faults."""

    def __init__(self, server: Server) -> None:
        catalogue = load_catalogue()
        self._server = server
        self._machines = [Machine(catalogue, number) for number in range(PROBES)]
        self._chance = random.Random(_SEED)
        self._blaster = Blaster(server.port, PATH, [(token, [hello()]) for token in server.tokens], 50)
        self._blaster.flat_out(time.monotonic() + _PATIENCE)
        self._began = time.monotonic()
        self._sent = 0
        for number in range(PROBES):
            self._send(number, self._machines[number].second(self._age()))
        self._blaster.drain(1.0)
        server.wait_for(self._sent)

    def run(self, readers: Readers | None, seconds: float = SECONDS, hasty: int = -1) -> Phase:
        """Let all probes talk for some seconds; `hasty` is a call that gets a fault every second."""
        planned = self._planned(seconds, watched=readers is not None, hasty=hasty)
        begin, start = self._server.stats(), time.monotonic()
        for due, number, messages, marker in planned:
            while (left := start + due - time.monotonic()) > 0:
                self._blaster.drain(min(left, 0.004))
            if marker and readers is not None:
                readers.expect(number, marker)
            self._send(number, messages)
        spoken = time.monotonic()
        end = self._taken()
        lag = time.monotonic() - spoken
        self._blaster.drain(_SETTLE)
        if self._blaster.refused:
            raise RuntimeError(f"a connection was refused: {self._blaster.refused[0]}")
        took, missing = latencies(readers.desks, start) if readers else ([], 0)
        return Phase((end.cpu - begin.cpu) / (spoken - start), end.rss, took, missing, lag)

    def close(self) -> None:
        """Hang up."""
        self._blaster.close()

    def _age(self) -> float:
        return time.monotonic() - self._began

    def _taken(self) -> Stats:
        deadline = time.monotonic() + _PATIENCE
        while (stats := self._server.stats()).frames < self._sent:
            if time.monotonic() > deadline:
                raise RuntimeError(f"only {stats.frames} of {self._sent} frames were taken")
            self._blaster.drain(0.02)
        return stats

    def _send(self, number: int, messages: Sequence[bytes]) -> None:
        for message in messages:
            self._blaster.send(number, message)
        self._sent += len(messages)

    def _planned(
        self, seconds: float, *, watched: bool, hasty: int
    ) -> list[tuple[float, int, list[bytes], str]]:
        """Return what is sent when, on which call, and what a page shows once a fault has come."""
        plan: list[tuple[float, int, list[bytes], str]] = []
        begin = self._age()
        for due, number, turns in sorted(self._schedule(seconds, watched=watched, hasty=hasty)):
            machine = self._machines[number]
            messages = machine.turn(begin + due) if turns else machine.second(begin + due)
            plan.append((due, number, messages, f"({machine.marker})" if turns and machine.full else ""))
        return plan

    def _schedule(self, seconds: float, *, watched: bool, hasty: int) -> Iterator[tuple[float, int, bool]]:
        for number in range(PROBES):
            phase = self._chance.random()
            yield from ((phase + n, number, False) for n in range(int(seconds)))
            if watched and number < DESKS:
                every, lasts = (1.0, 0.6) if number == hasty else (FAULT_EVERY, FAULT_LASTS)
                first = self._chance.uniform(0, every - lasts)
                for n in range(int(seconds / every)):
                    yield from ((first + n * every, number, True), (first + n * every + lasts, number, True))


def desks_figures() -> Sequence[Figure]:
    """Measure probes alone, then with desks, then with desks that never read, then in a real browser."""
    allow_files(2 * (PROBES + DESKS) + 500)
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {LOAD_CORE} if len(before) > 1 else before)
    server = Server(str(DESKS + NEVER_READ + 1), PROBES, "tests.bench.desk_server")
    try:
        return _measured(server)
    finally:
        server.stop()
        os.sched_setaffinity(0, before)


def _measured(server: Server) -> list[Figure]:
    idle = server.stats()
    load = Load(server)
    web, calls, sessions = server.told["web"], server.told["calls"], server.told["sessions"]
    alone = load.run(None)
    readers = Readers(web, sessions[:DESKS], calls[:DESKS])
    open_desks = load.run(readers)
    stuck = [
        open_desk(web, session, calls[number], reads=False)
        for number, session in enumerate(sessions[DESKS : DESKS + NEVER_READ])
    ]
    with_stuck = load.run(readers)
    shown = _in_browser(web, sessions[-1], calls[0], lambda: load.run(readers, hasty=0), readers)
    closed = readers.closed
    readers.close()
    for sock in stuck:
        sock.close()
    load.close()
    return [
        Figure("probes, each with ten changed values a second", PROBES),
        Figure("collector's CPU for the probes alone, of one core", alone.cpu * 100, "%"),
        Figure("… a probe", alone.cpu / PROBES * 100, "%"),
        Figure("memory a probe with its call", (alone.rss - idle.rss) / PROBES / 1024, "KiB"),
        Figure("open desks, each with a fault in 10 s", DESKS),
        Figure("collector's CPU with them, of one core", open_desks.cpu * 100, "%"),
        Figure("… a desk", (open_desks.cpu - alone.cpu) / DESKS * 100, "%"),
        Figure("memory a desk", (open_desks.rss - alone.rss) / DESKS / 1024, "KiB"),
        *_latency("fact sent → desk has it", open_desks.took),
        Figure("desks besides that never read", NEVER_READ),
        *_latency("… fact sent → the other desks have it", with_stuck.took),
        Figure("… memory such a desk", (with_stuck.rss - open_desks.rss) / NEVER_READ / 1024, "KiB"),
        Figure("last frame sent → taken: probes alone", alone.lag * 1000, "ms"),
        Figure("… with desks that never read", with_stuck.lag * 1000, "ms", at_most=1000),
        Figure("findings that a desk never got", open_desks.missing + with_stuck.missing, at_most=0),
        Figure("desks that were hung up on", closed, at_most=0),
        *shown,
    ]


def _latency(name: str, took: Sequence[float]) -> list[Figure]:
    spread = (min(took) * 1000, max(took) * 1000)
    return [
        Figure(f"{name}, p50", percentile(took, 0.5) * 1000, "ms", spread=spread),
        Figure(f"{name}, p99", percentile(took, 0.99) * 1000, "ms", spread=spread, at_most=1000),
    ]


def _in_browser(
    web: int, session: str, call: str, run: Callable[[], Phase], readers: Readers
) -> list[Figure]:
    with _page(web, session) as page:
        if page is None:
            return []
        page.goto(f"http://127.0.0.1:{web}/desk/calls/{call}")
        page.evaluate(_PAINTED)
        wall, since = time.time() - time.monotonic(), len(readers.desks[0].awaited)
        phase = run()
        seen = {f"({name})": at for name, at in page.evaluate("window.seen").items()}
    desk = readers.desks[0]
    desk.awaited = desk.awaited[since:]
    shown = painted(seen, desk, wall)
    return [
        Figure("facts that were painted by a real Chromium", len(shown), at_least=1),
        *(_latency("fact sent → painted", shown) if shown else []),
        Figure("… findings that a desk never got meanwhile", phase.missing, at_most=0),
    ]


@contextmanager
def _page(web: int, session: str) -> Iterator[Any]:
    program = shutil.which("chromium")
    if program is None:
        yield None
        return
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        context.add_cookies([{"name": "hotline", "value": session, "url": f"http://127.0.0.1:{web}"}])
        yield context.new_page()
        browser.close()
