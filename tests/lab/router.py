"""The home router: address translation by nftables, DHCP and names by dnsmasq."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.lab.namespaces import Namespace

LAN = "192.168.178.1"
LAN6 = "2001:db8:178::1"
CUSTOMER = "192.168.178.20"
WAN, PROVIDER = "100.64.0.2", "100.64.0.1"
WAN6, PROVIDER6 = "2001:db8:64::2", "2001:db8:64::1"
NAME_SERVER = "198.51.100.53"
_NAT = """
table ip nat {
  chain postrouting { type nat hook postrouting priority 100; oifname "wan" masquerade; }
}
"""


class Router:
    """A namespace with a bridge `lan` and the way out `wan`."""

    def __init__(self, name: str, folder: Path) -> None:
        self.ns = Namespace(name)
        self._folder = folder
        self._dnsmasq: subprocess.Popen[bytes] | None = None
        self.ns.ip("link add lan type bridge")
        self.ns.sysctl(net__ipv4__ip_forward=1, net__ipv6__conf__all__forwarding=1)
        self.ns.nft(_NAT)
        self.restart()

    def restart(self) -> None:
        """Bring up the side of the home, again if it was down."""
        self.ns.ip("link set lan up")
        self.ns.ip(f"addr replace {LAN}/24 dev lan")
        self.ns.ip(f"addr replace {LAN6}/64 dev lan nodad")

    def connect(self) -> None:
        """Set up the side of the provider, again if it was down."""
        self.ns.ip("link set wan up")
        self.ns.ip(f"addr replace {WAN}/24 dev wan")
        self.ns.ip(f"addr replace {WAN6}/64 dev wan nodad")
        self.ns.ip(f"route replace default via {PROVIDER}")
        self.ns.ip(f"-6 route replace default via {PROVIDER6}")

    def serve(self, *options: str, ipv4: bool = True, ipv6: bool = False) -> None:
        """Start names and DHCP, or announcements of IPv6; `options` are more of dnsmasq(8)."""
        self.stop()
        leases = self._folder / f"{self.ns.name}.leases"
        words = [
            "--keep-in-foreground --no-daemon --conf-file=/dev/null --no-resolv --no-hosts --cache-size=0",
            f"--bind-interfaces --interface=lan --except-interface=lo --server={NAME_SERVER} --no-ping",
            f"--dhcp-leasefile={leases} --dhcp-authoritative --pid-file= --user=root --leasefile-ro",
            f"--dhcp-range={CUSTOMER},{CUSTOMER},255.255.255.0,1h" if ipv4 else "",
            "--enable-ra --dhcp-range=2001:db8:178::,ra-only" if ipv6 else "",
            *options,
        ]
        self._dnsmasq = subprocess.Popen(
            ["ip", "netns", "exec", self.ns.name, "dnsmasq", *" ".join(words).split()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(self._folder / f"{self.ns.name}.log").open("wb"),
        )

    def stop(self) -> None:
        """Stop DHCP and names."""
        if self._dnsmasq is not None:
            self._dnsmasq.kill()
            self._dnsmasq.wait()
            self._dnsmasq = None

    def delete(self) -> None:
        """Take it away."""
        self.stop()
        self.ns.delete()
