"""A router that runs OpenWrt and dials in by PPPoE.

ubus and netifd as openwrt.org documents them; log lines as pppd(8) and logd write them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.played.device import PlayedDevice

_WAN: dict[str, Any] = {
    "pending": False,
    "available": True,
    "autostart": True,
    "proto": "pppoe",
    "device": "eth1",
}
_ONLINE = {
    **_WAN,
    "up": True,
    "uptime": 3600,
    "l3_device": "pppoe-wan",
    "ipv4-address": [{"address": "100.72.3.4", "mask": 32, "ptpaddress": "203.0.113.1"}],
}
_DIALLING = {**_WAN, "up": False, "pending": True}
_LAN = {"up": True, "proto": "static", "ipv4-address": [{"address": "192.168.1.1", "mask": 24}]}


class OpenWrtRouter(PlayedDevice):
    """Online at first."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, {"openwrt_release": "DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='23.05.3'\n"})
        # ubus(1) ends with 4 for what is not there.
        self.has("ubus", "Command failed: Not found", 4)
        for name in ("uci", "logread", "iwinfo"):
            self.has(name)
        self.tells("ubus call system board", {"model": "TP-Link Archer C7 v5", "kernel": "5.15.150"})
        self.tells("ubus call network.interface.lan status", _LAN)
        self.tells("ubus call network.device status", {"eth1": {"up": True, "carrier": True}})
        self.dials_in()

    def dials_in(self) -> None:
        """The provider has taken name and password."""
        self.prints("logread -l 500", "")
        self.tells("ubus call network.interface.wan status", _ONLINE)

    def is_refused(self, now: str) -> None:
        """The provider refuses name and password, as of a moment such as "Mon Nov 30 01:06:58 2026"."""
        self.prints("logread -l 500", f"{now} daemon.err pppd[812]: PAP authentication failed\n")
        self.tells("ubus call network.interface.wan status", _DIALLING)
