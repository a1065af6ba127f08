"""Devices that mean harm after they have let somebody in: each ends itself, and nothing else."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import paramiko
import pytest
from hotline_probe.errors import MachineLost, SourceFailed
from hotline_probe.ssh.connect import connect
from hotline_probe.ssh.hostkeys import HostKeys, fingerprint_of
from hotline_probe.ssh.login import Login
from hotline_probe.ssh.machine import MAX_OUTPUT, SshMachine
from hotline_proto.ssh_address import SshAddress
from paramiko.common import cMSG_CHANNEL_EXTENDED_DATA, cMSG_IGNORE

from tests.probe.ssh.servers import PASSWORD

MIB = 1024 * 1024
# More than any honest answer, and far less than a computer's memory.
MOST_TAKEN = 64 * MIB
Behaviour = Callable[["Hostile", paramiko.Channel], None]


class Hostile(paramiko.ServerInterface):
    """Lets everybody in and answers a command as it likes; `sent` is how much it could get rid of."""

    def __init__(self, behave: Behaviour) -> None:
        self._behave = behave
        self.key = paramiko.ECDSAKey.generate()
        self.transport: paramiko.Transport
        self.sent = 0
        self.over = threading.Event()

    def check_auth_password(self, _user: str, _password: str) -> int:
        return paramiko.AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, _number: int) -> int:
        return paramiko.OPEN_SUCCEEDED if kind == "session" else paramiko.OPEN_FAILED_UNKNOWN_CHANNEL_TYPE

    def check_channel_exec_request(self, channel: paramiko.Channel, _command: bytes) -> bool:
        threading.Thread(target=self._answer, args=(channel,), daemon=True).start()
        return True

    def flood(self, message: paramiko.Message) -> None:
        """Send a message again and again, whatever the other side may take, until it hangs up."""
        size = len(message.asbytes())
        while not self.over.is_set() and self.transport.is_active():
            self.transport._send_user_message(message)
            self.sent += size

    def _answer(self, channel: paramiko.Channel) -> None:
        with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
            self._behave(self, channel)


@contextlib.contextmanager
def hostile(behave: Behaviour) -> Iterator[tuple[Hostile, SshMachine]]:
    """Return a device, and a machine that reads it."""
    server = Hostile(behave)

    def serve() -> None:
        visitor, _ = listener.accept()
        server.transport = paramiko.Transport(visitor)
        server.transport.add_server_key(server.key)
        server.transport.start_server(server=server)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        address = SshAddress("root", "127.0.0.1", int(listener.getsockname()[1]))
        keys = HostKeys(pinned={fingerprint_of(server.key)})
        machine = SshMachine(connect(address, keys, Login(password=PASSWORD)))
        thread.join(20)
        try:
            yield server, machine
        finally:
            server.over.set()
            machine.close()
            server.transport.close()


def _errors(server: Hostile, channel: paramiko.Channel) -> None:
    message = paramiko.Message()
    message.add_byte(cMSG_CHANNEL_EXTENDED_DATA)
    message.add_int(channel.remote_chanid)
    message.add_int(1)
    message.add_string(b"x" * 32000)
    server.flood(message)


def _ignored(server: Hostile, _channel: paramiko.Channel) -> None:
    message = paramiko.Message()
    message.add_byte(cMSG_IGNORE)
    message.add_string(b"x" * 32000)
    server.flood(message)


@pytest.mark.parametrize("behave", [_errors, _ignored], ids=["errors", "ignored"])
def test_a_device_that_sends_without_end_is_hung_up_on(behave: Behaviour) -> None:
    with hostile(behave) as (server, machine):
        with pytest.raises(SourceFailed):
            machine.run(("cat", "x"), 60.0)
        assert not machine.alive
        assert server.sent < MOST_TAKEN
        with pytest.raises(MachineLost):
            machine.run(("cat", "x"), 5.0)


def _end(channel: paramiko.Channel) -> None:
    # The answer to the request itself may still be on its way, so the channel stays.
    channel.send_exit_status(0)
    channel.shutdown_write()


def _long_answer(_server: Hostile, channel: paramiko.Channel) -> None:
    for _ in range(MAX_OUTPUT // 64):
        channel.sendall(b"x" * 63 + b"\n")
    _end(channel)


def test_a_long_honest_answer_in_short_lines_is_taken_again_and_again() -> None:
    with hostile(_long_answer) as (_, machine):
        for _ in range(3):
            assert len(machine.run(("cat", "x"), 60.0).out) == MAX_OUTPUT
        assert machine.alive


def _words(text: bytes) -> Behaviour:
    def behave(_server: Hostile, channel: paramiko.Channel) -> None:
        channel.sendall(text)
        _end(channel)

    return behave


def _half_closed(server: Hostile, channel: paramiko.Channel) -> None:
    channel.shutdown_write()
    server.over.wait(60)


def _drip(server: Hostile, channel: paramiko.Channel) -> None:
    while not server.over.wait(0.05):
        channel.sendall(b"x")


@pytest.mark.parametrize("behave", [_half_closed, _drip], ids=["half closed", "drip"])
def test_a_command_that_never_ends_is_given_up_in_time(behave: Behaviour) -> None:
    with hostile(behave) as (_, machine):
        began = time.monotonic()
        with pytest.raises(SourceFailed, match="longer than 1 s"):
            machine.run(("cat", "x"), 1.0)
        assert time.monotonic() - began < 20
        assert machine.alive


def test_bytes_that_are_no_text_are_read_as_some() -> None:
    with hostile(_words(b"\xff\xfe\x1b[2J\xed\xa0\x80\0")) as (_, machine):
        assert machine.run(("cat", "x"), 20.0).out.startswith("\ufffd\ufffd\x1b[2J")
        assert machine.system == "other"
