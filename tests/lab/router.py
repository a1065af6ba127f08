"""The home router: address translation by nftables, DHCP and names by dnsmasq."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.lab.namespaces import Namespace

LAN, HOME = "192.168.178.1", "192.168.178.0/24"
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
        self.ns.ip("link set lan up")
        self.ns.ip(f"addr add {LAN}/24 dev lan")
        self.ns.sysctl(net__ipv4__ip_forward=1, net__ipv6__conf__all__forwarding=1)

    def connect(self) -> None:
        """Set up the side of the provider, once `wan` is there."""
        for line in (f"addr add {WAN}/24 dev wan", f"addr add {WAN6}/64 dev wan nodad", "link set wan up"):
            self.ns.ip(line)
        self.ns.ip(f"route add default via {PROVIDER}")
        self.ns.ip(f"-6 route add default via {PROVIDER6}")
        self.ns.nft(_NAT)

    def serve(self, *options: str, only_v6: bool = False) -> None:
        """Start DHCP and names, again if they run; `options` are more of dnsmasq(8), or replace a default."""
        self.stop()
        leases = self._folder / f"{self.ns.name}.leases"
        words = [
            "--keep-in-foreground --no-daemon --conf-file=/dev/null --no-resolv --no-hosts --cache-size=0",
            f"--bind-interfaces --interface=lan --except-interface=lo --server={NAME_SERVER} --no-ping",
            f"--dhcp-leasefile={leases} --dhcp-authoritative --pid-file= --user=root --leasefile-ro",
            "" if only_v6 else f"--dhcp-range={CUSTOMER},{CUSTOMER},255.255.255.0,1h",
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
