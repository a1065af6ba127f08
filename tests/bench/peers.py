"""Other programs that watch a machine, as they are started and asked in a room."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.bench.fetch import Unavailable
from tests.bench.room import Room, Tenant

PACKAGES = ("prometheus-node-exporter", "netdata-core", "glances", "pcp", "sosreport")
_EXPORTER_PORT, _NETDATA_PORT, _PMCD_PORT = 19_100, 19_999, 44_321
_PATIENCE = 30.0
_NOWHERE = subprocess.DEVNULL
_ANY_LEAF = re.compile(r"'\w+': (?:[-\d.']|True|False)")
_NETDATA = """\
[global]
  run as user = root
[db]
  update every = {every}
[web]
  bind to = 127.0.0.1:{port}
[cloud]
  enabled = no
"""
# What a hotline's rules ask for first, as rules of pmie.
_PMIE = (
    "kernel.all.load #'1 minute' > 1000",
    "mem.util.available < 1",
    "swap.pagesout > 1000000",
    "disk.all.avactive > 1000000000",
    "some_inst filesys.full > 100",
    "some_inst network.interface.in.errors > 1000000",
    "some_inst network.interface.out.drops > 1000000",
    "kernel.all.cpu.user > 1000000000",
    "kernel.all.nprocs > 1000000",
    "network.tcp.retranssegs > 1000000000",
)


class Poller:
    """Asks a page again and again, as whoever watches a peer does, and counts what came."""

    def __init__(self, url: str, every: float) -> None:
        self.received, self.page, self.first = 0, b"", 0.0
        self._url, self._every = url, every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def _ask(self) -> None:
        request = urllib.request.Request(self._url, headers={"Accept-Encoding": "gzip"})
        while not self._ended.is_set():
            try:
                with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
                    page = answer.read()
            except OSError:
                self._ended.wait(0.02)
                continue
            self.first = self.first or time.monotonic()
            self.received += len(page)
            self._ended.wait(self._every)

    def stop(self) -> None:
        """Ask no more."""
        self._ended.set()
        self._thread.join(_PATIENCE)


@dataclass(slots=True)
class Watched:
    """A peer at work: how to tell bytes so far, when its first data came, and how many values it tells."""

    received: Callable[[], float]
    first: Callable[[], float]
    values: Callable[[], int]
    stop: Callable[[], None]


def node_exporter(tenant: Tenant, _room: Room, every: int) -> Watched:
    """prometheus-node-exporter, asked with compression as Prometheus does."""
    place = f"127.0.0.1:{_EXPORTER_PORT}"
    _start(tenant, ["prometheus-node-exporter", f"--web.listen-address={place}", "--log.level=error"])
    poller = Poller(f"http://{place}/metrics", every)
    return Watched(
        lambda: poller.received,
        lambda: poller.first,
        lambda: len([line for line in _get(f"http://{place}/metrics").splitlines() if line[:1] != "#"]),
        poller.stop,
    )


def netdata(tenant: Tenant, room: Room, every: int) -> Watched:
    """netdata as it comes, at an interval of its own; nobody asks it meanwhile."""
    config = room.root / "etc" / "netdata" / "bench.conf"
    config.write_text(_NETDATA.format(every=every, port=_NETDATA_PORT))
    web = f"http://127.0.0.1:{_NETDATA_PORT}/api/v1"
    _start(tenant, ["netdata", "-D", "-c", "/etc/netdata/bench.conf"])
    first = _until(
        lambda: "system.cpu" in _get(f"{web}/data?chart=system.cpu&points=1&after=-2&options=jsonwrap")
    )
    return Watched(lambda: 0, lambda: first, lambda: _get(f"{web}/charts").count('{ "name"'), lambda: None)


def glances(tenant: Tenant, _room: Room, every: int) -> Watched:
    """Glances without a screen; what it prints is what it tells."""
    what = "cpu,percpu,mem,memswap,load,network,diskio,fs,processcount,sensors,uptime"
    process = _start(tenant, ["glances", "--stdout", what, "-t", str(every)])
    lines: list[str] = []
    first: list[float] = []

    def read() -> None:
        for line in process.stdout or ():
            first.append(time.monotonic())
            lines.append(line)

    threading.Thread(target=read, daemon=True).start()
    names = len(what.split(","))
    return Watched(
        lambda: sum(map(len, lines)),
        lambda: first[0] if first else 0.0,
        lambda: sum(len(_ANY_LEAF.findall(line)) for line in lines[-names:]),
        lambda: None,
    )


def pcp(tenant: Tenant, room: Room, every: int) -> Watched:
    """pmcd with pmie and ten rules that never hold; nothing leaves the machine."""
    rules = room.root / "tmp" / "bench.pmie"
    rules.write_text("".join(f'{rule} -> print "found";\n' for rule in _PMIE))
    # Where its parts talk to each other, which its service script makes when the machine starts.
    made = "mkdir -p /run/pcp /var/log/pcp/pmcd && chown -R pcp:pcp /run/pcp /var/log/pcp"
    names = "cd /var/lib/pcp/pmns && ./Rebuild -s"
    subprocess.run(tenant.wrap(["sh", "-c", f"{made} && {names}"]), check=True, timeout=_PATIENCE)
    _start(tenant, ["/usr/lib/pcp/bin/pmcd", "-f", "-A", "-l", "/tmp/pmcd.log"])
    ask = tenant.wrap(["pminfo", "-h", "127.0.0.1", "-f", "kernel.all.load"])
    first = _until(
        lambda: not subprocess.run(ask, capture_output=True, timeout=_PATIENCE, check=False).returncode
    )
    _start(tenant, ["pmie", "-h", "127.0.0.1", "-c", "/tmp/bench.pmie", "-t", f"{every}sec"])
    return Watched(lambda: 0, lambda: first, lambda: len(_PMIE), lambda: None)


def _start(tenant: Tenant, argv: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        tenant.wrap(argv),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _dimensions(charts: str) -> int:
    return sum(len(chart["dimensions"]) for chart in json.loads(charts)["charts"].values())


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=_PATIENCE) as answer:
        return str(answer.read().decode("utf-8"))


def _until(ready: Callable[[], bool]) -> float:
    """Wait until it is so, and return when; errors of the network mean not yet."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            if ready():
                return time.monotonic()
        except OSError:
            pass
        time.sleep(0.02)
    raise Unavailable("a peer did not start")


PEERS: dict[str, Callable[[Tenant, Room, int], Watched]] = {
    "node-exporter": node_exporter,
    "netdata": netdata,
    "glances": glances,
    "pmcd + pmie": pcp,
}
