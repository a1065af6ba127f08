"""Devices: targets of their own beside the caller's computer."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_collector.calls.desk import Actor
from hotline_collector.calls.devices import MAX_DEVICES, add_device, parse_device
from hotline_collector.calls.errors import CallError
from hotline_collector.calls.views import call_view
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
        ("ssh://fritz.box", "ssh://root@fritz.box"),
    ],
)
def test_one_spelling_for_one_device(typed: str, kept: str) -> None:
    assert parse_device(typed) == kept


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("192.168.1.1", "is no address of a device"),
        ("ssh://root@", "who logs in"),
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


ADDRESS = "ssh://root@192.168.1.5"
KEY = "SHA256:" + "k" * 43


async def test_the_callers_probe_is_asked_with_a_code_of_the_device(
    world: Any, join: Any, agent: Actor
) -> None:
    probe = await join(world)
    assert await world.desk.add_target(agent, probe.call.row.id, ADDRESS + ":22") == 2
    [asked] = probe.link.bodies("device")
    assert (asked.target, asked.address) == (2, ADDRESS)
    assert await world.codes.redeem(asked.code, "::1") == (probe.call.row.id, 2)
    target = call_view(probe.call, world.clock.now()).targets[1]
    assert (target.target, target.name, target.link, target.device) == (2, ADDRESS, "waiting", "waiting")


async def test_what_the_probe_says_of_a_device_is_shown_and_kept(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world)
    await world.desk.add_target(agent, probe.call.row.id, ADDRESS)
    failed = pb.DeviceReport(
        target=2, state=pb.DEVICE_STATE_FAILED, trouble="host_key_changed", fingerprint=KEY
    )
    probe.frame(device=failed)
    probe.frame(device=pb.DeviceReport(target=9, state=pb.DEVICE_STATE_READING))
    await world.journal.durable(probe.session.ticket)
    after = await world.crash()
    for call in (probe.call, after.manager.calls[probe.call.row.id]):
        target = call_view(call, world.clock.now()).targets[1]
        assert (target.device, target.trouble, target.fingerprint) == ("failed", "host_key_changed", KEY)


async def test_a_report_is_hostile(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world)
    await world.desk.add_target(agent, probe.call.row.id, ADDRESS)
    probe.frame(
        device=pb.DeviceReport(
            target=2, state=pb.DEVICE_STATE_FAILED, trouble="<b>" * 99, fingerprint="SHA256:\x1b"
        )
    )
    target = call_view(probe.call, world.clock.now()).targets[1]
    assert (target.device, target.trouble, target.fingerprint) == ("failed", "", "")


async def test_an_unheard_wish_is_sent_again_and_a_heard_one_is_not(
    world: Any, join: Any, agent: Actor
) -> None:
    probe = await join(world)
    await world.desk.add_target(agent, probe.call.row.id, ADDRESS)
    probe.call.devices[2].code_until = world.clock.now() + 600_000_000
    probe.connect(pb.CONSENT_LAYER_BASIC)
    assert [asked.target for asked in probe.link.bodies("device")] == [2]
    probe.frame(device=pb.DeviceReport(target=2, state=pb.DEVICE_STATE_ASKED))
    probe.connect(pb.CONSENT_LAYER_BASIC)
    assert probe.link.bodies("device") == []


async def test_nobody_is_asked_before_the_words(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world, words=False)
    with pytest.raises(CallError, match="two words"):
        await world.desk.add_target(agent, probe.call.row.id, ADDRESS)
    probe.lose()
    with pytest.raises(CallError, match="not connected"):
        await world.desk.add_target(agent, probe.call.row.id, ADDRESS)
    assert probe.call.devices == {}


async def test_a_device_is_not_asked_what_a_human_is(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world)
    await world.desk.add_target(agent, probe.call.row.id, ADDRESS)
    await world.desk.add_check(agent, probe.call.row.id, "mail.example.org:993")
    _, call, session = await world.manager.join(probe.call.row.id, PROBE, commit(NONCE), 2)
    device = type(probe)(world, call, session)
    device.connect(pb.CONSENT_LAYER_BASIC)
    assert {frame.WhichOneof("body") for frame in device.link.sent} == {"plan", "call"}


async def test_a_changed_key_is_a_fact_of_the_device(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world)
    await world.desk.add_target(agent, probe.call.row.id, ADDRESS)

    def known(call: Any) -> dict[str, Any]:
        return dict(call.engine.values(2, "device.ssh.error"))

    probe.frame(device=pb.DeviceReport(target=2, state=pb.DEVICE_STATE_FAILED, trouble="host_key_changed"))
    assert known(probe.call) == {"": "host_key_changed"}
    probe.frame(device=pb.DeviceReport(target=2, state=pb.DEVICE_STATE_READING))
    assert known(probe.call) == {"": "none"}
    await world.journal.durable(probe.call.ticket)
    after = await world.crash()
    assert known(after.manager.calls[probe.call.row.id]) == {"": "none"}


async def test_what_does_not_fit_a_device_is_not_done_there(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await join(world)
    probe.call.words_confirmed()
    await world.desk.add_target(agent, probe.call.row.id, ADDRESS)
    _, call, session = await world.manager.join(probe.call.row.id, PROBE, commit(NONCE), 2)
    device = type(probe)(world, call, session)
    device.connect(pb.CONSENT_LAYER_BASIC)
    device.tell("filesystems", *filesystem(0.99))
    [cause] = world.desk.look(call, include_facts=False).causes
    assert cause.target == 2 and [fix.index for fix in cause.fixes] == [1, 2]
    with pytest.raises(CallError, match="not done on a device"):
        await world.desk.propose(agent, call.row.id, cause.finding_id, 0)
    assert await world.desk.propose(agent, call.row.id, cause.finding_id, 1)


async def test_support_names_the_devices_key(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world)
    probe.call.row.words_confirmed = True
    named = []
    for typed in (f" {KEY}= ", ""):
        await world.desk.add_target(agent, probe.call.row.id, ADDRESS, typed)
        named.append(probe.link.sent[-1].device.fingerprint)
    assert named == [KEY, ""]
    with pytest.raises(CallError, match="a fingerprint is SHA256"):
        await world.desk.add_target(agent, probe.call.row.id, "ssh://root@10.0.0.1", "MD5:aa:bb")
    assert list(probe.call.devices) == [2], "no device is added with a fingerprint that is none"
