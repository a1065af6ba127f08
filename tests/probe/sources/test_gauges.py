"""Processor, memory, pressure and disks on captured machines."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_probe.errors import SourceFailed, Unsupported
from hotline_probe.sources.cpu import Cpu
from hotline_probe.sources.disks import Disks, parse_diskstats
from hotline_probe.sources.memory import Memory
from hotline_probe.sources.pressure import Pressure
from hotline_proto.facts import UnknownReason

CPUS = "/sys/devices/system/cpu"


def stat(user: int, idle: int, iowait: int, steal: int, nice: int = 0) -> str:
    return f"cpu  {user} {nice} 0 {idle} {iowait} 0 0 {steal} 0 0\ncpu0 1 0 0 0 0\ncpu1 1 0 0 0 0\nintr 5\n"


def test_shares_of_time(captured: Any, read: Any) -> None:
    source = Cpu()
    captured.put({"/proc/stat": stat(100, 1000, 50, 0), "/proc/loadavg": "4.00 2.00 1.00 3/100 7\n"})
    first = read(source)
    assert first["system.cpu.utilization"] is UnknownReason.PENDING
    assert (first["system.cpu.load_per_core"], first["system.cpu.load_per_core_15m"]) == (2.0, 0.5)
    assert first["system.cpu.frequency_ratio"] is UnknownReason.UNSUPPORTED
    captured.put({"/proc/stat": stat(160, 1100, 80, 10)})
    second = read(source)
    assert second["system.cpu.utilization"] == pytest.approx(70 / 200)
    assert second["system.cpu.iowait_ratio"] == pytest.approx(30 / 200)
    assert second["system.cpu.steal_ratio"] == pytest.approx(10 / 200)


def test_work_that_gives_way(captured: Any, read: Any) -> None:
    source = Cpu()
    captured.put({"/proc/stat": stat(100, 1000, 50, 0), "/proc/loadavg": "x"})
    assert read(source)["system.cpu.nice_ratio"] is UnknownReason.PENDING
    captured.put({"/proc/stat": stat(110, 1010, 50, 0, nice=180)})
    second = read(source)
    assert second["system.cpu.nice_ratio"] == pytest.approx(0.9)
    assert second["system.cpu.utilization"] == pytest.approx(0.95)


def test_iowait_may_go_back(captured: Any, read: Any) -> None:
    source = Cpu()
    captured.put({"/proc/stat": stat(100, 1000, 50, 0), "/proc/loadavg": "x"})
    read(source)
    captured.put({"/proc/stat": stat(200, 1000, 40, 0)})
    facts = read(source)
    assert facts["system.cpu.iowait_ratio"] == 0.0 and facts["system.cpu.utilization"] == 1.0
    assert facts["system.cpu.load_per_core"] is UnknownReason.NOT_COLLECTED


def test_clock_and_heat(captured: Any, read: Any) -> None:
    captured.put({"/proc/stat": stat(1, 1, 1, 1), "/proc/loadavg": "0.00 0.00 0.00 1/1 1\n"})
    for cpu in range(4):  # two cores with two threads each
        folder = f"{CPUS}/cpu{cpu}"
        captured.put(
            {
                f"{folder}/topology/physical_package_id": "0\n",
                f"{folder}/topology/core_id": f"{cpu // 2}\n",
                f"{folder}/thermal_throttle/core_throttle_count": f"{10 + cpu // 2}\n",
                f"{folder}/thermal_throttle/package_throttle_count": "5\n",
            }
        )
    for policy, clock in (("policy0", 800), ("policy1", 2000)):
        captured.put(
            {
                f"{CPUS}/cpufreq/{policy}/scaling_cur_freq": f"{clock}000\n",
                f"{CPUS}/cpufreq/{policy}/cpuinfo_max_freq": "4000000\n",
            }
        )
    facts = read(Cpu())
    assert facts["system.cpu.throttle_count"] == 10 + 11 + 5
    assert facts["system.cpu.frequency_ratio"] == pytest.approx((0.2 + 0.5) / 2)


def test_no_processor_times_is_a_failure(captured: Any, read: Any) -> None:
    captured.put({"/proc/stat": "cpu  a b c\n"})
    with pytest.raises(SourceFailed, match="/proc/stat"):
        read(Cpu())


MEMINFO = "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 250 kB\nSwapTotal: 400 kB\nSwapFree: 100 kB\n"


def test_memory_and_swap(captured: Any, read: Any) -> None:
    source = Memory()
    vmstat = "pgmajfault {}\npswpin {}\npswpout 0\noom_kill 3\n"
    captured.put(
        {
            "/proc/meminfo": MEMINFO,
            "/proc/vmstat": vmstat.format(100, 10),
            "/proc/uptime": "100.00 1\n",
            "/proc/self/smaps": "KernelPageSize:       16 kB\n",
        }
    )
    first = read(source)
    assert first["system.memory.available_ratio"] == 0.25
    assert first["system.paging.utilization"] == 0.75
    assert first["system.memory.oom_kills"] == 3
    assert first["system.paging.in_rate"] is UnknownReason.PENDING
    captured.put({"/proc/vmstat": vmstat.format(150, 30), "/proc/uptime": "102.00 1\n"})
    second = read(source)
    assert second["system.memory.major_fault_rate"] == pytest.approx(25)
    assert second["system.paging.in_rate"] == pytest.approx(10 * 16384)
    assert second["system.paging.out_rate"] == 0.0


def test_no_swap_has_no_used_share(captured: Any, read: Any) -> None:
    captured.put({"/proc/meminfo": "MemTotal: 1000 kB\nMemFree: 100 kB\nCached: 100 kB\n"})
    facts = read(Memory())
    assert facts["system.paging.utilization"] is UnknownReason.UNSUPPORTED
    assert facts["system.paging.total"] == 0.0
    assert facts["system.memory.available_ratio"] == 0.2
    assert facts["system.memory.oom_kills"] is UnknownReason.UNSUPPORTED


def test_another_start_of_the_machine_makes_no_rate(captured: Any, read: Any) -> None:
    source = Memory()
    counters = {"/proc/meminfo": MEMINFO, "/proc/vmstat": "pgmajfault 9\npswpin 0\npswpout 0\noom_kill 0\n"}
    captured.put({**counters, "/proc/uptime": "500.00 1\n"})
    read(source)
    captured.put({"/proc/uptime": "20.00 1\n"})
    assert read(source)["system.memory.major_fault_rate"] is UnknownReason.PENDING


def test_pressure(captured: Any, read: Any) -> None:
    line = (
        "some avg10=12.50 avg60=0.00 avg300=0.00 total=1\nfull avg10=100.00 avg60=0.00 avg300=0.00 total=1\n"
    )
    captured.put({"/proc/pressure/cpu": line, "/proc/pressure/io": line})
    facts = read(Pressure())
    assert facts["system.pressure.cpu.some"] == 0.125
    assert facts["system.pressure.io.full"] == 1.0
    assert facts["system.pressure.memory.full"] is UnknownReason.UNSUPPORTED


def test_a_kernel_without_pressure_figures(read: Any) -> None:
    with pytest.raises(Unsupported, match="psi=1"):
        read(Pressure())


def diskstats(requests: int, ms: int, under_way: int, busy: int, waited: int) -> str:
    rest = "0 0 0 0 0 0"
    return (
        f"   8  0 sda {requests} 0 {requests * 8} {ms} 0 0 0 0 {under_way} {busy} {waited} {rest}\n"
        f"   8  1 sda1 {requests} 0 0 0 0 0 0 0 0 0 0 {rest}\n"
        f"   7  0 loop0 5 0 0 0 0 0 0 0 0 0 0 {rest}\n"
        f"   7  1 loop1 5 0 0 0 0 0 0 0 0 0 0 {rest}\n"
        f" 253  0 dm-0 5 0 0 0 0 0 0 0 0 0 0 {rest}\n"
    )


@pytest.fixture
def two_looks(captured: Any, read: Any) -> Any:
    """Look at the disks twice, two seconds apart."""
    mounts = "1 0 7:0 / /lab rw - ext4 /dev/loop0 rw\n2 0 7:1 / /snap/x ro - squashfs /dev/loop1 ro\n"
    captured.put({"/sys/block/sda/queue/rotational": "1\n", "/proc/self/mountinfo": mounts})
    for name in ("loop0", "loop1", "dm-0"):
        captured.path(f"/sys/block/{name}").mkdir(parents=True)

    def look(before: str, after: str) -> Any:
        source = Disks()
        captured.put({"/proc/diskstats": before, "/proc/uptime": "100.00 1\n"})
        first = read(source)
        assert first["system.disk.latency[sda]"] is UnknownReason.PENDING
        captured.put({"/proc/diskstats": after, "/proc/uptime": "102.00 1\n"})
        return read(source)

    return look


def test_disk_rates(two_looks: Any) -> None:
    facts = two_looks(diskstats(100, 500, 0, 1000, 500), diskstats(120, 900, 0, 2500, 900))
    assert facts["system.disk.utilization[sda]"] == pytest.approx(0.75)
    assert facts["system.disk.latency[sda]"] == pytest.approx(0.02)
    assert facts["system.disk.queue[sda]"] == pytest.approx(0.2)
    assert facts["system.disk.read_rate[sda]"] == pytest.approx(20 * 8 * 512 / 2)
    assert facts["system.disk.rotational[sda]"] is True
    assert {name.partition("[")[2] for name in facts} == {"sda]", "loop0]"}
    assert facts["system.disk.rotational[loop0]"] is UnknownReason.UNSUPPORTED


def test_an_idle_disk_has_no_latency(two_looks: Any) -> None:
    same = diskstats(100, 500, 0, 1000, 500)
    facts = two_looks(same, same)
    assert facts["system.disk.latency[sda]"] is UnknownReason.UNSUPPORTED
    assert facts["system.disk.utilization[sda]"] == 0.0


def test_a_disk_that_hangs_is_slow(two_looks: Any) -> None:
    facts = two_looks(diskstats(100, 500, 3, 1000, 500), diskstats(100, 500, 3, 3000, 6500))
    assert facts["system.disk.latency[sda]"] == pytest.approx(2.0)
    assert facts["system.disk.utilization[sda]"] == 1.0


def test_a_disk_that_was_swapped_begins_anew(two_looks: Any) -> None:
    facts = two_looks(diskstats(100, 500, 0, 1000, 500), diskstats(3, 1, 0, 2, 1))
    assert facts["system.disk.latency[sda]"] is UnknownReason.PENDING


def test_old_kernels_tell_fewer_columns() -> None:
    assert parse_diskstats("   8  0 sda 1 2 3 4 5 6 7 8 9 10 11\n")["sda"].waited_ms == 11
