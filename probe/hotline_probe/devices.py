"""Devices in the caller's network: each is allowed by the caller, reached over SSH, and read.

Nothing is changed there but by single actions that the caller allows. A device has a session of its own with
the collector, over the same way and with a code of its own. What the caller types to log in stays in this
process.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Protocol

from hotline_proto.ssh_address import SshAddress
from hotline_proto.v1 import probe_pb2 as pb

from hotline_probe.consent import Consent, Layer
from hotline_probe.deviceentry import Declined, Entry
from hotline_probe.deviceoptions import Means
from hotline_probe.devicepast import Past, Pasts
from hotline_probe.devicereading import NO_SERVER, DeviceSession, must_be_readable, until_over
from hotline_probe.errors import JoinRefused, UsageError
from hotline_probe.face import Face, Question, Sentence, Topic
from hotline_probe.limits import Budget
from hotline_probe.sources.fritzbox import is_fritzbox
from hotline_probe.ssh.address import parse_address, parse_fingerprint
from hotline_probe.ssh.errors import HostKeyChanged, HostKeyUnknown, SshError, SshTrouble
from hotline_probe.targets import Reach, forbidden_or_here, reach_of
from hotline_probe.terminal import harmless
from hotline_probe.threads import in_thread

if TYPE_CHECKING:
    from hotline_probe.ssh.machine import SshMachine

MAX_DEVICES = 8
_MAX_ADDRESS = 255
_MAX_CODE = 32
_FAREWELL_S = 3.0
# Whoever has said no so often in a row has made up their mind.
_ENOUGH = 3


class DeviceHost(Protocol):
    """What devices need of the session of the caller's computer."""

    def words_confirmed(self) -> bool:
        """Whether the agent has entered the two words."""
        ...

    def post(self, frame: pb.ProbeFrame) -> int:
        """Send a durable frame."""
        ...


BeginSession = Callable[["SshMachine", str, Consent, str, Past], Awaitable[DeviceSession]]


class Devices:
    """The devices of one call.

    `begin` joins with a code and returns the session that reads a machine, with its name and its past.
    """

    def __init__(self, face: Face, host: DeviceHost, begin: BeginSession, means: Means) -> None:
        self._face = face
        self._host = host
        self._begin = begin
        self._named = frozenset(means.named)
        self._entry = Entry(face, means)
        self._tasks: dict[int, asyncio.Task[object]] = {}
        self._sessions: dict[int, DeviceSession] = {}
        self._pasts = Pasts()
        self._budget = Budget(10)
        self._noes = 0
        self._asking = asyncio.Lock()
        self._over = False

    async def request(self, request: pb.DeviceRequest) -> None:
        """Ask the caller, connect and read until it ends; asked again, begin anew."""
        target, task = request.target, asyncio.current_task()
        if self._over or task is None or len(self._tasks.keys() | {target}) > MAX_DEVICES:
            return
        earlier = self._tasks.get(target)
        if not self._budget.take():
            self._report(target, pb.DEVICE_STATE_DECLINED, "not_allowed")
            return
        self._tasks[target] = task
        if earlier is not None:
            earlier.cancel()
            await asyncio.wait([earlier])
        try:
            await self._guarded(request)
        finally:
            if self._tasks.get(target) is task:
                del self._tasks[target]

    def end(self, reason: str) -> None:
        """Let every device session say goodbye, because the call ends."""
        self._over = True
        for session in self._sessions.values():
            session.end(reason)

    def still_changed(self) -> list[Mapping[str, str]]:
        """Return the titles, by language, of what was done and not taken back on devices."""
        return self._pasts.still_changed()

    async def close(self) -> None:
        """Return when nothing is read any more."""
        self.end("shutdown")
        tasks = [task for task in self._tasks.values() if task is not asyncio.current_task()]
        if tasks:
            reading = [self._tasks[target] for target in self._sessions if target in self._tasks]
            if reading:
                await asyncio.wait(reading, timeout=_FAREWELL_S)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    # ---- one device ---------------------------------------------------------------------------
    async def _guarded(self, request: pb.DeviceRequest) -> None:
        target, shown = request.target, harmless(request.address, 80)
        try:
            address = await self._allowed(request)
            await self._read(request, address)
        except Declined:
            self._report(target, pb.DEVICE_STATE_DECLINED)
            self._tell(lambda t: t.device_declined.format(device=shown), shown, "declined")
        except UsageError:
            self._report(target, pb.DEVICE_STATE_DECLINED, "not_allowed")
            self._tell(lambda t: t.device_refused.format(device=shown), shown, "refused")
        except ImportError:
            self._failed(target, shown, "no_ssh_program", lambda t: t.no_paramiko)
        except SshError as error:
            fingerprint = error.fingerprint if isinstance(error, HostKeyUnknown | HostKeyChanged) else ""
            why = (lambda t: t.device_fritzbox) if error.trouble is SshTrouble.FRITZBOX else _plain(error)
            self._failed(target, shown, error.trouble.value, why, fingerprint)
        except JoinRefused as error:
            self._failed(target, shown, "", _plain(error))

    async def _allowed(self, request: pb.DeviceRequest) -> SshAddress:
        if len(request.address) > _MAX_ADDRESS or len(request.code) > _MAX_CODE:
            raise UsageError("it is too long")
        address = parse_address(request.address)
        if request.fingerprint and parse_fingerprint(request.fingerprint) != request.fingerprint:
            raise UsageError("it is spelt in another way")
        if not self._host.words_confirmed():
            raise UsageError("the two words are not confirmed yet")
        reach = await reach_of(address.host)
        if reach is Reach.FORBIDDEN:
            raise UsageError("it is no device")
        if str(address) not in self._named and await in_thread(partial(_is_here, address.host), "lookup"):
            raise UsageError("it is this computer")
        _needs_paramiko()
        self._report(request.target, pb.DEVICE_STATE_ASKED)
        async with self._asking:
            await self._must_agree(address, request.fingerprint)
        return address

    async def _must_agree(self, address: SshAddress, fingerprint: str) -> None:
        if self._noes >= _ENOUGH and str(address) not in self._named:
            raise UsageError("the caller has said no often enough")
        try:
            await self._entry.must_agree(_device_question(str(address), fingerprint))
        except Declined as no:
            self._noes += not no.silent
            raise
        self._noes = 0

    async def _read(self, request: pb.DeviceRequest, address: SshAddress) -> None:
        from hotline_probe.ssh.hostkeys import fingerprint_of  # noqa: PLC0415 - needs paramiko
        from hotline_probe.ssh.machine import SshMachine  # noqa: PLC0415

        shown, target = str(address), request.target
        self._report(target, pb.DEVICE_STATE_CONNECTING)
        told = partial(self._report, target)
        try:
            transport = await self._entry.connect(address, request.fingerprint, told)
        except SshError as error:
            raise await _recognised(address, error) from error
        machine = SshMachine(transport)
        past = self._pasts.of(shown, fingerprint_of(transport.get_remote_server_key()), machine)
        try:
            await must_be_readable(machine, address.host)
            consent = Consent({Layer.BASIC}, {Layer.PERSONAL})
            session = await self._begin(machine, request.code, consent, shown, past)
            self._sessions[target] = session
            self._report(target, pb.DEVICE_STATE_READING)
            self._tell(lambda t: t.device_reading.format(device=shown), shown, "reading")
            if self._over:
                session.end("shutdown")
            lost = await until_over(session, machine)
        finally:
            self._sessions.pop(target, None)
            machine.close()
        self._report(target, pb.DEVICE_STATE_ENDED, SshTrouble.ENDED.value if lost else "")
        self._tell(lambda t: t.device_ended.format(device=shown), shown, "ended")

    def _failed(self, target: int, shown: str, trouble: str, why: Sentence, fingerprint: str = "") -> None:
        self._report(target, pb.DEVICE_STATE_FAILED, trouble, fingerprint)
        self._tell(lambda t: t.device_failed.format(device=shown, detail=why(t)), shown, "failed")

    def _report(self, target: int, state: pb.DeviceState, trouble: str = "", fingerprint: str = "") -> None:
        report = pb.DeviceReport(target=target, state=state, trouble=trouble, fingerprint=fingerprint)
        self._host.post(pb.ProbeFrame(device=report))

    def _tell(self, say: Sentence, shown: str, state: str) -> None:
        self._face.event("device", say, device=shown, state=state)


async def _recognised(address: SshAddress, error: SshError) -> SshError:
    """Return the error, or a better one if the machine without SSH is a FRITZ!Box."""
    if error.trouble in NO_SERVER and await in_thread(partial(is_fritzbox, address.host), "lookup"):
        return SshError(SshTrouble.FRITZBOX, f"{address.host} is a FRITZ!Box, which has no SSH")
    return error


def _is_here(host: str) -> bool:
    """Tell whether a host is this computer by its loopback addresses."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return any(forbidden_or_here(str(entry[4][0])) for entry in found)


def _needs_paramiko() -> None:
    import paramiko  # noqa: F401, PLC0415 - the extra may be missing


def _device_question(shown: str, fingerprint: str) -> Question:
    about: tuple[Sentence, ...] = (lambda t: t.device_asked.format(device=shown),)
    data = {"device": shown}
    if fingerprint:
        about = (*about, lambda t: t.device_named.format(fingerprint=fingerprint))
        data["fingerprint"] = fingerprint
    return Question(Topic.DEVICE, lambda t: t.device_ask, about, data=data)


def _plain(error: Exception) -> Sentence:
    text = harmless(str(error), 300)
    return lambda _texts: text
