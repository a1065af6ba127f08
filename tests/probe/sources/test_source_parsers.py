"""Whatever a file or program says, a parser gives sensible values or one clear error."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hotline_probe.errors import SourceFailed
from hotline_probe.sources import basics, cpu, disks, host, logformats, pressure, procfs, services
from hotline_probe.sources.basics import Sampler, share
from hotline_probe.sources.logpatterns import FACTS, matches
from hotline_probe.sources.logtypes import LogEntry
from hypothesis import example, given, settings
from hypothesis import strategies as st

SAMPLES = (
    "MemTotal:  8 kB\npgmajfault 3\n",
    "3025.51 5904.15\n",
    "KernelPageSize:  16 kB\n",
    "cpu  9155 0 3218 601320 192 0 88 10 0 0\ncpu0 2415 0 1240\n",
    "0.35 0.23 0.10 3/100 13259\n",
    " 8 0 sda 40 10 320 26 50 20 640 34 1 33 60 4 0 0 2\n",
    'ID=debian\nPRETTY_NAME="x"\nflags : fpu hypervisor\n',
    "some avg10=2.50 avg60=0.65 avg300=0.94 total=12296194\n",
    "7 (a (b) c) S 1 7 7 0 -1 4194560 1 0 0 0 30 12 0 0 20 5 3 0 812 9000 250 0 0 0 0",
    "Uid:\t1000\t1000\nMax open files            1024      \n636\t0\t2466177\n",
    "cups.service  loaded failed     failed       CUPS\nId=a.service\nNRestarts=1\n\n",
    '{"__CURSOR":"s=1","__REALTIME_TIMESTAMP":"1000000","_TRANSPORT":"kernel","MESSAGE":"hi"}\n',
    "<4>[   12.500000] usb 1-1: hello\nFeb 29 00:00:01 pc kernel: [ 3.1] Oops: 0\n"
    "2026-02-29T00:00:00Z a b: c\n",
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A sample with a piece cut out and something put in."""
    text = draw(st.sampled_from(SAMPLES))
    begin, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
    return (
        text[:begin]
        + draw(st.text(max_size=8) | st.sampled_from(["9" * 30, "-1", "٣", "\n\n", "[" * 9]))
        + text[end:]
    )


PARSERS: tuple[Callable[[str], Any], ...] = (
    basics.parse_counters,
    basics.parse_uptime,
    basics.parse_page_size,
    cpu.parse_stat,
    cpu.parse_loadavg,
    disks.parse_diskstats,
    host.parse_os_release,
    host.parse_cpuinfo_virtual,
    pressure.parse_pressure,
    procfs.parse_process_stat,
    procfs.parse_status_uid,
    procfs.parse_open_files_limit,
    procfs.parse_file_nr,
    services.parse_units,
    services.parse_show,
    lambda text: logformats.parse_journal(text, 1e9),
    lambda text: logformats.parse_kernel_buffer(text, 1e5),
    lambda text: logformats.parse_log_file(text, 1e9),
)


@settings(deadline=None)
@example("cpu " + "9" * 300 + " 1 2 3 x\n")  # must not make an expression try every way to split it
@given(damaged() | st.text(max_size=200))
def test_parsers_never_crash(text: str) -> None:
    for parse in PARSERS:
        try:
            parse(text)
        except SourceFailed as error:
            assert str(error)


@given(st.text(max_size=300), st.sampled_from(sorted(FACTS)))
def test_any_message_matches_known_facts_only(message: str, fact: str) -> None:
    assert {found for found, _ in matches(LogEntry(0.0, True, "kernel", message))} <= set(FACTS)
    assert fact in FACTS


@given(st.floats(-1e18, 1e18), st.floats(-1e18, 1e18))
def test_a_share_is_always_one(part: float, whole: float) -> None:
    assert 0 <= share(part, whole) <= 1


@given(st.lists(st.floats(0, 1e6), max_size=20))
def test_samples_are_far_enough_apart(times: list[float]) -> None:
    sampler = Sampler[float]()
    for now in times:
        since = sampler.since(now, now)
        if since is not None:
            assert since[0] >= basics.MIN_ELAPSED and math.isclose(since[0], now - since[1])
