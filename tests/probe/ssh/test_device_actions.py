"""Actions on devices over real SSH servers, with real processes, adapters and filesystems in namespaces."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hotline_probe.actions.devices import DeviceActions
from hotline_probe.errors import ActionError
from hotline_probe.sources import device_sources
from hotline_probe.ssh.connect import connect
from hotline_probe.ssh.login import Login
from hotline_probe.ssh.machine import SshMachine
from hotline_proto.catalogue import load_catalogue
from hypothesis import given
from hypothesis import strategies as st

from tests.probe.ssh import boxes
from tests.probe.ssh.servers import PASSWORD, Server, needs, start

CATALOGUE = load_catalogue()
KEYS = {
    "service": ["web.service", "uhttpd", "gone.service", "ssh.service", "$(reboot)", "-x", "a b"],
    "filesystem": ["/srv", "/gone", "/srv/../etc", "/it's"],
    "interface": ["eth0"],
}
WEB = {"service": "web.service"}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait long for what is made not to come."""
    monkeypatch.setattr("hotline_probe.actions.service_restart._STAYS_UP", 0.5)
    monkeypatch.setattr("hotline_probe.actions.openwrt._STAYS_UP", 0.5)
    monkeypatch.setattr("hotline_probe.actions.openwrt._STARTS", 2.0)


@contextlib.contextmanager
def machine_of(server: Server, user: str = "root") -> Iterator[SshMachine]:
    address = replace(server.address, user=user)
    with contextlib.closing(SshMachine(connect(address, server.keys(), Login(password=PASSWORD)))) as machine:
        yield machine


def actions(machine: SshMachine) -> DeviceActions:
    return DeviceActions(machine, CATALOGUE, lambda kind: KEYS.get(kind, ()))


def refused(code: str, it: DeviceActions, action: str, **parameters: str) -> str:
    with pytest.raises(ActionError) as caught:
        it.perform(action, parameters)
    assert caught.value.code == code, str(caught.value)
    return str(caught.value)


@pytest.fixture
def start_box(start_openssh: Callable[..., Server], tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a device; what its stand-ins have started ends with the test."""
    servers: list[Server] = []

    def begin(files: dict[str, str], more: str = "") -> Server:
        server = start_openssh("PermitRootLogin yes", before=boxes.box(tmp_path / "box", files, more))
        servers.append(server)
        return server

    yield begin
    for server in servers:
        boxes.end(server.process.pid, "web.service", "uhttpd")


# ---- services -------------------------------------------------------------------------------------
def test_a_unit_is_restarted_and_must_stay_up(start_box: Callable[..., Server]) -> None:
    server = start_box(boxes.LINUX)
    box = server.process.pid
    with machine_of(server) as machine:
        it = actions(machine)
        assert boxes.kept(box, "web.service") is None
        done = it.perform("service.restart", WEB)
        first = boxes.kept(box, "web.service")
        assert first is not None and not done.undoable
        with pytest.raises(ActionError, match="cannot be taken back"):
            done.undo()
        it.perform("service.restart", WEB)
        assert boxes.kept(box, "web.service") not in (None, first)
        assert "not found" in refused("error", it, "service.restart", service="gone.service")
        assert "hangs on ssh.service" in refused("precondition", it, "service.restart", service="ssh.service")
        boxes.inside(box, "/run/broken").touch()
        assert "failed" in refused("error", it, "service.restart", **WEB)


def test_who_has_no_rights_leads_to_a_human(start_box: Callable[..., Server]) -> None:
    server = start_box(boxes.LINUX)
    with machine_of(server, server.address.user) as machine:
        assert "no sudo" in refused("permission", actions(machine), "service.restart", **WEB)
    assert boxes.kept(server.process.pid, "web.service") is None


def test_sudo_never_gets_a_password(start_box: Callable[..., Server]) -> None:
    server = start_box({**boxes.LINUX, "bin/sudo": boxes.SUDO_ASKS})
    with machine_of(server, server.address.user) as machine:
        assert "password is required" in refused("permission", actions(machine), "service.restart", **WEB)


def test_sudo_without_a_password_will_do(start_box: Callable[..., Server]) -> None:
    server = start_box({**boxes.LINUX, "bin/sudo": boxes.SUDO})
    with machine_of(server, server.address.user) as machine:
        actions(machine).perform("service.restart", WEB)
    assert boxes.kept(server.process.pid, "web.service") is not None


def test_a_service_of_openwrt_is_restarted_by_its_script(start_box: Callable[..., Server]) -> None:
    server = start_box(boxes.OPENWRT)
    box = server.process.pid
    with machine_of(server) as machine:
        it = actions(machine)
        it.perform("service.restart", {"service": "uhttpd"})
        assert boxes.kept(box, "uhttpd") is not None
        assert "not installed" in refused("precondition", it, "service.restart", service="gone.service")
        boxes.inside(box, "/run/broken").touch()
        assert "does not start" in refused("error", it, "service.restart", service="uhttpd")


def test_dropbear(users: Path, tmp_path: Path, free_port: int) -> None:
    needs("dropbear", "dropbearkey", "setsid")
    key = tmp_path / "key"
    subprocess.run(["dropbearkey", "-t", "ed25519", "-f", str(key)], check=True, capture_output=True)
    told = subprocess.run(["dropbearkey", "-y", "-f", str(key)], check=True, capture_output=True).stdout
    public = next(line for line in told.decode().splitlines() if line.startswith("ssh-"))
    argv = [*boxes.box(tmp_path / "box", boxes.LINUX), str(shutil.which("dropbear")), "-F", "-E"]
    argv += ["-r", str(key), "-p", f"127.0.0.1:{free_port}", "-P", str(tmp_path / "pid")]
    server = start(users, argv, free_port, f"[127.0.0.1]:{free_port}", " ".join(public.split()[:2]))
    try:
        with machine_of(server) as machine:
            actions(machine).perform("service.restart", WEB)
            assert boxes.kept(server.process.pid, "web.service") is not None
        with machine_of(server, server.address.user) as machine:
            refused("permission", actions(machine), "service.restart", **WEB)
    finally:
        boxes.end(server.process.pid, "web.service")
        server.process.terminate()
        server.process.wait(10)


# ---- what goes wrong ------------------------------------------------------------------------------
def test_a_program_that_hangs_is_not_waited_for(
    start_box: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotline_probe.actions.service_restart._PATIENCE", 1.0)
    server = start_box(boxes.LINUX)
    boxes.inside(server.process.pid, "/run/slow").touch()
    with machine_of(server) as machine:
        assert "longer than 1 s" in refused("error", actions(machine), "service.restart", **WEB)


def test_a_connection_that_ends_in_the_middle_leaves_nobody_knowing(
    start_box: Callable[..., Server],
) -> None:
    server = start_box(boxes.LINUX)
    slow = boxes.inside(server.process.pid, "/run/slow")
    slow.touch()
    with machine_of(server) as machine:
        failed: list[ActionError] = []

        def act() -> None:
            try:
                actions(machine).perform("service.restart", WEB)
            except ActionError as error:
                failed.append(error)

        acting = threading.Thread(target=act)
        acting.start()
        until = time.monotonic() + 20
        while not slow.read_text().strip():
            assert time.monotonic() < until, "it never began"
            time.sleep(0.02)
        machine.close()
        acting.join(20)
    assert [error.code for error in failed] == ["lost"]


def test_nothing_is_taken_back_over_a_connection_that_is_gone(start_box: Callable[..., Server]) -> None:
    server = start_box(boxes.LINUX, "mount -t tmpfs -o ro none /srv")
    with machine_of(server) as machine:
        done = actions(machine).perform("storage.remount_writable", {"filesystem": "/srv"})
    with pytest.raises(ActionError) as caught:
        done.undo()
    assert caught.value.code == "lost"
    assert " rw," in _mounted(server, "/srv")


def _mounted(server: Server, point: str) -> str:
    lines = Path(f"/proc/{server.process.pid}/mountinfo").read_text().splitlines()
    return next(line for line in reversed(lines) if f" {point} " in line)


def test_a_filesystem_becomes_writable_and_read_only_again(start_box: Callable[..., Server]) -> None:
    server = start_box(boxes.LINUX, "mount -t tmpfs -o ro none /srv")
    with machine_of(server) as machine:
        it = actions(machine)
        done = it.perform("storage.remount_writable", {"filesystem": "/srv"})
        assert " rw," in _mounted(server, "/srv")
        refused("precondition", it, "storage.remount_writable", filesystem="/srv")
        refused("precondition", it, "storage.remount_writable", filesystem="/gone")
        done.undo()
        assert " ro," in _mounted(server, "/srv")
    with machine_of(server, server.address.user) as machine:
        refused("permission", actions(machine), "storage.remount_writable", filesystem="/srv")


# ---- the catalogue --------------------------------------------------------------------------------
def test_what_the_catalogue_has_for_devices_can_be_done_on_what_they_announce() -> None:
    announced = {kind for make in device_sources() for kind in CATALOGUE.kinds_of_source[make().name]}
    it = DeviceActions(Recorder(), CATALOGUE, lambda _kind: ())  # type: ignore[arg-type]
    for spec in CATALOGUE.actions.values():
        if spec.devices:
            assert it.describe(spec.name) is spec and "linux" in spec.platforms and not spec.operator
            assert spec.parameters and set(spec.parameters.values()) <= announced
        else:
            with pytest.raises(ActionError):
                it.describe(spec.name)


# ---- names ----------------------------------------------------------------------------------------
class Recorder:
    """A machine that keeps what it is asked to run, and runs nothing."""

    system = "linux"

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., object]:
        def ask(*words: object) -> object:
            self.asked.append((name, *map(str, words)))
            raise ActionError("error", "nothing is run here")

        return ask


@given(
    st.sampled_from(sorted(name for name, spec in CATALOGUE.actions.items() if spec.devices)),
    st.one_of(st.text(max_size=40), st.text("-./;$`'\"\\ \n\0*?&|()<>{}[]#~!%^=ab", max_size=20)),
)
def test_a_name_that_a_shell_or_program_could_misread_reaches_nobody(action: str, name: str) -> None:
    machine = Recorder()
    [parameter] = CATALOGUE.actions[action].parameters
    it = DeviceActions(machine, CATALOGUE, lambda _kind: [name])  # type: ignore[arg-type]
    with pytest.raises(ActionError):
        it.perform(action, {parameter: name})
    plain = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:@+,=/-")
    assert not machine.asked or (set(name) <= plain and name[:1] not in "-.")


def test_only_what_the_device_announced_and_the_catalogue_allows(start_box: Callable[..., Server]) -> None:
    server = start_box(boxes.LINUX)
    with machine_of(server) as machine:
        it = actions(machine)
        for name in ("other.service", "$(reboot)", "-x", "a b"):
            refused("bad_parameter", it, "service.restart", service=name)
        for point in ("/srv/../etc", "/it's", "/other"):
            refused("bad_parameter", it, "storage.remount_writable", filesystem=point)
        refused("bad_parameter", it, "service.restart")
        refused("bad_parameter", it, "service.restart", **WEB, more="x")
        for action in ("process.end", "dns.use_gateway", "print.clear_queue", "no.such"):
            refused("unknown_action", it, action)


# ---- adapters -------------------------------------------------------------------------------------
# The client's and the device's side of a cable; the device's end is a port of br0, which has the address.
_CABLE = """
ip link add far0 type veth peer name port0 netns {there}
ip addr add 192.0.2.2/24 dev far0
ip link set far0 up
"""
_THERE = """
ip link add br0 type bridge
ip link set port0 master br0
ip addr add 192.0.2.1/24 dev br0
ip link set port0 up
ip link set br0 up
ip link set lo up
ip link add spare0 type veth peer name spare1
ip link add wan0 type veth peer name wan1
ip link set wan1 up
ip addr add 198.51.100.2/24 dev wan0
ip link set wan0 up
ip route add 203.0.113.0/24 via 198.51.100.1 dev wan0
"""
_INSIDE = """
import sys
from pathlib import Path
from hotline_probe.actions import interface_restart
from hotline_probe.actions.devices import DeviceActions
from hotline_probe.errors import ActionError
from hotline_probe.ssh.connect import connect
from hotline_probe.ssh.hostkeys import HostKeys
from hotline_probe.ssh.login import Login
from hotline_probe.ssh.machine import SshMachine
from hotline_proto.catalogue import load_catalogue
from hotline_proto.ssh_address import SshAddress
interface_restart._ROUTES_COME_BACK = 0.5
known, password = sys.argv[1:]
address = SshAddress("root", "192.0.2.1", 2222)
machine = SshMachine(connect(address, HostKeys(files=(Path(known),)), Login(password=password)))
names = ["br0", "port0", "spare0", "wan0", "lo", "none0"]
it = DeviceActions(machine, load_catalogue(), lambda kind: names)
def flags(name): return int(machine.read(f"/sys/class/net/{name}/flags"), 16) & 1
def tried(action, name):
    try:
        return it.perform(action, {"interface": name})
    except ActionError as error:
        return f"{error.code}: {error}"
def routes(): return machine.run(("ip", "route", "show", "dev", "wan0"), 5.0).out
"""
_ON_LINUX = """
for name in ("br0", "port0"):
    assert "carries the connection" in tried("interface.restart", name), tried("interface.restart", name)
assert tried("interface.enable", "br0").startswith("precondition"), "it is on already"
assert tried("interface.enable", "none0").startswith("precondition")
before = routes()
assert "203.0.113.0" in before
assert tried("interface.restart", "wan0").detail == "wan0 was switched off and on"
assert routes() == before
assert flags("spare0") == 0
done = tried("interface.enable", "spare0")
assert flags("spare0") == 1 and done.undoable
done.undo()
assert flags("spare0") == 0
done = tried("interface.enable", "spare0")
machine.run(("ip", "link", "set", "spare0", "master", "br0"), 5.0)
try:
    done.undo()
except ActionError as error:
    assert error.code == "precondition", error
else:
    raise SystemExit("switched off what carries the connection")
"""
_ON_OPENWRT = """
assert "carries the connection" in tried("interface.restart", "br0")
assert tried("interface.restart", "wan0").detail == "wan0 was switched off and on"
assert tried("interface.restart", "spare0").detail == "spare0 was switched off and on"
assert tried("interface.enable", "wan0") == "precondition: this adapter is switched on already"
machine.run(("ifdown", "wan"), 5.0)
assert flags("wan0") == 0
done = tried("interface.enable", "wan0")
assert flags("wan0") == 1
done.undo()
assert flags("wan0") == 0
asked = [line.rpartition("/")[2] for line in machine.read("/run/asked").split("\\n")]
assert asked == ["ifup wan", "ifdown wan", "ifup wan", "ifdown wan", ""], asked
"""


@pytest.mark.parametrize(("files", "script"), [(boxes.LINUX, _ON_LINUX), (boxes.OPENWRT, _ON_OPENWRT)])
def test_adapters(users: Path, tmp_path: Path, files: dict[str, str], script: str) -> None:
    needs("ip", "sshd")
    here, there = (f"hotline-{secrets.token_hex(4)}-{side}" for side in ("a", "b"))
    with contextlib.ExitStack() as stack:
        for name in (here, there):
            _sh(f"ip netns add {name}")
            stack.callback(_sh, f"ip netns del {name}")
        for where, lines in ((here, _CABLE.format(there=there)), (there, _THERE)):
            for line in lines.strip().splitlines():
                _sh(f"ip netns exec {where} {line}")
        known = _serve(stack, there, users, tmp_path, files)
        argv = ["ip", "netns", "exec", here, sys.executable, "-c", _INSIDE + script, str(known), PASSWORD]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=90)
        assert done.returncode == 0, done.stderr


def _serve(stack: contextlib.ExitStack, there: str, users: Path, folder: Path, files: dict[str, str]) -> Path:
    key = folder / "host"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)], check=True)
    config = folder / "sshd_config"
    lines = ("Port 2222", f"HostKey {key}", f"PidFile {folder}/pid", "UsePAM no", "PermitRootLogin yes")
    config.write_text("\n".join((*lines, "UseDNS no", "")))
    mounts = " && ".join(f"mount --bind {users / name} /etc/{name}" for name in ("passwd", "shadow"))
    enter = boxes.box(folder / "box", files)
    argv = ["ip", "netns", "exec", there, "sh", "-c", f'{mounts} && exec "$@"', "sh", *enter]
    server = subprocess.Popen([*argv, str(shutil.which("sshd")), "-D", "-e", "-f", str(config)])
    stack.callback(server.wait, 10)
    stack.callback(server.terminate)
    until = time.monotonic() + 20
    while "2222" not in _sh(f"ip netns exec {there} ss -Hltn"):
        assert server.poll() is None and time.monotonic() < until, "the server does not listen"
        time.sleep(0.05)
    known = folder / "known"
    known.write_text(f"[192.0.2.1]:2222 {key.with_suffix('.pub').read_text()}")
    return known


def _sh(line: str) -> str:
    return subprocess.run(line.split(), check=True, capture_output=True, text=True, timeout=20).stdout
