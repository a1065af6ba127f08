"""Filesystems: full, almost full, without inodes, read-only, damaged."""

from __future__ import annotations

from tests.lab.lab import Lab
from tests.lab.scenario import Scenario, cause, nothing

_NO_SAVING = "Nothing can be saved any more"
_GONE = "dd if=/dev/zero of={place}/film bs=64k count={blocks} 2>/dev/null; true"


def _fill(lab: Lab, place: str, blocks: int) -> None:
    lab.customer.sh(_GONE.format(place=place, blocks=blocks))


def _free(lab: Lab, place: str) -> None:
    lab.customer.sh(f"rm -rf {place}/film {place}/letters")


def _disk(lab: Lab, place: str, options: str = "") -> None:
    """A disk of its own, an image file with ext4."""
    image = f"/run/disk{place.replace('/', '-')}"
    lab.customer.sh(
        f"truncate -s 12M {image}; mkfs.ext4 -q -m 0 {options} {image}; mkdir -p {place};"
        f"mount -o loop {image} {place}; rmdir {place}/lost+found"
    )
    lab.at_the_end(lambda: lab.customer.sh(f"umount -l {place}; true"))


def _few_inodes(lab: Lab) -> None:
    _disk(lab, "/srv/data", "-N 64")
    lab.customer.sh("mkdir /srv/data/letters; cd /srv/data/letters; touch $(seq 80) 2>/dev/null; true")


def _full_temp(lab: Lab) -> None:
    lab.customer.sh("mount -t tmpfs -o size=4m,mode=1777 tmp /var/tmp")
    lab.customer.sh("setpriv --reuid=2000 dd if=/dev/zero of=/var/tmp/old bs=64k 2>/dev/null; true")


def _read_only_home(lab: Lab) -> None:
    _disk(lab, "/home")
    lab.customer.sh("mount -o remount,ro /home")


def _damaged(lab: Lab) -> None:
    """The kernel finds damage, logs it, and protects the disk (ext4(5), errors=remount-ro)."""
    _disk(lab, "/srv/data")
    lab.customer.sh("mount -o remount,ro /srv/data")
    lab.customer.log(
        "kernel: [ 77.000000] EXT4-fs error (device loop0): ext4_lookup:1857: inode #2: comm ls: bad entry"
    )
    lab.customer.log("kernel: [ 77.000001] EXT4-fs (loop0): Remounting filesystem read-only")


def _io_errors(lab: Lab) -> None:
    for sector in (2048, 2056, 2064):
        line = f"blk_update_request: I/O error, dev sda, sector {sector} op 0x0:(READ)"
        lab.customer.log(f"kernel: [ 78.000000] {line}")


_WORKS = {"ask.works_again": "true"}

SCENARIOS = (
    Scenario(
        "disk-full",
        "storage",
        _NO_SAVING,
        cause("sto.fs.full", "/"),
        inject=lambda lab: _fill(lab, "/home/kim", 10_000),
        repair=lambda lab: _free(lab, "/home/kim"),
        look_alikes=("sto.fs.low", "sto.fs.read_only", "sto.fs.inodes"),
    ),
    Scenario(
        "temp-full",
        "storage",
        _NO_SAVING,
        cause("sto.fs.full", "/var/tmp"),
        inject=_full_temp,
        fix="storage.set_aside_temp",
        disk="600m",
        look_alikes=("sto.fs.low", "sto.fs.read_only"),
    ),
    Scenario(
        "disk-almost-full",
        "storage",
        "The computer says that the disk is almost full",
        cause("sto.fs.low", "/"),
        inject=lambda lab: _fill(lab, "/home/kim", 720),
        repair=lambda lab: _free(lab, "/home/kim"),
        look_alikes=("sto.fs.full", "sto.fs.inodes"),
    ),
    Scenario(
        "inodes-used-up",
        "storage",
        _NO_SAVING,
        cause("sto.fs.inodes", "/srv/data"),
        inject=_few_inodes,
        repair=lambda lab: _free(lab, "/srv/data"),
        look_alikes=("sto.fs.full", "sto.fs.low"),
    ),
    Scenario(
        "home-read-only",
        "storage",
        _NO_SAVING,
        cause("sto.fs.read_only", "/home"),
        inject=_read_only_home,
        repair=lambda lab: lab.customer.sh("mount -o remount,rw /home"),
        look_alikes=("sto.fs.full", "sto.fs.damaged"),
    ),
    Scenario(
        "disk-damaged",
        "storage",
        _NO_SAVING,
        cause("sto.fs.damaged"),
        inject=_damaged,
        repair=lambda lab: lab.customer.sh("mount -o remount,rw /srv/data"),
        answers=_WORKS,
        look_alikes=("sto.fs.full", "sto.disk.io_errors"),
        proof=90,
    ),
    Scenario(
        "disk-unreadable",
        "storage",
        "Ein Ordner lässt sich nicht mehr öffnen",
        cause("sto.disk.io_errors"),
        inject=_io_errors,
        repair=nothing,
        answers=_WORKS,
        look_alikes=("sto.fs.damaged", "sto.disk.link_resets"),
        proof=90,
    ),
)
