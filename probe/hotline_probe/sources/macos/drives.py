"""What the disks of a Mac say about their own health (S.M.A.R.T.), through diskutil(8)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine
from hotline_probe.sources.basics import reason
from hotline_probe.sources.macos.commands import ask
from hotline_probe.sources.macos.plists import parse_plist
from hotline_probe.sources.macos.volumes import info

MAX_DRIVES = 8
TIMEOUT = 3.0
_NAME = re.compile(r"disk\d{1,3}", re.ASCII)
# diskutil's words in a property list; "Not Supported" is what most disks on USB say.
_VERDICTS = {"Verified": True, "Failing": False}


def parse_disks(text: str) -> list[str]:
    """Return the names of the disks in `diskutil list -plist physical`; raises like `parse_plist`."""
    names = parse_plist(text).get("WholeDisks")
    known = (name for name in (names if isinstance(names, list) else []) if isinstance(name, str))
    return [name for name in known if _NAME.fullmatch(name)][:MAX_DRIVES]


def drive_facts(machine: Machine) -> Iterator[Fact]:
    """Yield the verdict of each disk; raises like `ask` and `parse_disks`."""
    for drive in parse_disks(ask(machine, ("diskutil", "list", "-plist", "physical"), TIMEOUT)):
        yield Fact("hw.drive.passed", _verdict(machine, drive), drive)


def _verdict(machine: Machine, drive: str) -> FactValue:
    try:
        told = info(machine, drive).get("SMARTStatus")
    except SourceError as error:
        return reason(error)
    return (
        _VERDICTS.get(told, UnknownReason.UNSUPPORTED) if isinstance(told, str) else UnknownReason.UNSUPPORTED
    )
