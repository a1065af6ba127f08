"""The way into a device: its key is known or asked about, and the caller's key or password opens it.

What the caller types stays in this process and goes to the device alone.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hotline_proto.ssh_address import SshAddress
from hotline_proto.v1 import probe_pb2 as pb

from hotline_probe.deviceoptions import Means
from hotline_probe.face import Face, Question, Topic
from hotline_probe.ssh.errors import HostKeyUnknown, SshError, SshTrouble
from hotline_probe.targets import forbidden, forbidden_or_here
from hotline_probe.terminal import harmless
from hotline_probe.threads import in_thread

if TYPE_CHECKING:
    import paramiko

    from hotline_probe.ssh.login import Login

ASK_TIMEOUT = 300.0
# How often a password or a passphrase may be mistyped.
MAX_TRIES = 3
# Why a device is entered as if for the first time.
_NOT_RIGHT = frozenset(
    {
        SshTrouble.HOST_KEY_CHANGED,
        SshTrouble.LOGIN_REFUSED,
        SshTrouble.KEY_LOCKED,
        SshTrouble.KEY_UNREADABLE,
    }
)


class Told(Protocol):
    """Takes the news of how it stands with a device."""

    def __call__(self, state: pb.DeviceState, trouble: str = "", fingerprint: str = "") -> None:
        """Pass it on to the collector."""
        ...


class Declined(Exception):
    """The caller does not want it; `silent` if they have said nothing."""

    def __init__(self, *, silent: bool = False) -> None:
        super().__init__()
        self.silent = silent


class Entry:
    """Connects to devices, and remembers for the length of a call what the caller has confirmed and typed."""

    def __init__(self, face: Face, means: Means) -> None:
        self._face = face
        self._means = means
        self._confirmed: dict[str, set[str]] = {}
        self._passphrase: str | None = None
        # What opened a device, by its address, and the fingerprint of the key that it showed.
        self._opened_by: dict[str, tuple[Login, str]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def connect(self, address: SshAddress, named_key: str, told: Told) -> paramiko.Transport:
        """Return a connection that is logged in; `named_key` is the fingerprint that support expects.

        Raises:
            Declined: the caller gave no password, or does not know the key.
            UsageError: the name has come to stand for an address that is no device's.
            SshError: it cannot be reached, shows another key, or refuses the login.
        """
        from hotline_probe.ssh.connect import connect  # noqa: PLC0415 - needs paramiko
        from hotline_probe.ssh.hostkeys import HostKeys, fingerprint_of  # noqa: PLC0415
        from hotline_probe.ssh.login import Login  # noqa: PLC0415

        files = tuple(file.expanduser() for file in self._means.known)
        keys = HostKeys(files, self._pinned(address), named_key)
        refuses = forbidden if str(address) in self._means.named else forbidden_or_here
        if (again := await self._again(address, named_key, refuses)) is not None:
            return again
        login, typed = await self._first_login(), 0
        while True:
            try:
                transport = await _abandonable(partial(connect, address, keys, login, refuses))
                self._opened_by[str(address)] = login, fingerprint_of(transport.get_remote_server_key())
                return transport
            except HostKeyUnknown as error:
                told(pb.DEVICE_STATE_ASKED, SshTrouble.HOST_KEY_UNKNOWN.value, error.fingerprint)
                await self.must_agree(_key_question(address, error.fingerprint))
                keys.pinned.add(error.fingerprint)
                told(pb.DEVICE_STATE_CONNECTING)
            except SshError as error:
                if error.trouble is not SshTrouble.LOGIN_REFUSED or typed == MAX_TRIES:
                    raise
                typed += 1
                password = await self._face.ask_secret(_password_question(address), ASK_TIMEOUT)
                if not password:
                    raise Declined from error
                login = Login(password=password)

    async def _again(
        self, address: SshAddress, named_key: str, refuses: Callable[[str], bool]
    ) -> paramiko.Transport | None:
        """Return a connection by what opened the device before, None if that is not known or not right now.

        What was typed goes by itself only to a machine with the very key that was there when it was typed.

        Raises:
            UsageError: the name has come to stand for an address that is no device's.
            SshError: it cannot be reached.
        """
        from hotline_probe.ssh.connect import connect  # noqa: PLC0415 - needs paramiko
        from hotline_probe.ssh.hostkeys import HostKeys  # noqa: PLC0415

        login, key = self._opened_by.get(str(address), (None, ""))
        if login is None or named_key not in ("", key):
            return None
        try:
            return await _abandonable(partial(connect, address, HostKeys(pinned={key}), login, refuses))
        except SshError as error:
            if error.trouble not in _NOT_RIGHT:
                raise
            del self._opened_by[str(address)]
            return None

    async def must_agree(self, question: Question) -> None:
        """Ask the caller.

        Raises:
            Declined: the answer is not a clear yes.
        """
        answer = await self._face.ask_yes(question, ASK_TIMEOUT)
        if answer is not True:
            raise Declined(silent=answer is None)

    def _pinned(self, address: SshAddress) -> set[str]:
        pinned = self._confirmed.setdefault(address.known_as, set())
        if str(address) in self._means.named:
            pinned.update(self._means.fingerprints)
        return pinned

    async def _first_login(self) -> Login:
        """Return what is tried before a password, with the passphrase of the caller's key if it has one."""
        from hotline_probe.ssh.login import Login  # noqa: PLC0415 - needs paramiko

        agent, file = bool(os.environ.get("SSH_AUTH_SOCK")), self._means.key_file
        if file is None or not await self._opened(file):
            return Login(agent=agent)
        return Login(agent=agent, key_file=file, passphrase=self._passphrase)

    async def _opened(self, file: Path) -> bool:
        """Tell whether the key opens; the caller is asked for its passphrase once, and may go without it.

        Raises:
            SshError: it cannot be read any more, or nobody knows its passphrase.
        """
        from hotline_probe.ssh.keyfile import KeyFault, KeyFileError, load_key  # noqa: PLC0415 - needs paramiko

        async with self._one_at_a_time:
            passphrase, typed = self._passphrase, 0
            while True:
                try:
                    await in_thread(partial(load_key, file, passphrase), "ssh")
                except KeyFileError as error:
                    if error.fault is not KeyFault.LOCKED or typed == MAX_TRIES:
                        raise
                    if typed:
                        self._face.event("device", lambda t: t.key_wrong, state="passphrase_wrong")
                else:
                    self._passphrase = passphrase
                    return True
                typed += 1
                passphrase = await self._face.ask_secret(_passphrase_question(file), ASK_TIMEOUT)
                if not passphrase:
                    return False


async def _abandonable(connect: Callable[[], paramiko.Transport]) -> paramiko.Transport:
    """Return the connection; one that comes after nobody waits any more is closed."""
    left = False

    def work() -> paramiko.Transport:
        transport = connect()
        if left:
            transport.close()
        return transport

    try:
        return await in_thread(work, "ssh")
    except asyncio.CancelledError:
        left = True
        raise


def _key_question(address: SshAddress, fingerprint: str) -> Question:
    host, data = address.host, {"device": str(address), "fingerprint": fingerprint}
    about = (lambda t: t.device_key.format(host=host, fingerprint=fingerprint),)
    return Question(Topic.HOST_KEY, lambda t: t.device_key_ask, about, data=data)


def _password_question(address: SshAddress) -> Question:
    user, host = address.user, address.host
    return Question(
        Topic.PASSWORD,
        lambda t: t.device_login.format(user=user, host=host),
        data={"device": str(address)},
    )


def _passphrase_question(file: Path) -> Question:
    name = harmless(file.name, 80)
    return Question(Topic.PASSPHRASE, lambda t: t.key_open.format(file=name), data={"file": name})
