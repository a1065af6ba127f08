"""The customer's machine: a root of its own over this system's, its own processes, load and memory."""

from __future__ import annotations

import shlex
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from tests.bench.processes import compiled_modules
from tests.lab.cgroups import Group
from tests.lab.namespaces import LabError, Namespace, run
from tests.lab.router import CUSTOMER, LAN6

ROOT = Path(__file__).resolve().parents[2]
_SCRIPT = Path(__file__).with_suffix(".sh")
# Where the machine has Python's compiled modules: no program is compiled anew at each start elsewhere either.
COMPILED = "/var/lib/compiled"
# A user as on a desktop of Debian or Ubuntu: no privileges, may read the system's log.
_USER = ["--reuid=2000", "--regid=2000", "--groups=4"]
# What would reach beyond the machine's own namespaces.
_DROPPED = "-sys_time,-sys_module,-sys_boot,-sys_rawio"
_certain = threading.Lock()
_NO_ADDRESS = """\
ip addr add 169.254.73.19/16 dev eth0
ip route del default 2>/dev/null
: > /etc/resolv.conf
"""


class Machine:
    """The customer's machine, running; `eth0` is its network card."""

    def __init__(self, name: str, folder: Path, lxcfs: Path, disk: str = "48m") -> None:
        self.ns = Namespace(name)
        self.ns.sysctl(
            net__ipv6__conf__all__disable_ipv6=1,
            net__ipv6__conf__default__disable_ipv6=1,
            net__ipv4__ping_group_range="0 2147483647",
        )
        self.group = Group(f"{folder.name}-{name}")
        self._folder = folder
        self._place = folder / name
        self._place.mkdir()
        self._disk, self._lxcfs = disk, lxcfs
        self._outer: subprocess.Popen[str] | None = None
        self.pid = 0
        self._children: list[subprocess.Popen[bytes]] = []
        self._leaving: Callable[[], None] = lambda: None

    def boot(self) -> None:
        """Start process 1 and wait until the machine is complete.

        Raises:
            LabError: it did not come up.
        """
        argv = ["ip", "netns", "exec", self.ns.name, "unshare", *"-m -p -u -i -f --kill-child".split()]
        argv += ["setpriv", f"--bounding-set={_DROPPED}", f"--inh-caps={_DROPPED}"]
        argv += [
            "sh",
            str(_SCRIPT),
            str(self._place),
            self._disk,
            str(self._lxcfs),
            str(ROOT),
            sys.base_prefix,
            str(compiled_modules(self._folder)),
            COMPILED,
        ]
        self._outer = subprocess.Popen(
            self.group.wrapped(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._outer.stdout is not None and self._outer.stderr is not None
        if self._outer.stdout.readline().strip() != "ready":
            raise LabError(f"the customer's machine did not start: {self._outer.stderr.read()}")
        children = Path(f"/proc/{self._outer.pid}/task/{self._outer.pid}/children").read_text()
        self.pid = int(children.split()[0])

    def argv(self, argv: list[str], *, user: bool = False) -> list[str]:
        """Return the command line that runs a program on the machine, as its user or as root."""
        enter = ["nsenter", "-t", str(self.pid), *"-m -u -i -n -p".split()]
        # nsenter stays outside; what it started ends with it.
        who = ["setpriv", *(_USER if user else ()), "--pdeathsig=TERM", "--"]
        return self.group.wrapped([*enter, *who, *argv])

    def run(self, line: str, *, check: bool = True, text: str | None = None) -> str:
        """Run a program on the machine as root and return what it prints."""
        return run(self.argv(shlex.split(line)), check=check, text=text)

    def sh(self, script: str) -> str:
        """Run a shell script on the machine as root."""
        return run(self.argv(["sh", "-c", script]))

    def start(self, *argv: str, user: bool = False) -> None:
        """Start a program that goes on in the background; `stop` ends it."""
        null = subprocess.DEVNULL
        child = subprocess.Popen(self.argv(list(argv), user=user), stdin=null, stdout=null, stderr=null)
        self._children.append(child)

    def stop(self) -> None:
        """End the programs that `start` started."""
        while self._children:
            child = self._children.pop()
            child.kill()
            child.wait()

    def python(self, script: str, *, user: bool = False) -> None:
        """Start a Python program that goes on in the background."""
        self.start(sys.executable, "-c", script, user=user)

    def small_processor(self, share: float) -> None:
        """Leave the machine a share of one processor, but that for certain, whoever else wants it.

        What others take from it would show as idle time (lxcfs), and no load could be relied upon. Only one
        machine can have that at a time; the next one waits until it is gone.
        """
        _certain.acquire()
        self._leaving = _certain.release
        self.group.limit("cpu.cfs_quota_us", str(round(share * 100_000)))
        self.group.limit("cpu.shares", "65536")

    def write(self, path: str, text: str) -> None:
        """Write a file of the machine."""
        self.sh(f"cat > {shlex.quote(path)} <<'END'\n{text}END\n")

    def log(self, line: str) -> None:
        """Write a line as the system's log service does (RFC 5424's time stamp, as rsyslog writes it)."""
        self.sh(f'echo "$(date --iso-8601=ns | tr , .) kims-pc {line}" >> /var/log/syslog')

    def obtain_address(self) -> None:
        """Ask for an address by DHCP; without an answer, take one of its own as desktops do (RFC 3927)."""
        self.sh("pkill -x dhclient; ip addr flush dev eth0; true")
        files = "-lf /var/lib/dhcp/dhclient.leases -pf /run/dhclient.pid"
        run(self.argv(["sh", "-c", f"timeout 4 dhclient -1 -q {files} eth0 || {{\n{_NO_ADDRESS}}}"]))

    def come_online(self) -> None:
        """Get an address on a network that works, by a second try if the first packets went nowhere.

        Raises:
            LabError: there is none.
        """
        for _ in range(2):
            self.obtain_address()
            if CUSTOMER in self.run("ip -4 addr show dev eth0"):
                return
        raise LabError("no address by DHCP on a network that works")

    def accept_v6(self) -> None:
        """Switch IPv6 on and take the router for a name server, as network managers do (RFC 8106)."""
        self.ns.sysctl(
            net__ipv6__conf__all__disable_ipv6=0,
            net__ipv6__conf__eth0__disable_ipv6=0,
            net__ipv6__conf__eth0__router_solicitation_delay=0,
        )
        self.sh(
            "for n in $(seq 60); do ip -6 route show default | grep -q . && exit; sleep 0.1; done; exit 1"
        )
        self.sh("for n in $(seq 60); do ip addr | grep -q tentative || exit 0; sleep 0.1; done; exit 1")
        self.write("/etc/resolv.conf", f"nameserver {LAN6}\n")

    def delete(self) -> None:
        """End everything on it and take it away."""
        if self._outer is not None:
            self._outer.kill()
            self._outer.communicate()
        self.stop()
        self.group.delete()
        self.ns.delete()
        self._leaving()
