"""Batteries, chargers, temperatures and fans.

The files are in the form of the kernel's Documentation/ABI/testing/sysfs-class-power and
Documentation/hwmon/sysfs-interface.rst.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import psutil
import pytest
from hotline_probe.errors import Denied
from hotline_probe.sources import hwmon, portable
from hotline_probe.sources.power import RUNS_BETWEEN_SEARCHES, Power
from hotline_probe.sources.supplies import FOLDER, parse_uevent
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

BATTERY = {
    "NAME": "BAT0",
    "TYPE": "Battery",
    "STATUS": "Discharging",
    "PRESENT": "1",
    "TECHNOLOGY": "Li-poly",
    "CYCLE_COUNT": "412",
    "POWER_NOW": "9876000",
    "ENERGY_FULL_DESIGN": "50000000",
    "ENERGY_FULL": "41000000",
    "ENERGY_NOW": "20500000",
    "CAPACITY": "50",
    "MODEL_NAME": "01AV430",
}
NO = UnknownReason.UNSUPPORTED


def supply(name: str, **properties: str) -> dict[str, str]:
    lines = "".join(f"POWER_SUPPLY_{key}={value}\n" for key, value in properties.items())
    return {f"{FOLDER}/{name}/uevent": "DEVTYPE=power_supply\n" + lines}


def chip(number: int, driver: str, **files: object) -> dict[str, str]:
    folder = f"/sys/class/hwmon/hwmon{number}"
    return {f"{folder}/name": f"{driver}\n"} | {
        f"{folder}/{name}": f"{text}\n" for name, text in files.items()
    }


def test_a_laptop_on_its_battery(captured: Any, read: Any) -> None:
    captured.put(supply("AC", NAME="AC", TYPE="Mains", ONLINE="0") | supply("BAT0", **BATTERY))
    told = read(Power())
    assert told == {
        "hw.power.battery": True,
        "hw.power.mains": False,
        "hw.power.low_voltage": NO,
        "hw.battery.charge[BAT0]": 0.5,
        "hw.battery.state[BAT0]": "discharging",
        "hw.battery.health[BAT0]": pytest.approx(0.82),
        "hw.battery.cycles[BAT0]": 412,
        "hw.battery.charges_below[BAT0]": 1.0,
    }


def test_no_power_supply_class_means_no_battery(read: Any) -> None:
    assert read(Power()) == {"hw.power.battery": False, "hw.power.mains": NO, "hw.power.low_voltage": NO}


def test_what_may_not_be_listed_is_denied(captured: Any, monkeypatch: Any, read: Any) -> None:
    def names(path: str) -> list[str]:
        raise Denied(f"{path} may not be read")

    monkeypatch.setattr(captured, "names", names)
    with pytest.raises(Denied):
        read(Power())


@pytest.mark.parametrize(
    ("properties", "state"),
    [
        ({"STATUS": "Charging"}, "charging"),
        ({"STATUS": "Not charging"}, "not_charging"),
        ({"STATUS": "Full"}, "full"),
        ({"STATUS": "Discharging"}, "discharging"),
        ({"STATUS": "Discharging", "POWER_NOW": "0"}, "not_charging"),
        ({"STATUS": "Unknown"}, NO),
    ],
)
def test_states_at_the_mains(captured: Any, read: Any, properties: Any, state: Any) -> None:
    captured.put(supply("AC", TYPE="Mains", ONLINE="1") | supply("BAT0", **(BATTERY | properties)))
    told = read(Power())
    assert told["hw.power.mains"] is True and told["hw.battery.state[BAT0]"] == state


def test_a_limit_that_was_set_is_told(captured: Any, read: Any) -> None:
    folder = f"{FOLDER}/BAT0"
    captured.put(supply("BAT0", **BATTERY) | {f"{folder}/charge_control_end_threshold": "80\n"})
    assert read(Power())["hw.battery.charges_below[BAT0]"] == 0.8
    captured.put({f"{folder}/charge_control_start_threshold": "75\n"})
    assert read(Power())["hw.battery.charges_below[BAT0]"] == 0.75
    captured.put({f"{folder}/charge_control_start_threshold": "0\n"})
    assert read(Power())["hw.battery.charges_below[BAT0]"] == 0.8
    captured.put({f"{folder}/charge_behaviour": "auto [inhibit-charge] force-discharge\n"})
    assert read(Power())["hw.battery.charges_below[BAT0]"] == 0.0


def test_a_charger_that_only_shows_as_usb(captured: Any, read: Any) -> None:
    captured.put(
        supply("usb0", TYPE="USB", ONLINE="0")
        | supply("usb1", TYPE="USB", ONLINE="1")
        | supply("BAT0", **BATTERY)
    )
    assert read(Power())["hw.power.mains"] is True
    captured.put(supply("AC", TYPE="Mains", ONLINE="0"))
    assert read(Power())["hw.power.mains"] is False


def test_old_kernels_and_batteries_in_ampere_hours(captured: Any, read: Any) -> None:
    old = supply("BAT1", STATUS="Charging", CHARGE_NOW="2000000", CHARGE_FULL="4000000")
    captured.put(old | {f"{FOLDER}/BAT1/type": "Battery\n"})
    told = read(Power())
    assert (told["hw.battery.charge[BAT1]"], told["hw.battery.health[BAT1]"]) == (0.5, NO)
    captured.put(supply("BAT1", CHARGE_FULL="4000000", CHARGE_FULL_DESIGN="5000000", CYCLE_COUNT="0"))
    told = read(Power())
    assert (told["hw.battery.health[BAT1]"], told["hw.battery.cycles[BAT1]"]) == (0.8, NO)


@pytest.mark.parametrize(
    ("properties", "low"),
    [
        ({"CAPACITY": "10"}, True),
        ({"CAPACITY": "11"}, False),
        ({"CAPACITY": "5", "STATUS": "Charging"}, False),
        ({"CAPACITY_LEVEL": "Low"}, True),
        ({"CAPACITY_LEVEL": "Normal"}, False),
        ({"CAPACITY_LEVEL": "Unknown"}, NO),
        ({}, NO),
    ],
)
def test_the_battery_of_a_mouse(captured: Any, read: Any, properties: Any, low: Any) -> None:
    mouse = {
        "TYPE": "Battery",
        "SCOPE": "Device",
        "STATUS": "Discharging",
        "MODEL_NAME": "Wireless Mouse M185",
    }
    captured.put(supply("hid-34:88:5d:01:02:03-battery", **(mouse | properties)))
    told = read(Power())
    assert told["hw.accessory.name[1]"] == "Wireless Mouse M185" and told["hw.accessory.low[1]"] == low
    assert not [key for key in told if "34:88" in key], "the name of the supply holds the mouse's address"


@pytest.mark.parametrize("properties", [{"SCOPE": "Device"}, {"PRESENT": "0"}])
def test_a_mouse_or_an_empty_bay_is_no_battery(captured: Any, read: Any, properties: Any) -> None:
    captured.put(supply("hidpp_battery_0", **(BATTERY | properties)))
    assert read(Power())["hw.power.battery"] is False


def test_temperatures_with_limits_of_their_own(captured: Any, read: Any) -> None:
    captured.put(
        chip(0, "acpitz", temp1_input=27800, temp1_crit=20800)
        | chip(
            1,
            "coretemp",
            temp1_input=62000,
            temp1_crit=100000,
            temp1_label="Package id 0",
            temp2_input=60000,
            temp2_label="Core 0",
        )
        | chip(2, "nvme", temp1_input=40850, temp1_crit=84850, temp1_label="Composite", temp2_input=99850)
        | chip(3, "nct6775", temp7_input=109500, fan2_input=0)
        | chip(4, "k10temp", temp1_input=55000, temp1_label="Tctl")
        | chip(5, "iwlwifi_1", temp1_input=50000)
    )
    told = read(Power())
    assert {key: value for key, value in told.items() if "margin" in key} == {
        "hw.temperature.margin[coretemp/Package id 0]": pytest.approx(38.0),
        "hw.temperature.margin[nvme/Composite]": pytest.approx(44.0),
    }
    assert told["hw.temperature.current[coretemp/Package id 0]"] == pytest.approx(62.0)
    assert told["hw.temperature.part[nvme/Composite]"] == "disk"
    assert told["hw.temperature.part[coretemp/Package id 0]"] == "processor"


def test_two_disks_of_a_kind_have_two_names(captured: Any, read: Any) -> None:
    for number in (0, 1):
        captured.put(
            chip(number, "nvme", temp1_input=40000 + number, temp1_label="Composite", temp1_crit=85000)
        )
    told = read(Power())
    assert told["hw.temperature.current[nvme/Composite #2]"] == pytest.approx(40.001)


def test_a_graphics_card_that_sleeps_is_left_alone(captured: Any, read: Any) -> None:
    status = "/sys/class/hwmon/hwmon0/device/power/runtime_status"
    captured.put(
        chip(0, "amdgpu", temp1_input=50000, temp1_crit=100000, temp1_label="edge") | {status: "suspended\n"}
    )
    source = Power()
    assert "hw.temperature.current[amdgpu/edge]" not in read(source)
    captured.put({status: "active\n"})
    assert read(source)["hw.temperature.current[amdgpu/edge]"] == 50.0


@pytest.mark.parametrize("text", ["", "abc", "-128000", "999999999", "1" * 20])
def test_a_sensor_that_shows_nonsense_tells_nothing(captured: Any, read: Any, text: str) -> None:
    captured.put(chip(0, "coretemp", temp1_input=text, temp1_crit=100000))
    told = read(Power())
    assert isinstance(told["hw.temperature.current[coretemp/temp1]"], UnknownReason)
    assert isinstance(told["hw.temperature.margin[coretemp/temp1]"], UnknownReason)


def test_thermal_zones_where_no_chip_shows_them(captured: Any, read: Any) -> None:
    zone = "/sys/class/thermal/thermal_zone"
    captured.put(
        {
            f"{zone}0/type": "cpu-thermal\n",
            f"{zone}0/temp": "61000\n",
            f"{zone}0/trip_point_0_type": "passive\n",
            f"{zone}0/trip_point_0_temp": "75000\n",
            f"{zone}0/trip_point_1_type": "critical\n",
            f"{zone}0/trip_point_1_temp": "95000\n",
            f"{zone}1/type": "acpitz\n",
            f"{zone}1/temp": "20000\n",
            f"{zone}2/type": "iwlwifi_1\n",
            f"{zone}2/temp": "20000\n",
        }
    )
    captured.put(chip(0, "acpitz", temp1_input=20000))
    told = read(Power())
    assert told["hw.temperature.margin[cpu_thermal/thermal_zone0]"] == pytest.approx(34.0)
    assert [key for key in told if "part" in key] == ["hw.temperature.part[cpu_thermal/thermal_zone0]"]


def test_a_socket_without_a_fan_is_no_fan(captured: Any, read: Any) -> None:
    captured.put(chip(0, "nct6775", fan1_input=900, fan2_input=0) | chip(1, "thinkpad", fan1_input=0))
    source = Power()
    told = read(source)
    assert {key: value for key, value in told.items() if "speed" in key} == {
        "hw.fan.speed[nct6775/fan1]": 900,
        "hw.fan.speed[thinkpad/fan1]": 0,
    }
    captured.put(chip(0, "nct6775", fan1_input=0))
    assert read(source)["hw.fan.speed[nct6775/fan1]"] == 0


def test_fans_of_the_graphics_card_by_their_labels(captured: Any, read: Any) -> None:
    captured.put(chip(0, "asus", fan1_input=2400, fan1_label="cpu_fan", fan2_input=0, fan2_label="gpu_fan"))
    captured.put(chip(1, "dell_smm", fan1_input=0, fan1_label="Video Fan"))
    told = read(Power())
    assert {key: value for key, value in told.items() if "part" in key} == {
        "hw.fan.part[asus/cpu_fan]": "computer",
        "hw.fan.part[asus/gpu_fan]": "graphics",
        "hw.fan.part[dell_smm/Video Fan]": "graphics",
    }


def test_low_voltage_of_a_small_board(captured: Any, read: Any) -> None:
    captured.put(chip(0, "rpi_volt", in0_lcrit_alarm=1))
    assert read(Power())["hw.power.low_voltage"] is True


def test_what_is_plugged_in_later_is_found(captured: Any, read: Any) -> None:
    source = Power()
    read(source)
    captured.put(chip(0, "coretemp", temp1_input=50000, temp1_crit=100000))
    found = [any("temperature" in key for key in read(source)) for _ in range(RUNS_BETWEEN_SEARCHES)]
    assert found == [False] * (RUNS_BETWEEN_SEARCHES - 1) + [True]


class PsutilBattery(NamedTuple):
    """The form of psutil's sensors_battery()."""

    percent: float
    secsleft: int
    power_plugged: bool | None


@pytest.mark.parametrize(
    ("battery", "mains", "state"),
    [
        (PsutilBattery(42, 3600, False), False, "discharging"),
        (PsutilBattery(100, -2, True), True, "full"),
        (PsutilBattery(42, -2, True), True, NO),
        (PsutilBattery(42, -1, None), NO, NO),
    ],
)
def test_a_battery_that_psutil_tells(monkeypatch: Any, battery: Any, mains: Any, state: Any) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery)
    told = {fact.name: fact.value for fact in portable.battery_facts()}
    assert told["hw.power.mains"] == mains and told["hw.battery.state"] == state


@given(st.text(max_size=300))
def test_any_uevent_is_read(text: str) -> None:
    assert all(isinstance(value, str) for value in parse_uevent("POWER_SUPPLY_" + text).values())


@given(st.text(max_size=100))
def test_any_driver_has_a_part_or_none(driver: str) -> None:
    assert hwmon.part_of(driver) in {None, "processor", "graphics", "disk", "computer"}
