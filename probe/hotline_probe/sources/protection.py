"""What protects this computer, and what stands open."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources.authorities import read_authorities
from hotline_probe.sources.basics import reason, unknown
from hotline_probe.sources.fileages import ages
from hotline_probe.sources.firewall import read_firewall
from hotline_probe.sources.listening import UNPROTECTED, listening
from hotline_probe.sources.sshserver import read_sshd

# freshclam.conf(5), DatabaseDirectory; the daily file is the one that changes.
_CLAMAV = ("/var/lib/clamav/daily.cld", "/var/lib/clamav/daily.cvd")
_MAX_PROCESSES = 8192
# Programs by which somebody else sees and steers this computer, as their processes are called; the kernel
# cuts such names to 15 bytes. TeamViewer's background service runs all the time and says nothing.
REMOTE = frozenset(
    "anydesk dwagent dwagsvc nxserver.bin remotepc rustdesk screenconnect splashtop splashtop-strea supremo "
    "teamviewer TeamViewer ultraviewer x11vnc".split()
)
_PERIODIC = re.compile(r'^[ \t]*APT::Periodic::Unattended-Upgrade\s+"([^"]{0,8})"\s*;', re.MULTILINE)
_APT = "/etc/apt/apt.conf.d"
_SSH = ("security.ssh.everywhere", "security.ssh.password", "security.ssh.root_password")
_LISTENING = ("security.listening.count", "security.listening.unprotected")


class Protection:
    """Reads settings of firewall, SSH server and updates, added authorities, and names of processes."""

    name = "protection"

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield what is known; each fact fails by itself.

        Raises:
            Unsupported: not on Linux, Windows or macOS.
            SourceError: the processes cannot be listed.
        """
        machine = context.machine
        if machine.system == "windows":
            from hotline_probe.sources.windows.protection import protection_facts  # noqa: PLC0415 - not on Linux

            yield from protection_facts(machine)
            return
        if machine.system == "macos":
            from hotline_probe.sources.macos.protection import (  # noqa: PLC0415 - imports this module
                protection_facts as of_a_mac,
            )

            yield from of_a_mac(machine)
            return
        if machine.system != "linux":
            raise Unsupported("what protects a computer is read on Linux, Windows and macOS only")
        running = _running(machine)
        firewall = read_firewall(machine, running)
        yield Fact("security.firewall.manager", firewall.manager)
        yield Fact("security.firewall.expected", firewall.expected)
        yield Fact("security.firewall.enabled", firewall.enabled)
        yield Fact("security.antivirus.database_age", _database_age(machine))
        added = read_authorities(machine)
        yield Fact("security.authority.added", added.added)
        yield Fact("security.authority.intercepting", added.intercepting)
        yield Fact("security.authority.debugging", added.debugging)
        remote = sorted(REMOTE & running)
        yield Fact("security.remote.running", len(remote))
        yield Fact("security.remote.programs", ", ".join(remote))
        yield Fact("security.updates.automatic", _automatic(machine))
        yield from _open_doors(machine, running)


def parse_periodic(text: str) -> bool | None:
    r"""Return what apt's settings say about installing updates by itself, None if nothing.

    "1" or a span of days is on, "0" is off (/usr/lib/apt/apt.systemd.daily).

    >>> parse_periodic('APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "0";\n')
    False
    """
    found = _PERIODIC.findall(text)
    return found[-1] not in ("", "0") if found else None


def _running(machine: Machine) -> set[str]:
    found = set()
    for pid in [name for name in machine.names("/proc") if name.isdigit()][:_MAX_PROCESSES]:
        try:
            found.add(machine.read(f"/proc/{pid}/comm").strip())
        except SourceError:  # it ended meanwhile
            continue
    return found


def _database_age(machine: Machine) -> FactValue:
    try:
        told = ages(machine, _CLAMAV)
    except SourceError as error:
        return reason(error)
    return min(told.values(), default=UnknownReason.UNSUPPORTED)


def _automatic(machine: Machine) -> FactValue:
    try:
        names = machine.names(_APT)
    except SourceError as error:
        return reason(error)
    told = None
    for name in names:  # the last word counts, in the order of the names (apt.conf(5))
        try:
            said = parse_periodic(machine.read(f"{_APT}/{name}"))
        except SourceError:
            continue
        told = told if said is None else said
    return UnknownReason.UNSUPPORTED if told is None else told


def _open_doors(machine: Machine, running: Collection[str]) -> Iterator[Fact]:
    try:
        ports = listening(machine)
    except SourceError as error:
        yield from unknown((*_LISTENING, *_SSH), reason(error))
        return
    yield Fact("security.listening.count", len(ports))
    yield Fact("security.listening.unprotected", len(ports & UNPROTECTED))
    try:
        server = read_sshd(machine)
    except SourceError as error:
        yield from unknown(_SSH, reason(error))
        return
    yield Fact("security.ssh.everywhere", server.port in ports and "sshd" in running)
    yield Fact("security.ssh.password", server.password)
    yield Fact("security.ssh.root_password", server.root_password)
