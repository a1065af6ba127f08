"""Opens a connection to a machine: reach it, know it, log in, each within its time."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import paramiko
from hotline_proto.ssh_address import SshAddress
from paramiko.ssh_exception import IncompatiblePeer

from hotline_probe.errors import UsageError
from hotline_probe.ssh.errors import HostKeyChanged, SshError, SshTrouble
from hotline_probe.ssh.hostkeys import HostKeys
from hotline_probe.ssh.login import Login, log_in
from hotline_probe.ssh.wire import Wire

CONNECT_S = 8.0
HANDSHAKE_S = 15.0
LOGIN_S = 20.0
KEEPALIVE_S = 15
_NEARLY_S = 0.5
_KEY_TYPES = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa")


Refuses = Callable[[str], bool]


def _nothing(_numeric: str) -> bool:
    return False


def connect(
    address: SshAddress, keys: HostKeys, login: Login, refuses: Refuses = _nothing
) -> paramiko.Transport:
    """Return a connection that is logged in; the caller closes it.

    `refuses` is asked about each numeric address that the host stands for at this moment: a name may have
    stood for another one when it was looked at before.

    Raises:
        UsageError: one of them is refused; nothing was sent to any.
        HostKeyUnknown: nobody has said yet that the machine is the right one; nothing was sent to it.
        HostKeyChanged: it shows another key than before; nothing was sent to it.
        SshError: it cannot be reached, speaks no SSH, or refuses the login.
    """
    try:
        return _connect(address, keys, login, refuses)
    except HostKeyChanged:
        # A fingerprint does not tell the type of its key, and a machine shows only the one it is asked for.
        for kind in _KEY_TYPES if keys.pinned or keys.named else ():
            keys.first = kind
            with contextlib.suppress(HostKeyChanged):
                return _connect(address, keys, login, refuses)
        raise


def _connect(address: SshAddress, keys: HostKeys, login: Login, refuses: Refuses) -> paramiko.Transport:
    wire = Wire(_dial(address, refuses), time.monotonic() + HANDSHAKE_S)
    try:
        transport = paramiko.Transport(wire)  # type: ignore[arg-type]  # it asks for no more than a wire has
    except (paramiko.SSHException, OSError) as error:
        wire.close()
        raise SshError(SshTrouble.NO_SSH, f"{address.host} does not speak SSH: {error}") from error
    try:
        _introduce(transport, address, keys)
        keys.check(address, transport.get_remote_server_key())
        wire.trusted(time.monotonic() + LOGIN_S)
        log_in(transport, address, login)
    except BaseException:
        transport.close()
        raise
    wire.open()
    transport.set_keepalive(KEEPALIVE_S)
    return transport


def _dial(address: SshAddress, refuses: Refuses) -> socket.socket:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        if any(refuses(str(entry[4][0])) for entry in found):
            raise UsageError(f"{address.host} stands for an address that is no device's")
        return _first_answer(found)
    except TimeoutError as error:
        raise SshError(
            SshTrouble.TOO_SLOW, f"{address.host} does not answer at port {address.port}"
        ) from error
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", "") or str(error)
        raise SshError(
            SshTrouble.UNREACHABLE, f"{address.host} port {address.port} cannot be reached: {why}"
        ) from error


def _first_answer(found: Sequence[tuple[Any, ...]]) -> socket.socket:
    """Return a connection to the first of some places that takes one; raises what the last one said."""
    last = OSError("its name stands for no address")
    for family, kind, protocol, _, place in found:
        plain = socket.socket(family, kind, protocol)
        try:
            plain.settimeout(CONNECT_S)
            plain.connect(place)
        except OSError as error:
            plain.close()
            last = error
        else:
            return plain
    raise last


def _introduce(transport: paramiko.Transport, address: SshAddress, keys: HostKeys) -> None:
    transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = HANDSHAKE_S
    # Asked for any other type, a machine that is known would look like one that is not.
    options = transport.get_security_options()
    known = [name for name in keys.types(address) if name in options.key_types]
    options.key_types = (*known, *(name for name in options.key_types if name not in known))
    with _told(address, time.monotonic() + HANDSHAKE_S):
        transport.start_client(timeout=HANDSHAKE_S)
        # It also returns when the time is over.
        if transport.host_key is None:
            raise TimeoutError


@contextlib.contextmanager
def _told(address: SshAddress, until: float) -> Iterator[None]:
    """Say in words of ours what went wrong; paramiko does not tell silence `until` the end from noise."""
    try:
        yield
    except IncompatiblePeer as error:
        raise SshError(
            SshTrouble.TOO_OLD, f"{address.host} offers only outdated encryption: {error}"
        ) from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        text = str(error).lower()
        silent = time.monotonic() > until - _NEARLY_S
        slow = silent or isinstance(error, TimeoutError) or "timeout" in text or "timed out" in text
        trouble = SshTrouble.TOO_SLOW if slow else SshTrouble.NO_SSH
        raise SshError(trouble, f"{address.host} did not answer as SSH does: {error}") from error
