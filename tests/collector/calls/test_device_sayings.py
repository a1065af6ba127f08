"""What the agent says when the only device of a call cannot be read."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.device_sayings import TROUBLES
from hotline_collector.calls.devices import Device
from hotline_collector.console.texts import DE, EN
from hotline_probe.deviceworker import FAILED, FORBIDDEN
from hotline_probe.ssh.errors import SshTrouble
from hotline_proto.v1 import probe_pb2 as pb

from tests.collector.calls.test_call_reached_devices import Reached, call, reached, world  # noqa: F401 - fixtures


def said(world: Any, call: Any) -> tuple[str, str]:  # noqa: F811 - fixtures
    told = world.desk.look(call, include_facts=False).say_now
    return told.en, told.de


def test_every_reason_has_a_sentence() -> None:
    assert {each.value for each in SshTrouble} | {FORBIDDEN, FAILED} <= TROUBLES
    assert {word.removeprefix("trouble.") for word in EN.words if word.startswith("trouble.")} == {
        word.removeprefix("trouble.") for word in DE.words if word.startswith("trouble.")
    }
    assert {f"trouble.{each}" for each in TROUBLES} <= EN.words.keys()


@pytest.mark.parametrize("trouble", sorted(TROUBLES - {"ended"}))
@pytest.mark.parametrize("here", [True, False])
async def test_a_device_that_failed_is_what_is_talked_about(
    world: Any,  # noqa: F811 - a fixture
    join: Any,
    trouble: str,
    here: bool,
) -> None:
    probe = await join(world)
    probe.call.words_confirmed()
    probe.call.devices[2] = Device(2, "ssh://root@nas", here, state="failed", trouble=trouble)
    en, de = said(world, probe.call)
    assert "tell the" in en.lower() and "sagen Sie" in de.replace("Sagen", "sagen"), (en, de)
    assert max(len(en), len(de)) < 500


async def test_a_call_of_nothing_but_a_device_says_how_it_stands(
    world: Any,  # noqa: F811 - fixtures
    reached: Reached,  # noqa: F811
    call: Any,  # noqa: F811
    agent: Actor,
) -> None:
    assert said(world, call)[0].startswith("The device is being connected to.")
    for trouble, en, de in (
        ("login_refused", "The device refused the login", "Das Gerät hat die Anmeldung abgelehnt"),
        ("too_slow", "The device is silent", "Das Gerät schweigt"),
        ("unreachable", "The device cannot be reached", "Das Gerät ist nicht erreichbar"),
        ("host_key_changed", "Careful: the device shows another", "Vorsicht: Das Gerät zeigt einen anderen"),
    ):
        reached.tell(call, pb.DEVICE_STATE_FAILED, trouble=trouble)
        told = said(world, call)
        assert told[0].startswith(en) and told[1].startswith(de)
    reached.tell(call, pb.DEVICE_STATE_FAILED)
    assert said(world, call)[0].startswith("The device cannot be read.")
    reached.tell(call, pb.DEVICE_STATE_READING)
    reached.tell(call, pb.DEVICE_STATE_ENDED, trouble="ended")
    assert said(world, call)[0].startswith("The device has ended the connection.")
    # Whoever asks the caller has moved on.
    await world.desk.answer(agent, call.row.id, "ask.smell", "no")
    assert "device" not in said(world, call)[0]


async def test_what_the_caller_declined_is_not_asked_again_and_again(
    world: Any,  # noqa: F811 - a fixture
    join: Any,
    agent: Actor,
) -> None:
    probe = await join(world)
    probe.call.words_confirmed()
    before = said(world, probe.call)
    await world.desk.add_target(agent, probe.call.row.id, "ssh://root@192.168.1.5")
    probe.frame(device=pb.DeviceReport(target=2, state=pb.DEVICE_STATE_DECLINED))
    assert said(world, probe.call)[0].startswith("The device was not allowed.")
    probe.frame(device=pb.DeviceReport(target=2, state=pb.DEVICE_STATE_DECLINED, trouble="not_allowed"))
    assert "never reads this address" in said(world, probe.call)[0]
    # With a second device it is not the only thing there is.
    await world.desk.add_target(agent, probe.call.row.id, "ssh://root@192.168.1.6")
    assert said(world, probe.call) == before


async def test_what_was_found_elsewhere_goes_before(world: Any, join: Any, filesystem: Any) -> None:  # noqa: F811
    probe = await join(world)
    probe.call.words_confirmed()
    probe.call.devices[2] = Device(2, "ssh://root@nas", state="failed", trouble="login_refused")
    probe.tell("filesystems", *filesystem(0.99))
    assert "The cause is" in said(world, probe.call)[0]
