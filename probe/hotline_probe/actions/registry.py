"""The explicit list of all actions, and the only door to them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from functools import cache

from hotline_proto.catalogue import ActionSpec, Catalogue
from hotline_proto.operator_list import is_value

from hotline_probe.actions.base import Action, Performed, Previewing, translated
from hotline_probe.actions.elevate import can_elevate, needs_rights, perform_elevated
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine


@cache
def all_actions() -> Mapping[str, Action]:
    """Return every action by its name; most calls need none, so their code is not loaded before."""
    from hotline_probe.actions.dhcp_renew import DhcpRenew  # noqa: PLC0415
    from hotline_probe.actions.dns_flush_cache import DnsFlushCache  # noqa: PLC0415
    from hotline_probe.actions.dns_use_gateway import DnsUseGateway  # noqa: PLC0415
    from hotline_probe.actions.dns_use_operator import DnsUseOperator  # noqa: PLC0415
    from hotline_probe.actions.hosts_disable_overrides import HostsDisableOverrides  # noqa: PLC0415
    from hotline_probe.actions.interface_enable import InterfaceEnable  # noqa: PLC0415
    from hotline_probe.actions.interface_restart import InterfaceRestart  # noqa: PLC0415
    from hotline_probe.actions.network_prefer_ipv4 import NetworkPreferIpv4  # noqa: PLC0415
    from hotline_probe.actions.print_clear_queue import PrintClearQueue  # noqa: PLC0415
    from hotline_probe.actions.process_end import ProcessEnd  # noqa: PLC0415
    from hotline_probe.actions.process_lower_priority import ProcessLowerPriority  # noqa: PLC0415
    from hotline_probe.actions.process_pause import ProcessPause  # noqa: PLC0415
    from hotline_probe.actions.proxy_disable import ProxyDisable  # noqa: PLC0415
    from hotline_probe.actions.service_restart import ServiceRestart  # noqa: PLC0415
    from hotline_probe.actions.storage_remount_writable import StorageRemountWritable  # noqa: PLC0415
    from hotline_probe.actions.storage_set_aside_temp import StorageSetAsideTemp  # noqa: PLC0415
    from hotline_probe.actions.time_sync import TimeSync  # noqa: PLC0415

    actions: tuple[Action, ...] = (
        ProcessPause(),
        ProcessLowerPriority(),
        StorageSetAsideTemp(),
        InterfaceEnable(),
        DnsUseGateway(),
        DnsUseOperator(),
        HostsDisableOverrides(),
        DhcpRenew(),
        DnsFlushCache(),
        InterfaceRestart(),
        NetworkPreferIpv4(),
        PrintClearQueue(),
        ProcessEnd(),
        ProxyDisable(),
        ServiceRestart(),
        StorageRemountWritable(),
        TimeSync(),
    )
    return {action.name: action for action in actions}


class Actions:
    """Performs actions on this machine, one at a time.

    `entity_keys` returns the real keys of a kind of entity that the probe has found; a parameter must be
    one of them. With `may_elevate` an action that lacks rights is tried once more with those of an
    administrator, if the system grants them.
    """

    def __init__(
        self,
        machine: LocalMachine,
        catalogue: Catalogue,
        entity_keys: Callable[[str], Collection[str]],
        *,
        may_elevate: bool = True,
    ) -> None:
        self._machine = machine
        self._catalogue = catalogue
        self._entity_keys = entity_keys
        self._may_elevate = may_elevate
        self._lock = threading.Lock()

    def describe(self, action_id: str) -> ActionSpec:
        """Return what the catalogue says about an action.

        Raises:
            ActionError: there is none of this name.
        """
        spec = self._catalogue.actions.get(action_id)
        if spec is None or action_id not in all_actions():
            raise ActionError("unknown_action", "this probe has no such action")
        return spec

    def preview(self, action_id: str, parameters: Mapping[str, str]) -> list[tuple[str, int]]:
        """Return path and size in bytes of each file that an action would take away; most take none.

        Raises:
            ActionError: the action would be refused, or is no use.
        """
        self._check(self.describe(action_id), parameters)
        action = all_actions()[action_id]
        if not isinstance(action, Previewing):
            return []
        with translated():
            return action.preview(self._machine, dict(parameters))

    def perform(self, action_id: str, parameters: Mapping[str, str]) -> Performed:
        """Do it.

        Raises:
            ActionError: it was not done; nothing is changed.
        """
        spec = self.describe(action_id)
        if self._machine.system not in spec.platforms:
            raise ActionError("precondition", "this action does not exist on this system")
        self._check(spec, parameters)
        with self._lock:
            if self._may_elevate and needs_rights(self._machine.system, action_id) and can_elevate():
                return perform_elevated(action_id, parameters)
            try:
                with translated():
                    return all_actions()[action_id].perform(self._machine, dict(parameters))
            except ActionError as error:
                if error.code != "permission" or not (self._may_elevate and can_elevate()):
                    raise
                return perform_elevated(action_id, parameters)

    def _check(self, spec: ActionSpec, parameters: Mapping[str, str]) -> None:
        wanted = (*spec.parameters, *spec.operator)
        if parameters.keys() != set(wanted):
            raise ActionError("bad_parameter", f"{spec.name} takes {', '.join(wanted) or 'nothing'}")
        for name, kind in spec.operator.items():
            if not is_value(kind, parameters[name]):
                raise ActionError("bad_parameter", f"this is no {kind}")
        for name, kind in spec.parameters.items():
            value = parameters[name]
            found = isinstance(value, str) and value in self._entity_keys(kind)
            if not (found and value and "\0" not in value):
                raise ActionError("bad_parameter", f"no {kind} is known by this key")
