"""Devices of a call besides the caller's computer: routers, storage, small computers, read over SSH.

A device is a target with a number of its own, read by whoever joins with a code that is bound to this one
target: the caller's probe, which asks the caller first, or the collector itself, which reads only what the
operator has listed. The same address from both is two devices, for each has a network of its own.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hotline_proto.errors import SshAddressError
from hotline_proto.record import EntryKind
from hotline_proto.ssh_address import parse_ssh_address, parse_ssh_fingerprint
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls import frames, undoing
from hotline_collector.calls.bounds import MAX_ADDRESS
from hotline_collector.calls.errors import conflict, invalid, locked
from hotline_collector.errors import StoreError
from hotline_collector.model.targets import COMPUTER

if TYPE_CHECKING:
    from hotline_collector.calls.ports import IssuedCode, ReadyDevice
    from hotline_collector.calls.runtime import CallRuntime
    from hotline_collector.calls.session import Session
    from hotline_collector.model.rows import FixRow

MAX_DEVICES = 8
_TROUBLE = re.compile(r"[a-z_]{0,40}", re.ASCII)
_FINGERPRINT = re.compile(r"(?:SHA256:[A-Za-z0-9+/]{43})?", re.ASCII)
_STATES: Mapping[int, str] = {
    pb.DEVICE_STATE_ASKED: "asked",
    pb.DEVICE_STATE_DECLINED: "declined",
    pb.DEVICE_STATE_CONNECTING: "connecting",
    pb.DEVICE_STATE_READING: "reading",
    pb.DEVICE_STATE_FAILED: "failed",
    pb.DEVICE_STATE_ENDED: "ended",
}
_ERROR = "device.ssh.error"
# What is known about the way to a device once nobody is on it any more.
_SETTLED = frozenset({"reading", "failed", "ended"})
_LOST = "ended"
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Device:
    """A device by the number of its target, who reads it, and how that stands.

    With `from_collector` the collector reads it, else the caller's probe does; `named_key` is the fingerprint
    that support expects of its host key then, empty if it knows none.

    `state` is asked, declined, connecting, reading, failed or ended, and empty before the probe has said
    anything. `trouble` says why it failed, in a word of the probe; `fingerprint` is that of a host key in
    question. `broken_off` tells after a restart that the collector was reading it when it ended.
    """

    target: int
    address: str
    from_collector: bool = False
    named_key: str = ""
    state: str = ""
    trouble: str = ""
    fingerprint: str = ""
    broken_off: bool = False
    code: str = field(default="", repr=False)
    code_until: int = 0


def parse_device(text: str) -> str:
    """Return the address of a device in one spelling, so that the same one is known again.

    Raises:
        CallError: it is none.

    >>> parse_device(" ssh://root@[FD00::1]:22 ")
    'ssh://root@[fd00::1]'
    """
    typed = text.strip()
    try:
        address = parse_ssh_address(typed)
    except SshAddressError as error:
        raise invalid(str(error)) from error
    if len(typed) > MAX_ADDRESS:
        raise invalid(f"an address of a device has at most {MAX_ADDRESS} characters")
    return str(address)


def parse_named_key(text: str) -> str:
    """Return the fingerprint of a host key that support names, empty if it names none.

    Raises:
        CallError: it is none.
    """
    if not text.strip():
        return ""
    try:
        return parse_ssh_fingerprint(text)
    except SshAddressError as error:
        raise invalid(str(error)) from error


def add_device(call: CallRuntime, text: str, *, from_collector: bool = False) -> Device:
    """Return the device at an address; it becomes a target of the call unless it is one already.

    Raises:
        CallError: this is no address, or the call has too many devices.
    """
    address = parse_device(text)
    for known in call.devices.values():
        if (known.address, known.from_collector) == (address, from_collector):
            return known
    if len(call.devices) >= MAX_DEVICES:
        raise conflict(f"a call has at most {MAX_DEVICES} devices")
    target = max(call.devices, default=COMPUTER) + 1
    added = rec.TargetAdded(target=target, name=address, from_collector=from_collector)
    call.input(EntryKind.TARGET_ADDED, target, added)
    device = call.devices[target] = Device(target, address, from_collector)
    return device


def wanted(call: CallRuntime, text: str) -> Device:
    """Return the device at an address if the caller can be asked for it now.

    Raises:
        CallError: this is no address, there are too many, or the caller's computer cannot be asked.
    """
    parse_device(text)
    session = call.sessions.get(COMPUTER)
    if session is None or session.link is None:
        raise conflict("the caller's computer is not connected; it is what reads a device")
    if not session.basic:
        raise locked("the caller has not allowed the basic readings yet")
    if not call.row.words_confirmed:
        raise locked("confirm the two words first; until then the caller is not asked for a device")
    return add_device(call, text)


def why_not_on(call: CallRuntime, target: int, action: str) -> str:
    """Return why an action is never done on a target, empty if it may be."""
    if target == COMPUTER:
        return ""
    spec, device = call.around.catalogue.actions.get(action), call.devices.get(target)
    if spec is None or not spec.devices:
        return f"{action} is not done on a device; offer the steps instead"
    if device is None or (device.from_collector and not _may_change(call, device)):
        return (
            "what the collector reads itself is only read, unless the operator allows actions there "
            "(devices.allow); offer the steps instead"
        )
    return ""


def is_read_from_here(call: CallRuntime, target: int) -> bool:
    """Tell whether the collector itself reads a target: then its owner agrees to actions, not the caller."""
    device = call.devices.get(target)
    return device is not None and device.from_collector


def must_agree(agreed: bool) -> None:
    """Return if the owner of a device that is read from here agrees to an action.

    Raises:
        CallError: nobody has said so.
    """
    if not agreed:
        raise locked(
            "nobody is asked on the screen of a device that is read from here: ask its owner, and propose "
            "the action once more with their word (--owner-agreed, the key o in `hotline call watch`)"
        )


def pass_on_word(call: CallRuntime, row: FixRow) -> None:
    """Tell the reader of a device from here that its owner agrees to an action that is about to come."""
    if is_read_from_here(call, row.target) and call.around.reach is not None:
        call.around.reach.agree(call.row.id, row.target, row.id)


def _may_change(call: CallRuntime, device: Device) -> bool:
    return call.around.reach is not None and call.around.reach.may_change(device.address)


def request(call: CallRuntime, device: Device, code: IssuedCode) -> None:
    """Have the caller asked for a device; its probe joins with the code."""
    device.state = device.trouble = device.fingerprint = ""
    device.code, device.code_until = code.code, code.expires
    session = call.sessions.get(COMPUTER)
    if session is not None:
        session.send(_wish(device))
    call.changed()


def request_again(call: CallRuntime, session: Session, now: int) -> None:
    """Ask on a new connection for what the probe has not said a word about."""
    for device in call.devices.values():
        if device.code and not device.state and device.code_until > now:
            session.send(_wish(device))


def _wish(device: Device) -> pb.CollectorFrame:
    return frames.device(device.target, device.address, device.code, device.named_key)


def reachable(call: CallRuntime, text: str) -> ReadyDevice:
    """Return a device that the collector itself can read now; neither probe nor words are needed for it.

    Raises:
        CallError: this is no address, the operator has not listed it, or it cannot be read now.
    """
    address, reach = parse_device(text), call.around.reach
    if reach is None:
        raise conflict(f"{address} is not read from here: the operator lists no devices in devices.allow")
    return reach.prepare(address)


def begin(call: CallRuntime, device: Device, ready: ReadyDevice, code: IssuedCode) -> None:
    """Have the collector read a device from now on; asked again, it begins anew."""
    known = bool(device.state)
    device.state, device.trouble, device.fingerprint, device.broken_off = "connecting", "", "", False
    if known:
        _record(call, device)
    ready.begin(call.row.id, code.code, lambda report: _told(call, report), device.target)
    call.changed()


def _told(call: CallRuntime, report: pb.DeviceReport) -> None:
    """Take up what the collector's own reader says about a device of a call that is still open."""
    device = call.devices.get(report.target)
    if device is None or not device.from_collector or call.row.state == "closed":
        return
    _take_up(device, report)
    state = pb.DeviceState.Name(report.state)
    call.around.saver.audit("system", "device.report", call.row.id, f"{device.target}: {state}")
    _record(call, device)
    if device.state in ("failed", "ended"):
        undoing.give_up(call, device.target)
    call.changed()


def fail(call: CallRuntime, device: Device, trouble: str) -> None:
    """Note that a device cannot be read from here, for a reason that the collector knows by itself."""
    device.state, device.trouble, device.fingerprint, device.broken_off = "failed", trouble, "", False
    _record(call, device)
    call.changed()


def _record(call: CallRuntime, device: Device) -> None:
    """Put into the record how a device stands, so that it is known after a restart."""
    try:
        _learn(call, device)
    except StoreError as error:
        _log.warning("call %s: how a device stands could not be recorded: %s", call.row.id, error)


def reported(devices: Mapping[int, Device], reporter: int, report: pb.DeviceReport) -> None:
    """Take up what the probe of the caller's computer says about a device it reads; nobody else knows."""
    device = devices.get(report.target)
    if device is not None and _speaks_of(reporter, device):
        _take_up(device, report)


def learned(call: CallRuntime, reporter: int, report: pb.DeviceReport) -> None:
    """Make a fact of the device of what its report says about the way to it."""
    if is_read_by(call, reporter, report):
        _learn(call, call.devices[report.target])


def is_read_by(call: CallRuntime, reporter: int, report: pb.DeviceReport) -> bool:
    """Tell whether a report speaks of a device that the reporter reads, in a state that there is."""
    device = call.devices.get(report.target)
    return device is not None and _speaks_of(reporter, device) and report.state in _STATES


def _speaks_of(reporter: int, device: Device) -> bool:
    return reporter == COMPUTER and not device.from_collector


def recalled(call: CallRuntime, fact: rec.FactStated) -> None:
    """Bring a device that the collector read to where the record says it is: nobody reads it any more."""
    device = call.devices.get(fact.target)
    if device is None or not device.from_collector or fact.fact != _ERROR:
        return
    device.broken_off = fact.text == "none" or fact.unknown == pb.UNKNOWN_REASON_PENDING
    failed = fact.text not in ("", "none", _LOST)
    device.state, device.trouble = "failed" if failed else "ended", fact.text.removeprefix("none")


def _take_up(device: Device, report: pb.DeviceReport) -> None:
    state = _STATES.get(report.state)
    if state is None:
        return
    device.state, device.code = state, ""
    device.trouble = report.trouble if _TROUBLE.fullmatch(report.trouble) else ""
    device.fingerprint = report.fingerprint if _FINGERPRINT.fullmatch(report.fingerprint) else ""


def _learn(call: CallRuntime, device: Device) -> None:
    fact = rec.FactStated(target=device.target, fact=_ERROR, origin=rec.ORIGIN_PROBE)
    error = "none" if device.state == "reading" else device.trouble
    if device.state in _SETTLED and error in call.around.catalogue.facts[_ERROR].values:
        fact.text = error
    elif device.from_collector:
        pending = device.state == "connecting"
        fact.unknown = pb.UNKNOWN_REASON_PENDING if pending else pb.UNKNOWN_REASON_NOT_COLLECTED
    else:
        return
    call.input(EntryKind.FACT_STATED, device.target, fact, spare=True)
