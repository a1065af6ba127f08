"""Mounts of a Linux machine: which of them hold data, and on which disk they lie."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine

MAX_MOUNTS = 5000
IMAGE_TYPES = frozenset({"squashfs", "iso9660", "udf", "erofs", "cramfs", "romfs"})
MEMORY_TYPES = frozenset({"tmpfs", "ramfs"})
# Filesystems on a local device or of a virtual machine's host. Everything else is skipped: what the kernel
# makes up (proc, cgroup …), layers over others (overlay), and above all what lies beyond a network and may
# hang for minutes (nfs, cifs, sshfs …). 9p is how WSL shows the disks of Windows.
DATA_TYPES = frozenset(
    "ext2 ext3 ext4 xfs btrfs vfat msdos exfat ntfs ntfs3 fuseblk f2fs jfs reiserfs nilfs2 zfs bcachefs "
    "hfsplus hfs apfs ubifs jffs2 yaffs2 minix ufs virtiofs 9p".split()
)
_MEMORY_PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/run")  # noqa: S108 - compared, never written to
_NOT_FOR_DATA = (
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/snap",
    "/var/lib/docker",
    "/var/lib/containers",
    "/var/lib/kubelet",
)
_ESCAPE = re.compile(r"\\([0-7]{3})")
_DEVICE = re.compile(r"\d{1,8}:\d{1,8}", re.ASCII)
_LOOP_MAJOR = "7"


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of /proc/self/mountinfo; `device` is "major:minor", `root` what part of it is mounted."""

    id: int
    parent: int
    device: str
    root: str
    point: str
    options: frozenset[str]
    type: str
    source: str
    super_options: frozenset[str]

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written here, because of the mount or of the filesystem itself."""
        return "ro" in self.options or "ro" in self.super_options

    @property
    def bound_read_only(self) -> bool:
        """Whether somebody bound a folder here read-only while the filesystem can be written elsewhere."""
        partial = self.root != "/" and self.type != "btrfs"
        return partial and "ro" in self.options and "ro" not in self.super_options


def parse_mountinfo(text: str) -> list[Mount]:
    r"""Return the mounts of /proc/self/mountinfo (proc_pid_mountinfo(5)) in order, without broken lines.

    >>> parse_mountinfo("36 35 98:0 /mnt1 /my\\040disk rw,noatime master:1 - ext3 /dev/root rw\n")[0].point
    '/my disk'
    >>> parse_mountinfo("36 35 98:0 /mnt1\n")
    []
    """
    found = []
    for line in text.split("\n")[:MAX_MOUNTS]:
        left, dash, right = line.partition(" - ")
        front, back = left.split(" "), right.split(" ")
        if not dash or len(front) < 6 or len(back) < 3 or not _DEVICE.fullmatch(front[2]):
            continue
        try:
            ids = int(front[0]), int(front[1])
        except ValueError:
            continue
        found.append(
            Mount(
                *ids,
                front[2],
                unescape(front[3]),
                unescape(front[4]),
                frozenset(front[5].split(",")),
                back[0],
                unescape(back[1]),
                frozenset(back[2].split(",")),
            )
        )
    return found


def unescape(text: str) -> str:
    r"""Undo the octal escapes of mountinfo and fstab.

    >>> unescape(r"/my\040disk")
    '/my disk'
    """
    return _ESCAPE.sub(lambda match: chr(int(match[1], 8)), text)


def parse_fstab_read_only(text: str) -> frozenset[str]:
    r"""Return the mount points that fstab(5) wants read-only.

    >>> parse_fstab_read_only("# remark\n/dev/sr0 /my\\040cd iso9660 user,ro 0 0\n/dev/sda1 / ext4 rw 0 1\n")
    frozenset({'/my cd'})
    """
    rows = [line.split() for line in text.split("\n") if not line.lstrip().startswith("#")]
    return frozenset(unescape(row[1]) for row in rows if len(row) >= 4 and "ro" in row[3].split(","))


def visible(mounts: Sequence[Mount]) -> list[Mount]:
    """Return the mounts that a path can still reach: those not covered by a later one.

    A mount is covered by a later mount of the same parent at the same place or above it, or by a mount
    upon itself.
    """
    latest = {(mount.parent, mount.point): mount.id for mount in mounts}
    by_id = {mount.id: mount for mount in mounts}

    def reachable(mount: Mount) -> bool:
        if latest.get((mount.id, mount.point), mount.id) != mount.id:
            return False
        places = [mount.point, *map(str, PurePosixPath(mount.point).parents)]
        parent_point = by_id[mount.parent].point if mount.parent in by_id else ""
        covers = [latest.get((mount.parent, place)) for place in places if place != parent_point]
        return all(cover in {None, mount.id} for cover in covers)

    return [mount for mount in mounts if reachable(mount)]


def select(mounts: Iterable[Mount]) -> list[Mount]:
    """Return the mounts that can hold data or are images, one for each device: the shortest mount point.

    `/` is always among them, whatever it is.
    """
    best: dict[str, Mount] = {}
    for mount in mounts:
        if mount.point != "/" and not holds_data(mount):
            continue
        known = best.get(mount.device)
        if (
            known is None
            or mount.point == "/"
            or (known.point != "/" and len(mount.point) < len(known.point))
        ):
            best[mount.device] = mount
    return list(best.values())


def holds_data(mount: Mount) -> bool:
    """Tell whether a mount is one that the caller can have data or programs on."""
    if mount.type in MEMORY_TYPES:
        place = mount.point in _MEMORY_PLACES or mount.point.startswith("/run/user/")
        return (
            not mount.read_only
            and mount.type == "tmpfs"
            and (place or not _under(mount.point, _NOT_FOR_DATA))
        )
    if mount.type in IMAGE_TYPES:
        return True
    return mount.type in DATA_TYPES and not _under(mount.point, ("/proc", "/sys", "/dev"))


def purpose(mount: Mount) -> str:
    """Return what a filesystem is for: system, boot, home, temp, data or image.

    >>> purpose(parse_mountinfo("9 1 8:1 / /boot/efi rw - vfat /dev/sda1 rw")[0])
    'boot'
    """
    point = mount.point
    if point in {"/", "/usr", "/opt", "/nix", "/sysroot"} or (
        _under(point, ("/var", "/usr")) and point != "/var/tmp"  # noqa: S108
    ):
        return "system"
    if mount.type in IMAGE_TYPES:
        return "image"
    if mount.type in MEMORY_TYPES or _under(point, ("/tmp", "/var/tmp")):  # noqa: S108
        return "temp"
    if _under(point, ("/boot", "/efi")):
        return "boot"
    return "home" if _under(point, ("/home", "/root")) else "data"


def is_read_only_loop(machine: Machine, mount: Mount) -> bool:
    """Tell whether it is an image file that was attached read-only, as those of live systems are.

    One that the kernel made read-only after an error still lies on a device that can be written (loop(4)).
    """
    if mount.device.partition(":")[0] != _LOOP_MAJOR or not mount.read_only:
        return False
    try:
        return machine.read(f"/sys/dev/block/{mount.device}/ro").strip() != "0"
    except SourceError:
        return True


def loop_disks(mounts: Iterable[Mount]) -> frozenset[str]:
    """Return the names of the loop devices that hold a filesystem one can write to, or could."""
    loops = [m for m in mounts if m.device.startswith(f"{_LOOP_MAJOR}:") and m.type not in IMAGE_TYPES]
    return frozenset(m.source.removeprefix("/dev/") for m in loops if m.source.startswith("/dev/loop"))


def disk_of(machine: Machine, mount: Mount) -> str:
    """Return the whole disk that a filesystem lies on ("sda"), empty if none; an image's is none.

    Partitions lead to their disk, volumes of LVM, LUKS and RAID to the first disk below them.
    """
    if mount.type in IMAGE_TYPES | MEMORY_TYPES or is_read_only_loop(machine, mount):
        return ""
    try:
        if mount.device.startswith("0:"):  # btrfs and others have a number of their own
            if not mount.source.startswith("/dev/"):
                return ""
            device = mount.source.removeprefix("/dev/")
            if device.startswith("mapper/"):
                device = PurePosixPath(machine.link(mount.source)).name
            return _disk(machine, machine.link(f"/sys/class/block/{device}"))
        return _disk(machine, machine.link(f"/sys/dev/block/{mount.device}"))
    except SourceError:
        return ""


def _disk(machine: Machine, link: str, depth: int = 0) -> str:
    """`link` ends like block/sda, block/sda/sda1 or virtual/block/dm-0."""
    _, _, tail = link.rpartition("/block/")
    disk = tail.partition("/")[0]
    slaves = machine.names(f"/sys/block/{disk}/slaves") if disk else []
    if not slaves or depth > 8:
        return disk
    return _disk(machine, machine.link(f"/sys/class/block/{slaves[0]}"), depth + 1)


def _under(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(folder + "/") for folder in folders)
