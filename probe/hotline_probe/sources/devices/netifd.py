"""What OpenWrt's netifd tells of the connection to the provider and of the radios (openwrt.org, ubus)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hotline_probe.sources.devices.ubus import inside, number, objects, word

MAX_RADIOS = 16
MAX_CONNECTIONS = 64
_MAX_UPTIME = 10 * 365 * 86400.0
# uci: letters, digits and underscores; ubus shows sections without a name by a made one.
_NAME = re.compile(r"[\w.-]{1,40}", re.ASCII)
# netifd's own word, and those of its scripts for ppp, modems and tunnels.
_ERRORS = {
    "AUTH_FAILED": "login",
    "NO_DEVICE": "no_carrier",
    "NO_IFACE": "no_carrier",
    "NO_CARRIER": "no_carrier",
}
_BANDS = {
    "2g": "2.4",
    "5g": "5",
    "6g": "6",
    "60g": "60",
    "11g": "2.4",
    "11b": "2.4",
    "11a": "5",
    "11ad": "60",
}


@dataclass(frozen=True, slots=True)
class Interface:
    """A connection; `status` and `error` in the catalogue's words, `address` as text, empty without one.

    `wanted` is whether it is to be kept up, None if that is not told.
    """

    status: str
    error: str
    protocol: str
    device: str
    uptime: float | None
    address: str
    wanted: bool | None


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection by its name in the settings, and the adapters it uses: the card and what stands on it.

    One that is `stopped` stays down until somebody starts it.
    """

    name: str
    up: bool
    stopped: bool
    devices: frozenset[str]


@dataclass(frozen=True, slots=True)
class Radio:
    """A Wi-Fi radio; `band` in GHz, empty if not told; `networks` are its network interfaces."""

    name: str
    up: bool
    disabled: bool
    failed: bool
    band: str
    networks: tuple[str, ...]


def read_interface(told: Mapping[str, Any]) -> Interface:
    """Return what `ubus call network.interface.wan status` tells.

    >>> told = {"up": False, "pending": True, "proto": "pppoe", "errors": [{"code": "AUTH_FAILED"}]}
    >>> read_interface(told).status, read_interface(told).error
    ('connecting', 'login')
    """
    up = told.get("up") is True
    status = "connected" if up else "connecting" if told.get("pending") is True else "disconnected"
    codes = [word(error, "code") for error in objects(told, "errors")]
    addresses = objects(told, "ipv4-address")
    return Interface(
        status=status,
        error=_ERRORS.get(codes[0], "other") if codes else "none",
        protocol=word(told, "proto"),
        device=word(told, "device"),
        uptime=number(told, "uptime", 0, _MAX_UPTIME) if up else None,
        address=word(addresses[0], "address") if addresses else "",
        wanted=_bool(told, "autostart"),
    )


def read_connections(told: Mapping[str, Any]) -> list[Connection]:
    """Return the connections of `ubus call network.interface dump` that have plain names.

    >>> wan = {"interface": "wan", "up": True, "device": "eth1", "l3_device": "pppoe-wan"}
    >>> [sorted(one.devices) for one in read_connections({"interface": [wan]})]
    [['eth1', 'pppoe-wan']]
    """
    found = []
    for one in objects(told, "interface")[:MAX_CONNECTIONS]:
        name = word(one, "interface")
        devices = frozenset(word(one, key) for key in ("device", "l3_device")) - {""}
        if _NAME.fullmatch(name) and not name.startswith(("-", ".")):
            up = one.get("up") is True
            stopped = not up and _bool(one, "autostart") is False
            found.append(Connection(name, up, stopped, devices))
    return found


def carrier(told: Mapping[str, Any], device: str) -> bool | None:
    """Return whether a device has a signal by `ubus call network.device status`, None if it is not told."""
    found = inside(told, device).get("carrier")
    return found if isinstance(found, bool) else None


def read_radios(told: Mapping[str, Any]) -> list[Radio]:
    """Return the radios of `ubus call network.wireless status`; names and keys of networks stay there."""
    named = [name for name in told if _NAME.fullmatch(name) and inside(told, name)]
    return [_radio(name, inside(told, name)) for name in named[:MAX_RADIOS]]


def _bool(told: Mapping[str, Any], name: str) -> bool | None:
    found = told.get(name)
    return found if isinstance(found, bool) else None


def _radio(name: str, told: Mapping[str, Any]) -> Radio:
    config = inside(told, "config")
    return Radio(
        name=name,
        up=told.get("up") is True,
        disabled=told.get("disabled") is True,
        failed=told.get("retry_setup_failed") is True,
        band=_BANDS.get(word(config, "band") or word(config, "hwmode"), ""),
        networks=tuple(word(network, "ifname") for network in objects(told, "interfaces")),
    )
