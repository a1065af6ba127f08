"""A device in the caller's network: a real probe reads it over real SSH once the caller has allowed it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from tests.e2e.conftest import PATIENCE, wait_for
from tests.probe.ssh.conftest import free_port, start_openssh, users  # noqa: F401 - fixtures
from tests.probe.ssh.servers import PASSWORD, Server

# A filesystem of the device alone, as full as can be.
_FULL = 'mount -t tmpfs -o size=4m tmpfs /mnt && head -c 8M /dev/zero > /mnt/full; exec "$@"'


@pytest.fixture
def device(start_openssh: Callable[..., Server]) -> Iterator[Server]:  # noqa: F811 - a fixture
    yield start_openssh(before=("sh", "-c", _FULL, "sh"))


def asked(probe: Any, kind: str, answer: str, after: int = 0) -> dict[str, Any]:
    event: dict[str, Any] = probe.event(kind, after=after)
    probe.type(answer)
    return event


def device_is(call: Any, state: str, trouble: str = "") -> Any:
    return call.wait(
        lambda view: next(
            (t for t in view.targets if t.target == 2 and (t.device, t.trouble) == (state, trouble)), None
        ),
        2 * PATIENCE,
    )


def everything_written(system: Any) -> bytes:
    return b"".join(path.read_bytes() for path in system.folder.rglob("*") if path.is_file())


@pytest.mark.root
def test_a_device_is_diagnosed_through_the_probe(device: Server, system: Any) -> None:
    call, address = system.open("the files on the storage cannot be saved"), str(device.address)
    probe = system.at_terminal(call, "--device", address)
    assert call.client.add_target(call.id, address) == 2

    assert address in asked(probe, "device_asked", "y")["text"]
    key = asked(probe, "host_key_asked", "y")
    assert key["fingerprint"] == device.fingerprint
    wait_for(lambda: f"Password of {device.address.user}" in probe.log.read_text(), what=probe.lines)
    probe.type(PASSWORD)
    device_is(call, "reading")

    found = call.finding("sto.fs.full", entity="/mnt", timeout=2 * PATIENCE)
    assert found.target == 2
    facts = {fact.fact for fact in call.view(facts=True).facts if fact.target == 2}
    assert {"system.memory.total", "system.filesystem.utilization"} <= facts
    assert call.view().words_confirmed
    assert [target.link for target in call.view().targets] == ["connected", "connected"]

    for child in psutil.Process(device.process.pid).children(recursive=True):
        child.kill()
    device_is(call, "ended", "ended")
    assert call.view().targets[0].link == "connected"

    so_far = len(probe.lines())
    assert call.client.add_target(call.id, address + "/") == 2
    asked(probe, "device_asked", "n", after=so_far)
    device_is(call, "declined")
    assert PASSWORD.encode() not in everything_written(system)
    probe.type("q")
    assert probe.ended() == 0


@pytest.mark.root
def test_this_computer_itself_is_no_device_unless_the_caller_typed_it(device: Server, system: Any) -> None:
    call = system.open("slow")
    probe = system.probe(call.link, consent="basic")
    call.linked("connected")
    assert call.client.confirm_words(call.id, probe.words)
    call.client.add_target(call.id, str(device.address))
    device_is(call, "declined", "not_allowed")


@pytest.mark.root
def test_a_changed_host_key_stops_everything_and_is_a_finding(device: Server, system: Any) -> None:
    known = system.folder / ".ssh" / "known_hosts"
    known.parent.mkdir()
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(known.parent / "other")],
        check=True,
    )
    other = (known.parent / "other.pub").read_text()
    known.write_text(f"{device.address.known_as} {other}")
    call = system.open("the storage asks for something strange")
    probe = system.at_terminal(call, "--device", str(device.address))
    call.client.add_target(call.id, str(device.address))
    asked(probe, "device_asked", "y")
    assert device_is(call, "failed", "host_key_changed").fingerprint == device.fingerprint
    assert call.finding("sec.device.key_changed").target == 2
    assert "Password of" not in probe.log.read_text()


@pytest.mark.root
def test_a_named_key_and_a_key_file_leave_one_question(device: Server, standing: Any) -> None:
    call, address = standing.open("the storage is slow"), str(device.address)
    place = ("--device", address, "--device-key", str(device.locked_key_file))
    probe = standing.at_terminal(call, *place)

    call.client.add_target(call.id, address, "SHA256:" + "A" * 43)
    assert asked(probe, "device_asked", "y")["fingerprint"] == "SHA256:" + "A" * 43
    wait_for(lambda: "Passphrase of the key locked" in probe.log.read_text(), what=probe.lines)
    probe.type("open sesame")
    assert device_is(call, "failed", "host_key_changed").fingerprint == device.fingerprint
    call.finding("sec.device.key_changed")

    so_far = len(probe.lines())
    call.client.add_target(call.id, address, device.fingerprint)
    asked(probe, "device_asked", "y", after=so_far)
    device_is(call, "reading")
    assert "host_key_asked" not in {line["event"] for line in probe.lines()}
    assert "Password of" not in probe.log.read_text()
    assert b"open sesame" not in everything_written(standing)
    probe.type("q")
    assert probe.ended() == 0
