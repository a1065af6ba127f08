"""Actions on a Mac: stand-ins for its commands, which keep what was set; processes are real ones.

A stand-in is a program that comes first in PATH, prints what the manual pages say and writes down each call.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import psutil
import pytest
from hotline_probe.actions import commands
from hotline_probe.actions.macos import network, system
from hotline_probe.actions.macos.services import Service, parse_services
from hotline_probe.actions.processes import find_process, read_stat
from hotline_probe.actions.registry import Actions
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine
from hotline_proto.catalogue import load_catalogue
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.skipif(os.name != "posix", reason="stand-ins are shell scripts")
PORTS = """
Hardware Port: Ethernet
Device: en0
Ethernet Address: 38:f9:d3:00:00:10

Hardware Port: WLAN
Device: en1
Ethernet Address: 38:f9:d3:00:00:11
"""
# What is switched lies in files beside the programs.
NETWORKSETUP = f"""
echo "networksetup $*" >> "$STATE/calls"
case "$1" in
-listallhardwareports) cat <<'END'
{PORTS}
END
;;
-listnetworkserviceorder)
mark=1; [ -e "$STATE/off" ] && mark='*'
printf 'An asterisk (*) denotes that a network service is disabled.\\n'
printf '(%s) Büro "Kabel"; rm -rf $HOME\\n(Hardware Port: Ethernet, Device: en0)\\n\\n' "$mark"
printf '(2) WLAN\\n(Hardware Port: WLAN, Device: en1)\\n'
;;
-setnetworkserviceenabled) if [ "$3" = off ]; then echo > "$STATE/off"; else rm -f "$STATE/off"; fi ;;
-getairportpower) power=On; [ -e "$STATE/dark" ] && power=Off; echo "Wi-Fi Power ($2): $power" ;;
-setairportpower) if [ "$3" = off ]; then echo > "$STATE/dark"; else rm -f "$STATE/dark"; fi ;;
-getdnsservers)
if [ -e "$STATE/dns" ]; then cat "$STATE/dns"; else echo "There aren't any DNS Servers set on $2."; fi ;;
-setdnsservers) if [ "$3" = Empty ]; then rm -f "$STATE/dns"; else echo "$3" > "$STATE/dns"; fi ;;
-listallnetworkservices) printf 'An asterisk (*) denotes a disabled one.\\nWLAN\\n*Modem\\n' ;;
-get*) state=No; [ "$1" = "-getsecurewebproxy" ] && [ -e "$STATE/proxy" ] && state=Yes
printf 'Enabled: %s\\nServer: p.example\\nPort: 3128\\n' $state ;;
-setsecurewebproxystate) if [ "$3" = off ]; then rm -f "$STATE/proxy"; else echo > "$STATE/proxy"; fi ;;
esac
"""
ROUTES = """cat <<'END'
Destination        Gateway            Flags               Netif Expire
default            192.0.2.1          UGScg                 en1
192.0.2            link#4             UCS                   en1      !
END
"""
SCUTIL = """printf 'DNS configuration\\n\\nresolver #1\\n'
if [ -e "$STATE/dns" ]; then printf '  nameserver[0] : %s\\n' $(cat "$STATE/dns"); fi
[ -e "$STATE/dns" ] || printf '  nameserver[0] : 198.51.100.53\\n'
"""


class Mac:
    """A Mac whose commands are stand-ins."""

    def __init__(self, folder: Path) -> None:
        self.programs, self.state = folder / "bin", folder / "state"
        self.programs.mkdir()
        self.state.mkdir()
        for tool in ("sh", "cat", "rm", "printf"):
            (self.programs / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
        self.machine = LocalMachine(str(folder / "root"), system="macos")

    def put(self, name: str, script: str) -> None:
        """Make a program."""
        (self.programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.programs / name).chmod(0o755)

    def writes_down(self, *names: str) -> None:
        """Make programs that do nothing but write down how they were called."""
        for name in names:
            self.put(name, f'echo "{name} $*" >> "$STATE/calls"')

    def calls(self) -> list[str]:
        """Return what was called."""
        return (self.state / "calls").read_text().splitlines()

    def actions(self, **keys: Collection[str]) -> Actions:
        """Return what can be done on it."""
        return Actions(self.machine, load_catalogue(), lambda kind: keys.get(kind, ()), may_elevate=False)


@pytest.fixture
def mac(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mac:
    made = Mac(tmp_path)
    monkeypatch.setenv("PATH", str(made.programs))
    monkeypatch.setenv("STATE", str(made.state))
    monkeypatch.setattr(commands.os, "geteuid", lambda: 0)
    for short in (network, system):
        for patience in ("_TAKES_EFFECT", "_STAYS_UP"):
            monkeypatch.setattr(short, patience, 0.3, raising=False)
    made.put("networksetup", NETWORKSETUP)
    made.put("netstat", ROUTES)
    made.put("scutil", SCUTIL)
    return made


def refused(code: str, it: Actions, action: str, **parameters: str) -> str:
    with pytest.raises(ActionError) as caught:
        it.perform(action, parameters)
    assert caught.value.code == code, str(caught.value)
    return str(caught.value)


# ---- names and adapters ---------------------------------------------------------------------------
def test_both_keepers_of_names_forget(mac: Mac) -> None:
    mac.writes_down("dscacheutil", "killall")
    mac.actions().perform("dns.flush_cache", {})
    assert mac.calls() == ["dscacheutil -flushcache", "killall -HUP mDNSResponder"]


def test_without_rights_nothing_is_begun(mac: Mac, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands.os, "geteuid", lambda: 501)
    mac.writes_down("dscacheutil", "killall", "systemsetup", "sntp", "ifconfig")
    mac.put("ipconfig", "")
    mac.put("launchctl", "")
    mac.put("id", "echo 501")
    for action, parameters in (
        ("dns.flush_cache", {}),
        ("time.sync", {}),
        ("dhcp.renew", {"interface": "en0"}),
        ("interface.restart", {"interface": "en0"}),
        ("service.restart", {"service": "org.example.d"}),
    ):
        refused("permission", mac.actions(interface=["en0"], service=["org.example.d"]), action, **parameters)
    assert all(call.startswith("networksetup -list") for call in mac.calls())


def test_a_service_is_switched_on_and_off_again(mac: Mac) -> None:
    (mac.state / "off").touch()
    performed = mac.actions(interface=["en0"]).perform("interface.enable", {"interface": "en0"})
    assert not (mac.state / "off").exists()
    # The user's own name of the service is one argument, whatever is in it.
    assert 'networksetup -setnetworkserviceenabled Büro "Kabel"; rm -rf $HOME on' in mac.calls()
    performed.undo()
    assert (mac.state / "off").exists()


def test_a_radio_is_switched_on(mac: Mac) -> None:
    it = mac.actions(interface=["en1"])
    refused("precondition", it, "interface.enable", interface="en1")
    (mac.state / "dark").touch()
    performed = it.perform("interface.enable", {"interface": "en1"})
    assert not (mac.state / "dark").exists()
    performed.undo()
    assert (mac.state / "dark").exists()


def test_a_refusal_of_networksetup_is_one_of_rights(mac: Mac) -> None:
    mac.put("networksetup", 'echo "** Error: Command requires admin privileges."; exit 14')
    refused("permission", mac.actions(interface=["en1"]), "interface.enable", interface="en1")


def test_a_radio_and_a_cable_are_restarted(mac: Mac) -> None:
    mac.put(
        "ifconfig",
        """
echo "ifconfig $*" >> "$STATE/calls"
[ "$2" = "" ] && printf 'en0: flags=8863<UP,BROADCAST,RUNNING> mtu 1500\\n'
exit 0""",
    )
    it = mac.actions(interface=["en0", "en1"])
    it.perform("interface.restart", {"interface": "en1"})
    it.perform("interface.restart", {"interface": "en0"})
    switched = [call for call in mac.calls() if "setairport" in call or "ifconfig" in call]
    assert switched == [
        "networksetup -setairportpower en1 off",
        "networksetup -setairportpower en1 on",
        "ifconfig en0 down",
        "ifconfig en0 up",
        "ifconfig en0",
    ]


def test_a_cable_that_stays_down_is_told(mac: Mac) -> None:
    mac.put("ifconfig", "printf 'en0: flags=8822<BROADCAST> mtu 1500\\n'")
    refused("error", mac.actions(interface=["en0"]), "interface.restart", interface="en0")


def test_an_address_is_asked_for_anew(mac: Mac) -> None:
    mac.put(
        "ipconfig", 'echo "ipconfig $*" >> "$STATE/calls"\n[ "$1" = getifaddr ] && echo 192.0.2.7; exit 0'
    )
    mac.actions(interface=["en0"]).perform("dhcp.renew", {"interface": "en0"})
    assert "ipconfig set en0 DHCP" in mac.calls()


def test_an_address_of_its_own_is_none(mac: Mac) -> None:
    mac.put("ipconfig", '[ "$1" = getifaddr ] && echo 169.254.3.4; exit 0')
    refused("error", mac.actions(interface=["en0"]), "dhcp.renew", interface="en0")


def test_an_address_set_by_hand_is_left_alone(mac: Mac) -> None:
    mac.put("ipconfig", 'echo "ipconfig $*" >> "$STATE/calls"\necho "      ConfigMethod : Manual"')
    refused("precondition", mac.actions(interface=["en0"]), "dhcp.renew", interface="en0")
    assert mac.calls() == ["ipconfig getsummary en0"]


@pytest.mark.parametrize("before", ["", "198.51.100.53"])
def test_the_router_is_asked_for_names(mac: Mac, before: str) -> None:
    if before:
        (mac.state / "dns").write_text(before + "\n")
    it = mac.actions(resolver=["198.51.100.53", "192.0.2.1", "203.0.113.9"])
    refused("precondition", it, "dns.use_gateway", resolver="192.0.2.1")
    refused("precondition", it, "dns.use_gateway", resolver="203.0.113.9")
    performed = it.perform("dns.use_gateway", {"resolver": "198.51.100.53"})
    assert (mac.state / "dns").read_text() == "192.0.2.1\n"
    performed.undo()
    assert mac.calls()[-1] == f"networksetup -setdnsservers WLAN {before or 'Empty'}"


def test_a_name_server_of_the_operator_is_asked(mac: Mac) -> None:
    it = mac.actions(resolver=["198.51.100.53"])
    values = {"resolver": "198.51.100.53", "server": "203.0.113.53"}
    performed = it.perform("dns.use_operator", values)
    assert (mac.state / "dns").read_text() == "203.0.113.53\n"
    performed.undo()
    refused("bad_parameter", it, "dns.use_operator", resolver="198.51.100.53", server="-setdnsservers")
    mac.put("netstat", "echo 'Destination        Gateway            Flags               Netif Expire'")
    refused("precondition", it, "dns.use_operator", **values)


def test_a_router_that_is_not_asked_after_all_is_taken_back(mac: Mac) -> None:
    mac.put("scutil", "printf 'DNS configuration\\n\\nresolver #1\\n  nameserver[0] : 198.51.100.53\\n'")
    refused("error", mac.actions(resolver=["198.51.100.53"]), "dns.use_gateway", resolver="198.51.100.53")
    assert mac.calls()[-1] == "networksetup -setdnsservers WLAN Empty"


def test_the_proxy_is_switched_off_and_on_again(mac: Mac) -> None:
    refused("precondition", mac.actions(), "proxy.disable")
    (mac.state / "proxy").touch()
    performed = mac.actions().perform("proxy.disable", {})
    assert not (mac.state / "proxy").exists() and not [call for call in mac.calls() if "Modem" in call]
    performed.undo()
    assert (mac.state / "proxy").exists()


@given(st.text(max_size=200))
def test_services_of_any_text(text: str) -> None:
    for service in parse_services(text + "\n(1) a\n(b: c, d: en0)"):
        assert isinstance(service, Service) and not service.name.startswith("-")


# ---- services and the clock -----------------------------------------------------------------------
def launchctl(state: str) -> str:
    return f"""
echo "launchctl $*" >> "$STATE/calls"
case "$*" in
"print system") printf 'x = {{\\n\\tservices = {{\\n\\t  0  78  org.example.daemon\\n\\t}}\\n}}\\n' ;;
list) printf 'PID\\tStatus\\tLabel\\n-\\t1\\torg.example.agent\\n' ;;
print*) printf 'x = {{\\n\\tstate = {state}\\n}}\\n' ;;
esac"""


def test_a_service_is_restarted_where_it_lives(mac: Mac, monkeypatch: pytest.MonkeyPatch) -> None:
    mac.put("launchctl", launchctl("running"))
    mac.put("id", "echo 501")
    it = mac.actions(service=["org.example.daemon", "org.example.agent"])
    it.perform("service.restart", {"service": "org.example.daemon"})
    monkeypatch.setattr(commands.os, "geteuid", lambda: 501)
    it.perform("service.restart", {"service": "org.example.agent"})
    started = [call for call in mac.calls() if "kickstart" in call]
    assert started == [
        "launchctl kickstart -k system/org.example.daemon",
        "launchctl kickstart -k gui/501/org.example.agent",
    ]


def test_a_service_that_is_started_over_and_over_is_told(mac: Mac) -> None:
    mac.put("launchctl", launchctl("spawn scheduled"))
    mac.put("id", "echo 501")
    it = mac.actions(service=["org.example.daemon"])
    assert "stay up" in refused("error", it, "service.restart", service="org.example.daemon")


@pytest.mark.parametrize(
    ("conf", "server"),
    [
        ("server time.example.net\n", "time.example.net"),
        ("server -sS\n", "time.apple.com"),
        ("server a;b\n", "time.apple.com"),
        ("", "time.apple.com"),
    ],
)
def test_the_clock_is_set_from_its_own_server(mac: Mac, conf: str, server: str) -> None:
    path = mac.machine.path("/etc/ntp.conf")
    path.parent.mkdir(parents=True)
    path.write_text(conf)
    mac.writes_down("systemsetup", "sntp")
    mac.actions().perform("time.sync", {})
    assert mac.calls() == ["systemsetup -setusingnetworktime on", f"sntp -sS {server}"]


# ---- processes, which are real --------------------------------------------------------------------
@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time\nwhile True: time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def processes() -> Callable[[str], Actions]:
    machine = LocalMachine(system="macos")
    return lambda key: Actions(machine, load_catalogue(), lambda _kind: [key], may_elevate=False)


def key_of(process: subprocess.Popen[bytes]) -> str:
    """Return the key as the facts of the process have it."""
    return f"{process.pid}@{int(psutil.Process(process.pid).create_time())}"


def test_a_process_is_paused_and_goes_on(
    child: subprocess.Popen[bytes], processes: Callable[[str], Actions]
) -> None:
    it = processes(key_of(child))
    performed = it.perform("process.pause", {"process": key_of(child)})
    assert psutil.Process(child.pid).status() == psutil.STATUS_STOPPED
    performed.undo()
    assert psutil.Process(child.pid).status() != psutil.STATUS_STOPPED


def test_a_process_gives_way(child: subprocess.Popen[bytes], processes: Callable[[str], Actions]) -> None:
    before = os.getpriority(os.PRIO_PROCESS, child.pid)
    performed = processes(key_of(child)).perform("process.lower_priority", {"process": key_of(child)})
    assert os.getpriority(os.PRIO_PROCESS, child.pid) == 19
    if performed.undoable:
        performed.undo()
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == before


def test_a_process_is_ended(child: subprocess.Popen[bytes], processes: Callable[[str], Actions]) -> None:
    processes(key_of(child)).perform("process.end", {"process": key_of(child)})
    assert child.wait(timeout=30) == -signal.SIGTERM


def test_what_is_left_alone(child: subprocess.Popen[bytes], processes: Callable[[str], Actions]) -> None:
    machine = LocalMachine(system="macos")
    pid, start = key_of(child).split("@")
    other = f"{pid}@{int(start) + 5}"
    refused("precondition", processes(other), "process.end", process=other)
    me = f"{os.getpid()}@{read_stat(machine, os.getpid()).start}"
    refused("precondition", processes(me), "process.end", process=me)
    with pytest.raises(ActionError):
        find_process(machine, f"1@{read_stat(machine, 1).start}")


# ---- the catalogue --------------------------------------------------------------------------------
def test_every_action_for_macos_is_tried_here() -> None:
    text = Path(__file__).read_text("utf-8")
    elsewhere = {"hosts.disable_overrides", "print.clear_queue"}  # the same as on Linux
    names = {name for name, spec in load_catalogue().actions.items() if "macos" in spec.platforms}
    assert {name for name in names if f'"{name}"' not in text} == set() and elsewhere <= names
