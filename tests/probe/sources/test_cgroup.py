"""Control groups: real ones of version 1 where root may make them, else files as cgroup-v2.rst specifies."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hotline_probe.errors import Unsupported
from hotline_probe.sources.cgroup import MAX_DEPTH, ROOT, Cgroup, parse_groups
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

NO = UnknownReason.UNSUPPORTED
# Joins a group of each controller, works until it was held back, and prints what the source tells.
INSIDE = """
import json, os, sys, time
from hotline_probe.machine import LocalMachine
from hotline_probe.source import Context
from hotline_probe.sources.cgroup import Cgroup
for folder in sys.argv[1:]:
    with open(f"{folder}/cgroup.procs", "w") as file:
        file.write(str(os.getpid()))
source, context, told = Cgroup(), Context(LocalMachine()), {}
hoard = bytearray(os.urandom(32 << 20))
list(source.read(context))
end = time.monotonic() + 30
while time.monotonic() < end and told.get("system.cgroup.cpu.throttled_ratio", 0) in (0, "pending"):
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        pass
    told = {fact.name: getattr(fact.value, "word", fact.value) for fact in source.read(context)}
print(json.dumps(told))
"""


@pytest.fixture
def groups() -> Iterator[dict[str, Path]]:
    """A group of each controller of version 1, with limits."""
    if os.geteuid() != 0:
        pytest.skip("needs root to make control groups")
    limits = {
        "cpu": {"cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "20000"},
        "memory": {"memory.limit_in_bytes": str(256 << 20)},
        "pids": {"pids.max": "20"},
    }
    made: dict[str, Path] = {}
    with contextlib.ExitStack() as stack:
        for controller, files in limits.items():
            folder = Path(ROOT, controller, f"hotline-test-{os.getpid()}")
            try:
                folder.mkdir()
            except OSError as error:
                pytest.skip(f"no control groups of version 1 can be made here: {error}")
            stack.callback(folder.rmdir)
            for name, text in files.items():
                (folder / name).write_text(text)
            made[controller] = folder
        yield made


def test_a_real_group_with_limits(groups: dict[str, Path]) -> None:
    argv = [sys.executable, "-c", INSIDE, *map(str, groups.values())]
    done = subprocess.run(argv, check=True, capture_output=True, timeout=60, text=True)
    told = json.loads(done.stdout)
    assert told["system.cgroup.cpu.limit"] == pytest.approx(0.2)
    assert 0 < told["system.cgroup.cpu.throttled_ratio"] <= 1
    assert told["system.cgroup.memory.limit"] == 256 << 20
    assert 0.125 <= told["system.cgroup.memory.utilization"] < 1
    assert told["system.cgroup.memory.oom_kills"] == 0
    assert 0.05 <= told["system.cgroup.pids.utilization"] <= 1


def v2(folder: str, **files: str) -> dict[str, str]:
    return {f"{ROOT}{folder}/{name.replace('__', '.')}": f"{text}\n" for name, text in files.items()}


def stat(periods: int, throttled: int) -> str:
    return f"usage_usec 90\nuser_usec 60\nsystem_usec 30\nnr_periods {periods}\nnr_throttled {throttled}"


def memory(limit: str, used: int, old: int, kills: int) -> dict[str, str]:
    return {
        "memory__max": limit,
        "memory__current": str(used),
        "memory__stat": f"anon 1\nfile 2\ninactive_file {old}\nactive_file 90",
        "memory__events": f"low 0\nhigh 0\nmax 7\noom 1\noom_kill {kills}\noom_group_kill 0",
    }


def test_a_container_that_sees_itself_as_the_top(captured: Any, read: Any) -> None:
    source = Cgroup()
    captured.put({"/proc/self/cgroup": "0::/\n", "/proc/uptime": "100.00 1\n"})
    captured.put(
        v2("", cpu__max="150000 100000", cpu__stat=stat(1000, 400), pids__max="100", pids__current="95")
    )
    captured.put(v2("", **memory("1000", 990, 200, 3)))
    first = read(source)
    assert first == {
        "system.cgroup.cpu.limit": 1.5,
        "system.cgroup.cpu.throttled_ratio": UnknownReason.PENDING,
        "system.cgroup.memory.limit": 1000.0,
        "system.cgroup.memory.utilization": pytest.approx(0.7),
        "system.cgroup.memory.oom_kills": 3,
        "system.cgroup.pids.utilization": 0.95,
    }
    captured.put({"/proc/uptime": "105.00 1\n"} | v2("", cpu__stat=stat(1050, 430)))
    assert read(source)["system.cgroup.cpu.throttled_ratio"] == pytest.approx(0.6)
    captured.put({"/proc/uptime": "110.00 1\n"})
    assert read(source)["system.cgroup.cpu.throttled_ratio"] == 0.0


def test_the_tightest_limit_above_counts(captured: Any, read: Any) -> None:
    captured.put({"/proc/self/cgroup": "0::/app.slice/web.service\n", "/proc/uptime": "100.00 1\n"})
    captured.put(v2("/app.slice/web.service", cpu__max="max 100000", cpu__stat=stat(0, 0), pids__max="max"))
    captured.put(v2("/app.slice", cpu__max="50000 100000", cpu__stat=stat(9, 1), **memory("1000", 100, 0, 0)))
    captured.put(v2("/app.slice/web.service", **memory("max", 100, 0, 0)))
    told = read(Cgroup())
    assert told["system.cgroup.cpu.limit"] == 0.5
    assert told["system.cgroup.memory.utilization"] == pytest.approx(0.01)
    assert told["system.cgroup.pids.utilization"] is NO


def test_a_laptop_without_limits(captured: Any, read: Any) -> None:
    captured.put({"/proc/self/cgroup": "0::/user.slice/user-1000.slice/session-2.scope\n"})
    captured.put(v2("/user.slice/user-1000.slice", pids__max="20000", pids__current="200"))
    told = read(Cgroup())
    assert told.pop("system.cgroup.pids.utilization") == pytest.approx(0.01)
    assert set(told.values()) == {NO}


def test_version_1_in_a_container_whose_path_is_the_hosts(captured: Any, read: Any) -> None:
    captured.put({"/proc/self/cgroup": "4:memory:/docker/1f2e\n3:cpu,cpuacct:/docker/1f2e\n0::/\n"})
    captured.put(
        {
            f"{ROOT}/memory/memory.limit_in_bytes": "9223372036854771712\n",
            f"{ROOT}/memory/memory.usage_in_bytes": "500\n",
            f"{ROOT}/cpu/cpu.cfs_quota_us": "-1\n",
            f"{ROOT}/cpu/cpu.cfs_period_us": "100000\n",
        }
    )
    assert set(read(Cgroup()).values()) == {NO}
    captured.put(
        {
            f"{ROOT}/memory/memory.limit_in_bytes": "1000\n",
            f"{ROOT}/memory/memory.stat": "cache 1\ntotal_inactive_file 60\ntotal_active_file 40\n",
            f"{ROOT}/memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
        }
    )
    told = read(Cgroup())
    assert told["system.cgroup.memory.utilization"] == pytest.approx(0.4)
    assert told["system.cgroup.memory.oom_kills"] == 2


def test_a_path_out_of_the_namespace_or_too_deep_is_cut(captured: Any, read: Any) -> None:
    deep = "/a" * (MAX_DEPTH + 20)
    for path in ("/../../other", deep):
        captured.put({"/proc/self/cgroup": f"0::{path}\n"} | v2("", pids__max="10", pids__current="1"))
        assert read(Cgroup())["system.cgroup.pids.utilization"] == pytest.approx(0.1)


def test_a_kernel_without_control_groups(read: Any) -> None:
    with pytest.raises(Unsupported):
        read(Cgroup())


@given(st.text(max_size=200))
def test_any_text_gives_groups_or_none(text: str) -> None:
    assert all(path.startswith("/") for path in parse_groups("3:cpu:" + text).values())
