"""Devices of a call besides the caller's computer: routers, storage, small computers, read over SSH.

A device is a target with a number of its own. The caller's probe is told of it, asks the caller, and joins
once more with a code that is bound to this one target.
"""

from __future__ import annotations

import re
import urllib.parse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hotline_proto.record import EntryKind
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls.errors import conflict, invalid
from hotline_collector.model.targets import COMPUTER

if TYPE_CHECKING:
    from hotline_collector.calls.runtime import CallRuntime

MAX_DEVICES = 8
_MAX_ADDRESS = 255
_SSH_PORT = 22
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,63}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9_.:-]{1,253}", re.ASCII)
_FORM = "it looks like ssh://user@host, with :port behind it unless it is 22"


@dataclass(slots=True)
class Device:
    """A device by the number of its target, and how reading it stands.

    `state` is asked, declined, connecting, reading, failed or ended, and empty before the probe has said
    anything. `trouble` says why it failed, in a word of the probe; `fingerprint` is that of a host key in
    question.
    """

    target: int
    address: str
    state: str = ""
    trouble: str = ""
    fingerprint: str = ""
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
    shown = typed[:80]
    try:
        url = urllib.parse.urlsplit(typed)
        host, port, secret = url.hostname or "", url.port, url.password
    except ValueError as error:
        raise invalid(f"{shown!r} is no address of a device ({error}); {_FORM}") from error
    if secret is not None:
        raise invalid("a password has no place in an address; the caller's computer asks for it there")
    if len(typed) > _MAX_ADDRESS or url.scheme != "ssh" or url.path.strip("/") or url.query or url.fragment:
        raise invalid(f"{shown!r} is no address of a device; {_FORM}")
    user = urllib.parse.unquote(url.username or "")
    if not _USER.fullmatch(user) or not _HOST.fullmatch(host) or port == 0:
        raise invalid(f"{shown!r} does not say who logs in where; {_FORM}")
    place = f"[{host}]" if ":" in host else host
    return f"ssh://{user}@{place}" + (f":{port}" if port not in (None, _SSH_PORT) else "")


def add_device(call: CallRuntime, text: str) -> Device:
    """Return the device at an address; it becomes a target of the call unless it is one already.

    Raises:
        CallError: this is no address, or the call has too many devices.
    """
    address = parse_device(text)
    for known in call.devices.values():
        if known.address == address:
            return known
    if len(call.devices) >= MAX_DEVICES:
        raise conflict(f"a call has at most {MAX_DEVICES} devices")
    target = max(call.devices, default=COMPUTER) + 1
    call.input(EntryKind.TARGET_ADDED, target, rec.TargetAdded(target=target, name=address))
    device = call.devices[target] = Device(target, address)
    return device
