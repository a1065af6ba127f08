"""The built-in sources, one file each; those for devices that are read over SSH lie in `devices/`."""

from __future__ import annotations

from collections.abc import Callable

from hotline_probe.source import Source
from hotline_probe.sources.addresses import Addresses
from hotline_probe.sources.cgroup import Cgroup
from hotline_probe.sources.checks import Checks
from hotline_probe.sources.clock import Clock
from hotline_probe.sources.connections import Connections
from hotline_probe.sources.cpu import Cpu
from hotline_probe.sources.disks import Disks
from hotline_probe.sources.drives import Drives
from hotline_probe.sources.families import Families
from hotline_probe.sources.filesystems import Filesystems
from hotline_probe.sources.homerouter import HomeRouter
from hotline_probe.sources.host import Host
from hotline_probe.sources.interfaces import Interfaces
from hotline_probe.sources.leases import Leases
from hotline_probe.sources.load import Load
from hotline_probe.sources.logs import Logs
from hotline_probe.sources.lookups import Lookups
from hotline_probe.sources.mailprograms import MailPrograms
from hotline_probe.sources.memory import Memory
from hotline_probe.sources.pathmtu import PathMtu
from hotline_probe.sources.ping import Ping
from hotline_probe.sources.portal import Portal
from hotline_probe.sources.ports import Ports
from hotline_probe.sources.power import Power
from hotline_probe.sources.pressure import Pressure
from hotline_probe.sources.printers import Printers
from hotline_probe.sources.processes import Processes
from hotline_probe.sources.protection import Protection
from hotline_probe.sources.proxy import Proxy
from hotline_probe.sources.resolvers import Resolvers
from hotline_probe.sources.routes import Routes
from hotline_probe.sources.services import Services
from hotline_probe.sources.sockets import Sockets
from hotline_probe.sources.trace import Trace
from hotline_probe.sources.twins import Twins
from hotline_probe.sources.updates import Updates
from hotline_probe.sources.vpn import Vpn
from hotline_probe.sources.wifi import Wifi


def all_sources() -> tuple[Callable[[], Source], ...]:
    """Return the constructors of all sources, the most telling cheap ones first."""
    return (
        Interfaces,
        Routes,
        Addresses,
        Resolvers,
        Ping,
        Wifi,
        Vpn,
        Checks,
        Lookups,
        HomeRouter,
        Portal,
        Families,
        Ports,
        PathMtu,
        Proxy,
        Leases,
        Twins,
        Filesystems,
        Memory,
        Cpu,
        Pressure,
        Cgroup,
        Disks,
        Power,
        Host,
        Clock,
        Logs,
        Services,
        Printers,
        Sockets,
        Processes,
        Updates,
        Protection,
        Connections,
        Drives,
        MailPrograms,
        Trace,
        Load,
    )


def device_sources() -> tuple[Callable[[], Source], ...]:
    """Return the constructors of the sources that read a device over SSH, the most telling first.

    They see a machine only through its port; what asks the network or this computer itself is not among them.
    """
    from hotline_probe.sources.devices.deviceclock import DeviceClock  # noqa: PLC0415 - not on a caller's computer
    from hotline_probe.sources.devices.devicelogs import DeviceLogs  # noqa: PLC0415 - as above

    general = (Filesystems, Memory, Cpu, Host, Interfaces, Routes, Pressure, Disks, Services, Drives)
    return (*platform_sources(), *general, DeviceLogs, DeviceClock)


def platform_sources() -> tuple[Callable[[], Source], ...]:
    """Return the constructors of the sources that only devices read over SSH need.

    All of them see a device through its `Machine` alone and raise `Unsupported` after one look at one that
    is of another platform. One that has the name of a source in `all_sources` takes its place there.
    """
    from hotline_probe.sources.devices.nas import Nas  # noqa: PLC0415 - not on a caller's computer
    from hotline_probe.sources.devices.openwrt import OpenWrt  # noqa: PLC0415 - as above
    from hotline_probe.sources.devices.openwrtline import OpenWrtLine  # noqa: PLC0415 - as above
    from hotline_probe.sources.devices.raspberry import Raspberry  # noqa: PLC0415 - as above

    return (OpenWrtLine, OpenWrt, Nas, Raspberry)
