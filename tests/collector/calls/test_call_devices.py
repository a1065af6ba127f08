"""Devices: targets of their own beside the caller's computer."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_collector.calls.devices import MAX_DEVICES, add_device, parse_device
from hotline_collector.calls.errors import CallError
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.words import commit
from hypothesis import given
from hypothesis import strategies as st

PROBE = pb.ProbeInfo(platform="linux")
NONCE = b"n" * 16


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ssh://admin@192.168.1.1", "ssh://admin@192.168.1.1"),
        (" ssh://root@NAS.local:22/ ", "ssh://root@nas.local"),
        ("ssh://root@[fd00::1]:2222", "ssh://root@[fd00::1]:2222"),
    ],
)
def test_one_spelling_for_one_device(typed: str, kept: str) -> None:
    assert parse_device(typed) == kept


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("192.168.1.1", "is no address of a device"),
        ("ssh://192.168.1.1", "who logs in"),
        ("ssh://root@192.168.1.0/24", "is no address of a device"),
        ("ssh://root:secret@nas", "a password has no place"),
        ("ssh://-oProxyCommand=x@nas", "who logs in"),
        ("ssh://root@nas:99999", "is no address of a device"),
        ("ssh://root@na s", "who logs in"),
    ],
)
def test_what_is_no_device(typed: str, why: str) -> None:
    with pytest.raises(CallError, match=why) as caught:
        parse_device(typed)
    assert "secret" not in str(caught.value)


@given(st.text(max_size=300))
def test_whatever_is_typed_has_one_answer(typed: str) -> None:
    try:
        kept = parse_device("ssh://" + typed)
    except CallError:
        return
    assert parse_device(kept) == kept


async def test_a_device_joins_beside_the_computer(world: Any, join: Any, filesystem: Any) -> None:
    probe = await join(world)
    call = probe.call
    call.row.words_confirmed = True
    device = add_device(call, "ssh://root@192.168.1.5")
    assert (device.target, add_device(call, "ssh://root@192.168.1.5:22")) == (2, device)
    _, _, first = await world.manager.join(call.row.id, PROBE, commit(NONCE), 2)
    _, _, second = await world.manager.join(call.row.id, PROBE, commit(NONCE), 2)
    assert (first.state, second.state, probe.session.state) == ("ended", "joined", "connected")
    assert call.sessions == {1: probe.session, 2: second}
    assert call.row.words_confirmed
    assert probe.link.ended == []
    probe.tell("filesystems", *filesystem(0.99))
    assert [cause.finding.target for cause in call.engine.causes()] == [1]


async def test_only_a_device_of_the_call_joins(world: Any, join: Any) -> None:
    probe = await join(world)
    with pytest.raises(CallError, match="no device 2"):
        await world.manager.join(probe.call.row.id, PROBE, commit(NONCE), 2)


async def test_devices_outlive_a_crash(world: Any, join: Any) -> None:
    probe = await join(world)
    add_device(probe.call, "ssh://root@192.168.1.5")
    await world.journal.durable(probe.call.ticket)
    after = await world.crash()
    call = after.manager.calls[probe.call.row.id]
    assert {target: device.address for target, device in call.devices.items()} == {
        2: "ssh://root@192.168.1.5"
    }
    assert add_device(call, "ssh://pi@raspberry").target == 3


async def test_a_call_has_a_few_devices(world: Any, join: Any) -> None:
    probe = await join(world)
    for number in range(MAX_DEVICES):
        add_device(probe.call, f"ssh://root@10.0.0.{number}")
    with pytest.raises(CallError, match="at most"):
        add_device(probe.call, "ssh://root@10.0.0.99")
