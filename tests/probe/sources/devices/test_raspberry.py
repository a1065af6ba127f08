"""A Raspberry Pi; output as raspberrypi.com documents vcgencmd (Computers, OS, "Utilities")."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_probe.errors import SourceFailed, Unsupported
from hotline_probe.sources.devices.raspberry import TOLD, Raspberry, parse_temperature, parse_throttled
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

MODEL = {"/proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.1\0"}


def test_a_weak_supply(captured: Any, read: Any) -> None:
    captured.put(MODEL)
    captured.prints("vcgencmd get_throttled", "throttled=0x50005\n")
    captured.prints("vcgencmd measure_temp", "temp=42.8'C\n")
    assert read(Raspberry()) == {
        "device.pi.undervoltage": True,
        "device.pi.frequency_capped": False,
        "device.pi.throttled": True,
        "device.pi.heat_limited": False,
        "device.pi.undervoltage_seen": True,
        "device.pi.frequency_capped_seen": False,
        "device.pi.throttled_seen": True,
        "device.pi.heat_limited_seen": False,
        "device.pi.temperature": 42.8,
    }


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (0, "undervoltage"),
        (1, "frequency_capped"),
        (2, "throttled"),
        (3, "heat_limited"),
        (16, "undervoltage_seen"),
        (17, "frequency_capped_seen"),
        (18, "throttled_seen"),
        (19, "heat_limited_seen"),
    ],
)
def test_every_bit(place: int, name: str) -> None:
    told = parse_throttled(f"throttled={1 << place:#x}\n")
    assert [one for one in TOLD if getattr(told, one.removeprefix("device.pi."))] == [f"device.pi.{name}"]


def test_an_older_system_keeps_the_tool_elsewhere(captured: Any, read: Any) -> None:
    captured.put(MODEL)
    captured.prints("/opt/vc/bin/vcgencmd get_throttled", "throttled=0x0\n")
    captured.prints("/opt/vc/bin/vcgencmd measure_temp", "temp=84.0'C\n")
    told = read(Raspberry())
    assert told["device.pi.temperature"] == 84.0 and not told["device.pi.undervoltage_seen"]


@pytest.mark.parametrize(
    ("error", "why"),
    [
        ("Can't open device file: /dev/vcio\nTry creating a device file with: sudo mknod …\n", "PERMISSION"),
        ("VCHI initialization failed\n", "PERMISSION"),
        ("something else\n", "NOT_COLLECTED"),
    ],
)
def test_the_firmware_does_not_answer(captured: Any, read: Any, error: str, why: str) -> None:
    captured.put(MODEL)
    captured.prints("vcgencmd", err=error, code=255)
    assert set(read(Raspberry()).values()) == {UnknownReason[why]}


def test_the_tool_is_missing(captured: Any, read: Any) -> None:
    captured.put(MODEL)
    assert set(read(Raspberry()).values()) == {UnknownReason.MISSING_TOOL}


@pytest.mark.parametrize("files", [{}, {"/proc/device-tree/model": "Example Board\0"}])
def test_another_machine_costs_one_look(captured: Any, read: Any, files: dict[str, str]) -> None:
    captured.put(files)
    with pytest.raises(Unsupported):
        read(Raspberry())
    assert captured.started == []


@given(st.text() | st.from_regex(r"(throttled=0x|temp=)[0-9a-f.'C]*\n?"))
def test_parsers_fail_in_one_way_only(text: str) -> None:
    for parse in (parse_throttled, parse_temperature):
        try:
            parse(text)
        except SourceFailed as error:
            assert str(error)
