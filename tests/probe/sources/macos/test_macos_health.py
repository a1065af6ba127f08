"""Battery, disks, protection and updates of a Mac, through the sources themselves."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hotline_probe.errors import SourceFailed
from hotline_probe.sources.drives import Drives
from hotline_probe.sources.macos.power import ASK_EVERY, MacPower, parse_battery, parse_wear
from hotline_probe.sources.macos.protection import parse_firewall
from hotline_probe.sources.macos.updates import parse_history, update_facts
from hotline_probe.sources.power import Power
from hotline_probe.sources.protection import Protection
from hotline_probe.sources.updates import Updates
from hotline_proto.facts import UnknownReason


def test_a_battery(macbook: Any, read: Any) -> None:
    assert read(Power()) == {
        "hw.power.battery": True,
        "hw.power.mains": False,
        "hw.battery.charge[battery]": 0.84,
        "hw.battery.state[battery]": "discharging",
        "hw.battery.health[battery]": 0.91,
        "hw.battery.cycles[battery]": 215,
    }


def test_a_mac_without_a_battery(imac: Any, read: Any) -> None:
    assert read(Power()) == {"hw.power.battery": False, "hw.power.mains": True}


def test_wear_is_asked_for_now_and_then(macbook: Any) -> None:
    now = [0.0]
    power = MacPower(lambda: now[0])
    later = type(macbook)(macbook.root)
    later.prints(
        "pmset -g batt", "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t100%; charged; 0:00\n"
    )
    assert {fact.name: fact.value for fact in power.facts(macbook)}["hw.battery.cycles"] == 215
    now[0] += ASK_EVERY - 1
    assert {fact.name: fact.value for fact in power.facts(later)}["hw.battery.cycles"] == 215
    now[0] += 1
    told = {fact.name: fact.value for fact in power.facts(later)}
    assert told["hw.battery.cycles"] is UnknownReason.MISSING_TOOL and told["hw.battery.state"] == "full"


def test_what_batteries_say() -> None:
    row = "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t80%; {}; present: true\n"
    assert parse_battery(row.format("AC attached; not charging"))[2] == "not_charging"
    assert parse_battery(row.format("finishing charge"))[2] == "charging"
    assert parse_battery(row.format("something new"))[2] is None
    assert parse_battery("") == (None, None, None)
    health = '{{"SPPowerDataType":[{{"sppower_battery_health_info":{{"sppower_battery_cycle_count":{}}}}}]}}'
    assert parse_wear(health.format("12")) == (None, 12)
    assert parse_wear(health.format("true")) == (None, None) and parse_wear("[]") == (None, None)
    with pytest.raises(SourceFailed):
        parse_wear("{")


def test_what_disks_say_of_themselves(macbook: Any, read: Any) -> None:
    assert read(Drives()) == {
        "hw.drive.passed[disk0]": True,
        "hw.drive.passed[disk4]": UnknownReason.UNSUPPORTED,
    }


def test_a_failing_disk(imac: Any, read: Any) -> None:
    assert read(Drives()) == {"hw.drive.passed[disk0]": False}


def test_protection(macbook: Any, read: Any) -> None:
    assert read(Protection()) == {
        "security.firewall.manager": "macos",
        "security.firewall.expected": True,
        "security.firewall.enabled": True,
        "security.remote.running": 1,
        "security.remote.programs": "anydesk",
        "security.updates.automatic": True,
        "security.listening.count": 2,
        "security.listening.unprotected": 0,
        "security.ssh.everywhere": True,
    }


def test_a_firewall_that_was_never_on_is_not_expected(imac: Any, read: Any) -> None:
    told = read(Protection())
    assert told["security.firewall.expected"] is False and told["security.firewall.enabled"] is False
    assert told["security.remote.running"] is UnknownReason.MISSING_TOOL
    assert told["security.updates.automatic"] is UnknownReason.MISSING_TOOL
    assert (
        told["security.listening.count"] >= 0 if isinstance(told["security.listening.count"], int) else True
    )
    with pytest.raises(SourceFailed):
        parse_firewall("Die Firewall ist aktiviert.")


def test_updates(macbook: Any, read: Any) -> None:
    now = datetime.datetime(2026, 11, 29, 6, tzinfo=datetime.UTC)
    told = {fact.name: fact.value for fact in update_facts(macbook, now)}
    assert told == {
        "system.update.manager": "softwareupdate",
        "system.update.checked_age": 86400.0,
        "system.update.installed_age": 9 * 86400.0,
    }
    assert set(read(Updates())) == set(told)


def test_a_mac_that_never_looked_for_updates(imac: Any, read: Any) -> None:
    imac.prints(
        "defaults export", "<plist version='1.0'><dict><key>LastSuccessfulDate</key><true/></dict></plist>"
    )
    told = read(Updates())
    assert told["system.update.checked_age"] is UnknownReason.UNSUPPORTED
    assert told["system.update.installed_age"] is UnknownReason.MISSING_TOOL
    for odd in ("<plist><dict/></plist>", "<plist><array><date>x</date></array></plist>", ""):
        with pytest.raises(SourceFailed):
            parse_history(odd)
    assert parse_history("<plist><array><integer>1</integer></array></plist>") is None
