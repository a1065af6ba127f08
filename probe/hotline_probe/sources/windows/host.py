"""What computer this is: a virtual one or not, and whether updates wait for a restart."""

from __future__ import annotations

from collections.abc import Iterator

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine
from hotline_probe.sources.basics import reason, unknown
from hotline_probe.sources.windows import shell
from hotline_probe.sources.windows.shell import Row, flag, text

# Below the source's timeout; asked once in five minutes.
_TIMEOUT = 7.0
_UPDATES = r"HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion"
SCRIPT = (
    "$c=Get-CimInstance Win32_ComputerSystem;"
    "$r=@{maker=[string]$c.Manufacturer;model=[string]$c.Model;"
    rf"servicing=(Test-Path -LiteralPath '{_UPDATES}\Component Based Servicing\RebootPending');"
    rf"updates=(Test-Path -LiteralPath '{_UPDATES}\WindowsUpdate\Auto Update\RebootRequired')}}"
)
# HypervisorPresent says yes on every computer that protects itself with virtualisation; the maker and the
# model of a virtual one are the program that runs it.
_PROGRAMS = ("virtual machine", "vmware", "virtualbox", "innotek", "qemu", "kvm", "xen", "parallels", "bochs")


def host_facts(machine: Machine) -> Iterator[Fact]:
    """Yield what PowerShell tells."""
    try:
        told = shell.ask(machine, SCRIPT, _TIMEOUT)
    except SourceError as error:
        yield from unknown(("host.virtual", "system.reboot_required"), reason(error))
        return
    virtual, waiting = is_virtual(told), waits_for_restart(told)
    yield Fact("host.virtual", UnknownReason.UNSUPPORTED if virtual is None else virtual)
    yield Fact("system.reboot_required", UnknownReason.UNSUPPORTED if waiting is None else waiting)


def is_virtual(told: Row) -> bool | None:
    """Tell whether maker and model are those of a virtual machine, None if there are none.

    >>> is_virtual({"maker": "Microsoft Corporation", "model": "Virtual Machine"})
    True
    >>> is_virtual({"maker": "Microsoft Corporation", "model": "Surface Laptop 5"})
    False
    """
    words = f"{text(told, 'maker')} {text(told, 'model')}".strip().lower()
    return any(program in words for program in _PROGRAMS) if words else None


def waits_for_restart(told: Row) -> bool | None:
    """Tell whether Windows Update or the servicing of components left its mark, None if nobody can tell."""
    marks = [flag(told, name) for name in ("servicing", "updates")]
    return True if True in marks else None if None in marks else False
