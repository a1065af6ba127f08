"""interface.enable: switches a network adapter on, and off again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hotline_probe.actions.base import Performed
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine

# net/core/dev.c, dev_valid_name: no slash, no space, at most 15 bytes; and nothing like an option.
_NAME = re.compile(r"(?!-|\.\.?\Z)[!-.0-~]{1,15}", re.ASCII)
_WINDOWS_NAME = re.compile(r"(?![-/])[^\x00-\x1f\x7f\"<>|&^%]{1,256}")
# linux/if.h
_IFF_UP = 1
_TIMEOUT = 5.0


class InterfaceEnable:
    """Switches a network adapter on."""

    name = "interface.enable"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:
        """Set it up and make sure that it is."""
        name = check_name(parameters["interface"], "linux")
        if is_up(machine, name):
            raise ActionError("precondition", "this adapter is switched on already")
        _switch(machine, name, up=True)
        return Performed(f"{name} is switched on", lambda: _switch(machine, name, up=False))


def check_name(name: str, system: str) -> str:
    """Return the name of a network adapter; Windows allows spaces and umlauts.

    Raises:
        ActionError: it is none, or looks like an option.
    """
    allowed = _WINDOWS_NAME if system == "windows" else _NAME
    if allowed.fullmatch(name) is None:
        raise ActionError("bad_parameter", "this is no name of a network adapter")
    return name


def is_up(machine: LocalMachine, name: str) -> bool:
    """Tell whether an adapter is switched on."""
    return bool(int(machine.read(f"/sys/class/net/{name}/flags").strip(), 16) & _IFF_UP)


def _switch(machine: LocalMachine, name: str, *, up: bool) -> None:
    word = "up" if up else "down"
    result = machine.run(["ip", "link", "set", "dev", name, word], _TIMEOUT)
    if result.code != 0:
        message = (result.err or result.out).strip()
        denied = "not permitted" in message or "denied" in message
        raise ActionError("permission" if denied else "error", message or f"ip ended with {result.code}")
    if is_up(machine, name) != up:
        raise ActionError("error", f"the adapter is still not {word}")
