"""Processor, memory, processes and open files."""

from __future__ import annotations

from tests.lab.lab import Lab
from tests.lab.scenario import Scenario, cause

_SLOW = "Der Computer ist sehr langsam"
# A machine of one small processor, so that its load does not depend on who else uses the real ones.
_MIB = 1024 * 1024
_MEMORY = 512 * _MIB
_SPIN = "while True: pass"
_HOLD = "data = bytearray({size}); data[::4096] = b'x' * len(data[::4096]); import time; time.sleep(600)"
_WORKS = {"ask.works_again": "true"}


def _many_programs(lab: Lab) -> None:
    lab.customer.small_processor(0.3)
    for _ in range(6):
        lab.customer.python(_SPIN)


def _one_program(lab: Lab) -> None:
    lab.customer.small_processor(0.8)
    lab.customer.python(_SPIN)


def _stop(lab: Lab) -> None:
    lab.customer.stop()


def _small_memory(lab: Lab) -> None:
    lab.customer.group.limit("memory.limit_in_bytes", str(_MEMORY))


def _hog(lab: Lab) -> None:
    _small_memory(lab)
    lab.customer.python(_HOLD.format(size=425 * _MIB))


def _crowd(lab: Lab) -> None:
    _small_memory(lab)
    for _ in range(6):
        lab.customer.python(_HOLD.format(size=72 * _MIB))


def _open_files(lab: Lab) -> None:
    script = "import resource, time; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)); "
    script += "kept = [open('/dev/null') for _ in range(59)]; data = bytearray(40 << 20); "
    script += "data[::4096] = b'x' * len(data[::4096]); time.sleep(600)"
    lab.customer.python(script, user=True)


def _zombies(lab: Lab) -> None:
    script = "import os, time\nfor _ in range(30):\n    os.fork() or os._exit(0)\ntime.sleep(600)"
    lab.customer.python(script)


def _threads(lab: Lab) -> None:
    lab.customer.sh("echo 1400 > /proc/sys/kernel/pid_max")
    script = "import threading, time\nthreading.stack_size(65536)\n"
    script += (
        "for _ in range(1270):\n    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    )
    lab.customer.python(script + "time.sleep(600)")


def _memory_gone(lab: Lab) -> None:
    """The kernel ended a program for want of memory, and logs it as it does."""
    lab.customer.log(
        "kernel: [ 91.000000] Out of memory: Killed process 4711 (browser) total-vm:9000000kB, "
        "anon-rss:7000000kB, file-rss:0kB, shmem-rss:0kB, UID:2000 pgtables:14000kB oom_score_adj:0"
    )


SCENARIOS = (
    Scenario(
        "memory-gone",
        "memory",
        "The browser simply disappears",
        cause("sys.memory.oom"),
        inject=_memory_gone,
        look_alikes=("sys.memory.low", "log.app_crash"),
        proof=0,
    ),
    Scenario(
        "processor-busy",
        "load",
        _SLOW,
        cause("sys.cpu.saturated"),
        inject=_many_programs,
        repair=_stop,
        look_alikes=("sys.process.runaway", "sys.cpu.iowait", "sys.memory.low"),
        patience=60,
        proof=60,
    ),
    Scenario(
        "program-runs-away",
        "load",
        _SLOW,
        cause("sys.process.runaway"),
        inject=_one_program,
        fix="process.pause",
        root=True,
        look_alikes=("sys.cpu.saturated", "sys.memory.hog"),
        patience=60,
        proof=60,
    ),
    Scenario(
        "memory-low",
        "memory",
        _SLOW,
        cause("sys.memory.low"),
        inject=_crowd,
        repair=_stop,
        look_alikes=("sys.process.memory_hog", "sys.cpu.saturated"),
        patience=40,
    ),
    Scenario(
        "memory-hog",
        "memory",
        _SLOW,
        cause("sys.process.memory_hog"),
        inject=_hog,
        repair=_stop,
        look_alikes=("sys.memory.low", "sys.cpu.saturated"),
        patience=40,
    ),
    Scenario(
        "files-all-open",
        "load",
        "A program says too many open files",
        cause("sys.fd.process"),
        inject=_open_files,
        repair=_stop,
        answers=_WORKS,
        look_alikes=("sys.fd.system",),
        proof=40,
    ),
    Scenario(
        "zombies",
        "load",
        "Something is wrong with a program",
        cause("sys.process.zombies"),
        inject=_zombies,
        repair=_stop,
        look_alikes=("sys.process.limit",),
        patience=60,
        proof=60,
    ),
    Scenario(
        "processes-used-up",
        "load",
        "No program starts any more",
        cause("sys.process.limit"),
        inject=_threads,
        repair=_stop,
        look_alikes=("sys.process.zombies", "sys.memory.low"),
        proof=40,
    ),
)
