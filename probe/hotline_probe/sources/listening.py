"""Ports at which this computer answers to everybody, from the kernel's tables of sockets."""

from __future__ import annotations

import re

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine

_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
# A local address of zeros stands for every address; 0A is the state of a socket that waits for connections.
_WAITING = re.compile(r"^ *\d+: 0{8}(?:0{24})?:([0-9A-F]{4}) [0-9A-F:]+ 0A ", re.MULTILINE)
# Ask for no password as they are delivered: Docker's control (docs.docker.com, protect access), Redis,
# Elasticsearch, memcached and MongoDB (their manuals, "security").
UNPROTECTED = frozenset({2375, 6379, 9200, 11211, 27017})


def parse_listening(text: str) -> set[int]:
    """Return the ports of /proc/net/tcp or tcp6 (proc_pid_net(5)) that are open on every address.

    >>> parse_listening("   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0")
    {22}
    """
    return {int(port, 16) for port in _WAITING.findall(text)}


def listening(machine: Machine) -> set[int]:
    """Return the ports that are open on every address of either family.

    Raises:
        SourceError: neither table can be read.
    """
    found: set[int] = set()
    failed: list[SourceError] = []
    for path in _TABLES:
        try:
            found |= parse_listening(machine.read(path))
        except SourceError as error:
            failed.append(error)
    if len(failed) == len(_TABLES):
        raise failed[0]
    return found
