"""interface.enable: switches a network adapter on, and off again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hotline_probe.actions.base import Performed, wait_until
from hotline_probe.actions.commands import Argv, run
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine, Machine

# net/core/dev.c, dev_valid_name: no slash, no space, at most 15 bytes; and nothing like an option.
_NAME = re.compile(r"(?!-|\.\.?\Z)[!-.0-~]{1,15}", re.ASCII)
# What Windows itself refuses when somebody renames an adapter, and what its command processor would take for
# its own; "*" and "?" would stand for several adapters (ipconfig /?).
_WINDOWS_NAME = re.compile(r"(?![-/])[^\x00-\x1f\x7f\"<>|&^%*?\\/:]{1,256}")
# linux/if.h
_IFF_UP = 1
_TIMEOUT = 5.0
_PATIENCE = 15.0


class InterfaceEnable:
    """Switches a network adapter on."""

    name = "interface.enable"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:
        """Set it up and make sure that it is."""
        name = check_name(parameters["interface"], machine.system)
        if machine.system == "windows":
            return _enable_on_windows(machine, name)
        if machine.system == "macos":
            from hotline_probe.actions.macos.network import enable_interface  # noqa: PLC0415 - not needed elsewhere

            return enable_interface(machine, name)
        must_be_off(machine, name)
        switch(machine, name, up=True)
        return Performed(f"{name} is switched on", lambda: switch(machine, name, up=False))


def _enable_on_windows(machine: LocalMachine, name: str) -> Performed:
    if admin_up(machine, name):
        raise ActionError("precondition", "this adapter is switched on already")
    run(machine, switching(name, on=True), _PATIENCE)
    if not wait_until(lambda: admin_up(machine, name), _TIMEOUT):
        raise ActionError("error", "the adapter is still not up")
    return Performed(f"{name} is switched on", lambda: _disable_on_windows(machine, name))


def _disable_on_windows(machine: LocalMachine, name: str) -> None:
    run(machine, switching(name, on=False), _PATIENCE)


def switching(name: str, *, on: bool) -> Argv:
    """Return what switches an adapter of Windows on or off: netsh, which knows no wildcards."""
    state = "enabled" if on else "disabled"
    return ("netsh", "interface", "set", "interface", f"name={name}", f"admin={state}")


def admin_up(machine: LocalMachine, name: str) -> bool:
    """Tell whether an adapter of Windows is switched on.

    Raises:
        ActionError: there is no such adapter.
        SourceError: PowerShell cannot tell.
    """
    from hotline_probe.sources.windows.network import look  # noqa: PLC0415 - only Windows needs it

    adapter = look(machine).adapters.get(name)
    if adapter is None:
        raise ActionError("bad_parameter", "there is no such adapter")
    return adapter.admin_up


def check_name(name: str, system: str) -> str:
    """Return the name of a network adapter; Windows allows spaces and umlauts.

    Raises:
        ActionError: it is none, or looks like an option.
    """
    allowed = _WINDOWS_NAME if system == "windows" else _NAME
    if allowed.fullmatch(name) is None:
        raise ActionError("bad_parameter", "this is no name of a network adapter")
    return name


def must_be_off(machine: Machine, name: str) -> None:
    """Let only an adapter that is switched off be switched on.

    Raises:
        ActionError: "precondition".
    """
    if is_up(machine, name):
        raise ActionError("precondition", "this adapter is switched on already")


def is_up(machine: Machine, name: str) -> bool:
    """Tell whether an adapter is switched on."""
    return bool(int(machine.read(f"/sys/class/net/{name}/flags").strip(), 16) & _IFF_UP)


def switch(machine: Machine, name: str, *, up: bool) -> None:
    """Switch an adapter of Linux on or off (ip-link(8)), and make sure that it is."""
    word = "up" if up else "down"
    run(machine, ("ip", "link", "set", "dev", name, word), _TIMEOUT)
    if is_up(machine, name) != up:
        raise ActionError("error", f"the adapter is still not {word}")
