"""An order to read one device for a collector, and the way into that device that the order opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hotline_probe.boxreading import NoShell, box_at
from hotline_probe.devicereading import NO_SERVER, must_be_readable
from hotline_probe.errors import UsageError
from hotline_probe.source import Source
from hotline_probe.sources.devices.namedrouter import NamedRouter
from hotline_probe.ssh.errors import SshError
from hotline_probe.targets import forbidden
from hotline_probe.threads import in_thread

if TYPE_CHECKING:
    import paramiko
    from hotline_proto.ssh_address import SshAddress

    from hotline_probe.ssh.machine import SshMachine


@dataclass(frozen=True, slots=True)
class Order:
    """Which device to read, how to log in there, and the way to the collector.

    The collector is reached at `host` and `port`, numerically `at`, and proves itself by a certificate with
    the SHA-256 `proof` (hex). `fingerprint` is the only key that is accepted if there is one, else those in
    the file `known_hosts` are. Secrets never show when this is printed.
    """

    address: str
    code: str = field(repr=False)
    host: str
    port: int
    at: str
    proof: str
    known_hosts: str = ""
    fingerprint: str = ""
    agent: bool = False
    key_file: str = ""
    passphrase: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


class LeadsAstray(Exception):
    """The name leads to an address that is never read."""


async def reached(address: SshAddress, order: Order) -> tuple[SshMachine | NoShell, Sequence[Source]]:
    """Return the machine at an address, with sources of its own if it is a FRITZ!Box, which has no SSH.

    Raises:
        LeadsAstray: the name has come to lead to an address that is never read.
        SshError: it cannot be reached, shows another key, or refuses the login.
    """
    from hotline_probe.ssh.machine import SshMachine  # noqa: PLC0415 - needs paramiko

    try:
        machine = SshMachine(await in_thread(partial(_connect, address, order), "ssh"))
    except SshError as error:
        looks_closed = error.trouble in NO_SERVER
        box = await in_thread(partial(box_at, address.host), "lookup") if looks_closed else ""
        if not box:
            raise
        return NoShell(), (NamedRouter(box),)
    await must_be_readable(machine, address.host)
    return machine, ()


def _connect(address: SshAddress, order: Order) -> paramiko.Transport:
    from hotline_probe.ssh.connect import connect  # noqa: PLC0415 - needs paramiko
    from hotline_probe.ssh.hostkeys import HostKeys  # noqa: PLC0415
    from hotline_probe.ssh.login import Login  # noqa: PLC0415

    login = Login(
        order.agent, Path(order.key_file) if order.key_file else None, order.passphrase, order.password
    )
    if order.fingerprint:
        keys = HostKeys(pinned={order.fingerprint})
    else:
        keys = HostKeys((Path(order.known_hosts),) if order.known_hosts else ())
    try:
        return connect(address, keys, login, forbidden)
    except UsageError as error:
        raise LeadsAstray from error
