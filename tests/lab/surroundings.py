"""What a run of the lab stands on: its own namespaces, a collector, and the view of load and memory."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.processes import Collector, warm_up
from tests.lab.certificates import Authority
from tests.lab.cgroups import hierarchies, remove_left_over
from tests.lab.lab import (
    ANCHOR6,
    ANCHORS,
    COLLECTOR,
    COLLECTOR6,
    COLLECTOR_NAME,
    COLLECTOR_PORT,
    KNOWN_NAME,
    PORTAL_URL,
    TIME_SERVER,
    Surroundings,
)
from tests.lab.loop import Loop
from tests.lab.namespaces import FOLDER, LabError, run

TOOLS = {
    "ip": "iproute2",
    "nft": "nftables",
    "unshare": "util-linux",
    "setpriv": "util-linux",
    "dnsmasq": "dnsmasq-base",
    "dhclient": "isc-dhcp-client",
    "lxcfs": "lxcfs",
    "arping": "iputils-arping",
    "sysctl": "procps",
    "pkill": "procps",
    "openssl": "openssl",
    "mkfs.ext4": "e2fsprogs",
}
_INSIDE = "HOTLINE_LAB_INSIDE"
_PATIENCE = 10.0


def missing() -> str:
    """Return what this machine lacks for the lab, empty if nothing."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "needs root on Linux to make namespaces"
    lacking = [f"{tool} ({package})" for tool, package in TOOLS.items() if shutil.which(tool) is None]
    if lacking:
        return f"lacks {', '.join(lacking)}"
    if not Path("/dev/fuse").exists():
        return "lacks /dev/fuse"
    if not hierarchies():
        return "has no control groups"
    made = subprocess.run(["unshare", "-n", "-m", "-p", "-f", "true"], capture_output=True, check=False)
    return "" if made.returncode == 0 else f"may not make namespaces: {made.stderr.decode().strip()}"


def enclosed() -> bool:
    """Tell whether this program is process 1 of the lab's own namespaces."""
    return os.environ.get(_INSIDE) == "1"


def enclose(module: str, arguments: list[str]) -> int:
    """Run a module again in namespaces of its own and return its exit code.

    Whatever it starts, mounts or connects ends with it, however it ends.
    """
    words = ["unshare", *"--net --mount --pid --fork --kill-child --mount-proc".split()]
    words += [sys.executable, "-m", module, *arguments]
    return subprocess.run(words, env={**os.environ, _INSIDE: "1"}, check=False).returncode


@contextlib.contextmanager
def surroundings() -> Iterator[tuple[Surroundings, Collector]]:
    """Prepare the namespace of the collector and start everything that labs share.

    Raises:
        LabError: something of it does not work here.
    """
    remove_left_over()
    run("mount --make-rprivate /")
    FOLDER.mkdir(exist_ok=True)
    run(f"mount -t tmpfs -o size=1m netns {FOLDER}")
    run("ip link set lo up")
    run(f"ip addr add {COLLECTOR}/32 dev lo")
    run(f"ip addr add {COLLECTOR6}/128 dev lo nodad")
    with tempfile.TemporaryDirectory(prefix="hotline-lab-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        run(f"mount -t tmpfs -o size=4g,mode=755 lab {folder}")
        stack.callback(run, f"umount -l {folder}", check=False)
        lxcfs = stack.enter_context(_lxcfs(folder))
        (folder / "certificates").mkdir()
        around = Surroundings(Loop(), Authority(folder / "certificates"), folder, lxcfs)
        warm_up(folder)
        yield around, stack.enter_context(Collector(folder, text=_config(folder), host=COLLECTOR))


@contextlib.contextmanager
def _lxcfs(folder: Path) -> Iterator[Path]:
    place, log = folder / "lxcfs", folder / "lxcfs.log"
    place.mkdir()
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["lxcfs", "--enable-loadavg", "--enable-cfs", f"--pidfile={folder}/lxcfs.pid", str(place)],
            stdout=out,
            stderr=out,
        )
    try:
        deadline = time.monotonic() + _PATIENCE
        while not (place / "proc" / "meminfo").exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise LabError(f"lxcfs did not start: {log.read_text()[-500:]}")
            time.sleep(0.02)
        yield place
    finally:
        process.kill()  # asked to end, it waits for its mount to be idle
        process.wait()


def _config(folder: Path) -> str:
    anchors = [*(f"{address}:443" for address in ANCHORS), f"[{ANCHOR6}]:443"]
    return "\n".join(
        [
            f"data_dir = {json.dumps(str(folder / 'data'))}",
            f'[listen]\nhost = "{COLLECTOR}"\ngrpc_port = {COLLECTOR_PORT}\nweb_port = 0',
            f'[public]\nnames = ["{COLLECTOR_NAME}"]\naddresses = ["{COLLECTOR}"]',
            f"[measuring]\nanchors = {json.dumps(anchors)}",
            f'known_names = ["{KNOWN_NAME}"]\nntp_servers = ["{TIME_SERVER}"]',
            f'portal_urls = ["{PORTAL_URL}"]',
            "",
        ]
    )
