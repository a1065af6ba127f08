"""Sources of devices over a real connection to OpenSSH, whose commands see a router's files and programs."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hotline_probe.errors import Unsupported
from hotline_probe.source import Context
from hotline_probe.sources import platform_sources
from hotline_probe.sources.devices.openwrt import OpenWrt
from hotline_probe.sources.devices.openwrtline import OpenWrtLine
from hotline_probe.ssh.connect import connect
from hotline_probe.ssh.login import Login
from hotline_probe.ssh.machine import SshMachine
from hotline_proto.facts import FactValue, UnknownReason

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


def facts(source: OpenWrt | OpenWrtLine, machine: SshMachine) -> dict[str, FactValue]:
    return {fact.name: fact.value for fact in source.read(Context(machine))}


def test_a_router_is_read_over_ssh(start_openssh: Callable[..., Server], users: Path) -> None:
    box = users / "router"
    box.mkdir(exist_ok=True)
    files = {"/etc/openwrt_release": "DISTRIB_ID='OpenWrt'\n", "/tmp/dhcp.leases": LEASES}
    for path, text in files.items():
        (box / path.replace("/", "_")).write_text(text)
    for name, script in PROGRAMS.items():
        (box / name).write_text(f"#!/bin/sh\nWAN='{json.dumps(WAN)}'\n{script}\n")
        (box / name).chmod(0o755)
    moved = " ".join(f"-e 's#{path}#{box / path.replace('/', '_')}#g'" for path in files)
    (box / "enter").write_text(
        f"#!/bin/sh\nPATH={box}:$PATH\nexport PATH\n"
        f'eval "$(printf %s "$SSH_ORIGINAL_COMMAND" | sed {moved})"\n'
    )
    (box / "enter").chmod(0o755)
    server = start_openssh(f"ForceCommand {box}/enter")
    with contextlib.closing(
        SshMachine(connect(server.address, server.keys(), Login(password=PASSWORD)))
    ) as machine:
        line, told = facts(OpenWrtLine(), machine), facts(OpenWrt(), machine)
    assert (line["router.wan.status"], line["router.wan.error"]) == ("connecting", "login")
    assert line["router.wan.link"] is UnknownReason.UNSUPPORTED
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
