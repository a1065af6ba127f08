"""The actions that can be done on a device over SSH, and the only door to them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType

from hotline_proto.catalogue import ActionSpec, Catalogue

from hotline_probe.actions import openwrt
from hotline_probe.actions.base import Performed, translated
from hotline_probe.actions.carriers import must_not_carry, must_not_serve
from hotline_probe.actions.interface_enable import must_be_off, switch
from hotline_probe.actions.interface_restart import restart_on_linux
from hotline_probe.actions.remote import RemoteMachine
from hotline_probe.actions.service_restart import restart_by_systemd
from hotline_probe.actions.storage_remount_writable import remount_writable
from hotline_probe.errors import ActionError
from hotline_probe.machine import Machine

# Each look costs a round trip and a process there.
_LOOK = 0.25
# What a device names itself becomes a word of a command only if no shell could misread it and no program
# takes it for an option.
_PLAIN = MappingProxyType(
    {
        "service": re.compile(r"(?![-.])[A-Za-z0-9_.:@-]{1,128}", re.ASCII),
        "interface": re.compile(r"(?![-.])[A-Za-z0-9_.:@-]{1,15}", re.ASCII),
        "filesystem": re.compile(r"(?!.*/\.\.?(?:/|\Z))/[A-Za-z0-9_.:@+,=/-]{0,255}", re.ASCII),
    }
)


class DeviceActions:
    """Performs actions on a device, one at a time.

    `entity_keys` returns the real keys of a kind of entity that the device has announced; a parameter must
    be one of them. `machine` is one that outlives its connection, if what is done shall do so, too.
    """

    def __init__(
        self,
        machine: Machine | RemoteMachine,
        catalogue: Catalogue,
        entity_keys: Callable[[str], Collection[str]],
    ) -> None:
        self._machine = machine if isinstance(machine, RemoteMachine) else RemoteMachine(machine)
        self._catalogue = catalogue
        self._entity_keys = entity_keys
        self._lock = threading.Lock()

    def describe(self, action_id: str) -> ActionSpec:
        """Return what the catalogue says about an action.

        Raises:
            ActionError: there is none of this name for devices.
        """
        spec = self._catalogue.actions.get(action_id)
        if spec is None or not spec.devices or action_id not in _ACTIONS:
            raise ActionError("unknown_action", "there is no such action for a device")
        return spec

    def preview(self, action_id: str, parameters: Mapping[str, str]) -> Sequence[tuple[str, int]]:
        """Return no files: what can be done on a device takes none away.

        Raises:
            ActionError: the action would be refused.
        """
        self._check(self.describe(action_id), parameters)
        return ()

    def perform(self, action_id: str, parameters: Mapping[str, str]) -> Performed:
        """Do it, having checked that it can be done, and make sure that it had its effect.

        Raises:
            ActionError: it was not done; after "lost" nobody knows.
        """
        spec = self.describe(action_id)
        with self._lock, translated():
            if self._machine.system not in spec.platforms:
                raise ActionError("precondition", "this action does not exist on this system")
            self._check(spec, parameters)
            return _ACTIONS[action_id](self._machine, dict(parameters))

    def _check(self, spec: ActionSpec, parameters: Mapping[str, str]) -> None:
        if parameters.keys() != spec.parameters.keys():
            raise ActionError("bad_parameter", f"{spec.name} takes {', '.join(spec.parameters) or 'nothing'}")
        for name, kind in spec.parameters.items():
            value = parameters[name]
            if not isinstance(value, str) or value not in self._entity_keys(kind):
                raise ActionError("bad_parameter", f"no {kind} of the device is known by this key")
            if kind not in _PLAIN or not _PLAIN[kind].fullmatch(value):
                raise ActionError("bad_parameter", f"the name of this {kind} is not used in a command")


def _service_restart(machine: RemoteMachine, parameters: Mapping[str, str]) -> Performed:
    name = parameters["service"]
    must_not_serve(name)
    if openwrt.is_openwrt(machine):
        return openwrt.restart_service(machine, name)
    return restart_by_systemd(machine, name, _LOOK)


def _interface_enable(machine: RemoteMachine, parameters: Mapping[str, str]) -> Performed:
    name = parameters["interface"]
    if openwrt.is_openwrt(machine):
        stopped = [one for one in openwrt.connections_on(machine, name) if one.stopped]
        if stopped:
            return openwrt.enable(machine, name, stopped)
    must_be_off(machine, name)
    switch(machine, name, up=True)

    def undo() -> None:
        must_not_carry(machine, name)
        switch(machine, name, up=False)

    return Performed(f"{name} is switched on", undo)


def _interface_restart(machine: RemoteMachine, parameters: Mapping[str, str]) -> Performed:
    name = parameters["interface"]
    must_not_carry(machine, name)
    if openwrt.is_openwrt(machine) and (connections := openwrt.connections_on(machine, name)):
        return openwrt.restart(machine, name, connections)
    return restart_on_linux(machine, name, _LOOK)


def _storage_remount_writable(machine: RemoteMachine, parameters: Mapping[str, str]) -> Performed:
    return remount_writable(machine, parameters["filesystem"])


_ACTIONS: Mapping[str, Callable[[RemoteMachine, Mapping[str, str]], Performed]] = MappingProxyType(
    {
        "interface.enable": _interface_enable,
        "interface.restart": _interface_restart,
        "service.restart": _service_restart,
        "storage.remount_writable": _storage_remount_writable,
    }
)
