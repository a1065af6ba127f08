"""Devices that the collector was reading when it ended, read again after its start.

What it takes to log in there stands in no record: it is read from the operator's files once more.
"""

from __future__ import annotations

import asyncio
import logging

from hotline_collector.calls import devices
from hotline_collector.calls.devices import Device
from hotline_collector.calls.errors import CallError, NotYet
from hotline_collector.calls.manager import CallManager
from hotline_collector.calls.ports import JoinCodes, ReadyDevice
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.errors import StoreError

# How long to wait for others to make room, or for the store.
PAUSE_S = 5.0
# Words beside those of the reading process.
NOT_LISTED, LOGIN_GONE = "not_listed", "login_gone"
_log = logging.getLogger(__name__)


async def read_again(manager: CallManager, codes: JoinCodes, pause: float = PAUSE_S) -> None:
    """Have every device read again that was being read, as soon as the limits of reading from here allow."""
    left = [
        (call, device)
        for call in manager.calls.values()
        for device in call.devices.values()
        if device.broken_off
    ]
    for call, device in left:
        device.state = "connecting"
        call.changed()
    for call, device in left:
        while device.broken_off and call.row.state != "closed":
            try:
                await _again(call, device, codes)
            except (NotYet, StoreError) as error:
                _log.warning("%s is not read again yet: %s", device.address, error)
                await asyncio.sleep(pause)


async def _again(call: CallRuntime, device: Device, codes: JoinCodes) -> None:
    ready = _ready(call, device)
    if ready is None:
        return
    code = await codes.issue(call.row.id, device.target)
    # Meanwhile somebody may have asked for it, or closed the call.
    if device.broken_off and call.row.state != "closed":
        detail = f"{device.address} after a restart"
        call.around.saver.audit("system", "device.again", call.row.id, detail)
        devices.begin(call, device, ready, code)


def _ready(call: CallRuntime, device: Device) -> ReadyDevice | None:
    """Return a device that can be read; if it cannot, the call says why.

    Raises:
        NotYet: others have to make room first.
    """
    reach = call.around.reach
    if reach is None or device.address not in reach.addresses:
        devices.fail(call, device, NOT_LISTED)
        return None
    try:
        return devices.reachable(call, device.address)
    except NotYet:
        raise
    except CallError as error:
        _log.warning("a device is not read again: %s", error)
        devices.fail(call, device, LOGIN_GONE)
        return None
