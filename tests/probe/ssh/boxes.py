"""Devices to change: mount namespaces with programs that keep real processes, as systemd and procd would.

A stand-in behaves as its manual says; what it starts, ends and mounts is real, in the namespace alone.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path

# `$1` is the service; a process that has ended and waits for its parent does not run.
_KEEPS = """
runs() {
  read pid < /run/$1.pid && test -d /proc/$pid && ! grep -q '^State:.Z' /proc/$pid/status
} 2>/dev/null
stop() { runs "$1" && kill "$pid"; rm -f /run/$1.pid; }
start() {
  test -e /run/broken && return 1
  setsid sleep 3600 < /dev/null > /dev/null 2>&1 &
  echo $! > /run/$1.pid
}
"""

# systemctl(1) for one unit that is down, web.service.
SYSTEMCTL = f"""#!/bin/sh
{_KEEPS}
while test "${{1#--}}" != "$1"; do shift; done
case "$1" in
  list-units) runs web.service || echo "web.service loaded failed failed Web server" ;;
  show)
    state=failed; runs web.service && state=active
    printf 'Id=web.service\\nLoadState=loaded\\nActiveState=%s\\nType=simple\\nResult=exit-code\\n' $state
    printf 'NRestarts=0\\nExecMainCode=1\\nExecMainStatus=1\\n' ;;
  is-active) runs web.service || exit 3 ;;
  restart)
    test "$(id -u)" = 0 || {{ echo "Interactive authentication required." >&2; exit 1; }}
    test "$3" = web.service || {{ echo "Unit $3 not found." >&2; exit 5; }}
    test -e /run/slow && {{ echo $$ > /run/slow; sleep 60; }}
    stop web.service
    start web.service || {{ echo "Job for web.service failed." >&2; exit 1; }} ;;
esac
"""

# rc.common's script of a service, uhttpd.
INIT_SCRIPT = f"""#!/bin/sh
{_KEEPS}
test "$1" = restart && {{ stop uhttpd; start uhttpd; }}
exit 0
"""

# ubus(1), which knows that service and two connections: lan on br0 and wan on wan0.
UBUS = f"""#!/bin/sh
{_KEEPS}
case "$2 $3" in
  "service list")
    running='"running": false, "exit_code": 1'; runs uhttpd && running='"running": true'
    printf '{{"uhttpd": {{"instances": {{"instance1": {{%s, "respawn": {{"retry": 5}}}}}}}}' "$running"
    printf ', "boot": {{"instances": {{"instance1": {{"running": false, "exit_code": 0}}}}}}}}' ;;
  "network.interface dump")
    up=false; test -e /run/wan.up && up=true
    kept=true; test -e /run/wan.stopped && kept=false
    printf '{{"interface": [{{"interface": "lan", "up": true, "device": "br0", "l3_device": "br0"}}'
    printf ', {{"interface": "wan", "up": %s, "autostart": %s, "device": "wan0"}}]}}' $up $kept ;;
  *) echo "Command failed: Not found" >&2; exit 4 ;;
esac
"""
IFUP = """#!/bin/sh
echo "$0 $*" >> /run/asked
rm -f /run/wan.stopped
ip link set dev wan0 down; ip link set dev wan0 up && touch /run/wan.up
"""
IFDOWN = """#!/bin/sh
echo "$0 $*" >> /run/asked
rm -f /run/wan.up
touch /run/wan.stopped
ip link set dev wan0 down
"""
# sudo(8) of somebody who may do all without a password, by a shell that only they may start as root.
SUDO = """#!/run/rootsh -p
test "$1 $2" = "-n --" && shift 2 && exec setpriv --reuid 0 --regid 0 --clear-groups "$@"
"""
SUDO_ASKS = "#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n"

LINUX: Mapping[str, str] = {"bin/systemctl": SYSTEMCTL}
OPENWRT: Mapping[str, str] = {
    "etc/openwrt_release": "DISTRIB_ID='OpenWrt'\n",
    "etc/init.d/uhttpd": INIT_SCRIPT,
    "bin/ubus": UBUS,
    "bin/ifup": IFUP,
    "bin/ifdown": IFDOWN,
}

_ENTER = """
set -e
cp /etc/passwd /etc/shadow {box}/etc/
mount -t overlay overlay -o lowerdir={box}/etc:/etc /etc
mount -t overlay overlay -o lowerdir={box}/bin:/usr/bin /usr/bin
mount -t tmpfs run /run
mkdir -p /run/sshd {systemd}
cp /bin/dash /run/rootsh
chown 0:65000 /run/rootsh
chmod 4750 /run/rootsh
{more}
exec "$@"
"""


def box(folder: Path, files: Mapping[str, str], more: str = "") -> tuple[str, ...]:
    """Return the words before a server's that let it see these files; `more` is run there first."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)
    for name in ("etc", "bin"):
        (folder / name).mkdir(exist_ok=True)
    systemd = "/run/systemd/system" if "bin/systemctl" in files else ""
    return ("sh", "-c", _ENTER.format(box=folder, systemd=systemd, more=more), "sh")


def inside(pid: int, path: str) -> Path:
    """Return where a file of the namespace of a process lies."""
    return Path(f"/proc/{pid}/root{path}")


def kept(pid: int, service: str) -> int | None:
    """Return the process of a service of the namespace of `pid`, None if none runs."""
    file = inside(pid, f"/run/{service}.pid")
    if not file.exists() or not file.read_text().strip():
        return None
    number = int(file.read_text())
    status = Path(f"/proc/{number}/status")
    return number if status.exists() and "State:\tZ" not in status.read_text() else None


def end(pid: int, *services: str) -> None:
    """End what the stand-ins keep running."""
    for service in services:
        number = kept(pid, service)
        if number is not None:
            os.kill(number, signal.SIGKILL)
