"""Sources of devices over a real connection to OpenSSH, whose commands see a router's files and programs."""

from __future__ import annotations

import contextlib
import datetime
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hotline_probe.errors import Denied, Unsupported
from hotline_probe.source import Context, Source
from hotline_probe.sources import platform_sources
from hotline_probe.sources.devices.deviceclock import DeviceClock
from hotline_probe.sources.devices.devicelogs import DeviceLogs
from hotline_probe.sources.devices.openwrt import OpenWrt
from hotline_probe.sources.devices.openwrtline import OpenWrtLine
from hotline_probe.ssh.connect import connect
from hotline_probe.ssh.login import Login
from hotline_probe.ssh.machine import SshMachine
from hotline_proto.facts import Events, FactValue, UnknownReason

from tests.probe.ssh.servers import PASSWORD, Server

# A router's programs, in the folder that the commands find first.
PROGRAMS = {
    "ubus": """
case "$2 $3" in
  "network.interface.wan status") echo "$WAN" ;;
  "network.interface.lan status") echo '{"ipv4-address": [{"address": "192.168.1.1", "mask": 24}]}' ;;
  *) echo 'Command failed: Not found' >&2; exit 4 ;;
esac""",
    "uci": "printf \"dhcp.lan=dhcp\\ndhcp.lan.start='100'\\ndhcp.lan.limit='2'\\n\"",
    "logread": 'date "+%a %b %e %H:%M:%S %Y daemon.err pppd[812]: PAP authentication failed"',
}
WAN = {"up": False, "pending": True, "proto": "pppoe", "device": "eth1"}
LEASES = (
    "1796000000 02:00:00:00:00:02 192.168.1.100 laptop *\n1796000000 02:00:00:00:00:03 192.168.1.101 * *\n"
)


def facts(source: Source, machine: SshMachine) -> dict[str, FactValue]:
    return {fact.name: fact.value for fact in source.read(Context(machine))}


def boxed(users: Path, files: dict[str, str], programs: dict[str, str]) -> tuple[Path, str]:
    """Return the folder of a device with its own files and programs, and sshd's line that leads into it."""
    box = users / "device"
    box.mkdir(exist_ok=True)
    for path, text in files.items():
        (box / path.replace("/", "_")).write_text(text)
    for name, script in programs.items():
        (box / name).write_text(f"#!/bin/sh\n{script}\n")
        (box / name).chmod(0o755)
    moved = " ".join(f"-e 's#{path}#{box / path.replace('/', '_')}#g'" for path in files)
    (box / "enter").write_text(
        f"#!/bin/sh\nPATH={box}:$PATH\nexport PATH\n"
        f'eval "$(printf %s "$SSH_ORIGINAL_COMMAND" | sed -e \'\' {moved})"\n'
    )
    (box / "enter").chmod(0o755)
    return box, f"ForceCommand {box}/enter"


def test_a_router_is_read_over_ssh(start_openssh: Callable[..., Server], users: Path) -> None:
    files = {"/etc/openwrt_release": "DISTRIB_ID='OpenWrt'\n", "/tmp/dhcp.leases": LEASES}
    wan = f"WAN='{json.dumps(WAN)}'\n"
    _, line = boxed(users, files, {name: wan + script for name, script in PROGRAMS.items()})
    server = start_openssh(line)
    with contextlib.closing(
        SshMachine(connect(server.address, server.keys(), Login(password=PASSWORD)))
    ) as machine:
        wan_line, told = facts(OpenWrtLine(), machine), facts(OpenWrt(), machine)
    assert (wan_line["router.wan.status"], wan_line["router.wan.error"]) == ("connecting", "login")
    assert wan_line["router.wan.link"] is UnknownReason.UNSUPPORTED
    assert (told["router.dhcp.pool"], told["router.dhcp.utilization"]) == (2, 1.0)
    assert told["router.log.ppp_refused"] == 1
    assert told["router.dsl.margin_down"] is UnknownReason.UNSUPPORTED


def test_another_machine_rests_after_one_look(start_openssh: Callable[..., Server]) -> None:
    server = start_openssh()
    with contextlib.closing(
        SshMachine(connect(server.address, server.keys(), Login(password=PASSWORD)))
    ) as machine:
        for make in platform_sources():
            with pytest.raises(Unsupported):
                list(make().read(Context(machine)))


MISSING = "exit 127"
NO_SPACE = "cp: error writing 'x': No space left on device"


def of_journal(at: float) -> str:
    row = {"__CURSOR": f"s={at}", "__REALTIME_TIMESTAMP": f"{at * 1e6:.0f}", "SYSLOG_IDENTIFIER": "cp"}
    return json.dumps(row | {"MESSAGE": NO_SPACE})


def of_openwrt(at: float) -> str:
    return f"{datetime.datetime.fromtimestamp(at):%a %b %e %H:%M:%S %Y} user.err cp[7]: {NO_SPACE}"


def of_syslog(at: float) -> str:
    return f"{datetime.datetime.fromtimestamp(at):%b %e %H:%M:%S} nas cp[7]: {NO_SPACE}"


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        (of_journal, "journalctl"),
        (of_openwrt, "logread"),
        (of_syslog, "/var/log/messages"),
    ],
)
def test_new_lines_of_a_devices_log_are_counted_once(
    start_openssh: Callable[..., Server], users: Path, written: Callable[[float], str], kind: str
) -> None:
    now = time.time()
    lines = f"garbage\n{written(now - 90_000)}\n{written(now - 60)}\n"
    files = {"/var/log/messages": lines}
    log = users / "device" / "_var_log_messages"
    # The others end like programs that are not installed; the log of the test's own machine stays out.
    shown = f'case "$*" in *"-n 0"*) ;; *) cat {log} ;; esac'
    programs = {name: shown if name == kind else MISSING for name in ("journalctl", "logread", "dmesg")}
    if kind.startswith("/"):
        programs["tail"] = 'case "$*" in *messages*) exec /usr/bin/tail "$@" ;; *) exit 1 ;; esac'
    else:
        programs["tail"] = MISSING
    _, line = boxed(users, files, programs)
    server, source = start_openssh(line), DeviceLogs()
    with contextlib.closing(
        SshMachine(connect(server.address, server.keys(), Login(password=PASSWORD)))
    ) as machine:
        counted = []
        for more in ("", "", written(now - 5) + "\n" + written(now) + "\n"):
            with log.open("a") as file:
                file.write(more)
            events = facts(source, machine)["log.fs.no_space"]
            assert isinstance(events, Events)
            counted.append(len(events))
        assert counted == [1, 0, 2]
        told = facts(DeviceLogs(), machine)
    assert (told["log.auth.failure"] == UnknownReason.UNSUPPORTED) is kind.startswith("/")


def test_a_device_without_a_log_that_may_be_read(start_openssh: Callable[..., Server], users: Path) -> None:
    denied = "echo 'Permission denied' >&2; exit 1"
    missing = dict.fromkeys(("journalctl", "logread", "dmesg", "tail"), MISSING)
    for programs, error in ((missing, Unsupported), (missing | {"dmesg": denied}, Denied)):
        _, line = boxed(users, {}, programs)
        if error is Unsupported:
            server = start_openssh(line)
        with (
            contextlib.closing(
                SshMachine(connect(server.address, server.keys(), Login(password=PASSWORD)))
            ) as machine,
            pytest.raises(error),
        ):
            list(DeviceLogs().read(Context(machine)))


def test_a_devices_clock(start_openssh: Callable[..., Server], users: Path) -> None:
    said = {
        "kept": {"timedatectl": "echo NTPSynchronized=yes", "chronyc": MISSING},
        "not kept": {"timedatectl": MISSING, "chronyc": "echo 'Leap status     : Not synchronised'"},
        "broken": {"timedatectl": "echo Failed >&2; exit 1", "chronyc": MISSING},
        "neither": {"timedatectl": MISSING, "chronyc": MISSING},
    }
    _, line = boxed(users, {}, {})
    server, found = start_openssh(line), {}
    with contextlib.closing(
        SshMachine(connect(server.address, server.keys(), Login(password=PASSWORD)))
    ) as machine:
        for name, programs in said.items():
            boxed(users, {}, programs)
            found[name] = facts(DeviceClock(), machine)["time.synchronized"]
    assert (found["kept"], found["not kept"]) == (True, False)
    assert found["broken"] is UnknownReason.NOT_COLLECTED
    assert found["neither"] is UnknownReason.MISSING_TOOL
