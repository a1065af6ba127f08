"""What is wrong on a device is set right there: proposed, allowed at the probe's terminal, done, proven."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.conftest import PATIENCE, wait_for
from tests.e2e.test_actions import option
from tests.e2e.test_devices import asked, device_is
from tests.probe.ssh import boxes
from tests.probe.ssh.conftest import free_port, start_openssh, users  # noqa: F401 - fixtures
from tests.probe.ssh.servers import PASSWORD, Server, needs

# Homes on a disk of their own that became read-only.
_READ_ONLY = """
truncate -s 12M /run/disk
mkfs.ext4 -q -m 0 /run/disk
mount -o loop /run/disk /home
mount -o remount,ro /home
"""


@pytest.fixture
def device(start_openssh: Callable[..., Server], tmp_path: Path) -> Iterator[Server]:  # noqa: F811 - a fixture
    needs("mkfs.ext4", "setsid")
    before = boxes.box(tmp_path / "box", boxes.LINUX, _READ_ONLY)
    server = start_openssh("PermitRootLogin yes", before=before)
    yield replace(server, address=replace(server.address, user="root"))
    boxes.end(server.process.pid, "web.service")


class Agent:
    """Proposes actions on a device while the caller answers at the terminal."""

    def __init__(self, call: Any, probe: Any, address: str) -> None:
        self.call, self.probe, self.address = call, probe, address

    def propose(self, rule: str, entity: str, action: str, answer: str) -> str:
        found = self.call.finding(rule, entity=entity, timeout=2 * PATIENCE)
        assert found.target == 2
        so_far = len(self.probe.lines())
        fix_id: str = self.call.client.propose_fix(self.call.id, found.finding_id, option(found, action))
        event = asked(self.probe, "proposal", answer, after=so_far)
        assert event["device"] == self.address and event["text"].startswith(f"On {self.address}: ")
        assert entity in event["text"]
        return fix_id


@pytest.mark.root
def test_a_device_is_set_right_and_back(device: Server, system: Any) -> None:
    call, address, box = system.open("the storage does not work"), str(device.address), device.process.pid
    probe = system.at_terminal(call, "--device", address, "--accept", "service.restart")
    call.client.add_target(call.id, address)
    asked(probe, "device_asked", "y")
    asked(probe, "host_key_asked", "y")
    wait_for(lambda: "Password of root" in probe.log.read_text(), what=probe.lines)
    probe.type(PASSWORD)
    device_is(call, "reading")
    agent = Agent(call, probe, address)

    # What was accepted beforehand holds for the computer, not for a device.
    web = ("svc.unit_failed", "web.service", "service.restart")
    call.fix(agent.propose(*web, "n"), "declined")
    assert boxes.kept(box, "web.service") is None
    fix = call.fix(agent.propose(*web, "y"), "verified", 3 * PATIENCE)
    assert boxes.kept(box, "web.service") is not None
    assert (fix.target, fix.action, fix.undoable) == (2, "service.restart", False)
    call.finding("svc.unit_failed", "cleared", 2 * PATIENCE)

    home = agent.propose("sto.fs.read_only", "/home", "storage.remount_writable", "y")
    assert call.fix(home, "verified", 3 * PATIENCE).undoable
    boxes.inside(box, "/home/letter").write_text("saved")
    call.client.update_fix(call.id, home, "undo")
    call.fix(home, "undone")
    undone = probe.event("action", state="undone")
    assert undone["device"] == address
    with pytest.raises(OSError, match="Read-only"):
        boxes.inside(box, "/home/other").write_text("not saved")
    call.finding("sto.fs.read_only", entity="/home", timeout=2 * PATIENCE)

    # A connection that was lost takes nothing back; the next one does, without asking for the password again.
    once_more = agent.propose("sto.fs.read_only", "/home", "storage.remount_writable", "y")
    call.fix(once_more, "verified", 3 * PATIENCE)
    for child in psutil.Process(box).children(recursive=True):
        if child.name().startswith("sshd"):
            child.kill()
    device_is(call, "ended", "ended")
    with pytest.raises(Exception, match="mount the filesystem /home read-only again"):
        call.client.update_fix(call.id, once_more, "undo")
    boxes.inside(box, "/home/letter").write_text("saved again")
    so_far = len(probe.lines())
    call.client.add_target(call.id, address)
    asked(probe, "device_asked", "y", after=so_far)
    device_is(call, "reading")
    call.client.update_fix(call.id, once_more, "undo")
    call.fix(once_more, "undone")
    with pytest.raises(OSError, match="Read-only"):
        boxes.inside(box, "/home/other").write_text("not saved")
    assert probe.log.read_text().count("Password of root") == 1
    call.finding("sto.fs.read_only", entity="/home", timeout=2 * PATIENCE)

    again = agent.propose("sto.fs.read_only", "/home", "storage.remount_writable", "y")
    call.fix(again, "verified", 3 * PATIENCE)
    probe.type("q")
    assert probe.ended() == 0
    assert address in probe.event("changed")["text"], "the caller is told what stays, and where"
