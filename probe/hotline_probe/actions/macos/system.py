"""Actions on services, the clock and the memory of names of a Mac."""

from __future__ import annotations

import re

from hotline_probe.actions.base import Performed, final, wait_until
from hotline_probe.actions.commands import must_be_root, run
from hotline_probe.errors import ActionError, SourceError
from hotline_probe.machine import LocalMachine
from hotline_probe.sources.macos.launchd import domain_of, parse_job

_PATIENCE, _RESTARTS = 20.0, 60.0
_STAYS_UP = 2.0
_NTP_CONF = "/etc/ntp.conf"
_SERVER = re.compile(r"^server[ \t]+((?!-)[A-Za-z0-9.:-]{1,253})[ \t]*$", re.MULTILINE | re.ASCII)
# What systemsetup(8) sets up on a new Mac.
_APPLES = "time.apple.com"


def flush_names(machine: LocalMachine) -> Performed:
    """Empty the cache of Directory Services, and have mDNSResponder(8) forget as well."""
    must_be_root()
    run(machine, ("dscacheutil", "-flushcache"), _PATIENCE)
    run(machine, ("killall", "-HUP", "mDNSResponder"), _PATIENCE)
    return Performed("the cache of names is emptied", final, undoable=False)


def restart_service(machine: LocalMachine, label: str) -> Performed:
    """Have launchd end a job and start it anew, and make sure that it is not started over and over."""
    domain = domain_of(machine, label)
    if domain == "system":
        must_be_root()
    run(machine, ("launchctl", "kickstart", "-k", f"{domain}/{label}"), _RESTARTS)
    if wait_until(lambda: not _runs(machine, domain, label), _STAYS_UP):
        raise ActionError("error", f"{label} does not stay up")
    return Performed(f"{label} was restarted", final, undoable=False)


def set_clock(machine: LocalMachine) -> Performed:
    """Have the clock set from the time server that this Mac is set up for, now and from now on."""
    must_be_root()
    server = time_server(machine)
    run(machine, ("systemsetup", "-setusingnetworktime", "on"), _PATIENCE)
    run(machine, ("sntp", "-sS", server), _PATIENCE)
    return Performed(f"the clock was set from {server}", final, undoable=False)


def time_server(machine: LocalMachine) -> str:
    """Return the time server of this Mac, Apple's where none is set."""
    try:
        match = _SERVER.search(machine.read(_NTP_CONF))
    except SourceError:
        match = None
    return match[1] if match else _APPLES


def _runs(machine: LocalMachine, domain: str, label: str) -> bool:
    told = parse_job(run(machine, ("launchctl", "print", f"{domain}/{label}"), _PATIENCE))
    return told.get("state") == "running"
