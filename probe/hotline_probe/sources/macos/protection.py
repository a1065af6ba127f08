"""What protects a Mac, and what stands open: its firewall, updates, open ports and programs that steer it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError, SourceFailed
from hotline_probe.machine import Machine
from hotline_probe.sources.basics import reason
from hotline_probe.sources.listening import UNPROTECTED
from hotline_probe.sources.macos.commands import ask
from hotline_probe.sources.protection import REMOTE

TIMEOUT = 2.0
_FIREWALL = "/usr/libexec/ApplicationFirewall/socketfilterfw"
_UPDATES = ("/Library/Preferences/com.apple.SoftwareUpdate", "AutomaticallyInstallMacOSUpdates")
# 0 off, 1 on, 2 everything refused; the words around it depend on the version.
_STATE = re.compile(r"\(State = ([012])\)", re.ASCII)
_LISTENING = re.compile(r"^tcp\w* +\d+ +\d+ +\*\.(\d{1,5}) +\*\.\* +LISTEN\b", re.MULTILINE | re.ASCII)
_SSH = 22
_REMOTE = {name.lower(): name for name in REMOTE}


def parse_firewall(text: str) -> bool:
    """Return whether the firewall is on, from `socketfilterfw --getglobalstate`.

    >>> parse_firewall("Firewall is enabled. (State = 1)")
    True

    Raises:
        SourceFailed: it does not say so.
    """
    match = _STATE.search(text)
    if match is None:
        raise SourceFailed("socketfilterfw does not tell its state")
    return match[1] != "0"


def parse_listening(text: str) -> set[int]:
    """Return the TCP ports that are open on every address, from `netstat -an -p tcp`.

    >>> parse_listening("tcp4  0  0  *.22    *.*    LISTEN\\ntcp4  0  0  127.0.0.1.631  *.*  LISTEN")
    {22}
    """
    return {int(port) for port in _LISTENING.findall(text)}


def protection_facts(machine: Machine) -> Iterator[Fact]:
    """Yield what is known; each fact fails by itself."""
    firewall = _firewall(machine)
    yield Fact("security.firewall.manager", "macos")
    # It is off as delivered: that it should be on only shows by its being on.
    yield Fact("security.firewall.expected", firewall)
    yield Fact("security.firewall.enabled", firewall)
    yield from _remote_facts(machine)
    yield Fact("security.updates.automatic", _automatic(machine))
    yield from _listening_facts(machine)


def _firewall(machine: Machine) -> FactValue:
    try:
        return parse_firewall(ask(machine, (_FIREWALL, "--getglobalstate"), TIMEOUT))
    except SourceError as error:
        return reason(error)


def _remote_facts(machine: Machine) -> Iterator[Fact]:
    try:
        names = {name.strip().lower() for name in ask(machine, ("ps", "-axco", "comm"), TIMEOUT).splitlines()}
    except SourceError as error:
        yield Fact("security.remote.running", reason(error))
        yield Fact("security.remote.programs", reason(error))
        return
    remote = sorted(name for lower, name in _REMOTE.items() if lower in names)
    yield Fact("security.remote.running", len(remote))
    yield Fact("security.remote.programs", ", ".join(remote))


def _automatic(machine: Machine) -> FactValue:
    try:
        told = ask(machine, ("defaults", "read", *_UPDATES), TIMEOUT).strip()
    except SourceFailed:  # nobody has set it
        return UnknownReason.UNSUPPORTED
    except SourceError as error:
        return reason(error)
    return told == "1" if told in {"0", "1"} else UnknownReason.UNSUPPORTED


def _listening_facts(machine: Machine) -> Iterator[Fact]:
    names = ("security.listening.count", "security.listening.unprotected", "security.ssh.everywhere")
    try:
        ports = parse_listening(ask(machine, ("netstat", "-an", "-p", "tcp"), TIMEOUT))
    except SourceError as error:
        yield from (Fact(name, reason(error)) for name in names)
        return
    values: tuple[FactValue, ...] = (len(ports), len(ports & UNPROTECTED), _SSH in ports)
    yield from map(Fact, names, values)
