"""A storage box with ZFS, as zpool-list(8) and zpool-status(8) show its pools."""

from __future__ import annotations

from pathlib import Path

from tests.played.device import PlayedDevice
from tests.probe.sources.devices.test_nas import STATUS

_DEGRADED = "backup\tONLINE\t12\ntank\tDEGRADED\t61\n"
_MODULE = (
    "mount -t tmpfs tmpfs /sys/module",
    "mkdir /sys/module/zfs",
    "echo 2.1.11-1 > /sys/module/zfs/version",
)


class ZfsBox(PlayedDevice):
    """Its pool `tank` lacks a disk at first."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, {}, _MODULE)
        self.has("zpool")
        self._pools(_DEGRADED, STATUS)

    def is_repaired(self) -> None:
        """The disk is replaced."""
        status = STATUS.replace("DEGRADED", "ONLINE").replace("UNAVAIL", "ONLINE")
        self._pools(_DEGRADED.replace("DEGRADED", "ONLINE"), status)

    def _pools(self, listed: str, status: str) -> None:
        self.prints("zpool list -Hp -o name,health,capacity", listed)
        self.prints("zpool status -p", status)
