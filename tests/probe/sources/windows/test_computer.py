"""Host, storage and clock of a captured Windows; psutil tells of this very computer."""

from __future__ import annotations

import pytest
from hotline_probe.sources.clock import Clock
from hotline_probe.sources.disks import Disks
from hotline_probe.sources.filesystems import Filesystems
from hotline_probe.sources.host import Host
from hotline_probe.sources.windows import host, storage
from hotline_probe.sources.windows.clock import parse_status
from hotline_probe.sources.windows.storage import Storage, parse_storage
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

LAPTOP = {"maker": "LENOVO", "model": "21HD", "servicing": False, "updates": False}
STATUS_DE = """Sprungindikator: 0(keine Warnung)
Stratum: 4 (Sekundärreferenz - synchr. über (S)NTP)
Präzision: -23 (119.209ns pro Tick)
Stammverzögerung: 0.0257186s
Stammabweichung: 7.8028437s
Referenz-ID: 0x28779402 (Quell-IP:  40.119.148.2)
Letzte erfolgr. Synchronisierungszeit: 29.11.2026 20:11:02
Quelle: time.windows.com,0x9
Abrufintervall: 10 (1024s)
"""
STATUS_EN = """Leap Indicator: 3(not synchronized)
Stratum: 0 (unspecified)
Precision: -23 (119.209ns per tick)
Root Delay: 0.0000000s
Root Dispersion: 0.0000000s
ReferenceId: 0x00000000 (unspecified)
Last Successful Sync Time: unspecified
Source: Local CMOS Clock
Poll Interval: 6 (64s)
"""


@pytest.mark.parametrize(
    ("told", "virtual", "waiting"),
    [
        (LAPTOP, False, False),
        ({**LAPTOP, "maker": "Microsoft Corporation", "model": "Surface Pro 9"}, False, False),
        ({**LAPTOP, "maker": "Microsoft Corporation", "model": "Virtual Machine"}, True, False),
        ({**LAPTOP, "maker": "VMware, Inc.", "model": "VMware20,1"}, True, False),
        ({**LAPTOP, "maker": "innotek GmbH", "model": "VirtualBox"}, True, False),
        ({**LAPTOP, "updates": True}, False, True),
        ({**LAPTOP, "servicing": True, "updates": None}, False, True),
        ({"maker": "", "model": None}, UnknownReason.UNSUPPORTED, UnknownReason.UNSUPPORTED),
    ],
)
def test_host(tells, read, told, virtual, waiting) -> None:
    tells(host.SCRIPT, told)
    facts = read(Host())
    assert facts["host.os.type"] == "windows"
    assert (facts["host.virtual"], facts["system.reboot_required"]) == (virtual, waiting)


def test_host_without_powershell(captured, read) -> None:
    captured.system = "windows"
    facts = read(Host())
    assert facts["host.virtual"] is UnknownReason.MISSING_TOOL
    assert isinstance(facts["host.arch"], str)


def test_storage() -> None:
    told = {
        "disks": [{"DeviceId": "0", "MediaType": 4}, {"DeviceId": "1", "MediaType": 3}, {"DeviceId": "2"}],
        "parts": [{"Letter": "C", "Disk": 0}, {"Letter": "\0", "Disk": 0}, {"Letter": "D", "Disk": 1}],
        "volumes": [
            {"DriveLetter": "C:", "DirtyBitSet": False},
            {"DriveLetter": "D:", "DirtyBitSet": True},
            {"DriveLetter": None, "DirtyBitSet": None},
        ],
    }
    assert parse_storage(told) == Storage(
        rotational={"PhysicalDrive0": False, "PhysicalDrive1": True},
        disk_of={"C:": "PhysicalDrive0", "D:": "PhysicalDrive1"},
        dirty={"C:": False, "D:": True},
    )


def test_volumes_and_disks_of_psutil(tells, read) -> None:
    tells(storage.SCRIPT, {"disks": [], "parts": [], "volumes": []})
    facts = read(Filesystems())
    keys = [name.partition("[")[2] for name in facts if name.startswith("system.filesystem.total[")]
    assert all(facts[f"system.filesystem.dirty[{key}"] is UnknownReason.UNSUPPORTED for key in keys)
    disks = read(Disks())
    spinning = [name for name in disks if name.startswith("system.disk.rotational[")]
    assert len(spinning) == len([name for name in disks if name.startswith("system.disk.read_rate[")])


@pytest.mark.parametrize(
    ("printed", "code", "value"),
    [
        (STATUS_DE, 0, True),
        (STATUS_EN, 0, False),
        (STATUS_DE.encode().decode("cp850"), 0, True),
        ("The following error occurred: The service has not been started. (0x80070426)", 1, None),
        ("Folgender Fehler ist aufgetreten: Der Dienst wurde nicht gestartet. (0x80070426)", 1, None),
        ("", 0, None),
    ],
)
def test_the_time_service(captured, read, printed, code, value) -> None:
    captured.system = "windows"
    captured.prints("w32tm /query /status", printed.replace("\n", "\r\n"), code=code)
    expected = UnknownReason.UNSUPPORTED if value is None else value
    assert read(Clock())["time.synchronized"] is expected


@given(st.text(max_size=80))
def test_whatever_w32tm_prints(text: str) -> None:
    assert parse_status(text) in {True, False, None}


@given(st.data())
def test_whatever_is_told_of_disks(hostile, data) -> None:
    told = data.draw(hostile)
    found = parse_storage({"disks": told, "parts": told, "volumes": told})
    assert all(isinstance(value, bool) for value in found.rotational.values())
