"""How OpenWrt restarts its services and its connections: by procd's scripts and by netifd."""

from __future__ import annotations

from hotline_probe.actions.base import Performed, final, wait_until
from hotline_probe.actions.carriers import must_not_carry
from hotline_probe.actions.commands import run
from hotline_probe.actions.interface_enable import is_up
from hotline_probe.actions.remote import RemoteMachine
from hotline_probe.errors import ActionError, SourceError
from hotline_probe.sources.devices.netifd import Connection, read_connections
from hotline_probe.sources.devices.openwrt import RELEASE
from hotline_probe.sources.devices.procd import NAME, read_services
from hotline_probe.sources.devices.ubus import call

_PATIENCE = 60.0
_STARTS, _STAYS_UP = 10.0, 2.0
# As long as a router takes to dial in.
_COMES_UP = 45.0
_LOOK = 0.25


def is_openwrt(machine: RemoteMachine) -> bool:
    """Tell whether a device runs OpenWrt."""
    try:
        machine.read(RELEASE)
    except SourceError:
        return False
    return True


def restart_service(machine: RemoteMachine, name: str) -> Performed:
    """Restart a service by its script, and make sure that it runs, and still does after a moment."""
    if not NAME.fullmatch(name):
        raise ActionError("bad_parameter", "this is no name of a service")
    run(machine, (f"/etc/init.d/{name}", "restart"), _PATIENCE)
    if not wait_until(lambda: _runs(machine, name), _STARTS, _LOOK):
        raise ActionError("error", f"{name} does not start")
    if wait_until(lambda: not _runs(machine, name), _STAYS_UP, _LOOK):
        raise ActionError("error", f"{name} does not stay up")
    return Performed(f"{name} was restarted", final, undoable=False)


def connections_on(machine: RemoteMachine, device: str) -> list[Connection]:
    """Return the connections of netifd that use an adapter; none if it looks after none."""
    found = read_connections(call(machine, "network.interface", "dump"))
    return [one for one in found if device in one.devices]


def restart(machine: RemoteMachine, name: str, connections: list[Connection]) -> Performed:
    """Set connections up anew, and make sure that one stands, and each one that stood before."""
    must_not_carry(machine, name, *(device for one in connections for device in one.devices))
    before = {one.name for one in connections if one.up}
    for one in connections:
        run(machine, ("ifup", one.name), _PATIENCE)

    def back() -> bool:
        now = {one.name for one in connections_on(machine, name) if one.up}
        return bool(now) and before <= now

    if not wait_until(back, _COMES_UP, _LOOK):
        raise ActionError("error", f"{name} does not come up again")
    return Performed(f"{name} was switched off and on", final, undoable=False)


def enable(machine: RemoteMachine, name: str, stopped: list[Connection]) -> Performed:
    """Start connections that somebody has stopped, and make sure that their adapter is on."""
    names = {one.name for one in stopped}
    _switch(machine, name, names, up=True)
    if not wait_until(lambda: is_up(machine, name), _STARTS, _LOOK):
        raise ActionError("error", "the adapter is still not up")

    def undo() -> None:
        must_not_carry(machine, name, *(device for one in stopped for device in one.devices))
        _switch(machine, name, names, up=False)

    return Performed(f"{name} is switched on", undo)


def _switch(machine: RemoteMachine, device: str, names: set[str], *, up: bool) -> None:
    for name in sorted(names):
        run(machine, ("ifup" if up else "ifdown", name), _PATIENCE)

    def done() -> bool:
        stopped = {one.name for one in connections_on(machine, device) if one.stopped}
        return not names & stopped if up else names <= stopped

    if not wait_until(done, _STARTS, _LOOK):
        raise ActionError("error", f"{device} is still not {'up' if up else 'down'}")


def _runs(machine: RemoteMachine, name: str) -> bool:
    service = read_services(call(machine, "service", "list")).get(name)
    return service is not None and service.runs
