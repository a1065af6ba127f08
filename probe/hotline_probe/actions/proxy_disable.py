"""proxy.disable: has programs go to the internet directly."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hotline_probe.actions.base import Performed
from hotline_probe.actions.commands import Argv, run
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine

_PATIENCE = 10.0
_GNOME = "org.gnome.system.proxy"
_WINDOWS = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings"
_MACOS_KINDS = ("webproxy", "securewebproxy", "socksfirewallproxy", "autoproxy")


class ProxyDisable:
    """Switches the proxy of the desktop off."""

    name = "proxy.disable"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:  # noqa: ARG002
        """Switch off what is on, and make sure that it is off."""
        on = switched_on(machine)
        if not on:
            raise ActionError("precondition", "no proxy is switched on")
        _set(machine, on, on=False)
        if switched_on(machine):
            _set(machine, on, on=True)
            raise ActionError("error", "the proxy is still switched on")
        return Performed("programs do not use the proxy any more", lambda: _set(machine, on, on=True))


def switched_on(machine: LocalMachine) -> Sequence[str]:
    """Return what of the proxy settings is on, in the words of the system."""
    match machine.system:
        case "windows":
            return _windows_settings(machine)
        case "macos":
            services = run(machine, ("networksetup", "-listallnetworkservices"), _PATIENCE).splitlines()[1:]
            return [
                f"{kind}/{service}"
                for service in services
                if not service.startswith("*")
                for kind in _MACOS_KINDS
                if _is_on(machine, kind, service)
            ]
        case _:
            mode = run(machine, ("gsettings", "get", _GNOME, "mode"), _PATIENCE).strip().strip("'")
            return [mode] if mode in ("manual", "auto") else []


def _set(machine: LocalMachine, settings: Sequence[str], *, on: bool) -> None:
    for setting in settings:
        run(machine, switching(machine.system, setting, on=on), _PATIENCE)


def switching(system: str, setting: str, *, on: bool) -> Argv:
    """Return what switches one setting on or off: gsettings(1), reg, networksetup(8)."""
    match system:
        case "windows":
            name, _, script = setting.partition("=")
            if not script:
                return ("reg", "add", _WINDOWS, "/v", name, "/t", "REG_DWORD", "/d", str(int(on)), "/f")
            if not on:
                return ("reg", "delete", _WINDOWS, "/v", name, "/f")
            return ("reg", "add", _WINDOWS, "/v", name, "/t", "REG_SZ", "/d", script, "/f")
        case "macos":
            kind, _, service = setting.partition("/")
            return ("networksetup", f"-set{kind}state", service, "on" if on else "off")
        case _:
            return ("gsettings", "set", _GNOME, "mode", setting if on else "none")


def _windows_settings(machine: LocalMachine) -> Sequence[str]:
    """Return the switch of the proxy, and the address of a script with its value, as far as they are set."""
    told = run(machine, ("reg", "query", _WINDOWS), _PATIENCE)
    found = ["ProxyEnable"] if parse_registry_number(told, "ProxyEnable") else []
    script = parse_registry_text(told, "AutoConfigURL")
    return [*found, f"AutoConfigURL={script}"] if script else found


def parse_registry_number(told: str, name: str) -> int:
    r"""Return the number that `reg query` prints for a DWORD, 0 if there is none.

    >>> parse_registry_number("\r\nHKEY_CURRENT_USER\\Software\r\n    On    REG_DWORD    0x1\r\n", "On")
    1
    """
    for line in told.splitlines():
        fields = line.split()
        if (
            len(fields) == 3
            and fields[:2] == [name, "REG_DWORD"]
            and re.fullmatch("0x[0-9a-f]{1,8}", fields[2])
        ):
            return int(fields[2], 16)
    return 0


def parse_registry_text(told: str, name: str) -> str:
    """Return the text that `reg query` prints for a value, empty if there is none."""
    for line in told.splitlines():
        fields = line.split(maxsplit=2)
        if len(fields) == 3 and fields[:2] == [name, "REG_SZ"]:
            return fields[2].strip()
    return ""


def _is_on(machine: LocalMachine, kind: str, service: str) -> bool:
    getter = "autoproxyurl" if kind == "autoproxy" else kind
    return "Enabled: Yes" in run(machine, ("networksetup", f"-get{getter}", service), _PATIENCE)
