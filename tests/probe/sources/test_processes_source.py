from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from hotline_probe.machine import LocalMachine
from hotline_probe.source import Context
from hotline_probe.sources.processes import COUNT_EVERY, MANY_FILES, MANY_THREADS, Processes
from hotline_proto.facts import UnknownReason


def process(
    captured: Any, pid: int, name: str, ticks: int, rss: int, state: str = "S", uid: int = 1000
) -> str:
    stat = f"{pid} ({name}) {state} 1 1 1 0 -1 0 0 0 0 0 {ticks} 0 0 0 20 0 2 0 {pid * 10} 0 {rss} 0 0 0\n"
    limits = "Max open files            4                    524288               files     \n"
    captured.put(
        {
            f"/proc/{pid}/stat": stat,
            f"/proc/{pid}/status": f"Name:\t{name}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n",
            f"/proc/{pid}/cmdline": f"/usr/bin/{name}-long\0",
            f"/proc/{pid}/limits": limits,
            f"/proc/{pid}/fd/0": "",
        }
    )
    return f"{pid}@{pid * 10}"


@pytest.fixture
def machine(captured: Any) -> Any:
    captured.put(
        {
            "/proc/meminfo": "MemTotal: 40960 kB\n",
            "/proc/stat": "cpu  1 1 1 1\ncpu0 1\ncpu1 1\n",
            "/proc/uptime": "100.00 1\n",
            "/proc/self/status": "Uid:\t1000\t1000\t1000\t1000\n",
            "/proc/sys/kernel/threads-max": "1000\n",
            "/proc/sys/kernel/pid_max": "100\n",
            "/proc/sys/fs/file-nr": "50\t0\t100\n",
        }
    )
    return captured


def test_totals(machine: Any, read: Any) -> None:
    process(machine, 10, "a", 0, 0, "Z")
    process(machine, 11, "b", 0, 0, "D")
    machine.put({"/proc/12/stat": "broken"})
    facts = read(Processes())
    assert (facts["system.process.count"], facts["system.process.zombies"]) == (2, 1)
    assert facts["system.process.blocked"] == 1
    assert facts["system.process.limit_ratio"] == 0.04
    assert facts["system.fd.utilization"] == 0.5


def test_top_by_processor_and_memory(machine: Any, read: Any) -> None:
    source = Processes()
    for pid in range(20, 40):
        process(machine, pid, f"p{pid}", 100, pid)
    first = read(source)
    assert first["process.cpu[39@390]"] is UnknownReason.PENDING
    busy = process(machine, 20, "exactly-15-char", 500, 20, uid=0)
    machine.put({"/proc/uptime": "102.00 1\n"})
    facts = read(source)
    assert facts[f"process.cpu_cores[{busy}]"] == pytest.approx(2.0)
    assert facts[f"process.cpu[{busy}]"] == pytest.approx(1.0)
    assert facts[f"process.name[{busy}]"] == "exactly-15-char-long"
    assert facts[f"process.own[{busy}]"] is False and facts["process.own[39@390]"] is True
    assert facts[f"process.fd_ratio[{busy}]"] == 0.25 and facts[f"process.files[{busy}]"] == 1
    assert facts[f"process.threads[{busy}]"] == 2
    assert facts["process.memory_ratio[39@390]"] == pytest.approx(39 * 4 / 40960)
    keys = {name.partition("[")[2] for name in facts if "[" in name}
    assert keys == {"20@200]", "39@390]", "38@380]", "37@370]", "36@360]", "35@350]"}


def test_who_has_many_threads_or_files_is_shown_whatever_else_it_uses(machine: Any, read: Any) -> None:
    for pid in range(20, 40):
        process(machine, pid, f"p{pid}", 100, 100 + pid)
    wide, deep = process(machine, 6, "threads", 0, 1), process(machine, 7, "files", 0, 1)
    fields = f"0 0 0 0 20 0 {MANY_THREADS} 0 60 0 1 0 0 0"
    machine.put({"/proc/6/stat": f"6 (threads) S 1 1 1 0 -1 0 0 0 0 0 {fields}\n"})
    machine.put({f"/proc/7/fd/{number}": "" for number in range(MANY_FILES)})
    source = Processes()
    told = read(source)
    assert told[f"process.threads[{wide}]"] == MANY_THREADS
    assert told[f"process.files[{deep}]"] == MANY_FILES
    process(machine, 8, "later", 0, 1)
    machine.put({f"/proc/8/fd/{number}": "" for number in range(MANY_FILES + 1)})
    machine.put({"/proc/uptime": "110.00 1\n"})
    assert "process.files[8@80]" not in read(source)
    machine.put({"/proc/uptime": f"{111 + COUNT_EVERY:.2f} 1\n"})
    assert read(source)["process.files[8@80]"] == MANY_FILES + 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_real_process_that_opens_more_and_more_files() -> None:
    code = "import os, sys\nkept = []\nfor line in sys.stdin:\n"
    code += "    kept += [os.dup(0) for _ in range(int(line))]\n    print('done', flush=True)"
    argv = [sys.executable, "-c", code]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None and child.stdout is not None
        counts = []
        for more in (MANY_FILES, 100):
            child.stdin.write(f"{more}\n")
            child.stdin.flush()
            assert child.stdout.readline() == "done\n"
            # A new source counts all; others here may have more open files than this child.
            facts = Processes().read(Context(LocalMachine()))
            told = {f.name: f.value for f in facts if f.key.startswith(f"{child.pid}@")}
            counts.append(told.get("process.files"))
        child.stdin.close()
    known = [count for count in counts if isinstance(count, float)]
    assert known == sorted(known) and all(count >= MANY_FILES for count in known)


def test_who_was_paused_stays_visible(machine: Any, read: Any) -> None:
    source = Processes()
    for pid in range(20, 30):
        process(machine, pid, "other", 100, 50)
    process(machine, 5, "hog", 100, 1)
    for uptime, ticks, state in (("100", 100, "R"), ("102", 300, "R"), ("104", 300, "T")):
        process(machine, 5, "hog", ticks, 1, state)
        machine.put({"/proc/uptime": f"{uptime}.00 1\n"})
        facts = read(source)
    assert facts["process.stopped[5@50]"] is True
    assert facts["process.cpu[5@50]"] == 0.0
    machine.put({"/proc/uptime": "400.00 1\n"})
    assert "process.stopped[5@50]" not in read(source)


def test_a_reused_pid_is_another_process(machine: Any, read: Any) -> None:
    source = Processes()
    process(machine, 7, "old", 1000, 1)
    read(source)
    machine.put({"/proc/7/stat": "7 (new) R 1 1 1 0 -1 0 0 0 0 0 40 0 0 0 20 0 1 0 10150 0 1 0 0 0\n"})
    machine.put({"/proc/uptime": "102.00 1\n"})
    facts = read(source)
    assert facts["process.cpu_cores[7@10150]"] == pytest.approx(0.2)
    assert "process.cpu[7@70]" not in facts


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_real_process_that_is_stopped() -> None:
    code = "x = bytearray(80 << 20)\nprint('up', flush=True)\nimport signal; signal.pause()"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None and child.stdout.readline() == "up\n"
            os.kill(child.pid, signal.SIGSTOP)
            os.waitid(os.P_PID, child.pid, os.WSTOPPED)
            source = Processes()
            facts = [f for f in source.read(Context(LocalMachine())) if f.key.startswith(f"{child.pid}@")]
            told = {fact.name: fact.value for fact in facts}
            if told:  # five bigger ones may run here
                assert told["process.stopped"] is True and told["process.own"] is True
                memory = told["process.memory"]
                assert isinstance(memory, float) and memory > 80 << 20
        finally:
            child.kill()
