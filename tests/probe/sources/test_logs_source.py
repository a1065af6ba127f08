from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hotline_probe.errors import Denied, SourceFailed, Unsupported
from hotline_probe.sources.logpatterns import FACTS, PATTERNS, matches
from hotline_probe.sources.logs import Logs
from hotline_probe.sources.logtypes import LogEntry
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
    "EXT4-fs (sda1): error loading journal": "log.fs.error",
    "JBD2: Error -5 detected when updating journal superblock for sda1-8.": "log.fs.error",
    "XFS (sdb1): Unmount and run xfs_repair": "log.fs.error",
    "BTRFS critical (device sda2): corrupt leaf: root=2 block=1 slot=7": "log.fs.error",
    "BTRFS warning (device sda2): csum failed root 5 ino 257 off 0 csum 0x1": "log.fs.error",
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
    "iwlwifi 0000:00:0c.0: no suitable firmware found!": "log.device.no_firmware",
    'b43-phy0 ERROR: Firmware file "b43/ucode30_mimo.fw" not found': "log.device.no_firmware",
    "NETDEV WATCHDOG: eth0 (asix): transmit queue 0 timed out": "log.net.transmit_timeout",
    "NETDEV WATCHDOG: eth1: transmit timed out": "log.net.transmit_timeout",
    "r8169 0000:03:00.0 enp3s0: NETDEV WATCHDOG: CPU: 3: transmit queue 0 timed out 5104 ms": (
        "log.net.transmit_timeout"
    ),
    "e1000e 0000:00:19.0 eth0: Detected Hardware Unit Hang:": "log.net.transmit_timeout",
    "br0: received packet on eth1 with own address as source address (addr:00:00:5e:00:01:01, vlan:0)": (
        "log.net.own_packets"
    ),
    "neighbour: arp_cache: neighbor table overflow!": "log.net.neighbours_full",
    "wlan0: deauthenticated from ae:0d:1b:f3:01:02 (Reason: 3=DEAUTH_LEAVING)": "log.wifi.disconnected",
    "wlp2s0: Connection to AP 54:ec:2f:05:70:2c lost": "log.wifi.disconnected",
    "nfs: server 10.100.0.60 not responding, still trying": "log.share.silent",
    "CIFS: VFS: \\\\nas has not responded in 180 seconds. Reconnecting...": "log.share.silent",
    "[drm] GPU HANG: ecode 7:0:0x85df3c1c, in Xorg [19819], reason: Ring hung, action: reset": "log.gpu.hang",
    "amdgpu 0000:03:00.0: amdgpu: GPU reset begin!": "log.gpu.hang",
    "NVRM: Xid (PCI:0000:01:00): 79, pid=0, GPU has fallen off the bus.": "log.gpu.hang",
    "NVRM: Xid (PCI:0000:02:00): 8, pid=712, name=Xorg": "log.gpu.hang",
    "hwmon hwmon1: Undervoltage detected!": "log.power.undervoltage",
    "Under-voltage detected! (0x00050005)": "log.power.undervoltage",
    "mce: [Hardware Error]: CPU 12: Machine Check: 0 Bank 5: bea0000000000108": "log.cpu.hardware",
    "[Hardware Error]: Uncorrected, software restartable error.": "log.cpu.hardware",
    "Bluetooth: hci0: command 0x0c03 tx timeout": "log.bluetooth.failed",
    "Bluetooth: hci0: Opcode 0x c03 failed: -110": "log.bluetooth.failed",
    "EXT4-fs (sda1): INFO: recovery required on readonly filesystem": "log.boot.unclean",
}
PROGRAMS = {
    ("rsync", "write failed: No space left on device (28)"): "log.fs.no_space",
    ("sshd", "Failed password for root from 192.0.2.1 port 1 ssh2"): "log.auth.failure",
    ("dropbear", "Bad password attempt for 'root' from 192.0.2.1:1"): "log.auth.failure",
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
    (
        "su",
        "pam_faillock(su-l:auth): Consecutive login failures for user analyst1 account temporarily locked",
    ): "log.auth.locked",
    ("sshd", "pam_tally2(sshd:auth): user anna (1001) tally 6, deny 5"): "log.auth.locked",
    (
        "sudo",
        "otheruser : user NOT in sudoers ; TTY=pts/0 ; PWD=/home ; USER=root ; COMMAND=/usr/sbin/groupadd a",
    ): "log.auth.sudo_denied",
    ("wpa_supplicant", "wlan0: WPA: 4-Way Handshake failed - pre-shared key may be incorrect"): (
        "log.wifi.wrong_key"
    ),
    (
        "wpa_supplicant",
        'wlan0: CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid="Section3" auth_failures=1 reason=WRONG_KEY',
    ): "log.wifi.wrong_key",
    ("dhclient", "No DHCPOFFERS received."): "log.dhcp.no_answer",
    ("NetworkManager", "<warn>  [1520805029.2756] dhcp4 (ens3): request timed out"): "log.dhcp.no_answer",
    ("udhcpc", "no lease, failing"): "log.dhcp.no_answer",
    ("systemd-resolved", "DNSSEC validation failed for question org IN DNSKEY: signature-expired"): (
        "log.dns.dnssec_failed"
    ),
    ("systemd-timesyncd", "Timed out waiting for reply from 185.125.190.58:123 (ntp.ubuntu.com)."): (
        "log.time.no_answer"
    ),
    ("chronyd", "Can't synchronise: no selectable sources"): "log.time.no_answer",
    (
        "ovpn-client",
        "TLS Error: TLS key negotiation failed to occur within 60 seconds (check your network connectivity)",
    ): "log.vpn.no_answer",
    ("charon", "07[IKE] giving up after 5 retransmits"): "log.vpn.no_answer",
    ("openvpn", "AUTH: Received control message: AUTH_FAILED"): "log.vpn.refused",
    ("charon", "12[IKE] received AUTHENTICATION_FAILED notify error"): "log.vpn.refused",
    ("fetchmail", "OpenSSL reported: error:0A000086:SSL routines::certificate verify failed"): (
        "log.tls.refused"
    ),
    ("dockerd", "x509: certificate signed by unknown authority"): "log.tls.refused",
    ("smartd", "Device: /dev/sdb [SAT], 16 Currently unreadable (pending) sectors"): "log.disk.smart",
    ("smartd", "Device: /dev/hdh, 1 Offline uncorrectable sectors"): "log.disk.smart",
    ("smartd", "Device: /dev/sda [SAT], FAILED SMART self-check. BACK UP DATA NOW!"): "log.disk.smart",
    ("systemd", "Failed to mount /mnt/data."): "log.fs.mount_failed",
    ("rsync", "write failed on /home/a: Disk quota exceeded (122)"): "log.fs.quota",
    (
        "systemd-journald",
        "File /var/log/journal/5580eb3c/system.journal corrupted or uncleanly shut down, renaming.",
    ): "log.boot.unclean",
    ("systemd-journald", "Suppressed 3422 messages from app.service"): "log.flood",
    ("upsmon", "UPS ups@localhost on battery"): "log.ups.on_battery",
    ("apcupsd", "Power failure."): "log.ups.on_battery",
    ("upsmon", "UPS ups@localhost on line power"): "log.ups.online",
    ("apcupsd", "Power is back. UPS running on mains."): "log.ups.online",
    ("upsmon", "UPS ups@localhost battery needs to be replaced"): "log.ups.battery_worn",
    ("apcupsd", "UPS battery must be replaced."): "log.ups.battery_worn",
}
HARMLESS = [
    "ata1: SATA link down (SStatus 0 SControl 300)",
    "I/O error, dev fd0, sector 0",
    "EXT4-fs (sda1): mounted filesystem with ordered data mode",
    "EDAC MC: Ver: 3.0.0",
    "usb 1-1: new high-speed USB device number 2 using xhci_hcd",
    "r8169 eth0: Link is Up - 1Gbps/Full",
    "nvme nvme0: 8/0/0 default/read/poll queues",
    # iwlwifi tries the newest file first, and goes on with an older one.
    "iwlwifi 0000:00:14.3: Direct firmware load for iwlwifi-QuZ-a0-hr-b0-77.ucode failed with error -2",
    "platform regulatory.0: Direct firmware load for regulatory.db failed with error -2",
    "wlp1s0: deauthenticating from 88:d7:f6:80:24:ec by local choice (Reason: 3=DEAUTH_LEAVING)",
    "wlan0: authenticate with 88:d7:f6:80:24:ec",
    "nfs: server 10.100.0.60 OK",
    # An error of a program, and a reset of the whole card that was asked for.
    "NVRM: Xid (PCI:0000:01:00): 31, pid=4242, name=python3, Ch 00000010, intr 10000000",
    "NVRM: Xid (PCI:0000:01:00): 13, pid=4242, name=game, Graphics Exception",
    "hwmon hwmon1: Voltage normalised",
    # A corrected error: the top digit lacks bit 61.
    "mce: [Hardware Error]: CPU 0: Machine Check: 0 Bank 0: 9000004000010005",
    "mce: [Hardware Error]: Machine check events logged",
    "[Hardware Error]: Corrected error, no action required.",
    "Bluetooth: hci0: BCM: Patch brcm/BCM43142A0-0a5c-216d.hcd not found",
    "Bluetooth: Core ver 2.22",
    "EXT4-fs (sda1): re-mounted. Opts: errors=remount-ro",
    "XFS (dm-0): Ending clean mount",
    "EXT4-fs (sdb1): recovery complete",
    "FAT-fs (sdb1): Volume was not properly unmounted. Some data may be corrupt. Please run fsck.",
    "BTRFS info (device sda2): enabling free space tree",
    "br0: port 1(eth0) entered forwarding state",
]
HARMLESS_OF_PROGRAMS = [
    ("NetworkManager", "dhcp6 (eno1): request timed out"),
    ("NetworkManager", "dhcp4 (eno1): state changed unknown -> bound, address=192.0.2.7"),
    ("dhclient", "DHCPDISCOVER on eth0 to 255.255.255.255 port 67 interval 8"),
    ("wpa_supplicant", "wlan0: CTRL-EVENT-DISCONNECTED bssid=88:d7:f6:80:24:ec reason=3 locally_generated=1"),
    ("wpa_supplicant", "wlan0: WPA: Key negotiation completed with 88:d7:f6:80:24:ec [PTK=CCMP GTK=CCMP]"),
    ("systemd-resolved", "Using degraded feature set UDP instead of UDP+EDNS0 for DNS server 10.0.0.1."),
    ("systemd-timesyncd", "Initial synchronization to time server 185.125.190.58:123 (ntp.ubuntu.com)."),
    (
        "smartd",
        "Device: /dev/sda [SAT], SMART Usage Attribute: 194 Temperature_Celsius changed from 64 to 63",
    ),
    ("smartd", "Device: /dev/sda [SAT], Self-Test Log error count increased from 0 to 1"),
    ("sudo", "anna : TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND=/bin/echo user NOT in sudoers"),
    ("systemd", "Mounted /mnt/data."),
    ("bash", "Failed to mount /mnt/data."),
    ("charon", "07[IKE] retransmit 3 of request with message ID 1"),
    ("openvpn", "Initialization Sequence Completed"),
    (
        "systemd-journald",
        "File /var/log/journal/5580/user-1000.journal corrupted or uncleanly shut down, renaming.",
    ),
    ("upsmon", "Communications with UPS ups@localhost established"),
    ("pam", "pam_faillock(sudo:auth): User unknown"),
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


@pytest.mark.parametrize(("program", "message"), HARMLESS_OF_PROGRAMS)
def test_harmless_messages_of_programs(program: str, message: str) -> None:
    assert not list(matches(LogEntry(0.0, False, program, message)))


def test_long_lines_that_almost_match_take_no_time() -> None:
    words = {word for pattern in PATTERNS for word in pattern.words}
    began = time.process_time()
    for word in sorted(words):
        for program in ("", *(program for pattern in PATTERNS for program in pattern.programs)):
            list(matches(LogEntry(0.0, True, program, word * 400)))
    # Thousands of long lines; a pattern that tried every way to split one would take hours.
    assert time.process_time() - began < 60


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
