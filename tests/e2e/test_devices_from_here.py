"""Devices that the collector reads itself: a storage box from fault to proof, and all that goes wrong."""

from __future__ import annotations

import re
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.conftest import PATIENCE, System, wait_for
from tests.e2e.test_actions import option
from tests.played.zfs import ZfsBox
from tests.probe.ssh import boxes
from tests.probe.ssh.conftest import free_port, start_openssh, users  # noqa: F401 - fixtures
from tests.probe.ssh.servers import PASSWORD, Server, needs


@dataclass
class Nas:
    """A storage box behind a server."""

    server: Server
    box: ZfsBox

    def dies(self) -> None:
        for child in psutil.Process(self.server.process.pid).children(recursive=True):
            child.kill()

    def at(self, host: str) -> str:
        return str(self.server.address).replace("127.0.0.1", host)


@pytest.fixture
def nas(start_openssh: Callable[..., Server], users: Path) -> Nas:  # noqa: F811 - fixtures
    folder = users / "zfs"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    box = ZfsBox(folder)
    more = [f"ListenAddress 127.0.0.{number}" for number in range(2, 6)]
    return Nas(start_openssh(*more, before=box.before), box)


@pytest.fixture
def listing(make_system: Any, tmp_path: Path) -> Callable[[str], System]:
    """Start a collector with entries of devices."""

    def start(section: str) -> System:
        (tmp_path / "password").write_text(PASSWORD + "\n")
        (tmp_path / "wrong").write_text("wrong horse battery staple\n")
        (tmp_path / "phrase").write_text("open sesame\n")
        config = tmp_path / "hotline.toml"
        config.write_text(section.replace("{here}", str(tmp_path)))
        # A pool is looked at once a minute; nobody waits that long here.
        system: System = make_system({"HOTLINE_CONFIG": str(config), "HOTLINE_MEASURING__INTERVALS": "nas=5"})
        system.start()
        return system

    return start


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as plain:
        yield int(plain.getsockname()[1])


def entry(address: str, *lines: str) -> str:
    return "\n".join(("[[devices.allow]]", f'address = "{address}"', *lines, ""))


def device_is(call: Any, state: str, trouble: str = "", target: int = 2) -> Any:
    return call.wait(
        lambda view: next(
            (t for t in view.targets if (t.target, t.device, t.trouble) == (target, state, trouble)), None
        ),
        3 * PATIENCE,
    )


def readers(system: System) -> list[psutil.Process]:
    assert system.collector is not None
    return psutil.Process(system.collector.pid).children(recursive=True)


def everything_written(system: System) -> bytes:
    return b"".join(path.read_bytes() for path in system.folder.rglob("*") if path.is_file())


@pytest.mark.root
def test_a_storage_box_is_diagnosed_from_the_collector(
    nas: Nas, listing: Callable[[str], System], tmp_path: Path
) -> None:
    address = str(nas.server.address)
    known = f'[devices]\nknown_hosts = "{nas.server.known_hosts}"\n'
    system = listing(known + entry(address, 'password_file = "{here}/password"'))
    system.log_in()
    call = system.open("the storage box blinks red")
    added = system.agent_json("call", "add-target", call.id, address, "--from-collector")
    assert (added["target"], added["address"]) == (2, address)
    assert device_is(call, "reading").from_collector

    found = call.finding("nas.pool.degraded", entity="tank", timeout=2 * PATIENCE)
    assert found.target == 2
    evidence = {(item.fact, item.entity): item.value for item in found.evidence}
    assert evidence["nas.pool.state", "tank"] == "degraded"
    shown = system.agent("call", "show", call.id).stdout
    assert re.search(r"being read\s+\(from the collector\)", shown), shown
    assert not call.view().words_confirmed

    nas.box.is_repaired()
    fix = call.client.propose_fix(call.id, found.finding_id, 1)
    call.client.update_fix(call.id, fix, "accepted")
    call.client.update_fix(call.id, fix, "done")
    call.fix(fix, "verified", timeout=3 * PATIENCE)
    call.finding("nas.pool.degraded", state="cleared", entity="tank", timeout=2 * PATIENCE)

    nas.dies()
    device_is(call, "ended", "ended")
    wait_for(lambda: not readers(system))
    assert call.client.add_target(call.id, address, from_collector=True) == 2
    device_is(call, "reading")
    processes = readers(system)
    assert len(processes) == 1
    assert "hotline_devices_reading 1.0" in system.web("/metrics")[1]

    # However the collector ends, nobody reads on, and nothing says so.
    system.kill()
    assert psutil.wait_procs(processes, PATIENCE)[1] == []
    system.start()
    device_is(call, "reading")
    processes = readers(system)
    assert len(processes) == 1
    call.client.close_call(call.id, "technician", "", caller_confirmed=False)
    assert psutil.wait_procs(processes, PATIENCE)[1] == []

    other = system.open("once more")
    other.client.add_target(other.id, address, from_collector=True)
    device_is(other, "reading")
    processes = readers(system)
    assert system.collector is not None
    system.collector.send(signal.SIGTERM)
    assert system.collector.ended() == 0
    assert psutil.wait_procs(processes, PATIENCE)[1] == []
    # What only the operator can put right is said; nobody types a password here.
    (tmp_path / "password").write_bytes(b"\xff\n")
    system.start()
    device_is(other, "failed", "login_gone")
    shown = system.agent("call", "show", other.id).stdout
    assert "cannot be read any more" in " ".join(shown.split()), shown
    assert PASSWORD.encode() not in everything_written(system)


@pytest.mark.root
def test_what_stands_between_collector_and_device_is_told(
    nas: Nas, listing: Callable[[str], System], silent: int
) -> None:
    password, pinned = 'password_file = "{here}/password"', f'fingerprint = "{nas.server.fingerprint}"'
    wrong = "SHA256:" + "A" * 43
    locked = (f'key_file = "{nas.server.locked_key_file}"', 'passphrase_file = "{here}/phrase"')
    quiet = f"ssh://probed@127.0.0.1:{silent}"
    system = listing(
        entry(nas.at("127.0.0.1"), password)
        + entry(nas.at("127.0.0.2"), password, f'fingerprint = "{wrong}"')
        + entry(nas.at("127.0.0.3"), 'password_file = "{here}/wrong"', pinned)
        + entry(nas.at("127.0.0.4"), *locked, pinned)
        + entry(quiet, password)
    )
    call = system.open("the storage box cannot be reached")
    for target, address in enumerate((*(nas.at(f"127.0.0.{last}") for last in range(1, 5)), quiet), 2):
        assert call.client.add_target(call.id, address, from_collector=True) == target
    with pytest.raises(Exception, match=r"devices\.allow") as caught:
        call.client.add_target(call.id, nas.at("127.0.0.5"), from_collector=True)
    assert "this is none of them" in str(caught.value)

    assert device_is(call, "failed", "host_key_unknown", 2).fingerprint == nas.server.fingerprint
    assert device_is(call, "failed", "host_key_changed", 3).fingerprint == nas.server.fingerprint
    assert call.finding("sec.device.key_changed", timeout=2 * PATIENCE).target == 3
    device_is(call, "failed", "login_refused", 4)
    device_is(call, "reading", "", 5)
    device_is(call, "failed", "too_slow", 6)
    # Only the one that is being read is left.
    wait_for(lambda: len(readers(system)) == 1, what=lambda: [*readers(system), call.view().targets])


@pytest.fixture
def box(start_openssh: Callable[..., Server], tmp_path: Path) -> Iterator[Server]:  # noqa: F811 - a fixture
    """A device with a service that is down."""
    needs("setsid")
    server = start_openssh("PermitRootLogin yes", before=boxes.box(tmp_path / "box", boxes.LINUX))
    yield replace(server, address=replace(server.address, user="root"))
    boxes.end(server.process.pid, "web.service")


@pytest.mark.root
def test_with_its_owners_word_a_device_is_set_right(box: Server, listing: Callable[[str], System]) -> None:
    lines = ('password_file = "{here}/password"', f'fingerprint = "{box.fingerprint}"', "actions = true")
    system = listing(entry(str(box.address), *lines))
    call = system.open("the storage box has no pages")
    call.client.add_target(call.id, str(box.address), from_collector=True)
    found = call.finding("svc.unit_failed", entity="web.service", timeout=3 * PATIENCE)
    restart = option(found, "service.restart")
    with pytest.raises(Exception, match="ask its owner"):
        call.client.propose_fix(call.id, found.finding_id, restart)
    assert boxes.kept(box.process.pid, "web.service") is None
    fix = call.client.propose_fix(call.id, found.finding_id, restart, owner_agreed=True)
    assert call.fix(fix, "verified", 3 * PATIENCE).target == 2
    assert boxes.kept(box.process.pid, "web.service") is not None
