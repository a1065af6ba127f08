"""A device that answers whatever it likes: each source tells facts that can be or says why not, in time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from hotline_probe.errors import SourceError
from hotline_probe.machine import CommandResult, FilesystemUse
from hotline_probe.source import Context, Settings, Source
from hotline_probe.sources import device_sources
from hotline_probe.vetting import Vetting
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import SourceRun, SourceStatus
from hotline_proto.wire import ReadingEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

CATALOGUE = load_catalogue()
KIB = 1024
# Half of what may be printed over SSH: what takes more than its share of time shows by then.
FULL = 512 * KIB
JOURNAL = json.dumps({"__REALTIME_TIMESTAMP": "1796000830000000", "MESSAGE": "x", "_TRANSPORT": "kernel"})
# Beginnings of what honest devices print, to get past what looks at the form first.
HONEST = (
    "1796000830 -0330\n",
    "2026-11-30 01:07:10\n",
    "Linux\n",
    "Raspberry Pi 4 Model B\n",
    "throttled=0x50005\n",
    "temp=42.8'C\n",
    "tank\tDEGRADED\t71\n",
    "  pool: tank\n state: DEGRADED\n  scan: scrub repaired 0B in 00:00:01"
    " with 0 errors on Sun Nov  8 00:36:36 2026\n"
    "config:\n\n\tNAME        STATE     READ WRITE CKSUM\n\ttank        DEGRADED     0     0     0\n"
    "\t  sda       FAULTED     99999999999999999999 3 4\nerrors: 999999999 data errors, use '-v'\n",
    "md2 : active raid1 sdb5[1](E) sda5[0]\n      97 blocks super 1.2 [2/2] [UE]\n",
    'phy0-ap0  ESSID: "x"\n  Mode: Master  Channel: 36 (5.180 GHz)\n  Noise: -95 dBm\n',
    "Mon Nov 30 01:05:00 2026 daemon.err pppd[812]: PAP authentication failed\n",
    "Mon Nov 30 01:05:00 2026 kern.info kernel: [   12.5] mmcblk0: error -110\n",
    JOURNAL + "\n",
    "dhcp.lan=dhcp\ndhcp.lan.start='100'\ndhcp.lan.limit='150'\n",
    "1790000000 02:00:00:00:00:01 192.168.1.101 laptop *\n",
    "NTPSynchronized=yes\n",
    "MemTotal:       99999999999999999999 kB\nMemAvailable:   1 kB\n",
    "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\n",
    "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
    "eth0\nlo\n..\n-oProxyCommand=x\n$(id)\n",
)
SHAPES: tuple[Any, ...] = (
    {"up": True, "uptime": 10**400, "ipv4-address": [{"address": "1.2.3.4", "mask": 33}]},
    {"up": False, "errors": [{"code": []}], "ipv4-address": {}},
    {"radio0": {"up": "yes", "config": {"band": {}}, "interfaces": [{"ifname": ["x"]}, 7]}},
    {"uhttpd": {"instances": {"a": {"running": 1, "respawn": {"x": 1}, "exit_code": -(10**30)}}}},
    {"downstream": {"snr": 1e308, "data_rate": -1, "latn": "9"}, "up": True},
    {"errors": {"near": {"es": 10**40}}, "downstream": []},
)  # fmt: skip
NASTY = (
    "[" * 100_000,
    '{"up":' * 20_000,
    '{"up": 1e999, "uptime": NaN, "x": -Infinity}',
    '{"uptime": ' + "9" * 5000 + "}",
    '{"\\ud800": "\\ud800"}',
    "\x1b[2J\u202e\u2066\0\ufffd" * 50,
    "٣" * 100,
    "",
)
answers = st.one_of(
    st.sampled_from(HONEST),
    st.sampled_from([json.dumps(shape) for shape in SHAPES]),
    st.sampled_from(NASTY),
    st.lists(st.sampled_from(HONEST), min_size=2, max_size=6).map("".join),
    st.text(max_size=200),
    st.tuples(st.sampled_from(HONEST), st.integers(0, 200), st.text(max_size=4)).map(
        lambda told: told[0][: told[1]] + told[2] + told[0][told[1] :]
    ),
)


class HostileMachine:
    """Answers each question with the next of some texts."""

    system = "linux"
    alive = True

    def __init__(self, say: Callable[[], str], code: Callable[[], int] = lambda: 0) -> None:
        self._say = say
        self._code = code

    def read(self, _path: str) -> str:
        return self._say()

    def names(self, _path: str) -> list[str]:
        return sorted(self._say().splitlines())

    def link(self, _path: str) -> str:
        return self._say()

    def filesystem(self, _path: str) -> FilesystemUse:
        return FilesystemUse(10**18, 10**18, 0, 0, 10**18)

    def run(self, _argv: Sequence[str], _timeout: float) -> CommandResult:
        return CommandResult(self._code(), self._say(), self._say()[:200])


def looked(make: Callable[[], Source], machine: HostileMachine) -> None:
    """Let a source look twice, and have what it tells packed for the wire."""
    source, context = make(), Context(machine, Settings(active=False))
    encoder = ReadingEncoder(CATALOGUE)
    for _ in range(2):
        vetting = Vetting(CATALOGUE, source.name)
        try:
            for fact in source.read(context):
                vetting.admit(fact)
        except SourceError:
            pass
        run = SourceRun(source.name, SourceStatus.OK, 1.0, 0.0, vetting.facts, None, vetting.note)
        for frame in encoder.encode([run], 1.0):
            assert frame.SerializeToString()


@pytest.mark.parametrize("make", device_sources(), ids=lambda make: make.__name__)
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_source_bears_whatever_a_device_says(make: Callable[[], Source], data: st.DataObject) -> None:
    codes = st.sampled_from([0, 0, 0, 0, 1, 4, 6, 127, -1])
    looked(make, HostileMachine(lambda: data.draw(answers), lambda: data.draw(codes)))


@pytest.mark.parametrize("make", device_sources(), ids=lambda make: make.__name__)
def test_as_much_as_a_device_may_print_is_read_in_time(make: Callable[[], Source]) -> None:
    for piece in ("".join(HONEST), "\t", "\n", "[1/1] "):
        text = piece * (FULL // len(piece))
        began = time.process_time()
        looked(make, HostileMachine(partial(str, text)))
        assert time.process_time() - began < 20
