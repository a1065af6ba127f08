"""Every action on real processes, files, mounts and interfaces: done, verified, taken back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hotline_probe.actions.base import wait_until
from hotline_probe.actions.dns_use_gateway import RESOLV_CONF, name_servers, use_instead
from hotline_probe.actions.hosts_disable_overrides import HOSTS, disable
from hotline_probe.actions.processes import ancestors, read_stat
from hotline_probe.actions.registry import Actions, all_actions
from hotline_probe.actions.storage_set_aside_temp import StorageSetAsideTemp
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine
from hotline_proto.catalogue import load_catalogue
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="actions on /proc need Linux")
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for a mount or an interface of its own")
MACHINE = LocalMachine()


def actions(machine: LocalMachine = MACHINE, **keys: Collection[str]) -> Actions:
    return Actions(machine, load_catalogue(), lambda kind: keys.get(kind, ()))


def refused(code: str, it: Actions, action: str, parameters: Mapping[str, Any]) -> str:
    with pytest.raises(ActionError) as caught:
        it.perform(action, parameters)
    assert caught.value.code == code, str(caught.value)
    return str(caught.value)


def key_of(pid: int) -> str:
    return f"{pid}@{read_stat(MACHINE, pid).start}"


@pytest.fixture
def spinning() -> Iterator[subprocess.Popen[bytes]]:
    threads = "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    code = threads + "print(flush=True)\nwhile True: pass"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    yield child
    child.kill()
    child.wait()
    child.stdout.close()


def test_the_tuple_and_the_catalogue_name_the_same_actions() -> None:
    names = list(all_actions())
    assert sorted(names) == sorted(load_catalogue().actions)
    assert actions().describe("process.pause").undo


def test_a_spinning_program_is_paused_and_goes_on(spinning: subprocess.Popen[bytes]) -> None:
    key = key_of(spinning.pid)
    it = actions(process=[key])
    performed = it.perform("process.pause", {"process": key})
    assert read_stat(MACHINE, spinning.pid).state == "T"
    assert "paused already" in refused("precondition", it, "process.pause", {"process": key})
    performed.undo()
    assert wait_until(lambda: read_stat(MACHINE, spinning.pid).state == "R")
    with pytest.raises(ActionError, match="already"):
        performed.undo()


def test_undo_of_a_program_that_ended_is_refused(spinning: subprocess.Popen[bytes]) -> None:
    key = key_of(spinning.pid)
    performed = actions(process=[key]).perform("process.pause", {"process": key})
    spinning.kill()
    spinning.wait()
    with pytest.raises(ActionError) as caught:
        performed.undo()
    assert caught.value.code == "precondition"


@pytest.mark.parametrize("action", ["process.pause", "process.lower_priority"])
def test_processes_that_must_not_be_touched(action: str, spinning: subprocess.Popen[bytes]) -> None:
    other_start = f"{spinning.pid}@{read_stat(MACHINE, spinning.pid).start + 1}"
    keys = [key_of(1), key_of(os.getpid()), key_of(os.getppid()), other_start, "999999999@1"]
    it = actions(process=[*keys, "0@0", "-1@5", "1", "self@1", "12@٣"])
    for key in keys:
        refused("precondition", it, action, {"process": key})
    for key in ["0@0", "-1@5", "1", "self@1", "12@٣"]:
        refused("bad_parameter", it, action, {"process": key})
    assert {os.getpid(), os.getppid()} <= ancestors(MACHINE)
    assert read_stat(MACHINE, spinning.pid).state != "T"


def test_priority_of_all_threads_is_lowered_and_restored(spinning: subprocess.Popen[bytes]) -> None:
    def niceness() -> list[int]:
        tasks = MACHINE.names(f"/proc/{spinning.pid}/task")
        return [os.getpriority(os.PRIO_PROCESS, int(task)) for task in tasks]

    before, key = niceness(), key_of(spinning.pid)
    assert len(before) == 2
    it = actions(process=[key])
    performed = it.perform("process.lower_priority", {"process": key})
    assert niceness() == [19, 19]
    refused("precondition", it, "process.lower_priority", {"process": key})
    if performed.undoable:
        performed.undo()
        assert niceness() == before
    else:
        with pytest.raises(ActionError, match="administrator"):
            performed.undo()


@pytest.fixture
def fake(tmp_path: Path) -> LocalMachine:
    for folder in ("etc", "proc/net", "proc/self", "tmp", "var/tmp", "data"):
        (tmp_path / folder).mkdir(parents=True)
    return LocalMachine(str(tmp_path))


ROUTES = (
    "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
    "eth1 00000000 0102A8C0 0003 0 0 600 00000000 0 0 0\n"
    "eth0 00000000 01B2A8C0 0003 0 0 100 00000000 0 0 0\n"
    "eth0 00B2A8C0 00000000 0001 0 0 100 00FFFFFF 0 0 0\n"
)
RESOLV = b"# mine\nsearch lan\nnameserver 192.0.2.1\nnameserver 192.0.2.2\noptions edns0"


def resolver_machine(
    fake: LocalMachine, content: bytes = RESOLV, routes: str = ROUTES
) -> tuple[LocalMachine, Path]:
    fake.path("/proc/net/route").write_text(routes)
    path = fake.path(RESOLV_CONF)
    path.write_bytes(content)
    path.chmod(0o640)
    return fake, path


def names_in(path: Path) -> list[str]:
    return sorted(item.name for item in path.parent.iterdir())


def test_the_router_takes_the_place_of_a_name_server_and_leaves_it_again(fake: LocalMachine) -> None:
    machine, path = resolver_machine(fake)
    it = actions(machine, resolver=["192.0.2.1"])
    performed = it.perform("dns.use_gateway", {"resolver": "192.0.2.1"})
    gateway = "192.168.178.1" if sys.byteorder == "little" else name_servers(path.read_bytes())[0]
    assert name_servers(path.read_bytes()) == [gateway, "192.0.2.2"]
    assert b"search lan" in path.read_bytes() and b"options edns0" in path.read_bytes()
    backup = path.with_name("resolv.conf.hotline-backup")
    assert backup.read_bytes() == RESOLV
    assert path.stat().st_mode & 0o7777 == 0o640
    performed.undo()
    assert path.read_bytes() == RESOLV and path.stat().st_mode & 0o7777 == 0o640
    assert names_in(path) == ["resolv.conf"]


def test_undo_does_not_destroy_what_somebody_else_wrote(fake: LocalMachine) -> None:
    machine, path = resolver_machine(fake)
    performed = actions(machine, resolver=["192.0.2.1"]).perform("dns.use_gateway", {"resolver": "192.0.2.1"})
    path.write_bytes(b"nameserver 192.0.2.9\n")
    with pytest.raises(ActionError, match="somebody else"):
        performed.undo()
    assert path.read_bytes() == b"nameserver 192.0.2.9\n"


@pytest.mark.parametrize(
    ("content", "routes", "key"),
    [
        (b"# Generated by NetworkManager\n" + RESOLV, ROUTES, "192.0.2.1"),
        (RESOLV, ROUTES.splitlines(keepends=True)[0], "192.0.2.1"),
        (RESOLV, ROUTES, "192.0.2.77"),
        (b"", ROUTES, "192.0.2.1"),
    ],
)
def test_name_servers_stay_if_they_cannot_be_changed(
    fake: LocalMachine, content: bytes, routes: str, key: str
) -> None:
    machine, path = resolver_machine(fake, content, routes)
    refused("precondition", actions(machine, resolver=[key]), "dns.use_gateway", {"resolver": key})
    assert path.read_bytes() == content and names_in(path) == ["resolv.conf"]


def test_a_link_is_managed_by_somebody_else(fake: LocalMachine) -> None:
    machine, path = resolver_machine(fake)
    target = path.rename(path.with_name("stub"))
    path.symlink_to(target)
    message = refused(
        "precondition", actions(machine, resolver=["192.0.2.1"]), "dns.use_gateway", {"resolver": "192.0.2.1"}
    )
    assert "managed" in message and target.read_bytes() == RESOLV


def test_a_file_that_cannot_be_replaced_stays_as_it_was(
    fake: LocalMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, path = resolver_machine(fake)

    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    refused(
        "precondition", actions(machine, resolver=["192.0.2.1"]), "dns.use_gateway", {"resolver": "192.0.2.1"}
    )
    assert path.read_bytes() == RESOLV and names_in(path) == ["resolv.conf"]


@given(st.binary(max_size=200))
def test_any_resolv_conf_is_changed_or_refused(content: bytes) -> None:
    try:
        changed = use_instead(content + b"\nnameserver 192.0.2.1\n", "192.0.2.1", "192.168.1.1")
    except ActionError:
        return
    assert name_servers(changed)[0] == "192.168.1.1" and "192.0.2.1" not in name_servers(changed)


HOSTS_FILE = (
    b"127.0.0.1 localhost\n::1 ip6-localhost\n192.168.1.5 nas nas.lan\n"
    b"10.6.6.6 www.bank.example.com bank.de nas2 # odd\n0.0.0.0 ads.example.net"
)


def test_odd_host_entries_are_switched_off_and_on_again(fake: LocalMachine) -> None:
    path = fake.path(HOSTS)
    path.write_bytes(HOSTS_FILE)
    it = actions(fake)
    performed = it.perform("hosts.disable_overrides", {})
    active = [line for line in path.read_bytes().splitlines() if not line.startswith(b"#")]
    assert active == [
        b"127.0.0.1 localhost",
        b"::1 ip6-localhost",
        b"192.168.1.5 nas nas.lan",
        b"10.6.6.6 nas2",
    ]
    refused("precondition", it, "hosts.disable_overrides", {})
    performed.undo()
    assert path.read_bytes() == HOSTS_FILE and names_in(path) == ["hosts"]


def test_no_hosts_file_is_a_precondition(fake: LocalMachine) -> None:
    refused("precondition", actions(fake), "hosts.disable_overrides", {})


@given(
    st.lists(
        st.sampled_from([b"127.0.0.1", b" ", b"\t", b"a.example.com", b"nas", b"#", b"\n", b"\r\n", b"\xff"])
    )
)
def test_switching_off_leaves_nothing_to_switch_off(parts: list[bytes]) -> None:
    changed, count = disable(b"".join(parts))
    assert disable(changed)[1] == 0
    assert (changed == b"".join(parts)) == (count == 0)


def fake_mount(machine: LocalMachine, point: str, kind: str) -> None:
    line = f"30 20 0:50 / {point} rw - {kind} none rw\n"
    machine.path("/proc/self/mountinfo").write_text(f"20 1 8:1 / / rw - ext4 /dev/sda1 rw\n{line}")


@pytest.fixture
def mounted(fake: LocalMachine) -> Iterator[tuple[LocalMachine, Path]]:
    point = fake.path("/tmp")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(point)], check=False).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    fake_mount(fake, "/tmp", "tmpfs")
    try:
        yield fake, point
    finally:
        subprocess.run(["umount", str(point)], check=True)


@ROOT
def test_temporary_files_go_aside_and_come_back(mounted: tuple[LocalMachine, Path]) -> None:
    machine, point = mounted
    (point / "deep/er").mkdir(parents=True)
    big, odd = point / "deep/er/big", point / "na\nme \udcff"
    big.write_bytes(os.urandom(3_000_000))
    odd.write_bytes(b"odd")
    big.chmod(0o4750)
    os.utime(big, ns=(1_000_000_001, 2_000_000_002))
    content, used = big.read_bytes(), os.statvfs(point).f_bfree
    (point / "link").symlink_to(big)
    (point / "twin").write_bytes(b"x")
    os.link(point / "twin", point / "twin2")
    (point / "a.lock").write_bytes(b"")
    with (point / "open").open("wb"):
        machine.path("/proc/77/fd").mkdir(parents=True)
        machine.path("/proc/77/fd/3").symlink_to(point / "open")
        shown = actions(machine, filesystem=["/tmp"]).preview(
            "storage.set_aside_temp", {"filesystem": "/tmp"}
        )
        performed = actions(machine, filesystem=["/tmp"]).perform(
            "storage.set_aside_temp", {"filesystem": "/tmp"}
        )
    assert sorted(shown) == sorted([(str(big), 3_000_000), (str(odd), 3)])
    left = sorted(
        str(path.relative_to(point)) for path in point.rglob("*") if path.is_symlink() or not path.is_dir()
    )
    assert left == ["a.lock", "link", "open", "twin", "twin2"]
    assert os.statvfs(point).f_bfree > used
    aside = next(machine.path("/").rglob("hotline-aside-*"))
    assert aside.stat().st_mode & 0o777 == 0o700 and (aside / "manifest.json").is_file()
    performed.undo()
    assert big.read_bytes() == content and odd.read_bytes() == b"odd"
    assert (big.stat().st_mode & 0o7777, big.stat().st_mtime_ns) == (0o4750, 2_000_000_002)
    assert not aside.exists()


@ROOT
def test_a_name_that_was_taken_again_is_not_overwritten(mounted: tuple[LocalMachine, Path]) -> None:
    machine, point = mounted
    (point / "one").write_bytes(b"old")
    performed = actions(machine, filesystem=["/tmp"]).perform(
        "storage.set_aside_temp", {"filesystem": "/tmp"}
    )
    (point / "one").write_bytes(b"new")
    with pytest.raises(ActionError, match="stay in"):
        performed.undo()
    assert (point / "one").read_bytes() == b"new"
    (point / "one").unlink()
    performed.undo()
    assert (point / "one").read_bytes() == b"old"


@ROOT
def test_a_failure_in_the_middle_puts_everything_back(
    mounted: tuple[LocalMachine, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, point = mounted
    for name in "abc":
        (point / name).write_bytes(name.encode())
    real, calls = shutil.copyfileobj, []

    def fails_once(*arguments: Any) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise OSError(5, "Input/output error")
        real(*arguments)

    monkeypatch.setattr(shutil, "copyfileobj", fails_once)
    refused("error", actions(machine, filesystem=["/tmp"]), "storage.set_aside_temp", {"filesystem": "/tmp"})
    assert {path.name: path.read_bytes() for path in point.iterdir()} == {"a": b"a", "b": b"b", "c": b"c"}
    assert not list(machine.path("/").rglob("hotline-aside-*"))


def test_a_memory_disk_elsewhere_is_not_taken_for_temporary(fake: LocalMachine) -> None:
    fake_mount(fake, "/srv/cart", "tmpfs")
    fake.path("/srv/cart").mkdir(parents=True)
    (fake.path("/srv/cart") / "orders.db").write_text("needed")
    refused(
        "precondition",
        actions(fake, filesystem=["/srv/cart"]),
        "storage.set_aside_temp",
        {"filesystem": "/srv/cart"},
    )
    assert (fake.path("/srv/cart") / "orders.db").read_text() == "needed"


def test_young_files_outside_of_temporary_filesystems_stay(fake: LocalMachine) -> None:
    fake_mount(fake, "/data", "ext4")
    fake.path("/data/tmp").mkdir()
    fake.path("/data/keep").write_bytes(b"x")
    fake.path("/data/tmp/old").write_bytes(b"x")
    with pytest.raises(ActionError, match="no temporary files"):
        StorageSetAsideTemp().preview(fake, {"filesystem": "/data"})
    later = StorageSetAsideTemp(lambda: time.time() + 7200)
    assert str(fake.path("/data/tmp/old")) in [
        path for path, _ in later.preview(fake, {"filesystem": "/data"})
    ]
    assert str(fake.path("/data/keep")) not in [
        path for path, _ in later.preview(fake, {"filesystem": "/data"})
    ]


def test_nothing_to_move_and_nothing_mounted_are_preconditions(fake: LocalMachine) -> None:
    fake_mount(fake, "/data", "ext4")
    it = actions(fake, filesystem=["/data", "/gone"])
    refused("precondition", it, "storage.set_aside_temp", {"filesystem": "/data"})
    refused("precondition", it, "storage.set_aside_temp", {"filesystem": "/gone"})


INTERFACE_SCRIPT = """
import subprocess
from hotline_probe.actions.registry import Actions
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine
from hotline_proto.catalogue import load_catalogue
def sh(*argv): subprocess.run(argv, check=True)
sh("mount", "-t", "sysfs", "none", "/sys")
# The loopback of a new network namespace starts switched off.
flags = lambda: int(open("/sys/class/net/lo/flags").read(), 16) & 1
it = Actions(LocalMachine(), load_catalogue(), lambda kind: ["lo"])
assert flags() == 0
performed = it.perform("interface.enable", {"interface": "lo"})
assert flags() == 1
try:
    it.perform("interface.enable", {"interface": "lo"})
except ActionError as error:
    assert error.code == "precondition"
else:
    raise SystemExit("enabled twice")
performed.undo()
assert flags() == 0
print("well")
"""


@ROOT
def test_an_interface_is_switched_on_and_off_in_a_namespace_of_its_own() -> None:
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        pytest.skip("needs unshare and ip")
    argv = ["unshare", "--net", "--mount", sys.executable, "-c", INTERFACE_SCRIPT]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip(f"needs network and mount namespaces: {done.stderr.strip()}")
    assert done.stdout == "well\n", done.stderr


@pytest.mark.parametrize("name", ["-x", "..", "a/b", "a b", "x" * 16, "nosuch0"])
def test_odd_interface_names_never_reach_a_program(name: str) -> None:
    class NoPrograms(LocalMachine):
        def run(self, argv: Any, timeout: float) -> Any:  # noqa: ARG002
            raise AssertionError(argv)

    with pytest.raises(ActionError) as caught:
        actions(NoPrograms(), interface=[name]).perform("interface.enable", {"interface": name})
    assert caught.value.code == ("precondition" if name == "nosuch0" else "bad_parameter")


anything = st.one_of(
    st.none(), st.integers(), st.text(), st.sampled_from(["1@1", "/", "eth0", "; rm -rf /", "../.."])
)


@given(
    st.one_of(st.text(), st.sampled_from(list(load_catalogue().actions))),
    st.dictionaries(
        st.one_of(st.text(), st.sampled_from(["process", "interface", "filesystem", "resolver"])), anything
    ),
)
def test_no_parameter_from_the_wire_runs_anything(action: str, parameters: dict[str, Any]) -> None:
    class Untouchable(LocalMachine):
        def path(self, path: str) -> Path:
            raise AssertionError(path)

        def run(self, argv: Any, timeout: float) -> Any:  # noqa: ARG002
            raise AssertionError(argv)

    spec = load_catalogue().actions.get(action)
    if spec is not None and not spec.parameters and not parameters:
        return
    with pytest.raises(ActionError) as caught:
        actions(Untouchable()).perform(action, parameters)
    assert caught.value.code in {"unknown_action", "bad_parameter"}
