"""The health of disks.

smartctl's output is in the form of its JSON format 1.0 (smartctl(8), smartmontools 7), cut to what is read;
/proc/mdstat as md(4) and the kernel's md.c write it; eMMC files as in Documentation/driver-api/mmc.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hotline_probe.errors import Denied, SourceError, SourceFailed, Unsupported
from hotline_probe.sources.drives import ARGUMENTS, Drives
from hotline_probe.sources.mdstat import parse_mdstat
from hotline_probe.sources.smart import Health, parse_smartctl
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

NO = UnknownReason.UNSUPPORTED
SMARTCTL = " ".join(("smartctl", *ARGUMENTS))


def ata(passed: bool = True, **raw: int) -> str:
    ids = {"reallocated": 5, "pending": 197, "uncorrectable": 198, "crc": 199, "hours": 9}
    table = [
        {"id": ids[name], "name": name, "value": 100, "worst": 100, "thresh": 0, "when_failed": "",
         "raw": {"value": value, "string": str(value)}}
        for name, value in raw.items()
    ]  # fmt: skip
    told = {
        "json_format_version": [1, 0],
        "smartctl": {"version": [7, 3], "exit_status": 0},
        "device": {"name": "/dev/sda", "info_name": "/dev/sda [SAT]", "type": "sat", "protocol": "ATA"},
        "smart_status": {"passed": passed},
        "ata_smart_attributes": {"revision": 10, "table": table},
        "temperature": {"current": 32},
    }
    return json.dumps(told)


def nvme(warning: int = 0, used: int = 2, errors: int = 0, spare: int = 100) -> str:
    log = {
        "critical_warning": warning,
        "temperature": 35,
        "available_spare": spare,
        "available_spare_threshold": 10,
        "percentage_used": used,
        "media_errors": errors,
    }
    status = {"passed": warning == 0, "nvme": {"value": warning}}
    return json.dumps(
        {"smart_status": status, "nvme_smart_health_information_log": log, "temperature": {"current": 35}}
    )


def refusal(message: str) -> str:
    messages = [{"string": message, "severity": "error"}]
    return json.dumps({"smartctl": {"version": [7, 5], "messages": messages, "exit_status": 2}})


def disk(captured: Any, name: str = "sda", state: str = "running") -> None:
    captured.put({f"/sys/block/{name}/device/state": f"{state}\n"})


def test_a_spinning_disk_that_is_well(captured: Any, read: Any) -> None:
    disk(captured)
    captured.prints(SMARTCTL, ata(reallocated=1, pending=0, uncorrectable=0, crc=3, hours=44670))
    assert read(Drives()) == {
        "hw.drive.state[sda]": "running",
        "hw.drive.passed[sda]": True,
        "hw.drive.bad_sectors[sda]": 0,
        "hw.drive.reallocated[sda]": 1,
        "hw.drive.crc_errors[sda]": 3,
        "hw.drive.wear[sda]": NO,
        "hw.drive.spare[sda]": NO,
        "hw.drive.temperature[sda]": 32.0,
        "hw.drive.crc_errors_new[sda]": 0,
    }
    assert captured.started == [f"{SMARTCTL} /dev/sda"]


def test_errors_of_the_cable_since_the_first_look(captured: Any, read: Any) -> None:
    source = Drives()
    disk(captured)
    told = []
    for count in (7, 7, 19, 0, 2):  # the fourth look is at another disk
        captured.prints(SMARTCTL, ata(crc=count))
        told.append(read(source)["hw.drive.crc_errors_new[sda]"])
    assert told == [0, 0, 12, 0, 2]


def test_a_disk_that_gives_itself_up(captured: Any, read: Any) -> None:
    disk(captured)
    # The exit status has a bit for each thing that is wrong; the output is there all the same.
    captured.prints(SMARTCTL, ata(passed=False, pending=8, uncorrectable=16), code=8)
    told = read(Drives())
    assert told["hw.drive.passed[sda]"] is False and told["hw.drive.bad_sectors[sda]"] == 16


@pytest.mark.parametrize(
    ("warning", "passed"),
    [(0, True), (0x02, True), (0x01, False), (0x04, False), (0x08, False), (0x0A, False)],
)
def test_heat_alone_is_no_failure_of_an_nvme_disk(warning: int, passed: bool) -> None:
    assert parse_smartctl(nvme(warning)).passed is passed


def test_an_nvme_disk(captured: Any, read: Any) -> None:
    disk(captured, "nvme0n1", "live")
    captured.prints(SMARTCTL, nvme(used=130, errors=2, spare=40))
    told = read(Drives())
    assert told["hw.drive.state[nvme0n1]"] == "running"
    assert (told["hw.drive.wear[nvme0n1]"], told["hw.drive.spare[nvme0n1]"]) == (1.0, 0.4)
    assert told["hw.drive.bad_sectors[nvme0n1]"] == 2
    assert told["hw.drive.crc_errors_new[nvme0n1]"] is NO


def test_a_disk_with_a_scsi_plug() -> None:
    log = {way: {"total_uncorrected_errors": number} for way, number in (("read", 3), ("write", 1))}
    told = {
        "smart_status": {"passed": True},
        "scsi_grown_defect_list": 4,
        "scsi_error_counter_log": log,
        "temperature": {"current": 0, "drive_trip": 85},
    }
    assert parse_smartctl(json.dumps(told)) == Health(passed=True, bad_sectors=4, reallocated=4)


@pytest.mark.parametrize(
    ("output", "why"),
    [
        (refusal("Smartctl open device: /dev/sda failed: Permission denied"), UnknownReason.PERMISSION),
        (refusal("/dev/sda: Unknown USB bridge [0x1307:0x0165 (0x100)]"), NO),
        (refusal("Device is in STANDBY mode, exit(2)"), UnknownReason.NOT_COLLECTED),
        ("smartctl 6.6 2016-05-31 r4324\nUNRECOGNIZED OPTION: json\n", UnknownReason.NOT_COLLECTED),
    ],
)
def test_a_disk_that_says_nothing(captured: Any, read: Any, output: str, why: UnknownReason) -> None:
    disk(captured)
    captured.prints(SMARTCTL, output, code=2)
    told = read(Drives())
    assert told.pop("hw.drive.state[sda]") == "running"
    assert set(told.values()) == {why}


def test_a_disk_without_a_cable_lacks_nothing_about_it(captured: Any, read: Any) -> None:
    disk(captured, "nvme0n1", "live")
    captured.prints(SMARTCTL, refusal("Smartctl open device: /dev/nvme0n1 failed: Permission denied"))
    told = read(Drives())
    assert told["hw.drive.passed[nvme0n1]"] is UnknownReason.PERMISSION
    assert told["hw.drive.crc_errors[nvme0n1]"] is told["hw.drive.crc_errors_new[nvme0n1]"] is NO


def test_smartctl_outside_the_path_and_nowhere(captured: Any, read: Any) -> None:
    disk(captured)
    assert read(Drives())["hw.drive.passed[sda]"] is UnknownReason.MISSING_TOOL
    captured.prints(f"/usr/sbin/{SMARTCTL}", ata())
    assert read(Drives())["hw.drive.passed[sda]"] is True


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("live", "running"),
        ("resetting", "resetting"),
        ("blocked", "resetting"),
        ("offline", "offline"),
        ("transport-offline", "offline"),
        ("dead", "offline"),
    ],
)
def test_what_the_kernel_thinks_of_a_disk(captured: Any, read: Any, state: str, told: str) -> None:
    disk(captured, state=state)
    assert read(Drives())["hw.drive.state[sda]"] == told


def test_what_is_no_disk_is_not_asked(captured: Any, read: Any) -> None:
    for name in ("loop0", "dm-0", "md0", "sr0", "zram0", "vda", "mmcblk0boot0"):
        disk(captured, name)
    assert read(Drives()) == {} and captured.started == []


def test_flash_that_is_soldered_in(captured: Any, read: Any) -> None:
    folder = "/sys/block/mmcblk0/device"
    captured.put({f"{folder}/life_time": "0x02 0x0B\n", f"{folder}/pre_eol_info": "0x03\n"})
    told = read(Drives())
    assert told["hw.drive.wear[mmcblk0]"] == 1.0 and told["hw.drive.passed[mmcblk0]"] is False
    captured.put({f"{folder}/life_time": "0x01 0x02\n", f"{folder}/pre_eol_info": "0x01\n"})
    told = read(Drives())
    assert told["hw.drive.wear[mmcblk0]"] == 0.2 and told["hw.drive.passed[mmcblk0]"] is True
    captured.put({f"{folder}/life_time": "0x00 0x00\n"})
    assert read(Drives())["hw.drive.passed[mmcblk0]"] is NO


MDSTAT = """Personalities : [raid1] [raid6] [raid5] [raid4] [raid0]
md0 : active raid1 sdb1[1] sda1[0]
      976630464 blocks super 1.2 [2/2] [UU]
      bitmap: 0/8 pages [0KB], 65536KB chunk

md1 : active raid1 sdb2[1](F) sda2[0]
      104320 blocks [2/1] [U_]

md2 : active raid5 sdd1[4] sdc1[1] sdb3[0]
      1953260544 blocks super 1.2 level 5, 512k chunk, algorithm 2 [3/2] [UU_]
      [==>..................]  recovery = 12.6% (123456789/976630272) finish=127.1min speed=111843K/sec

md3 : active (auto-read-only) raid6 sde1[0] sdf1[1] sdg1[2] sdh1[3]
      976630464 blocks super 1.2 level 6, 512k chunk, algorithm 2 [4/4] [UUUU]
      [>....................]  check =  0.4% (4000000/976630464) finish=90.0min speed=180000K/sec

md4 : active raid0 sdi1[0] sdj1[1]
      1953260544 blocks super 1.2 512k chunks

md5 : inactive sdk1[0](S)
      976630464 blocks super 1.2

md127 : inactive sdl[1](S) sdm[0](S)
      6306 blocks super external:imsm

md6 : active raid1 sda3[0] sdb4[1]
      2490176 blocks [12/2] [UU__________]
      
md7 : active raid1 sdn1[1] sdo1[0]
      97 blocks super 1.2 [2/2] [UU]
      	resync=PENDING

unused devices: <none>
"""  # noqa: W293, E101 - as the kernel writes it


def test_arrays(captured: Any, read: Any) -> None:
    captured.put({"/proc/mdstat": MDSTAT})
    told = read(Drives())
    assert {key: value for key, value in told.items() if "state" in key} == {
        "system.raid.state[md0]": "ok",
        "system.raid.state[md1]": "degraded",
        "system.raid.state[md2]": "rebuilding",
        "system.raid.state[md3]": "checking",
        "system.raid.state[md4]": "ok",
        "system.raid.state[md5]": "inactive",
        "system.raid.state[md6]": "ok",
        "system.raid.state[md7]": "ok",
    }
    assert told["system.raid.progress[md2]"] == pytest.approx(0.126)
    assert told["system.raid.progress[md1]"] is NO
    assert (told["system.raid.level[md3]"], told["system.raid.missing[md1]"]) == ("raid6", 1)


def test_a_failed_disk_that_was_not_taken_out_yet() -> None:
    (array,) = parse_mdstat("md2 : active raid1 sdb2[1](F) sda2[0]\n      1020032 blocks [2/2] [U_]\n")
    assert (array.state, array.missing) == ("degraded", 1)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["smart_status", "passed", "temperature", "current", "table", "raw", "value", "id",
                         "nvme_smart_health_information_log", "critical_warning", "ata_smart_attributes",
                         "smartctl", "messages", "string", "scsi_error_counter_log", "read"]),
        inner,
        max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip


@given(json_values)
def test_any_json_is_health_or_one_clear_error(told: Any) -> None:
    try:
        health = parse_smartctl(json.dumps(told))
    except SourceError as error:
        assert str(error) and isinstance(error, Denied | Unsupported | SourceFailed)
    else:
        assert isinstance(health.passed, bool)


@given(st.text(max_size=200))
def test_any_text_is_health_or_arrays_or_an_error(text: str) -> None:
    for begun in (text, "md0 : active raid1 " + text, "[" * 100_000 + text):
        with pytest.raises((Denied, Unsupported, SourceFailed)):
            parse_smartctl(begun)
        assert all(array.missing >= 0 for array in parse_mdstat(begun))
