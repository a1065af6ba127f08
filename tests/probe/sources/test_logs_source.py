from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hotline_probe.errors import Denied, SourceFailed, Unsupported
from hotline_probe.sources.logpatterns import FACTS, LogEntry, matches
from hotline_probe.sources.logs import Logs
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import Events, UnknownReason

CHECK = "journalctl --no-pager -n 0"
JOURNAL = "journalctl -o json"
NOTHING = "No journal files were found.\n"

KERNEL = {
    "Oops: 0002 [#1] PREEMPT SMP": "log.kernel.oops",
    "BUG: unable to handle page fault for address: 0000": "log.kernel.oops",
    "INFO: task jbd2/sda1:231 blocked for more than 120 seconds.": "log.kernel.hung_task",
    "Out of memory: Killed process 4711 (firefox) total-vm:1kB": "log.memory.oom_kill",
    "Memory cgroup out of memory: Killed process 12 (a) total-vm:1kB": "log.memory.oom_kill",
    "EDAC MC0: 1 CE memory read error on CPU_SrcID#0": "log.memory.hardware",
    "I/O error, dev sda, sector 2048 op 0x0:(READ)": "log.disk.io_error",
    "blk_update_request: critical medium error, dev sdb, sector 9": "log.disk.io_error",
    "ata1: hard resetting link": "log.disk.link_reset",
    "nvme nvme0: I/O 12 QID 3 timeout, aborting": "log.disk.link_reset",
    "EXT4-fs error (device sda1): ext4_lookup:1: inode #2": "log.fs.error",
    "XFS (sdb1): Metadata corruption detected at xfs_agf": "log.fs.error",
    "EXT4-fs (sda1): Remounting filesystem read-only": "log.fs.remounted_read_only",
    "CPU0: Core temperature above threshold, cpu clock throttled (total events = 1)": "log.cpu.throttled",
    "usb 1-2: device descriptor read/64, error -71": "log.usb.enumeration_failed",
    "usb usb1-port2: over-current condition": "log.usb.over_current",
    "r8169 0000:01:00.0 eth0: Link is Down": "log.net.link_down",
    "e1000e 0000:00:1f.6 eno1: NIC Link is Down": "log.net.link_down",
    "nf_conntrack: nf_conntrack: table full, dropping packet": "log.net.conntrack_full",
    "IPv6: eth0: IPv6 duplicate address fe80::1 used by 00:11:22 detected!": "log.net.address_conflict",
    "firefox[4711]: segfault at 0 ip 00 sp 00 error 4 in libxul.so": "log.app.crash",
    "traps: prog[12] general protection fault ip:1 sp:2 error:0": "log.app.crash",
}
PROGRAMS = {
    ("rsync", "write failed: No space left on device (28)"): "log.fs.no_space",
    ("sshd", "Failed password for root from 192.0.2.1 port 1 ssh2"): "log.auth.failure",
    ("sudo", "pam_unix(sudo:auth): authentication failure; logname=a uid=1000"): "log.auth.failure",
    ("systemd", "cups.service: Failed with result 'exit-code'."): "log.service.failed",
    ("chronyd", "System clock was stepped by 3.1 seconds"): "log.time.jump",
    ("systemd-coredump", "Process 4711 (firefox) of user 1000 dumped core."): "log.app.crash",
    (
        "apt.systemd.daily",
        "W: GPG error: http://deb.example x InRelease: The public key is not available: NO_PUBKEY 0123456789",
    ): "log.update.key",
    (
        "apt-get",
        "E: The repository 'http://deb.example x Release' no longer has a Release file.",
    ): "log.update.source_gone",
    ("NetworkManager", "conflict detected for IP address 192.0.2.1"): "log.net.address_conflict",
}
HARMLESS = [
    "ata1: SATA link down (SStatus 0 SControl 300)",
    "I/O error, dev fd0, sector 0",
    "EXT4-fs (sda1): mounted filesystem with ordered data mode",
    "EDAC MC: Ver: 3.0.0",
    "usb 1-1: new high-speed USB device number 2 using xhci_hcd",
    "r8169 eth0: Link is Up - 1Gbps/Full",
    "nvme nvme0: 8/0/0 default/read/poll queues",
]


@pytest.mark.parametrize(("message", "fact"), KERNEL.items())
def test_kernel_messages(message: str, fact: str) -> None:
    assert [found for found, _ in matches(LogEntry(0.0, True, "kernel", message))] == [fact]
    if fact != "log.net.address_conflict":
        assert not list(matches(LogEntry(0.0, False, "somebody", message)))


@pytest.mark.parametrize(("entry", "fact"), PROGRAMS.items())
def test_messages_of_programs(entry: tuple[str, str], fact: str) -> None:
    assert [found for found, _ in matches(LogEntry(0.0, False, *entry))] == [fact]


@pytest.mark.parametrize("message", HARMLESS)
def test_harmless_messages(message: str) -> None:
    assert not list(matches(LogEntry(0.0, True, "kernel", message)))


def test_every_fact_has_a_pattern_and_an_example() -> None:
    specs = load_catalogue().facts_of_source["logs"]
    assert set(FACTS) == {spec.name for spec in specs if "linux" in spec.platforms}
    assert set(FACTS) == {*KERNEL.values(), *PROGRAMS.values()}


def row(cursor: str, ago: float, message: object, transport: str = "kernel", program: str = "x") -> str:
    stamp = str(int((time.time() - ago) * 1e6))
    fields = {"__CURSOR": cursor, "__REALTIME_TIMESTAMP": stamp, "_TRANSPORT": transport}
    return json.dumps({**fields, "SYSLOG_IDENTIFIER": program, "MESSAGE": message}) + "\n"


def test_journal_first_back_then_from_the_cursor(captured: Any, read: Any) -> None:
    source = Logs()
    captured.prints(CHECK)
    captured.prints(
        JOURNAL, row("c1", 600, "I/O error, dev sda, sector 1") + row("c2", 30, None) + "{broken\n"
    )
    facts = read(source)
    assert facts["log.disk.io_error"] == pytest.approx((600.0,), abs=5)
    assert facts["log.kernel.oops"] == Events()
    assert "--since=@" in captured.started[-1]
    captured.prints(JOURNAL, row("c3", 0, list(b"Oops: 0000 \xff")))
    facts = read(source)
    assert "--after-cursor=c2" in captured.started[-1]
    assert len(facts["log.kernel.oops"]) == 1 and not facts["log.disk.io_error"]


def test_a_new_line_is_never_older_than_the_last_look(captured: Any, read: Any) -> None:
    source = Logs()
    captured.prints(CHECK)
    captured.prints(JOURNAL, row("c1", 5, "hello"))
    read(source)
    captured.prints(JOURNAL, row("c2", 7 * 86400, "Oops: 0") + row("c3", -7 * 86400, "Oops: 0"))
    oldest, youngest = read(source)["log.kernel.oops"]
    assert 0 <= youngest <= oldest < 60


def test_two_lines_about_one_crash_count_once(captured: Any, read: Any) -> None:
    captured.prints(CHECK)
    captured.prints(
        JOURNAL,
        row("c1", 9, "firefox[4711]: segfault at 0 ip 0 sp 0 error 4")
        + row("c2", 8, "Process 4711 (firefox) of user 1000 dumped core.", "journal", "systemd-coredump")
        + row("c3", 7, "firefox[4712]: segfault at 0 ip 0 sp 0 error 4"),
    )
    assert len(read(Logs())["log.app.crash"]) == 2


def test_a_journal_that_shows_only_the_users_own_lines_is_denied(captured: Any, read: Any) -> None:
    captured.prints(
        CHECK, err="Hint: You are currently not seeing messages from other users and the system.\n"
    )
    with pytest.raises(Denied, match="systemd-journal"):
        read(Logs())


def test_the_kernels_buffer_tells_less(captured: Any, read: Any) -> None:
    source = Logs()
    captured.put({"/proc/uptime": "5000.00 1\n"})
    captured.prints(CHECK, err="Hint: You are currently not seeing messages from other users\n")
    old, new = (
        "<4>[  100.000000] Oops: 1\n",
        "<4>[ 4990.000000] Oops: 2\n<30>[ 4991.000000] systemd[1]: Oops: 3\n",
    )
    captured.prints("dmesg -r", old + new)
    facts = read(source)
    assert facts["log.kernel.oops"] == pytest.approx((10.0,))
    assert facts["log.auth.failure"] is UnknownReason.PERMISSION
    assert read(source)["log.kernel.oops"] == Events()
    captured.prints("dmesg -r", old + new + "<4>[ 4999.000000] Oops: 4\n")
    assert len(read(source)["log.kernel.oops"]) == 1


def test_no_log_at_all(captured: Any, read: Any) -> None:
    captured.prints(CHECK, err=NOTHING)
    with pytest.raises(Unsupported):
        read(Logs())


def test_a_journal_that_fails_later_is_a_failure(captured: Any, read: Any) -> None:
    source = Logs()
    captured.prints(CHECK)
    captured.prints(JOURNAL, row("c1", 5, "hello"))
    read(source)
    captured.prints(JOURNAL, err="Failed to seek to cursor: Invalid argument\n", code=1)
    with pytest.raises(SourceFailed, match="seek"):
        read(source)
    captured.prints(JOURNAL, row("c9", 0, "Oops: 0"))
    assert len(read(source)["log.kernel.oops"]) == 1
    assert "--since=@" in captured.started[-1]
