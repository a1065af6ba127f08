"""Actions that are programs of the system: real ones in namespaces, and stand-ins for what cannot run here.

A stand-in is a program that comes first in PATH and behaves as its manual says: systemd, CUPS, GNOME and time
services need a whole system around them.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest
from hotline_probe.actions import process_end
from hotline_probe.actions.dhcp_renew import renewing
from hotline_probe.actions.dns_flush_cache import flushing
from hotline_probe.actions.interface_enable import check_name
from hotline_probe.actions.interface_restart import restarting as restarting_interface
from hotline_probe.actions.network_prefer_ipv4 import GAI_CONF, setting
from hotline_probe.actions.print_clear_queue import clearing
from hotline_probe.actions.processes import read_stat
from hotline_probe.actions.proxy_disable import switching as switching_proxy
from hotline_probe.actions.registry import Actions
from hotline_probe.actions.service_restart import restarting as restarting_service
from hotline_probe.actions.time_sync import syncing
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine
from hotline_proto.catalogue import load_catalogue
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="actions on /proc need Linux")
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for namespaces of its own")
Install = Callable[[str, str], None]


def actions(machine: LocalMachine | None = None, **keys: Collection[str]) -> Actions:
    return Actions(machine or LocalMachine(), load_catalogue(), lambda kind: keys.get(kind, ()))


def refused(code: str, it: Actions, action: str, **parameters: str) -> str:
    with pytest.raises(ActionError) as caught:
        it.perform(action, parameters)
    assert caught.value.code == code, str(caught.value)
    return str(caught.value)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts stand-ins into a PATH of their own; `$STATE` is a file that they share."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("sh", "cat", "rm", "echo", "test", "mv"):
        (folder / tool).symlink_to(shutil.which(tool) or "/bin/sh")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("STATE", str(tmp_path / "state"))

    def put(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return put


# ---- what is run on which system ------------------------------------------------------------------
def test_what_is_run_on_windows() -> None:
    assert flushing("windows") == (("ipconfig", "/flushdns"),)
    assert renewing("windows", "Ethernet 2") == (("ipconfig", "/renew", "Ethernet 2"),)
    assert restarting_interface("windows", "WLAN") == (
        ("netsh", "interface", "set", "interface", "name=WLAN", "admin=disabled"),
        ("netsh", "interface", "set", "interface", "name=WLAN", "admin=enabled"),
    )
    assert restarting_service("windows", "Spooler") == (
        ("net", "stop", "Spooler", "/y"),
        ("net", "start", "Spooler"),
    )
    assert syncing("windows") == (("w32tm", "/resync", "/force"),)
    assert clearing("windows")[-1] == "Get-Printer | Get-PrintJob | Remove-PrintJob"
    assert setting(100, 4)[3:] == ("set", "prefixpolicy", "prefix=::ffff:0:0/96", "precedence=100", "label=4")
    assert switching_proxy("windows", "AutoConfigURL=http://p.example/a b.pac", on=True)[-3:] == (
        *("/d", "http://p.example/a b.pac", "/f"),
    )


@given(st.text(max_size=40))
def test_no_name_is_taken_for_an_option(name: str) -> None:
    for system in ("linux", "windows", "macos"):
        try:
            checked = check_name(name, system)
        except ActionError:
            continue
        assert checked == name and name[0] not in "-/" and "\0" not in name and "\n" not in name


# ---- names, clock, print jobs, services, proxy ----------------------------------------------------
def test_the_cache_of_names_is_emptied_by_whoever_keeps_it(install: Install, tmp_path: Path) -> None:
    install("resolvectl", 'echo "Failed to flush caches: Unit is not loaded." >&2; exit 1')
    install("nscd", 'echo "$*" > "$STATE"')
    done = actions().perform("dns.flush_cache", {})
    assert (tmp_path / "state").read_text() == "--invalidate=hosts\n"
    assert "nscd" in done.detail and not done.undoable
    with pytest.raises(ActionError, match="cannot be taken back"):
        done.undo()


def test_without_any_of_the_programs_nothing_is_done(install: Install) -> None:
    del install
    assert "resolvectl" in refused("precondition", actions(), "dns.flush_cache")


def test_the_last_refusal_is_told(install: Install) -> None:
    install("chronyc", "echo '501 Not authorised' ; exit 1")
    install("systemctl", 'echo "Interactive authentication required." >&2; exit 1')
    assert "authentication" in refused("permission", actions(), "time.sync")


def test_print_jobs_are_thrown_away(install: Install, tmp_path: Path) -> None:
    install("lpstat", 'test -f "$STATE" && cat "$STATE"; exit 0')
    install("cancel", 'rm "$STATE"')
    refused("precondition", actions(), "print.clear_queue")
    (tmp_path / "state").write_text("laser-1 me 1024 now\nlaser-2 me 1024 now\n")
    assert actions().perform("print.clear_queue", {}).detail == "2 print jobs were thrown away"
    (tmp_path / "state").write_text("laser-1 me 1024 now\n")
    install("cancel", "exit 0")
    assert "not empty" in refused("error", actions(), "print.clear_queue")


SYSTEMCTL = """
case "$1" in
  restart) test "$3" = web.service || { echo "Unit $3 not found." >&2; exit 5; }; echo up > "$STATE" ;;
  is-active) read state < "$STATE"; test "$state" = up ;;
esac
"""


def test_a_service_that_is_restarted_must_stay_up(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline_probe.actions.service_restart._STAYS_UP", 0.1)
    install("systemctl", SYSTEMCTL)
    it = actions(service=["web.service", "gone.service", "--all"])
    assert "web.service" in it.perform("service.restart", {"service": "web.service"}).detail
    assert "not found" in refused("error", it, "service.restart", service="gone.service")
    refused("bad_parameter", it, "service.restart", service="--all")
    install("systemctl", SYSTEMCTL.replace("echo up >", "echo failed >"))
    assert "stay up" in refused("error", it, "service.restart", service="web.service")


GSETTINGS = """
case "$1" in
  get) read mode < "$STATE"; echo "'$mode'" ;;
  set) echo "$4" > "$STATE" ;;
esac
"""


def test_the_proxy_is_switched_off_and_on_again(install: Install, tmp_path: Path) -> None:
    install("gsettings", GSETTINGS)
    state = tmp_path / "state"
    state.write_text("auto\n")
    done = actions().perform("proxy.disable", {})
    assert state.read_text() == "none\n"
    assert "no proxy" in refused("precondition", actions(), "proxy.disable")
    done.undo()
    assert state.read_text() == "auto\n"


def test_a_proxy_that_stays_on_is_not_called_off(install: Install, tmp_path: Path) -> None:
    install("gsettings", GSETTINGS.replace('echo "$4" >', "true"))
    (tmp_path / "state").write_text("manual\n")
    assert "still switched on" in refused("error", actions(), "proxy.disable")


# ---- programs -------------------------------------------------------------------------------------
@pytest.fixture(params=["ends when asked", "does not listen"])
def program(request: pytest.FixtureRequest) -> Iterator[tuple[subprocess.Popen[bytes], bool]]:
    deaf = request.param == "does not listen"
    ignore = "signal.signal(signal.SIGTERM, signal.SIG_IGN)" if deaf else ""
    code = f"import signal, time\n{ignore}\nprint(flush=True)\ntime.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    yield child, deaf
    child.kill()
    child.wait()
    child.stdout.close()


def test_a_program_is_ended(
    program: tuple[subprocess.Popen[bytes], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_end, "_TO_END", 0.3)
    child, deaf = program
    key = f"{child.pid}@{read_stat(LocalMachine(), child.pid).start}"
    it = actions(process=[key])
    detail = it.perform("process.end", {"process": key}).detail
    assert ("by itself" in detail) == deaf
    assert child.wait(5) == -(signal.SIGKILL if deaf else signal.SIGTERM)
    refused("precondition", it, "process.end", process=key)


def test_the_probe_does_not_end_itself() -> None:
    key = f"{os.getpid()}@{read_stat(LocalMachine(), os.getpid()).start}"
    assert "diagnosis" in refused("precondition", actions(process=[key]), "process.end", process=key)


# ---- files and mounts -----------------------------------------------------------------------------
def test_ipv4_is_preferred_and_no_more(tmp_path: Path) -> None:
    machine = LocalMachine(str(tmp_path))
    path = machine.path(GAI_CONF)
    path.parent.mkdir()
    path.write_bytes(b"# precedence ::ffff:0:0/96  100")
    done = actions(machine).perform("network.prefer_ipv4", {})
    lines = path.read_bytes().splitlines()
    assert lines[-1] == b"precedence ::ffff:0:0/96  100"
    assert b"precedence ::1/128       50" in lines
    refused("precondition", actions(machine), "network.prefer_ipv4")
    done.undo()
    assert path.read_bytes() == b"# precedence ::ffff:0:0/96  100"


IN_NAMESPACE = """
import os, subprocess, sys
from hotline_probe.actions.proxy_disable import switching as switching_proxy
from hotline_probe.actions.registry import Actions
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine
from hotline_proto.catalogue import load_catalogue
def sh(line): return subprocess.run(line.split(), check=True, capture_output=True, text=True).stdout
def put(name, script):
    path = os.path.join(sys.argv[1], name)
    open(path, "w").write("#!/bin/sh\\n" + script + "\\n")
    os.chmod(path, 0o755)
def refused(action, **parameters):
    try:
        it.perform(action, parameters)
    except ActionError as error:
        return f"{error.code}: {error}"
    raise SystemExit(f"{action} was done")
os.environ["PATH"] = sys.argv[1] + ":" + os.environ["PATH"]
it = Actions(LocalMachine(), load_catalogue(), lambda kind: ["eth0", sys.argv[1] + "/disk"])
"""
RESTART = """
sh("mount -t sysfs none /sys")
sh("ip link add eth0 type veth peer name far")
sh("ip link set far up")
sh("ip address add 192.0.2.2/24 dev eth0")
sh("ip link set eth0 up")
sh("ip route add default via 192.0.2.1 dev eth0 metric 100")
before = sh("ip -4 route show dev eth0")
it.perform("interface.restart", {"interface": "eth0"})
assert sh("ip -4 route show dev eth0") == before, sh("ip -4 route show dev eth0")
"""
RENEW = """
sh("ip link add eth0 type veth peer name far")
sh("ip link set far up")
sh("ip link set eth0 up")
put("networkctl", 'echo "Interface eth0 is not managed" >&2; exit 1')
put("nmcli", "exit 0")
put("dhcpcd", "exit 1")
put("dhclient", "exit 1")
assert refused("dhcp.renew", interface="eth0") == "error: eth0 has still no address"
put("nmcli", "ip address add 192.0.2.7/24 dev eth0")
assert "nmcli" in it.perform("dhcp.renew", {"interface": "eth0"}).detail
"""
REMOUNT = """
disk = sys.argv[1] + "/disk"
os.mkdir(disk)
sh(f"mount -t tmpfs -o ro none {disk}")
performed = it.perform("storage.remount_writable", {"filesystem": disk})
open(disk + "/file", "w").close()
assert "writable already" in refused("storage.remount_writable", filesystem=disk)
performed.undo()
try:
    open(disk + "/other", "w")
except OSError as error:
    assert error.errno == 30
else:
    raise SystemExit("still writable")
"""


@ROOT
@pytest.mark.parametrize("script", [RESTART, RENEW, REMOUNT], ids=["restart", "renew", "remount"])
def test_in_a_namespace_of_its_own(script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        pytest.skip("needs unshare and ip")
    argv = ["unshare", "--net", "--mount", sys.executable, "-c", IN_NAMESPACE + script, str(tmp_path)]
    begin = time.monotonic()
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    if "unshare:" in done.stderr:
        pytest.skip(f"needs network and mount namespaces: {done.stderr.strip()}")
    assert done.returncode == 0, (done.stderr, time.monotonic() - begin)
