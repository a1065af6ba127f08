"""Volumes and disks of a Mac, through the sources themselves."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_probe.errors import SourceFailed
from hotline_probe.sources.disks import Disks
from hotline_probe.sources.filesystems import Filesystems
from hotline_probe.sources.macos.plists import parse_plist
from hotline_probe.sources.macos.volumes import Spinning, chosen, parse_mount, physical_disk
from hotline_proto.facts import UnknownReason

DATA = "/System/Volumes/Data"


def points(told: dict[str, Any]) -> list[str]:
    return [key[23:-1] for key in told if key.startswith("system.filesystem.type[")]


@pytest.fixture
def folders(macbook: Any) -> Any:
    for point in (DATA, "/Volumes/STICK", "/Volumes/Printer Driver (1)"):
        macbook.path(point).mkdir(parents=True)
    return macbook


def test_one_volume_stands_for_its_container(folders: Any, read: Any) -> None:
    told = read(Filesystems())
    assert points(told) == [DATA, "/Volumes/Printer Driver (1)", "/Volumes/STICK"]
    assert told[f"system.filesystem.purpose[{DATA}]"] == "system"
    assert told[f"system.filesystem.disk[{DATA}]"] == "disk0"
    assert told[f"system.filesystem.read_only[{DATA}]"] is False
    assert told[f"system.filesystem.total[{DATA}]"] > 0
    assert 0 <= told[f"system.filesystem.utilization[{DATA}]"] <= 1
    assert told[f"system.filesystem.inode_utilization[{DATA}]"] is UnknownReason.UNSUPPORTED


def test_an_image_is_read_only_on_purpose_and_a_stick_is_not(folders: Any, read: Any) -> None:
    source = Filesystems()
    image, stick = "/Volumes/Printer Driver (1)", "/Volumes/STICK"
    # The third volume is asked about in the second run, and until then nothing is said of it.
    assert read(source)[f"system.filesystem.read_only_expected[{stick}]"] is UnknownReason.PENDING
    told = read(source)
    assert told[f"system.filesystem.purpose[{image}]"] == "image"
    assert told[f"system.filesystem.read_only_expected[{image}]"] is True
    assert told[f"system.filesystem.purpose[{stick}]"] == "data"
    assert told[f"system.filesystem.read_only[{stick}]"] is True
    assert told[f"system.filesystem.read_only_expected[{stick}]"] is False
    assert told[f"system.filesystem.disk[{stick}]"] == "disk4"
    asked = [line for line in folders.started if line.startswith("diskutil")]
    assert len(asked) == 3, "each volume once"


def test_a_volume_that_went_away(macbook: Any, read: Any) -> None:
    told = read(Filesystems())
    assert told[f"system.filesystem.total[{DATA}]"] is UnknownReason.UNSUPPORTED


def test_ntfs_is_only_read(imac: Any, read: Any) -> None:
    imac.path("/Volumes/Fotos außen").mkdir(parents=True)
    told = read(Filesystems())
    assert points(told) == [DATA, "/Volumes/Fotos außen"]
    assert told["system.filesystem.read_only_expected[/Volumes/Fotos außen]"] is True


def test_an_old_mac_has_one_volume_for_all() -> None:
    old = parse_mount("/dev/disk0s2 on / (hfs, local, journaled)\n/dev/disk1s1 on /Volumes/A (apfs, local)\n")
    assert [volume.point for volume in chosen(old)] == ["/", "/Volumes/A"]
    with pytest.raises(SourceFailed):
        parse_mount("map auto_home on /home (autofs)\n")


def test_below_a_volume() -> None:
    assert physical_disk({"ParentWholeDisk": "disk7"}) == "disk7"
    for odd in ({}, {"ParentWholeDisk": 7}, {"APFSPhysicalStores": ["disk0"]}, {"APFSPhysicalStores": [{}]}):
        assert physical_disk(odd) == ""


def test_whether_a_disk_spins(macbook: Any, read: Any) -> None:
    spinning = Spinning()
    assert spinning.of(macbook, "disk0") is False and spinning.of(macbook, "disk0") is False
    assert spinning.of(macbook, "disk9") is UnknownReason.MISSING_TOOL
    # The disks that psutil counts are those of this machine.
    facts = read(Disks())
    rotational = [value for key, value in facts.items() if key.startswith("system.disk.rotational")]
    assert len(rotational) == len([key for key in facts if key.startswith("system.disk.read_rate")])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<plist><array/></plist>",
        "<plist><dict><key>a</key></dict></plist>",
        "<plist><dict><key>a</key><date>nonsense</date></dict></plist>",
        "<plist><dict><key>a</key><integer>x</integer></dict></plist>",
        "<!DOCTYPE p [<!ENTITY a 'b'>]><plist><string>&a;</string></plist>",
        "<plist><dict>" + "<key>a</key><dict>" * 5000,
        "x" * 2_000_000,
    ],
)
def test_what_is_no_property_list(text: str) -> None:
    with pytest.raises(SourceFailed):
        parse_plist(text)
