from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hotline_probe.errors import SourceFailed
from hotline_probe.sources.filesystems import Filesystems
from hotline_probe.sources.mounts import (
    disk_of,
    loop_disks,
    parse_fstab_read_only,
    parse_mountinfo,
    purpose,
    select,
    visible,
)
from hypothesis import given
from hypothesis import strategies as st

LAPTOP = r"""
22 27 0:21 / /proc rw,relatime shared:5 - proc proc rw
23 27 0:22 / /sys rw,relatime shared:6 - sysfs sysfs rw
24 27 0:6 / /dev rw,nosuid shared:2 - devtmpfs udev rw,size=8000000k
25 24 0:23 / /dev/shm rw,nosuid,nodev shared:3 - tmpfs tmpfs rw
27 1 253:0 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw,errors=remount-ro
30 27 0:25 / /run rw,nosuid shared:11 - tmpfs tmpfs rw,size=1600000k
31 30 0:41 / /run/user/1000 rw,nosuid shared:300 - tmpfs tmpfs rw,size=1600000k,uid=1000
32 30 0:42 / /run/credentials/x ro,nosuid shared:301 - ramfs ramfs ro
33 27 259:1 / /boot/efi rw,relatime shared:30 - vfat /dev/nvme0n1p1 rw
34 27 7:1 / /snap/core/1 ro,nodev shared:31 - squashfs /dev/loop1 ro
35 27 8:17 / /media/my\040disk rw,nosuid shared:32 - ntfs3 /dev/sdb1 rw
36 27 0:50 / /mnt/server rw shared:33 - nfs4 server:/data rw
37 27 253:0 /srv /srv/bound rw shared:1 - ext4 /dev/mapper/vg-root rw
38 27 0:60 / /var/lib/docker/overlay2/a/merged rw - overlay overlay rw,lowerdir=a
39 27 0:61 / /home rw shared:34 - btrfs /dev/sda2 rw,subvol=/home
40 27 0:61 / /home/backup rw shared:34 - btrfs /dev/sda2 rw,subvol=/backup
41 27 0:62 / /tmp rw shared:35 - tmpfs tmpfs rw
"""

CONTAINER = """
500 400 0:70 / / rw,relatime - overlay overlay rw,lowerdir=/a,upperdir=/b
501 500 0:71 / /proc rw - proc proc rw
502 500 254:1 /lib/docker/containers/x/hosts /etc/hosts rw - ext4 /dev/vda1 rw
503 500 254:1 /lib/docker/volumes/d/_data /data/long rw - ext4 /dev/vda1 rw
504 500 254:1 /srv/conf /conf ro - ext4 /dev/vda1 rw
"""


def points(text: str) -> dict[str, str]:
    return {mount.point: purpose(mount) for mount in select(visible(parse_mountinfo(text)))}


def test_laptop() -> None:
    assert points(LAPTOP) == {
        "/": "system",
        "/dev/shm": "temp",
        "/run": "temp",
        "/run/user/1000": "temp",
        "/boot/efi": "boot",
        "/snap/core/1": "image",
        "/media/my disk": "data",
        "/home": "home",
        "/tmp": "temp",
    }


@pytest.mark.parametrize(
    "line",
    [
        "1 0 0:30 / / rw - overlay o rw",
        "1 0 0:30 / / rw - tmpfs t rw",
        "1 0 0:30 / / ro - squashfs /dev/loop0 ro",
    ],
)
def test_root_is_always_there(line: str) -> None:
    assert points(line) == {"/": "system"}


def test_covered_mounts_are_left_out() -> None:
    text = """
27 1 8:1 / / rw - ext4 /dev/sda1 rw
28 27 8:2 / /data/inner rw - ext4 /dev/sda2 rw
29 27 8:3 / /data rw - ext4 /dev/sda3 rw
30 29 8:4 / /data rw - ext4 /dev/sda4 rw
31 30 8:5 / /data/seen rw - ext4 /dev/sda5 rw
"""
    assert [m.device for m in visible(parse_mountinfo(text))] == ["8:1", "8:4", "8:5"]


def test_container_binds_files_and_folders(captured: Any, read: Any) -> None:
    captured.put({"/proc/self/mountinfo": CONTAINER, "/etc/hosts": "127.0.0.1 localhost\n"})
    captured.path("/data/long").mkdir(parents=True)
    captured.path("/conf").mkdir()
    facts = read(Filesystems())
    keys = {name.partition("[")[2].rstrip("]") for name in facts}
    assert keys == {"/", "/conf"}  # one for each device, the shortest
    assert facts["system.filesystem.read_only[/conf]"] is True
    assert facts["system.filesystem.read_only_expected[/conf]"] is True
    assert facts["system.filesystem.read_only[/]"] is False


def test_numbers_are_those_of_df(captured: Any, read: Any) -> None:
    captured.put({"/proc/self/mountinfo": "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"})
    facts, use = read(Filesystems()), os.statvfs(captured.root)
    used = use.f_blocks - use.f_bfree
    assert facts["system.filesystem.total[/]"] == float(use.f_blocks * use.f_frsize)
    assert facts["system.filesystem.utilization[/]"] == pytest.approx(used / (used + use.f_bavail), abs=0.01)


def test_emergency_read_only_is_told_apart_from_wanted(captured: Any, read: Any) -> None:
    text = "1 0 8:1 / / rw - ext4 /dev/sda1 ro\n2 1 8:2 / /data ro - ext4 /dev/sda2 ro\n"
    captured.put(
        {
            "/proc/self/mountinfo": text,
            "/etc/fstab": "/dev/sda2 /data ext4 defaults,ro 0 2\n/dev/sda1 / ext4 errors=remount-ro 0 1\n",
        }
    )
    captured.path("/data").mkdir()
    source = Filesystems()
    facts = read(source)
    assert facts["system.filesystem.read_only[/]"] and not facts["system.filesystem.read_only_expected[/]"]
    assert (
        facts["system.filesystem.read_only[/data]"] and facts["system.filesystem.read_only_expected[/data]"]
    )
    captured.put({"/proc/self/mountinfo": text.replace("sda1 ro", "sda1 rw")})
    assert read(source)["system.filesystem.read_only[/]"] is False


@pytest.mark.parametrize(
    ("device", "told"), [("0\n", ("home", False)), ("1\n", ("image", True)), (None, ("image", True))]
)
def test_a_loop_disk_that_became_read_only_is_no_image(
    captured: Any, read: Any, device: str | None, told: tuple[str, bool]
) -> None:
    text = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 7:3 / /home ro - ext4 /dev/loop3 ro\n"
    captured.put({"/proc/self/mountinfo": text})
    if device is not None:
        captured.put({"/sys/dev/block/7:3/ro": device})
    facts = read(Filesystems())
    assert (
        facts["system.filesystem.purpose[/home]"],
        facts["system.filesystem.read_only_expected[/home]"],
    ) == told


def test_an_image_based_system_is_read_only_on_purpose(captured: Any, read: Any) -> None:
    captured.put({"/proc/self/mountinfo": "1 0 8:1 / / ro - ext4 /dev/sda1 ro\n", "/run/ostree-booted": ""})
    assert read(Filesystems())["system.filesystem.read_only_expected[/]"] is True


def test_a_path_that_vanished_is_unknown_not_zero(captured: Any, read: Any) -> None:
    captured.put(
        {"/proc/self/mountinfo": "1 0 8:1 / / rw - ext4 /dev/sda rw\n2 1 8:2 / /gone rw - xfs /dev/sdb rw\n"}
    )
    value = read(Filesystems())["system.filesystem.total[/gone]"]
    assert value.word == "unsupported"


def test_disks_below_partitions_and_volumes(captured: Any) -> None:
    for name, target in {
        "/sys/dev/block/253:0": "../../devices/virtual/block/dm-0",
        "/sys/class/block/nvme0n1p3": "../../devices/pci/nvme/nvme0/block/nvme0n1/nvme0n1p3",
        "/sys/class/block/sda2": "../../devices/pci/ata1/block/sda/sda2",
    }.items():
        captured.put_link(name, target)
    for folder in ("dm-0/slaves/nvme0n1p3", "nvme0n1/slaves", "sda/slaves"):
        captured.path(f"/sys/block/{folder}").mkdir(parents=True)
    disks = {m.point: disk_of(captured, m) for m in select(visible(parse_mountinfo(LAPTOP)))}
    assert disks["/"] == "nvme0n1"
    assert disks["/home"] == "sda"
    assert disks["/snap/core/1"] == disks["/tmp"] == disks["/media/my disk"] == ""


def test_loop_disks_are_those_with_a_filesystem_of_their_own() -> None:
    mounts = parse_mountinfo(LAPTOP + "50 27 7:2 / /mnt/lab rw - ext4 /dev/loop2 rw\n")
    assert loop_disks(mounts) == {"loop2"}


def test_no_mounts_at_all_is_a_failure(captured: Any, read: Any) -> None:
    captured.put({"/proc/self/mountinfo": "nonsense\n"})
    with pytest.raises(SourceFailed):
        read(Filesystems())


LINES = st.lists(
    st.lists(
        st.sampled_from(
            ["1", "2", "0:3", "8:1", "/", "/a", "/a/b", "rw", "ro", "-", "ext4", "tmpfs", "x", ""]
        ),
        max_size=14,
    ).map(" ".join)
    | st.text(max_size=60),
    max_size=12,
).map("\n".join)


@given(LINES)
def test_any_text_gives_mounts_or_nothing(text: str) -> None:
    for mount in select(visible(parse_mountinfo(text))):
        assert purpose(mount) in {"system", "boot", "home", "temp", "data", "image"}
    parse_fstab_read_only(text)


SMALL = """
import sys
from hotline_probe.machine import LocalMachine
from hotline_probe.source import Context
from hotline_probe.sources.filesystems import Filesystems
for fact in Filesystems().read(Context(LocalMachine())):
    if fact.key == sys.argv[1]:
        print(fact.name.rpartition(".")[2], fact.value)
"""


@pytest.mark.root
@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("unshare"), reason="needs root and unshare to mount"
)
def test_a_real_filesystem_that_is_full(tmp_path: Path) -> None:
    script = (
        'mount -t tmpfs -o size=256k small "$1" && head -c 1M /dev/zero > "$1/fill"; '
        'mount -o remount,ro "$1" && "$2" -c "$3" "$1"; mount -o remount,rw "$1" && "$2" -c "$3" "$1"'
    )
    argv = ["unshare", "-m", "sh", "-c", script, "sh", str(tmp_path), sys.executable, SMALL]
    told = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    facts = dict(line.split(" ", 1) for line in told.stdout.splitlines())
    assert facts["type"] == "tmpfs", told.stderr
    assert (float(facts["total"]), float(facts["free"]), float(facts["utilization"])) == (262144.0, 0.0, 1.0)
    assert facts["read_only"] == "False"
    assert told.stdout.count("read_only ") == 1  # read-only tmpfs holds nothing that could be written
