"""A whole lab: the customer's machine at home, the router, the internet, and the way to the collector."""

from __future__ import annotations

import contextlib
import itertools
import socket
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.lab.certificates import GOOD, Authority, Kind
from tests.lab.loop import Loop
from tests.lab.machine import COMPILED, Machine
from tests.lab.nameserver import PORTAL, NameServer
from tests.lab.namespaces import Namespace, run
from tests.lab.router import LAN, NAME_SERVER, PROVIDER, PROVIDER6, WAN6, Router
from tests.lab.sites import Behaviour, Site
from tests.lab.timeserver import TimeServer
from tests.lab.wire import Wire

COLLECTOR, COLLECTOR6 = "203.0.113.10", "2001:db8:c011::1"
COLLECTOR_NAME = "collector.example.net"
COLLECTOR_PORT = 7443
ANCHORS = ("203.0.113.1", "203.0.113.2")
ANCHOR6 = "2001:db8:113::1"
TIME_SERVER = "192.0.2.123"
KNOWN_NAME = "known.example.net"
PORTAL_NAME = "portal.example.net"
# What a sign-in page replaces; the probe asks public addresses only.
STATUS_NAME, STATUS = "status.example.net", "192.175.48.204"
PORTAL_URL = f"http://{STATUS_NAME}/generate_204"
SHOP, MAIL, OTHER = "shop.example.net", "mail.example.net", "other.example.net"
_ADDRESSES = {
    COLLECTOR_NAME: (COLLECTOR,),
    KNOWN_NAME: ("203.0.113.30", "2001:db8:113::30"),
    SHOP: ("203.0.113.31", "2001:db8:113::31"),
    MAIL: ("203.0.113.32",),
    OTHER: ("203.0.113.33",),
    PORTAL_NAME: (PORTAL,),
    STATUS_NAME: (STATUS,),
}
_NAT = """
table ip nat {
  chain postrouting { type nat hook postrouting priority 100; oifname "uplink" masquerade; }
}
"""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all labs of a run share: the loop, the authority, a folder, and the view of the load by lxcfs."""

    loop: Loop
    authority: Authority
    folder: Path
    lxcfs: Path


class Lab:
    """One lab; `number` keeps it apart from those beside it."""

    def __init__(
        self, number: int, around: Surroundings, disk: str = "48m", *, ipv6: bool = False, wire: str = ""
    ) -> None:
        self.number = number
        self.around = around
        self.folder = around.folder / f"lab{number}"
        self.folder.mkdir()
        self.names = NameServer(dict(_ADDRESSES))
        self.time = TimeServer()
        self.sites: dict[tuple[str, int], Site] = {}
        self._background: subprocess.Popen[bytes] | None = None
        self._kept: list[socket.socket] = []
        # NAME=value of the caller's environment.
        self.variables: list[str] = []
        self._leaving = contextlib.ExitStack()
        self._leaving.callback(self.let_go)
        try:
            self._build(disk, ipv6, wire)
        except BaseException:
            self.delete()
            raise

    def _build(self, disk: str, ipv6: bool, wire: str) -> None:
        leave, folder = self._leaving.callback, self.around.folder
        self.internet = Namespace(f"i{self.number}")
        leave(self.internet.delete)
        self.router = Router(f"r{self.number}", folder)
        leave(self.router.delete)
        self.customer = Machine(f"c{self.number}", folder, self.around.lxcfs, disk)
        leave(self.customer.delete)
        self._join(wire)
        self.router.connect()
        self.router.serve(ipv6=ipv6)
        self.customer.boot()
        self._trust()
        self._serve()

    def _join(self, wire: str) -> None:
        n, customer, router, internet = self.number, self.customer.ns, self.router.ns, self.internet
        self._cable((customer, "eth0"), (router, "port"), delayed=wire == "home")
        self._cable((router, "wan"), (internet, "line"), delayed=wire == "line")
        run(f"ip link add lab{n} type veth peer name uplink netns {internet.name}")
        router.ip("link set port master lan up")
        self.customer.ns.ip("link set eth0 up")
        for line in (
            *("link set line up", "link set dev uplink up", f"addr add 10.99.{n}.1/30 dev uplink"),
            *(f"addr add {PROVIDER}/24 dev line", f"addr add {PROVIDER6}/64 dev line nodad"),
            *(f"route add {COLLECTOR} via 10.99.{n}.2", f"-6 route add 2001:db8:178::/64 via {WAN6}"),
            *(f"addr add {address}/32 dev lo" for address in (*ANCHORS, NAME_SERVER, TIME_SERVER)),
            f"addr add {ANCHOR6}/128 dev lo nodad",
        ):
            internet.ip(line)
        internet.sysctl(net__ipv4__ip_forward=1, net__ipv6__conf__all__forwarding=1)
        internet.nft(_NAT)
        run(f"ip addr add 10.99.{n}.2/30 dev lab{n}")
        run(f"ip link set lab{n} up")
        self._leaving.callback(run, f"ip link del lab{n}", check=False)

    def _cable(self, one: tuple[Namespace, str], other: tuple[Namespace, str], *, delayed: bool) -> None:
        """Join two interfaces, with `self.wire` between them if delayed."""
        if not delayed:
            (ns, name), (far, far_name) = one, other
            run(f"ip link add {name} netns {ns.name} type veth peer name {far_name} netns {far.name}")
            return
        between = Namespace(f"w{self.number}")
        self._leaving.callback(between.delete)
        for end, (ns, name) in (("one", one), ("other", other)):
            run(f"ip link add {name} netns {ns.name} type veth peer name {end} netns {between.name}")
            between.ip(f"link set {end} up")
        self.wire = Wire(between, ("one", "other"))
        self.around.loop.wait(self.wire.open())
        self._leaving.callback(lambda: self.around.loop.wait(self.wire.close()))

    def _trust(self) -> None:
        authority = self.around.authority
        self.customer.write(f"/etc/ssl/certs/{authority.hash}.0", authority.pem)

    def _serve(self) -> None:
        wait, udp = self.around.loop.wait, socket.SOCK_DGRAM
        wait(self.names.serve(self.internet.socket(udp, NAME_SERVER, 53)))
        self._leaving.callback(lambda: wait(self.names.close()))
        wait(self.time.serve(self.internet.socket(udp, TIME_SERVER, 123)))
        self._leaving.callback(lambda: wait(self.time.close()))
        self.site(STATUS_NAME, 80, tls=False).status = 204

    def site(
        self,
        name: str = SHOP,
        port: int = 443,
        kind: Kind = GOOD,
        *,
        tls: bool = True,
        behaviour: Behaviour = "serve",
    ) -> Site:
        """Open a service of the internet, the shop's web page by default; the same one when asked again."""
        known = self.sites.get((name, port))
        if known is not None:
            return known
        address = _ADDRESSES[name][0]
        with contextlib.suppress(Exception):
            self.internet.ip(f"addr add {address}/32 dev lo")
        context = self.around.authority.context(name, kind) if tls else None
        return self._open((name, port), self.internet, address, context, behaviour)

    def listen(self, address: str, port: int) -> Site:
        """Open a port at an address that the internet has already; what connects is told nothing."""
        return self._open((address, port), self.internet, address, None, "hang")

    def router_site(self, port: int) -> Site:
        """Open a service on the router."""
        return self._open(("router", port), self.router.ns, LAN, None, "serve")

    def local_site(self, port: int = 8080) -> Site:
        """Open a service on the customer's own machine."""
        return self._open(("localhost", port), self.customer.ns, "127.0.0.1", None, "serve")

    def _open(
        self, key: tuple[str, int], ns: Namespace, address: str, context: object, behaviour: Behaviour
    ) -> Site:
        def listen() -> socket.socket:
            made = ns.socket(socket.SOCK_STREAM, address, key[1])
            made.listen(64)
            return made

        site = self.sites[key] = Site(listen, context, behaviour)  # type: ignore[arg-type]
        self.open(site)
        self._leaving.callback(self.close, site)
        return site

    def open(self, site: Site) -> None:
        """Let a service listen."""
        site.open()

    def close(self, site: Site) -> None:
        """Let a service listen no more."""
        site.close()

    def certify(self, site: Site, kind: Kind, name: str = SHOP) -> None:
        """Give a service another certificate."""
        site.context = self.around.authority.context(name, kind)

    def background(self, script: str) -> None:
        """Run a shell script of the lab itself until `stop_background` or the end."""
        self._background = subprocess.Popen(["sh", "-c", script], stdin=subprocess.DEVNULL)
        self._leaving.callback(self.stop_background)

    def stop_background(self) -> None:
        """Stop the script."""
        if self._background is not None:
            self._background.kill()
            self._background.wait()
            self._background = None

    def keep(self, sockets: Iterable[socket.socket]) -> None:
        """Keep sockets open until `let_go` or the end."""
        self._kept += sockets

    def let_go(self) -> None:
        """Close the sockets that were kept."""
        while self._kept:
            self._kept.pop().close()

    def at_the_end(self, work: Callable[[], object]) -> None:
        """Do something when the lab is taken away, before anything else of it goes."""
        self._leaving.callback(work)

    def caller(self, argv: list[str], *, root: bool = False) -> list[str]:
        """Return the command line that starts a program as the caller does, or as root."""
        own = ["HOME=/home/kim", f"PYTHONPYCACHEPREFIX={COMPILED}", *self.variables]
        return self.customer.argv(["env", *own, *argv], user=not root)

    def delete(self) -> None:
        """Take everything away."""
        self._leaving.close()


_numbers = itertools.count(1)


@contextlib.contextmanager
def laid_out(around: Surroundings, disk: str = "48m", *, ipv6: bool = False, wire: str = "") -> Iterator[Lab]:
    """Lay out a lab and take it away at the end."""
    # The number is a byte of addresses of the lab; by its end, the first labs are long gone.
    lab = Lab(next(_numbers) % 250, around, disk, ipv6=ipv6, wire=wire)
    try:
        yield lab
    finally:
        lab.delete()
