"""Disks, battery and protection of a captured Windows."""

from __future__ import annotations

import pytest
from hotline_probe.errors import SourceFailed
from hotline_probe.source import Settings
from hotline_probe.sources.drives import Drives
from hotline_probe.sources.homerouter import HomeRouter
from hotline_probe.sources.power import Power
from hotline_probe.sources.protection import Protection
from hotline_probe.sources.smart import Health
from hotline_probe.sources.windows import battery, drives, network, protection
from hotline_probe.sources.windows.battery import Capacity, parse_capacity
from hotline_probe.sources.windows.drives import Drive, parse_drives
from hotline_probe.sources.windows.protection import antivirus, automatic, firewall
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

UNSUPPORTED = UnknownReason.UNSUPPORTED
SSD = {"DeviceId": "0", "HealthStatus": 0, "MediaType": 4, "Wear": 7, "Temperature": 41}
# Windows' own scanner when it is on and up to date, and when another one has taken its place.
DEFENDER, PASSIVE = {"productState": 397568}, {"productState": 393472}
SAFE = {
    "profiles": [1, 1, 1],
    "firewall": "Running",
    "update": "Manual",
    "noauto": None,
    "defender": {"enabled": True, "realtime": True, "age": 7200.5},
    "scanners": [DEFENDER],
    "walls": None,
}


@pytest.mark.parametrize(("status", "passed"), [(0, True), (1, False), (2, False), (5, None), (None, None)])
def test_health_of_a_disk(status, passed) -> None:
    told, allowed = parse_drives({"admin": True, "disks": {**SSD, "HealthStatus": status}})
    assert allowed and told == [Drive("PhysicalDrive0", Health(passed=passed, wear=0.07, temperature=41.0))]


def test_a_spinning_disk_does_not_wear() -> None:
    [drive], _ = parse_drives({"disks": [{**SSD, "MediaType": 3, "Wear": 0, "Temperature": 0}]})
    assert drive.health == Health(passed=True)


def test_drives_for_an_ordinary_user(tells, read) -> None:
    failing = {"DeviceId": "1", "HealthStatus": 1, "MediaType": 3, "Wear": None, "Temperature": None}
    tells(drives.SCRIPT, {"admin": False, "disks": [{**SSD, "Wear": None, "Temperature": None}, failing]})
    facts = read(Drives())
    assert facts["hw.drive.passed[PhysicalDrive0]"] is True
    assert facts["hw.drive.passed[PhysicalDrive1]"] is False
    assert facts["hw.drive.wear[PhysicalDrive0]"] is UnknownReason.PERMISSION
    assert facts["hw.drive.bad_sectors[PhysicalDrive0]"] is UNSUPPORTED
    names = {name.partition("[")[0] for name in facts}
    specs = load_catalogue().facts_of_source["drives"]
    assert names == {spec.name for spec in specs if "windows" in spec.platforms}


def test_capacity() -> None:
    told = {"full": [30000, 12000], "design": [40000, 20000], "cycles": 312}
    assert parse_capacity(told) == Capacity(0.7, 312)
    assert parse_capacity({"full": 51000, "design": 50000}) == Capacity(1.0, None)
    assert parse_capacity({"full": [], "design": [50000], "cycles": ["x"]}) == Capacity()


def test_power(tells, read) -> None:
    tells(battery.SCRIPT, {"full": [40000], "design": [50000], "cycles": [3]})
    facts = read(Power())
    batteries = [name for name in facts if name.startswith("hw.battery.charge[")]
    assert [name for name in facts if name.startswith("hw.battery.health[")] == [
        name.replace("charge", "health") for name in batteries
    ]


def test_a_protected_computer(tells, read) -> None:
    tells(protection.SCRIPT, SAFE)
    facts = read(Protection())
    assert facts["security.firewall.manager"] == "windows"
    assert facts["security.firewall.expected"] is facts["security.firewall.enabled"] is True
    assert facts["security.antivirus.enabled"] is True
    assert facts["security.antivirus.database_age"] == 7200.5
    assert facts["security.updates.automatic"] is True
    assert facts["security.authority.added"] is UNSUPPORTED
    specs = load_catalogue().facts_of_source["protection"]
    assert facts.keys() == {spec.name for spec in specs if "windows" in spec.platforms}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"firewall": "Stopped"}, (True, False, "windows")),
        ({"profiles": [1, 0, 1]}, (False, False, "windows")),
        ({"profiles": [0, 0, 0], "walls": [{"productState": 266240}]}, (True, True, "other")),
        ({"profiles": [], "firewall": ""}, (None, None, "windows")),
    ],
)
def test_firewalls(change, told) -> None:
    assert firewall({**SAFE, **change}) == told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"defender": {"realtime": False}, "scanners": [PASSIVE]}, False),
        ({"defender": {"realtime": False}, "scanners": [PASSIVE, {"productState": 266240}]}, True),
        ({"defender": {}, "scanners": [PASSIVE]}, False),
        ({"defender": {}, "scanners": []}, None),
        ({"defender": {"realtime": False}, "scanners": None}, None),  # a server, perhaps with another one
        ({"defender": None, "scanners": None}, None),
        ({"defender": {"realtime": True}, "scanners": None}, True),  # a server
    ],
)
def test_scanners(change, told) -> None:
    assert antivirus({**SAFE, **change}) is told


def test_another_scanner_tells_no_dates(tells, read) -> None:
    tells(protection.SCRIPT, {**SAFE, "defender": {"enabled": False, "realtime": False, "age": 9e6}})
    assert read(Protection())["security.antivirus.database_age"] is UNSUPPORTED


@pytest.mark.parametrize(
    ("change", "told"),
    [({"update": "Disabled"}, False), ({"noauto": 1}, False), ({"noauto": 0}, True), ({"update": ""}, None)],
)
def test_updates(change, told) -> None:
    assert automatic({**SAFE, **change}) is told


@pytest.mark.parametrize("make", [Drives, Protection])
def test_no_answer_is_no_health(captured, read, make) -> None:
    captured.system = "windows"
    captured.prints("powershell", "null")
    with pytest.raises(SourceFailed):
        read(make())


def test_the_router_is_looked_for(tells, read) -> None:
    route = {"InterfaceIndex": 8, "DestinationPrefix": "0.0.0.0/0", "NextHop": "192.0.2.1", "Store": 1}
    adapter = {"InterfaceIndex": 8, "Name": "WLAN", "InterfaceType": 71, "InterfaceAdminStatus": 1}
    tells(network.SCRIPT, {"adapters": adapter, "routes": route})
    facts = read(HomeRouter(), Settings(active=False))
    assert facts["router.tells"] is UNSUPPORTED  # nobody may ask it


@given(st.data())
def test_whatever_is_told_something_comes_out(hostile, data) -> None:
    told = {name: data.draw(hostile) for name in (*SAFE, "disks", "admin", "full", "design", "cycles")}
    parse_drives(told)
    found = parse_capacity(told)
    assert found.health is None or 0 <= found.health <= 1
    assert firewall(told)[2] in {"windows", "other"}
    assert antivirus(told) in {True, False, None} and automatic(told) in {True, False, None}
