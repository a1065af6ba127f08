"""A machine full of canaries: its name, mounts, files, log, radio and programs give persons and secrets away.

What its programs print follows their manuals: systemctl(1), iw(8); journalctl(1) and dmesg(1) are broken
ones that complain at length. The machine consists of namespaces of its own; nothing outside changes.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.spellings import spellings

USER, OTHER, HOST = "hlmüller", "hlkowalski", "hlcanaryhost"
PROCESS, NETWORK, LABEL = "hlcanaryproc", "hlcanaryssid", "hlcanarylabel"
PROXY, MAIL, MAC = "hlcanaryproxy.example", "hlmailbox@hlmail.example", "a42bb0fe345e"
PUBLIC_V4, PUBLIC_V6 = "93.184.216.34", "2a02:8108:abcd:1234::1"
PERSONAL = (USER, OTHER, HOST, PROCESS, NETWORK, LABEL, PROXY, MAIL, MAC, PUBLIC_V4, PUBLIC_V6)
PARTS = ("a4:2b:b0:fe:34:5e", "a4-2b-b0-fe-34-5e", "2A02:8108:ABCD:1234:0:0:0:1", "8108:abcd", "hlmailbox")
SECRETS = ("hlsecretenv", "hlsecretarg", "hlsecretproxy", "hlsecretlog", "hlsecretunit", "hlsecretmount")
# Words that make a text around them a secret one.
MOUNT_SECRETS = ("password=hlsecretmount", "token=hlsecretmount", "u:hlsecretmount@x")

SYSTEMCTL = """#!/bin/sh
case "$*" in
*list-units*) cat "$HL_UNITS" ;;
*show*) cat "$HL_SHOWN" ;;
esac
"""
IW = f"""#!/bin/sh
case "$*" in
*link*)
    printf 'Connected to A4:2B:B0:FE:34:5E (on wlan0)\\n\\tSSID: {NETWORK}\\n'
    printf '\\tfreq: 2437.0\\n\\tsignal: -50 dBm\\n' ;;
*) printf 'Station A4:2B:B0:FE:34:5E (on wlan0)\\n\\ttx packets:\\t100\\n\\ttx retries:\\t1\\n' ;;
esac
"""
SHOWN = """Id={}
LoadState=loaded
ActiveState=failed
SubState=failed
Type=simple
Result=exit-code
NRestarts=1
"""
BROKEN = f"""#!/bin/sh
echo "cannot open /home/{OTHER}/.config for {MAIL}: password=hlsecretlog {PUBLIC_V6.upper()}" >&2
exit 1
"""


def write(path: Path, text: str, mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def planted_files(folder: Path) -> None:
    """Write what the planted machine will have in place of its own files."""
    write(
        folder / "resolv.conf",
        f"search hl{HOST}.example\nnameserver {PUBLIC_V6.upper()}\nnameserver {PUBLIC_V4}\n",
    )
    write(folder / "environment", f"https_proxy=http://{USER}:hlsecretproxy@{PROXY}:3128/\n")
    lines = [
        f"kernel: Out of memory: Killed process 7 ({PROCESS}) password=hlsecretlog",
        f"kernel: {PROCESS}[9]: segfault at 0 ip 0 sp 0 in /home/{OTHER}/x {MAIL} {PUBLIC_V4}",
    ]
    stamp = subprocess.run(
        ["date", "+%b %e %H:%M:%S"], capture_output=True, text=True, check=True
    ).stdout.strip()
    write(folder / "log" / "syslog", "".join(f"{stamp} {HOST} {line}\n" for line in lines))
    units = [
        f"openvpn-client@{MAIL}.service", f"home-{OTHER}.mount", f"backup-of-{USER}.service",
        f"wg-quick@{HOST}.service", f"media-{OTHER}-{LABEL}.mount", "sync@password=hlsecretunit.service",
        f"printer-{HOST.upper()}.service",
    ]  # fmt: skip
    units += [f"x@{spelt}.service" for spelt in spellings(USER) if re.fullmatch(r"[\x21-\x7e]+", spelt)]
    units = [unit for unit in units if len(unit) <= 128]
    write(folder / "units", "".join(f"{unit} loaded failed failed About\n" for unit in units))
    write(folder / "shown", "\n".join(SHOWN.format(unit) for unit in units))
    write(folder / "bin" / "systemctl", SYSTEMCTL, 0o755)
    write(folder / "bin" / "iw", IW, 0o755)
    write(folder / "bin" / "journalctl", BROKEN, 0o755)
    write(folder / "bin" / "dmesg", BROKEN, 0o755)
    radio = folder / "net" / f"wlx{MAC}"
    for name, text in (
        ("type", "1"),
        ("uevent", "DEVTYPE=wlan"),
        ("flags", "0x1003"),
        ("carrier", "1"),
        ("mtu", "1500"),
    ):
        write(radio / name, text)
    (radio / "wireless").mkdir()


def mount_points(folder: Path) -> list[str]:
    """Return places of drives: under homes and media, and with the caller's names in every spelling."""
    names = [spelt for value in (USER, HOST, OTHER + "@x.example") for spelt in spellings(value)]
    names += [spelt for value in (MAIL, PUBLIC_V6, PUBLIC_V4, *MOUNT_SECRETS) for spelt in spellings(value)]
    usable = [
        name for name in dict.fromkeys(names) if "/" not in name and "\0" not in name and "\n" not in name
    ]
    planted = [f"/mnt/{number}-{name}" for number, name in enumerate(usable)]
    homes = [f"/home/{OTHER}", f"/media/{OTHER}/{LABEL}", f"/media/{USER}/{LABEL}", f"/mnt/nas/homes/{OTHER}"]
    return [point for point in (*homes, *planted) if len(point) <= 128][:95]


def planted_machine(folder: Path) -> tuple[str, ...]:
    """Return what starts a program on the planted machine."""
    planted_files(folder)
    points = "\n".join(mount_points(folder))
    write(folder / "points", points + "\n")
    setup = f"""
    set -e
    hostname {HOST}
    for place in /mnt /media /home /run; do mkdir -p $place; mount -t tmpfs -o size=4m planted $place; done
    mkdir -p /run/systemd/system
    mount --bind "{folder}/log" /var/log
    mount --bind "{folder}/resolv.conf" /etc/resolv.conf
    touch /etc/environment && mount --bind "{folder}/environment" /etc/environment
    mount -t tmpfs planted /sys/class/net
    ln -s "{folder}/net/wlx{MAC}" /sys/class/net/wlx{MAC}
    while IFS= read -r point; do
        mkdir -p -- "$point"
        mount -t tmpfs -o size=64k planted "$point"
    done < "{folder}/points"
    exec "$@"
    """
    return ("unshare", "--uts", "--mount", "--propagation", "private", "sh", "-c", setup, "sh")
