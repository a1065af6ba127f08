"""The connection is away for longer than memory lasts: readings wait on disk, and nothing counts twice."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import wait_for

RECONNECT = 60.0
# Not for many seconds; ROOMY and DISK must hold the full state, some 16 kB that grow with the facts.
MEMORY, ROOMY, DISK = 12_000, 26_000, 6_000
SETTINGS = {
    "HOTLINE_MEASURING__INTERVALS": "cpu=0.25,memory=0.25,processes=1,interfaces=0.25,disks=0.25",
    "HOTLINE_PUBLIC__ADDRESSES": "127.0.0.1,127.0.0.2",
}
# The real program with less memory to spare, so that an outage of seconds is a long one.
_FORGETFUL = """
import sys
from hotline_probe import spool
spool.MAX_MEMORY, spool.MAX_DISK = {memory}, {disk}
code, sys.argv = sys.argv[3], sys.argv[3:]
exec(code)
"""


def forgetful(memory: int, disk: int) -> tuple[str, ...]:
    """Return what starts a probe whose spool holds so many bytes."""
    return (sys.executable, "-c", _FORGETFUL.format(memory=memory, disk=disk))


def spooled_on_disk(pid: int) -> int:
    """Return the bytes in files without a name that a process has open in /var/tmp or /tmp."""
    total = 0
    for place in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            target = str(place.readlink())
            if target.endswith(" (deleted)") and target.startswith(("/var/tmp/", "/tmp/")):
                total += place.stat().st_size
    return total


def connected_again(system: Any, call: Any, probe: Any, mark: int) -> None:
    probe.event("link", RECONNECT, after=mark, state="connected")
    probe.event("run", RECONNECT, after=len(probe.lines()), source="processes")
    wait_for(lambda: spooled_on_disk(probe.pid) == 0, RECONNECT, lambda: spooled_on_disk(probe.pid))
    last = max(probe.sent())
    wait_for(lambda: any(frame["seq"] >= last for frame in system.journal(call.id)), RECONNECT)


@pytest.fixture
def watched(make_system: Callable[..., Any]) -> Any:
    system = make_system(SETTINGS)
    system.start()
    return system


@pytest.mark.slow
@pytest.mark.parametrize("sleeps", [False, True])
def test_an_outage_longer_than_memory_loses_nothing(watched: Any, sleeps: bool) -> None:
    call = watched.open("slow")
    probe = watched.probe(call.link, before=forgetful(MEMORY, 1 << 24))
    probe.event("first_look")
    watched.settle(call, probe)
    wait_for(lambda: spooled_on_disk(probe.pid) == 0)
    watched.kill()
    before = watched.journal(call.id)
    mark = len(probe.lines())
    wait_for(lambda: spooled_on_disk(probe.pid) > 2_000, RECONNECT, lambda: spooled_on_disk(probe.pid))
    if sleeps:
        probe.send(signal.SIGSTOP)
    watched.start()
    if sleeps:
        call.linked("lost", RECONNECT)
        probe.send(signal.SIGCONT)
    connected_again(watched, call, probe, mark)
    frames, left = watched.journal(call.id), probe.sent()
    assert frames[: len(before)] == before
    assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1)), "each once, none missing"
    assert frames == [left[frame["seq"]] for frame in frames]
    probe.send(signal.SIGTERM)
    probe.ended()


def sources_of(frames: list[dict[str, Any]]) -> set[int]:
    """Return the sources whose runs some frames tell of."""
    return {
        source
        for frame in frames
        if "readings" in frame
        for source in frame["readings"].get("run_sources", [])
    }


@pytest.mark.slow
def test_more_than_the_disk_may_hold_leaves_a_gap_and_then_the_full_state(watched: Any) -> None:
    call = watched.open("slow")
    probe = watched.probe(call.link, before=forgetful(ROOMY, DISK))
    probe.event("first_look")
    watched.settle(call, probe)
    watched.kill()
    before = watched.journal(call.id)
    mark = len(probe.lines())
    # The disk fills up, and is empty again once everything was given up.
    wait_for(lambda: spooled_on_disk(probe.pid) > DISK // 2, RECONNECT)
    wait_for(lambda: spooled_on_disk(probe.pid) < DISK // 4, RECONNECT)
    watched.start()
    connected_again(watched, call, probe, mark)
    # Every source again, not only those that run all the time.
    wait_for(lambda: len(sources_of(watched.journal(call.id)[len(before) :])) > 10, RECONNECT)
    frames, left = watched.journal(call.id), probe.sent()
    numbers = [frame["seq"] for frame in frames]
    assert numbers == sorted(set(numbers)), "no number twice"
    assert frames == [left[number] for number in numbers]
    behind = frames[len(before) :]
    assert behind[0]["seq"] > before[-1]["seq"] + 1, "what was given up is missing"
    assert "announcement" in behind[0], "the full state begins with the names of all facts"


@pytest.mark.slow
def test_a_collector_that_moves_to_its_other_address_is_found(watched: Any) -> None:
    call = watched.open("slow")
    probe = watched.probe(call.link, before=forgetful(MEMORY, 1 << 24))
    probe.event("first_look")
    watched.kill()
    mark = len(probe.lines())
    wait_for(lambda: spooled_on_disk(probe.pid) > 2_000, RECONNECT)
    watched.host = "127.0.0.2"
    watched.start()
    connected_again(watched, call, probe, mark)
    frames, left = watched.journal(call.id), probe.sent()
    assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
    assert frames == [left[frame["seq"]] for frame in frames]
