"""Which devices the collector itself may read over SSH, and how it logs in there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Self

from hotline_probe.targets import forbidden
from hotline_proto.errors import SshAddressError
from hotline_proto.ssh_address import parse_ssh_address, parse_ssh_fingerprint
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from hotline_collector.calls.devices import parse_device
from hotline_collector.calls.errors import CallError
from hotline_collector.serve.named_files import must_be_file


def _address(value: str) -> str:
    try:
        address = parse_device(value)
    except CallError as error:
        raise ValueError(str(error)) from error
    if forbidden(parse_ssh_address(address).host):
        raise ValueError(f"{value!r} is an address of cloud metadata or no single host; it is never read")
    return address


def _fingerprint(value: str) -> str:
    try:
        return parse_ssh_fingerprint(value)
    except SshAddressError as error:
        raise ValueError(f"{value[:80]!r}: {error}") from error


def _file(value: Path) -> Path:
    must_be_file(value)
    return value


File = Annotated[Path, AfterValidator(_file)]


class AllowedDevice(BaseModel):
    """One device: its exact address, its key, and the ways to log in, tried in this order.

    `agent` offers the keys of the SSH agent that the collector runs with. Without `fingerprint` its key must
    stand in `known_hosts`. Only with `actions` something may be changed there, each time its owner agrees.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: Annotated[str, AfterValidator(_address)]
    fingerprint: Annotated[str, AfterValidator(_fingerprint)] | None = None
    agent: bool = False
    key_file: File | None = None
    passphrase_file: File | None = None
    password_file: File | None = None
    actions: bool = False

    @model_validator(mode="after")
    def _logs_in(self) -> Self:
        if not (self.agent or self.key_file or self.password_file):
            raise ValueError(f"{self.address}: set key_file, password_file or agent, or nobody can log in")
        if self.passphrase_file and not self.key_file:
            raise ValueError(f"{self.address}: passphrase_file belongs to a key_file")
        return self


class Devices(BaseModel):
    """Devices that the collector itself may read over SSH, of which `max_at_once` at the same time.

    `known_hosts` is a file of host keys as ssh(1) keeps it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    known_hosts: File | None = None
    max_at_once: Annotated[int, Field(ge=1, le=64)] = 8
    allow: tuple[AllowedDevice, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        often = [name for name, times in Counter(each.address for each in self.allow).items() if times > 1]
        if often:
            raise ValueError(f"allow: {', '.join(often)} stands there more than once")
        return self
