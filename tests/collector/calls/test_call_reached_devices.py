"""Devices that the collector reads itself, as the call layer sees them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.erasing import erase
from hotline_collector.calls.errors import CallError, NotYet, conflict
from hotline_collector.calls.rereading import read_again
from hotline_collector.calls.views import call_view
from hotline_collector.console.texts import DE, EN
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rule import Fix
from hotline_proto.catalogue import Catalogue
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.words import commit

ADDRESS = "ssh://support@nas.example.org"
KEY = "SHA256:" + "k" * 43
ACTION = "storage.remount_writable"
PROBE = pb.ProbeInfo(platform="linux", language="en")


@dataclass
class Reached:
    """The port kept in memory: what is read, and what was let go."""

    reading: dict[tuple[str, int], tuple[str, Callable[[pb.DeviceReport], None]]] = field(
        default_factory=dict
    )
    ended: list[str] = field(default_factory=list)
    addresses: tuple[str, ...] = (ADDRESS,)
    changeable: bool = False
    agreed: list[tuple[str, int, str]] = field(default_factory=list)
    refuses: list[CallError] = field(default_factory=list)

    def prepare(self, address: str) -> Reached:
        if self.refuses:
            raise self.refuses.pop(0)
        if address not in self.addresses:
            raise conflict(f"{address} is not in devices.allow")
        return self

    def begin(self, call_id: str, code: str, report: Callable[[pb.DeviceReport], None], target: int) -> None:
        self.reading[call_id, target] = (code, report)

    def may_change(self, address: str) -> bool:
        return self.changeable and address in self.addresses

    def agree(self, call_id: str, target: int, proposal_id: str) -> None:
        self.agreed.append((call_id, target, proposal_id))

    def end(self, call_id: str) -> None:
        self.ended.append(call_id)

    def tell(self, call: Any, state: pb.DeviceState, **more: str) -> None:
        report = pb.DeviceReport(target=2, state=state, **more)
        self.reading[call.row.id, 2][1](report)


@pytest.fixture
def world(catalogue: Catalogue, rules: RuleSet) -> Any:
    """A world whose rule for filesystems offers an action that can be done on devices."""
    from tests.collector.conftest import World

    rule = rules.pack.rules["disk.full"]
    fix = Fix(ACTION, {"filesystem": "filesystem"}, (), "caller", "medium")
    changed = {**rules.pack.rules, rule.id: replace(rule, fixes=(*rule.fixes, fix))}
    return World(catalogue, RuleSet(replace(rules.pack, rules=changed, digest="1" * 64), catalogue))


@pytest.fixture
def reached(world: Any) -> Reached:
    world.manager.around.reach = port = Reached()
    return port


@pytest.fixture
async def call(world: Any, agent: Actor, reached: Reached) -> Any:
    """Return a call whose only target besides nobody is a device."""
    row, _code = await world.desk.open(agent, "the storage blinks red")
    assert await world.desk.add_target(agent, row.id, ADDRESS + ":22", from_collector=True) == 2
    return world.manager.calls[row.id]


def device(world: Any, call: Any) -> Any:
    return next(each for each in call_view(call, world.clock.now()).targets if each.target == 2)


async def test_a_call_of_nothing_but_a_device(
    world: Any, reached: Reached, call: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    shown = device(world, call)
    assert (shown.name, shown.device, shown.from_collector) == (ADDRESS, "connecting", True)
    [(key, (code, _report))] = reached.reading.items()
    assert key == (call.row.id, 2)
    assert await world.codes.redeem(code, "127.0.0.1") == (call.row.id, 2)
    _, _, session = await world.manager.join(call.row.id, PROBE, commit(b"n" * 16), 2)
    reader = type(await join(world, "another call"))(world, call, session)
    reader.connect(pb.CONSENT_LAYER_BASIC)
    reached.tell(call, pb.DEVICE_STATE_READING)
    reader.tell("filesystems", *filesystem(0.99))
    view = world.desk.look(call, include_facts=True)
    assert (view.state, [(t.target, t.link) for t in view.targets]) == (
        "active", [(1, "waiting"), (2, "connected")],
    )  # fmt: skip
    assert [cause.target for cause in view.causes] == [2]
    assert "The cause is" in view.say_now.en
    assert {fact.target for fact in view.facts} == {2}
    # The code for the caller's computer is still good, and what they answer counts.
    await world.desk.answer(agent, call.row.id, "ask.smell", "no")
    assert {fact.target for fact in world.desk.look(call, include_facts=True).facts} == {1, 2}
    await world.desk.close(agent, call.row.id, "technician")
    assert reached.ended == [call.row.id]


async def test_a_changed_key_is_a_finding_and_outlives_a_restart(
    world: Any, reached: Reached, call: Any
) -> None:
    reached.tell(call, pb.DEVICE_STATE_FAILED, trouble="host_key_changed", fingerprint=KEY)
    shown = device(world, call)
    assert (shown.device, shown.trouble, shown.fingerprint) == ("failed", "host_key_changed", KEY)
    assert dict(call.engine.values(2, "device.ssh.error")) == {"": "host_key_changed"}
    await world.journal.durable(call.ticket)
    after = await world.crash()
    again = after.manager.calls[call.row.id]
    shown = device(after, again)
    assert (shown.device, shown.trouble, shown.from_collector) == ("failed", "host_key_changed", True)


async def restarted(world: Any, call: Any, reached: Reached | None) -> tuple[Any, Any]:
    """Return world and call after a crash and all that the collector does at its start."""
    await world.journal.durable(call.ticket)
    after = await world.crash()
    after.manager.around.reach = reached
    await asyncio.wait_for(read_again(after.manager, after.codes, 0.01), 20)
    return after, after.manager.calls[call.row.id]


@pytest.mark.parametrize("state", [None, pb.DEVICE_STATE_CONNECTING, pb.DEVICE_STATE_READING])
async def test_what_was_being_read_is_read_again_after_a_restart(
    world: Any, reached: Reached, call: Any, state: Any
) -> None:
    if state is not None:
        reached.tell(call, state)
    after, again = await restarted(world, call, fresh := Reached())
    assert (device(after, again).device, device(after, again).trouble) == ("connecting", "")
    [(key, (code, _report))] = fresh.reading.items()
    assert key == (call.row.id, 2)
    assert await after.codes.redeem(code, "127.0.0.1") == key
    await after.saver.flush()
    assert ("system", "device.again", f"{ADDRESS} after a restart") in [
        (actor, action, detail) for actor, action, _, detail in after.store.trail
    ]
    # And after the next one.
    fresh.tell(again, pb.DEVICE_STATE_READING)
    assert list((await restarted(after, again, last := Reached()))[1].devices) == [2]
    assert list(last.reading) == [key]


@pytest.mark.parametrize(
    ("state", "trouble"),
    [
        (pb.DEVICE_STATE_ENDED, ""),
        (pb.DEVICE_STATE_ENDED, "ended"),
        (pb.DEVICE_STATE_FAILED, "login_refused"),
        (pb.DEVICE_STATE_FAILED, "reader_failed"),
    ],
)
async def test_what_was_over_before_a_restart_stays_so_until_it_is_asked_for(
    world: Any, reached: Reached, call: Any, agent: Actor, state: Any, trouble: str
) -> None:
    reached.tell(call, pb.DEVICE_STATE_READING)
    reached.tell(call, state, trouble=trouble)
    after, again = await restarted(world, call, fresh := Reached())
    assert fresh.reading == {}
    shown = device(after, again)
    assert shown.device == ("failed" if trouble == "login_refused" else "ended")
    assert shown.trouble == ("" if trouble == "reader_failed" else trouble)
    # Asked for, it is being read once more, and that counts at the next restart.
    assert await after.desk.add_target(agent, call.row.id, ADDRESS, from_collector=True) == 2
    await restarted(after, again, last := Reached())
    assert list(last.reading) == [(call.row.id, 2)]


async def test_what_cannot_be_read_again_is_told(world: Any, reached: Reached, call: Any) -> None:
    reached.tell(call, pb.DEVICE_STATE_READING)
    for port, trouble in (
        (None, "not_listed"),
        (Reached(addresses=()), "not_listed"),
        (Reached(refuses=[conflict("password_file: No such file")]), "login_gone"),
    ):
        after, again = await restarted(world, call, port)
        shown = device(after, again)
        assert (shown.device, shown.trouble) == ("failed", trouble)
        assert EN.words[f"trouble.{trouble}"] and DE.words[f"trouble.{trouble}"]


async def test_a_restart_waits_for_room(world: Any, reached: Reached, call: Any) -> None:
    full = Reached(refuses=[NotYet("8 devices are read already"), NotYet("within a minute")])
    _, again = await restarted(world, call, full)
    assert (list(full.reading), again.devices[2].state) == ([(call.row.id, 2)], "connecting")


async def test_a_closed_call_has_nothing_read_again(
    world: Any, reached: Reached, call: Any, agent: Actor
) -> None:
    reached.tell(call, pb.DEVICE_STATE_READING)
    await world.desk.close(agent, call.row.id, "technician")
    await world.journal.durable(call.ticket)
    after = await world.crash()
    after.manager.around.reach = fresh = Reached()
    await read_again(after.manager, after.codes)
    assert fresh.reading == {}
    assert device(after, await after.manager.get(call.row.id)).device == "ended"


async def test_the_same_address_from_both_is_two_devices(
    world: Any, reached: Reached, join: Any, agent: Actor
) -> None:
    probe = await join(world)
    assert await world.desk.add_target(agent, probe.call.row.id, ADDRESS, from_collector=True) == 2
    assert await world.desk.add_target(agent, probe.call.row.id, ADDRESS) == 3
    # Nobody but its own reader says how it stands.
    probe.frame(device=pb.DeviceReport(target=2, state=pb.DEVICE_STATE_DECLINED))
    reached.reading[probe.call.row.id, 2][1](pb.DeviceReport(target=3, state=pb.DEVICE_STATE_ENDED))
    states = [each.device for each in call_view(probe.call, world.clock.now()).targets]
    assert states == ["", "connecting", "waiting"]


async def test_what_comes_after_the_end_changes_nothing(
    world: Any, reached: Reached, call: Any, agent: Actor
) -> None:
    await world.desk.close(agent, call.row.id, "abandoned")
    ticket = call.ticket
    reached.tell(call, pb.DEVICE_STATE_READING)
    assert (call.ticket, call.devices[2].state) == (ticket, "connecting")


async def test_an_erased_call_lets_its_devices_go(world: Any, reached: Reached, call: Any) -> None:
    await erase(world.manager, "agent:lea", call.row.id, "asked for")
    assert reached.ended == [call.row.id]
    reached.tell(call, pb.DEVICE_STATE_READING)
    assert call.devices == {}


async def test_who_asked_for_what_is_written_down(world: Any, reached: Reached, call: Any) -> None:
    reached.tell(call, pb.DEVICE_STATE_READING)
    _, _, session = await world.manager.join(call.row.id, PROBE, commit(b"n" * 16), 2)
    await world.saver.flush()
    trail = [(actor, action, detail) for actor, action, of, detail in world.store.trail if of == call.row.id]
    assert ("agent:mia", "device.add", f"{ADDRESS} from the collector") in trail
    assert ("system", "device.report", "2: DEVICE_STATE_READING") in trail
    assert any((actor, action) == (f"device:{session.row.id}", "join") for actor, action, _ in trail)


async def test_what_is_not_listed_is_no_target(world: Any, reached: Reached, call: Any, agent: Actor) -> None:
    for address, why in (("ssh://root@nas.example.org", "devices.allow"), ("nas", "no address of a device")):
        with pytest.raises(CallError, match=why):
            await world.desk.add_target(agent, call.row.id, address, from_collector=True)
    world.manager.around.reach = None
    with pytest.raises(CallError, match=r"lists no devices in devices\.allow"):
        await world.desk.add_target(agent, call.row.id, ADDRESS, from_collector=True)
    assert list(call.devices) == [2]


async def test_an_action_needs_the_operator_and_the_owner(
    world: Any, reached: Reached, call: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    reader_of = type(await join(world, "another call"))
    _, _, session = await world.manager.join(call.row.id, PROBE, commit(b"n" * 16), 2)
    reader = reader_of(world, call, session)
    reader.connect(pb.CONSENT_LAYER_BASIC)
    reader.tell("filesystems", *filesystem(0.99))

    def offered() -> tuple[str, list[str]]:
        [cause] = world.desk.look(call, include_facts=False).causes
        return cause.finding_id, [fix.action for fix in cause.fixes if fix.action]

    finding, actions = offered()
    assert actions == []
    with pytest.raises(CallError, match=r"only read, unless .*devices\.allow"):
        await world.desk.propose(agent, call.row.id, finding, 3, owner_agreed=True)
    reached.changeable = True
    assert offered() == (finding, [ACTION])
    with pytest.raises(CallError, match="ask its owner"):
        await world.desk.propose(agent, call.row.id, finding, 3)
    assert reached.agreed == []
    fix = await world.desk.propose(agent, call.row.id, finding, 3, owner_agreed=True)
    assert reached.agreed == [(call.row.id, 2, fix)]
    assert [body.proposal_id for body in reader.link.bodies("action")] == [fix]
    [detail] = [detail for _, action, _, detail in world.store.trail if action == "fix.propose"]
    assert detail.endswith("its owner agrees")
    # Its process ends without a word of its session: what was to be taken back is told.
    reader.report(fix, pb.ACTION_STATE_DONE, undoable=True)
    await world.desk.update_fix(agent, call.row.id, fix, "undo")
    reached.tell(call, pb.DEVICE_STATE_ENDED)
    [shown] = world.desk.look(call, include_facts=False).fixes
    assert "have it set back there by hand" in shown.detail
