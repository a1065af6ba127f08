"""Actions on Windows, with stand-ins for its programs that behave as their documentation says."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from hotline_probe.actions import service_restart
from hotline_probe.actions.hosts_disable_overrides import WINDOWS_HOSTS
from hotline_probe.actions.interface_enable import check_name
from hotline_probe.actions.network_prefer_ipv4 import parse_policies
from hotline_probe.actions.proxy_disable import parse_registry_number, parse_registry_text
from hotline_probe.actions.registry import Actions, all_actions
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine
from hotline_proto.catalogue import load_catalogue
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="stand-ins are shell scripts")
Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts stand-ins into a PATH of their own; they share `$STATE` and keep what they were told in `$LOG`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("sh", "cat", "rm", "echo", "test", "mv", "grep"):
        (folder / tool).symlink_to(shutil.which(tool) or "/bin/sh")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("STATE", str(tmp_path / "state"))
    monkeypatch.setenv("LOG", str(tmp_path / "log"))

    def put(name: str, script: str) -> None:
        (folder / name).write_text(f'#!/bin/sh\necho "{name} $*" >> "$LOG"\n{script}\n')
        (folder / name).chmod(0o755)

    return put


@pytest.fixture
def said(tmp_path: Path) -> Callable[[], list[str]]:
    """Return the command lines so far, without those that only ask."""
    asking = ("powershell", "sc query", "reg query", "netsh interface ipv6 show")

    def read() -> list[str]:
        lines = (tmp_path / "log").read_text().splitlines()
        return [line for line in lines if not line.startswith(asking)]

    return read


def windows(tmp_path: Path | None = None, **keys: Collection[str]) -> Actions:
    machine = LocalMachine(str(tmp_path) if tmp_path else "/", "windows")
    return Actions(machine, load_catalogue(), lambda kind: keys.get(kind, ()), may_elevate=False)


def refused(code: str, it: Actions, action: str, **parameters: str) -> str:
    with pytest.raises(ActionError) as caught:
        it.perform(action, parameters)
    assert caught.value.code == code, str(caught.value)
    return str(caught.value)


def adapters(up: str, down: str = "") -> str:
    """Return the lines of a script that tells of one adapter, which `$STATE` switches off."""

    def told(name: str, state: int) -> str:
        row = {"InterfaceIndex": 1, "Name": name, "InterfaceAdminStatus": state}
        return json.dumps({"adapters": [row]})

    return f"if test -f \"$STATE\"; then echo '{told(down or up, 2)}'; else echo '{told(up, 1)}'; fi"


NETSH = 'case "$*" in *disabled) echo > "$STATE";; *enabled) rm -f "$STATE";; esac'


def test_an_adapter_is_switched_on_and_off_again(install: Install, tmp_path: Path, said) -> None:
    (tmp_path / "state").touch()
    install("powershell", adapters("WLAN"))
    install("netsh", NETSH)
    done = windows(interface=["WLAN"]).perform("interface.enable", {"interface": "WLAN"})
    assert not (tmp_path / "state").exists()
    assert said() == ["netsh interface set interface name=WLAN admin=enabled"]
    refused("precondition", windows(interface=["WLAN"]), "interface.enable", interface="WLAN")
    done.undo()
    assert (tmp_path / "state").exists()


def test_an_adapter_is_restarted(install: Install, said) -> None:
    install("powershell", adapters("Ethernet 2"))
    install("netsh", NETSH)
    it = windows(interface=["Ethernet 2"])
    it.perform("interface.restart", {"interface": "Ethernet 2"})
    words = "netsh interface set interface name=Ethernet 2 admin="
    assert said() == [f"{words}disabled", f"{words}enabled"]


@pytest.mark.parametrize(
    "message",
    [
        "The requested operation requires elevation (Run as administrator).",
        "Der angeforderte Vorgang erfordert erhöhte Rechte (Als Administrator ausführen).",
        "L'opération demandée nécessite une élévation (Exécuter en tant qu'administrateur).",
        "La operación solicitada requiere elevación (Ejecutar como administrador).",
    ],
)
def test_a_refusal_is_known_as_one_in_four_languages(install: Install, message: str) -> None:
    install("netsh", f'echo "{message}"; exit 1')
    install("powershell", adapters("WLAN"))
    refused("permission", windows(interface=["WLAN"]), "interface.restart", interface="WLAN")


SC = """test -f "$STATE" && echo "        STATUS             : 4  RUNNING" ||
echo "        STATUS             : 1  STOPPED"
"""


def test_a_service_is_restarted(install: Install, tmp_path: Path, monkeypatch, said) -> None:
    monkeypatch.setattr(service_restart, "_STAYS_UP", 0.05)
    (tmp_path / "state").touch()
    install("sc", SC)
    install("net", 'case "$1" in stop) rm "$STATE";; start) echo > "$STATE";; esac')
    name = "Apple Mobile Device Service"
    windows(service=[name]).perform("service.restart", {"service": name})
    assert said() == [f"net stop {name} /y", f"net start {name}"]


def test_a_service_that_does_not_run_is_started(install: Install, monkeypatch, said) -> None:
    monkeypatch.setattr(service_restart, "_STAYS_UP", 0.05)
    install("sc", SC)
    install(
        "net", 'test "$1" = stop && echo "Der Dienst wurde nicht gestartet." >&2 && exit 2; echo > "$STATE"'
    )
    windows(service=["Spooler"]).perform("service.restart", {"service": "Spooler"})
    assert said() == ["net stop Spooler /y", "net start Spooler"]


def test_a_service_that_cannot_be_stopped_is_left_alone(install: Install, tmp_path: Path, said) -> None:
    (tmp_path / "state").touch()
    install("sc", SC)
    install("net", "exit 2")
    refused("error", windows(service=["Spooler"]), "service.restart", service="Spooler")
    assert said() == ["net stop Spooler /y"]


@pytest.mark.parametrize("name", ["/y", "-x", 'a"b', "a&calc", "a|b", "a%PATH%", "a\nb", "..\\b", ""])
def test_names_of_services_that_are_none(install: Install, name: str) -> None:
    del install
    refused("bad_parameter", windows(service=[name]), "service.restart", service=name)


@given(st.text(max_size=40))
def test_no_name_of_an_adapter_stands_for_something_else(name: str) -> None:
    try:
        checked = check_name(name, "windows")
    except ActionError:
        return
    assert checked == name and not set(name) & set('*?"<>|&^%\\/:\n\0') and name[0] != "-"
    # The words reach the program as they were, whatever is in them (CommandLineToArgvW).
    line = subprocess.list2cmdline(["netsh", f"name={name}", "admin=enabled"])
    assert line.count('"') in (0, 2) and f"name={name}" in line


def test_the_clock_is_set_by_a_service_that_may_not_run(install: Install, said) -> None:
    install("net", 'echo "Der angeforderte Dienst wurde bereits gestartet." >&2; exit 2')
    install("w32tm", "exit 0")
    windows().perform("time.sync", {})
    assert said() == ["net start w32time", "w32tm /resync /force"]


def test_print_jobs_are_thrown_away(install: Install, tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    count = """case "$*" in *Remove*) rm "$STATE";;
    *) test -f "$STATE" && echo '{"jobs":3}' || echo '{"jobs":0}';; esac"""
    install("powershell", count)
    assert "3 print jobs" in windows().perform("print.clear_queue", {}).detail
    refused("precondition", windows(), "print.clear_queue")


def names_by(servers: str, static: str) -> str:
    """Return a PowerShell for one adapter; `$STATE` holds its name server, `static` what was set."""
    network = {
        "adapters": {"InterfaceIndex": 8, "Name": "WLAN", "InterfaceAdminStatus": 1, "MediaConnectState": 1},
        "routes": {"InterfaceIndex": 8, "DestinationPrefix": "0.0.0.0/0", "NextHop": "192.0.2.1", "Store": 1},
        "servers": {"InterfaceIndex": 8, "ServerAddresses": ["SERVERS"]},
    }
    told = json.dumps(network).replace("SERVERS", '\'"$(cat "$STATE")"\'')
    return f"""test -f "$STATE" || echo {servers} > "$STATE"
    case "$*" in *NameServer*) echo '{{"static":"{static}"}}';; *) echo '{told}';; esac"""


SET = """case "$*" in *address=*index=*) ;;
*address=192.0.2.1*) echo 192.0.2.1 > "$STATE";; *) rm "$STATE";; esac"""


@pytest.mark.parametrize(
    ("static", "back"),
    [
        ("", ["set dnsservers name=WLAN source=dhcp"]),
        (
            "192.0.2.53,192.0.2.54",
            [
                "set dnsservers name=WLAN source=static address=192.0.2.53 validate=no",
                "add dnsservers name=WLAN address=192.0.2.54 index=2 validate=no",
            ],
        ),
    ],
)
def test_the_router_is_asked_for_names(install: Install, said, static: str, back: list[str]) -> None:
    install("powershell", names_by("192.0.2.53", static))
    install("netsh", SET)
    done = windows(resolver=["192.0.2.53"]).perform("dns.use_gateway", {"resolver": "192.0.2.53"})
    words = "netsh interface ipv4 "
    assert said() == [f"{words}set dnsservers name=WLAN source=static address=192.0.2.1 validate=no"]
    done.undo()
    assert said()[1:] == [words + line for line in back]


def test_the_operators_server_is_asked(install: Install, said) -> None:
    install("powershell", names_by("192.0.2.53", ""))
    install("netsh", SET)
    wanted = {"resolver": "192.0.2.53", "server": "192.0.2.1"}
    done = windows(resolver=["192.0.2.53"]).perform("dns.use_operator", wanted)
    assert said()[-1].endswith("source=static address=192.0.2.1 validate=no")
    done.undo()
    assert said()[-1].endswith("source=dhcp")


def test_a_name_server_that_does_not_change(install: Install, said) -> None:
    install("powershell", names_by("192.0.2.53", ""))
    install("netsh", "exit 0")
    refused("error", windows(resolver=["192.0.2.53"]), "dns.use_gateway", resolver="192.0.2.53")
    assert said()[-1].endswith("source=dhcp")


@pytest.mark.parametrize("resolver", ["192.0.2.1", "192.0.2.99", "fe80::1%8"])
def test_name_servers_that_cannot_be_replaced(install: Install, resolver: str) -> None:
    install("powershell", names_by("192.0.2.53", ""))
    install("netsh", "exit 1")
    refused("precondition", windows(resolver=[resolver]), "dns.use_gateway", resolver=resolver)


POLICIES = """
Vorgänger   Label  Präfix
----------  -----  --------------------------------
        50      0  ::1/128
        40      1  ::/0
        {}      4  ::ffff:0:0/96
        30      2  2002::/16
"""


def test_ipv4_comes_first_and_not_any_more(install: Install, tmp_path: Path, said) -> None:
    (tmp_path / "state").write_text("35")
    show = POLICIES.format('\'"$(cat "$STATE")"\'')
    install(
        "netsh",
        f"""case "$*" in *show*) echo '{show}';;
        *precedence=100*) echo 100 > "$STATE";; *precedence=35*) echo 35 > "$STATE";; esac""",
    )
    done = windows().perform("network.prefer_ipv4", {})
    words = "netsh interface ipv6 set prefixpolicy prefix=::ffff:0:0/96 precedence="
    assert said() == [f"{words}100 label=4"]
    refused("precondition", windows(), "network.prefer_ipv4")
    done.undo()
    assert said()[-1] == f"{words}35 label=4"


REG = """case "$*" in
query*) echo "HKEY_CURRENT_USER\\\\Software\\\\Microsoft\\\\Windows\\\\CurrentVersion\\\\Internet Settings"
  test -f "$STATE" || echo "    ProxyEnable    REG_DWORD    0x1"
  test -f "$STATE.pac" || echo "    AutoConfigURL    REG_SZ    http://wpad.example/proxy pac" ;;
*"ProxyEnable"*"/d 0"*) echo > "$STATE" ;;
*"ProxyEnable"*"/d 1"*) rm "$STATE" ;;
delete*) echo > "$STATE.pac" ;;
*AutoConfigURL*) rm "$STATE.pac" ;;
esac"""


def test_proxy_and_script_are_switched_off_and_on_again(install: Install, tmp_path: Path, said) -> None:
    install("reg", REG)
    done = windows().perform("proxy.disable", {})
    assert (tmp_path / "state").exists() and (tmp_path / "state.pac").exists()
    refused("precondition", windows(), "proxy.disable")
    done.undo()
    assert not (tmp_path / "state").exists() and not (tmp_path / "state.pac").exists()
    assert "/d http://wpad.example/proxy pac /f" in said()[-1]


def test_odd_entries_of_the_hosts_file(tmp_path: Path) -> None:
    hosts = tmp_path / WINDOWS_HOSTS
    hosts.parent.mkdir(parents=True)
    before = b"# Microsoft\r\n127.0.0.1 localhost\r\n10.0.0.9 bank.example.com\r\n"
    hosts.write_bytes(before)
    done = windows(tmp_path).perform("hosts.disable_overrides", {})
    assert hosts.read_bytes().endswith(b"# switched off by hotline: 10.0.0.9 bank.example.com\r\n")
    done.undo()
    assert hosts.read_bytes() == before


@given(st.text(max_size=80))
def test_whatever_reg_and_netsh_print(text: str) -> None:
    assert parse_registry_number(text, "ProxyEnable") >= 0
    assert isinstance(parse_registry_text(text, "AutoConfigURL"), str)
    assert all(one >= 0 for one, _ in parse_policies(text).values())


def test_every_action_that_windows_has_is_built_in() -> None:
    specs = load_catalogue().actions
    assert {name for name, spec in specs.items() if "windows" in spec.platforms} <= all_actions().keys()
    with pytest.raises(ActionError, match="does not exist on this system"):
        windows(filesystem=["C:\\"]).perform("storage.remount_writable", {"filesystem": "C:\\"})
