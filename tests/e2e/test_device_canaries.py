"""Passwords of devices: typed, mistyped or kept in files, they are found nowhere behind who needs them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.conftest import PATIENCE, System, wait_for
from tests.e2e.opened import everything
from tests.e2e.tap import Tap
from tests.e2e.test_devices import asked, device_is
from tests.probe.ssh.conftest import free_port, start_openssh, users  # noqa: F401 - fixtures
from tests.probe.ssh.servers import PASSWORD, Server
from tests.spellings import found_in

MISTYPED, PASSPHRASE, OTHER_PHRASE = "hlmistyped horse staple", "open sesame", "hlother phrase horse"
SECRETS = (PASSWORD, MISTYPED, PASSPHRASE, OTHER_PHRASE)
DEBUG = {"HOTLINE_LOG__LEVEL": "debug"}


def outside(process: psutil.Process) -> bytes:
    """Return what everybody who looks at a process sees of it: its words and its environment."""
    return "\0".join([*process.cmdline(), *(f"{k}={v}" for k, v in process.environ().items())]).encode()


def behind(system: System, call: Any) -> dict[str, bytes]:
    """Return each place of the collector that a secret may have come to."""
    system.log_in()
    record = system.folder / "call.hlb"
    assert system.agent("call", "export", call.id, str(record)).returncode == 0
    shown = [system.agent("call", "show", call.id, *words) for words in ((), ("--facts", "--json"))]
    collector = system.collector
    assert collector is not None
    return {
        "store": everything(system.data),
        "journal": json.dumps(system.journal(call.id), ensure_ascii=False).encode(),
        "log": collector.log.read_bytes() + collector.out.read_bytes(),
        "export": record.read_bytes(),
        "view": str(call.view(facts=True)).encode(),
        "command line": "".join(done.stdout + done.stderr for done in shown).encode(),
        "process": outside(psutil.Process(collector.pid)),
    }


def look(places: dict[str, bytes]) -> list[tuple[str, str, str]]:
    return [(where, *found) for where, content in places.items() for found in found_in(content, SECRETS)]


# Nobody who may not open the key gets further; with an empty line the password is asked for.
BY_PASSWORD = (("Passphrase of", (OTHER_PHRASE, "")), ("Password of", (MISTYPED, PASSWORD)))
BY_KEY = (("Passphrase of", (OTHER_PHRASE, PASSPHRASE)), ("Password of", ()))


@pytest.mark.root
@pytest.mark.parametrize("typed", [BY_PASSWORD, BY_KEY])
def test_what_a_caller_types_for_a_device_stays_in_the_probe(
    start_openssh: Callable[..., Server],  # noqa: F811 - a fixture
    make_system: Callable[..., Any],
    typed: tuple[tuple[str, tuple[str, ...]], ...],
) -> None:
    device, system = start_openssh(), make_system(DEBUG)
    system.start()
    call, address = system.open("the storage is slow"), str(device.address)
    tap = Tap()
    with tap.between(system):
        call.link = call.link.replace(f":{system.grpc_port}", f":{tap.port}")
        key = ("--device-key", str(device.locked_key_file))
        probe = system.at_terminal(call, "--verbose", "--device", address, *key)

        def types(prompt: str, secrets: tuple[str, ...]) -> None:
            for number, secret in enumerate(secrets, 1):
                wait_for(lambda n=number: probe.log.read_text().count(prompt) >= n, what=probe.lines)
                probe.type(secret)

        call.client.add_target(call.id, address)
        asked(probe, "device_asked", "y")
        before, after = typed
        types(*before)
        asked(probe, "host_key_asked", "y")
        types(*after)
        device_is(call, "reading")
        # What opened it is kept for the next time, and no less secret.
        so_far = len(probe.lines())
        call.client.add_target(call.id, address)
        asked(probe, "device_asked", "y", after=so_far)
        wait_for(
            lambda: [line for line in probe.lines()[so_far:] if line.get("state") == "reading"],
            2 * PATIENCE,
            what=probe.lines,
        )
        places = behind(system, call) | {
            "wire": b"\0".join(tap.kept),
            "transcript": probe.transcript.read_bytes(),
            "events of the probe": probe.out.read_bytes(),
            "terminal": probe.log.read_bytes(),
            "probe": outside(psutil.Process(probe.pid)),
        }
        assert all(places.values()), [where for where, content in places.items() if not content]
        assert look(places) == []
        probe.type("q")
        assert probe.ended() == 0


@pytest.mark.root
def test_what_the_collector_logs_in_with_stays_in_one_process(
    start_openssh: Callable[..., Server],  # noqa: F811 - a fixture
    make_system: Callable[..., Any],
    tmp_path: Path,
) -> None:
    device = start_openssh()
    (tmp_path / "password").write_text(PASSWORD + "\n")
    (tmp_path / "phrase").write_text(PASSPHRASE + "\n")
    config = tmp_path / "hotline.toml"
    config.write_text(
        f'[devices]\nknown_hosts = "{device.known_hosts}"\n[[devices.allow]]\naddress = "{device.address}"\n'
        f'key_file = "{device.locked_key_file}"\npassphrase_file = "{tmp_path}/phrase"\n'
        f'password_file = "{tmp_path}/password"\n'
    )
    system = make_system({**DEBUG, "HOTLINE_CONFIG": str(config)})
    system.start()
    call = system.open("the storage is slow")
    call.client.add_target(call.id, str(device.address), from_collector=True)
    device_is(call, "reading")
    (reader,) = psutil.Process(system.collector.pid).children(recursive=True)
    limits = {name: reader.rlimit(number) for name, number in (("core", psutil.RLIMIT_CORE),)}
    assert limits == {"core": (0, 0)}
    assert reader.nice() > psutil.Process(system.collector.pid).nice()
    places = behind(system, call) | {"reader": outside(reader)}
    assert b"deviceworker" in places["reader"]
    assert look(places) == []
