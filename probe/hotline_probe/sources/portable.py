"""The facts that psutil tells on Windows and macOS; Linux sources read the kernel's own files instead.

psutil is imported when a function is called: on Linux it costs 4 MB and serves nothing here.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.machine import monotonic
from hotline_probe.sources.basics import Sampler, share, unknown

MAX_FILESYSTEMS = 100
MAX_DISKS = 64
TOP = 5


def host_facts(system: str) -> Iterator[Fact]:
    """Yield what the interpreter and psutil know about the computer."""
    import psutil  # noqa: PLC0415 - see the module's docstring

    if system in {"windows", "macos"}:
        yield Fact("host.os.type", system)
    release = (
        f"macOS {platform.mac_ver()[0]}" if system == "macos" else f"{platform.system()} {platform.release()}"
    )
    yield Fact("host.os.name", release)
    yield Fact("host.kernel.version", platform.version())
    yield Fact("host.arch", platform.machine())
    yield Fact("host.name", platform.node())
    yield Fact("system.uptime", max(time.time() - psutil.boot_time(), 0.0))
    if system not in {"windows", "macos"}:
        yield Fact("host.virtual", UnknownReason.UNSUPPORTED)
    if system != "windows":
        yield Fact("system.reboot_required", UnknownReason.UNSUPPORTED)


class CpuClock:
    """Processor facts; keeps the times of the last run."""

    def __init__(self) -> None:
        self._samples = Sampler[tuple[float, float, float]]()

    def facts(self, system: str) -> Iterator[Fact]:
        """Yield count, clock and load, and the busy share from the second run on."""
        import psutil  # noqa: PLC0415 - see the module's docstring

        count = psutil.cpu_count() or 1
        times = psutil.cpu_times()
        since = self._samples.since(monotonic(), (sum(times), times.idle, _nice(times)))
        yield Fact("system.cpu.logical.count", count)
        if since is None:
            yield from unknown(("system.cpu.utilization", "system.cpu.nice_ratio"), UnknownReason.PENDING)
        else:
            total, idle, nice = since[1]
            passed = sum(times) - total
            yield Fact("system.cpu.utilization", 1 - share(times.idle - idle, passed))
            yield Fact("system.cpu.nice_ratio", share(_nice(times) - nice, passed))
        clock = psutil.cpu_freq()
        known = clock is not None and clock.max
        yield Fact(
            "system.cpu.frequency_ratio",
            share(clock.current, clock.max) if known else UnknownReason.UNSUPPORTED,
        )
        if system != "windows":  # psutil only emulates the load there, from its own start on
            load = psutil.getloadavg()
            yield Fact("system.cpu.load_per_core", load[0] / count)
            yield Fact("system.cpu.load_per_core_15m", load[2] / count)


def memory_facts() -> Iterator[Fact]:
    """Yield the sizes of memory and swap space."""
    import psutil  # noqa: PLC0415 - see the module's docstring

    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    yield Fact("system.memory.total", float(memory.total))
    yield Fact("system.memory.available", float(memory.available))
    yield Fact("system.memory.available_ratio", share(memory.available, memory.total))
    yield Fact("system.paging.total", float(swap.total))
    used = share(swap.used, swap.total) if swap.total else UnknownReason.UNSUPPORTED
    yield Fact("system.paging.utilization", used)


def filesystem_facts(system: str) -> Iterator[Fact]:
    """Yield the local filesystems."""
    import psutil  # noqa: PLC0415 - see the module's docstring

    for part in psutil.disk_partitions(all=False)[:MAX_FILESYSTEMS]:
        options = part.opts.split(",")
        try:
            use = psutil.disk_usage(part.mountpoint)
        except OSError:  # a card reader without a card, or a volume that was just removed
            continue
        key, read_only = part.mountpoint, "ro" in options
        image = read_only and ("cdrom" in options or part.fstype.lower() in {"cdfs", "udf", "cd9660"})
        of_system = key in {"/", "C:\\"} or key.startswith("/System/Volumes")
        yield Fact("system.filesystem.type", part.fstype, key)
        yield Fact("system.filesystem.purpose", "image" if image else "system" if of_system else "data", key)
        yield Fact("system.filesystem.disk", "", key)
        yield Fact("system.filesystem.total", float(use.total), key)
        yield Fact("system.filesystem.free", float(use.free), key)
        yield Fact("system.filesystem.utilization", share(use.used, use.used + use.free), key)
        if system != "windows":  # APFS makes inodes as it needs them
            yield Fact("system.filesystem.inode_utilization", UnknownReason.UNSUPPORTED, key)
        yield Fact("system.filesystem.read_only", read_only, key)
        yield Fact("system.filesystem.read_only_expected", read_only and (image or key == "/"), key)


def battery_facts() -> Iterator[Fact]:
    """Yield whether there is a battery, and its charge; whether it charges is not told."""
    import psutil  # noqa: PLC0415 - see the module's docstring

    battery = psutil.sensors_battery()
    yield Fact("hw.power.battery", battery is not None)
    if battery is None:
        yield Fact("hw.power.mains", UnknownReason.UNSUPPORTED)
        return
    plugged = battery.power_plugged
    yield Fact("hw.power.mains", UnknownReason.UNSUPPORTED if plugged is None else bool(plugged))
    full = plugged and battery.percent >= 100
    state = "full" if full else "discharging" if plugged is False else UnknownReason.UNSUPPORTED
    yield Fact("hw.battery.charge", share(battery.percent, 100), "battery")
    yield Fact("hw.battery.state", state, "battery")


def _nice(times: object) -> float:
    """Return the time of niced programs; Windows does not count it by itself."""
    return float(getattr(times, "nice", 0.0))


class DiskClock:
    """Disk rates; keeps the counters of the last run, and in `disks` the names of that."""

    def __init__(self) -> None:
        self.disks: tuple[str, ...] = ()
        self._samples = Sampler[dict[str, tuple[int, int]]]()

    def facts(self) -> Iterator[Fact]:
        """Yield the bytes per second of each disk, from the second run on."""
        import psutil  # noqa: PLC0415 - see the module's docstring

        counters = psutil.disk_io_counters(perdisk=True)
        now = {disk: (io.read_bytes, io.write_bytes) for disk, io in list(counters.items())[:MAX_DISKS]}
        self.disks = tuple(now)
        elapsed, before = self._samples.since(monotonic(), now) or (1.0, {})
        for disk, bytes_now in now.items():
            for name, new, old in zip(
                ("system.disk.read_rate", "system.disk.write_rate"),
                bytes_now,
                before.get(disk, (-1, -1)),
                strict=True,
            ):
                yield Fact(name, (new - old) / elapsed if 0 <= old <= new else UnknownReason.PENDING, disk)


class ProcessClock:
    """Facts of the biggest processes; keeps the times of the last run."""

    def __init__(self) -> None:
        self._samples = Sampler[dict[str, float]]()

    def facts(self, system: str) -> Iterator[Fact]:
        """Yield counts and the biggest processes; shares of the processor from the second run on."""
        import psutil  # noqa: PLC0415 - see the module's docstring

        attributes = ["name", "create_time", "memory_info", "cpu_times", "status", "nice", "username"]
        found = {}
        for process in psutil.process_iter(attributes):
            info = process.info
            if info["cpu_times"] is not None and info["memory_info"] is not None:
                found[f"{process.pid}@{int(info['create_time'] or 0)}"] = info
        yield Fact("system.process.count", len(psutil.pids()))
        if system != "windows":
            zombies = sum(info["status"] == psutil.STATUS_ZOMBIE for info in found.values())
            yield Fact("system.process.zombies", zombies)
        spent = {key: info["cpu_times"].user + info["cpu_times"].system for key, info in found.items()}
        elapsed, before = self._samples.since(monotonic(), spent) or (1.0, None)
        cores = (
            {key: max(used - before.get(key, 0.0), 0.0) / elapsed for key, used in spent.items()}
            if before
            else {}
        )
        by_memory = sorted(found, key=lambda key: -found[key]["memory_info"].rss)[:TOP]
        by_cpu = sorted(cores or spent, key=lambda key: -(cores or spent)[key])[:TOP]
        total, count = psutil.virtual_memory().total, psutil.cpu_count() or 1
        me = psutil.Process().username()
        for key in dict.fromkeys([*by_cpu, *by_memory]):
            info = found[key]
            yield Fact("process.name", info["name"] or "", key)
            yield Fact("process.cpu", share(cores[key], count) if cores else UnknownReason.PENDING, key)
            yield Fact("process.cpu_cores", cores[key] if cores else UnknownReason.PENDING, key)
            yield Fact("process.memory", float(info["memory_info"].rss), key)
            yield Fact("process.memory_ratio", share(info["memory_info"].rss, total), key)
            yield Fact("process.own", info["username"] == me, key)
            yield Fact("process.stopped", info["status"] == psutil.STATUS_STOPPED, key)
            yield Fact("process.nice", _niceness(info["nice"]), key)


def _niceness(value: int | None) -> int | UnknownReason:
    """Windows has priority classes (32, 64, 128 …) instead."""
    return int(value) if value is not None and -20 <= value <= 20 else UnknownReason.UNSUPPORTED
