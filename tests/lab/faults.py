"""Ways to break a lab that several scenarios share."""

from __future__ import annotations

import contextlib
import socket
import threading

from tests.lab.certificates import FILTER
from tests.lab.lab import ANCHOR6, ANCHORS, Lab
from tests.lab.namespaces import inside
from tests.lab.router import LAN

SIGN_IN = "login.hotel.example"
DEAD_SERVER = "198.51.100.98"
PROXY, PROXY_PORT = "203.0.113.80", 3128
_PORTAL_PORT, _FILTER_PORT = 8880, 8890
_PORTAL = f"""
table ip portal {{
  chain ask {{
    type nat hook prerouting priority -110; iifname "lan" tcp dport 80 redirect to :{_PORTAL_PORT};
  }}
  chain pass {{ type filter hook forward priority 0; iifname "lan" drop; }}
}}
"""
_ONLY = f"""
table inet only {{
  chain pass {{ type filter hook forward priority 0; iifname "lan" ip daddr != {PROXY} drop; }}
}}
"""
_INTERCEPT = """
table ip filter{port} {{
  chain ask {{
    type nat hook prerouting priority -110; iifname "lan" tcp dport {port} redirect to :{own};
  }}
}}
"""


def name_servers(lab: Lab, *addresses: str) -> None:
    """Write which name servers the customer's machine asks."""
    lab.customer.write("/etc/resolv.conf", "".join(f"nameserver {address}\n" for address in addresses))


def fill_root(lab: Lab) -> None:
    """Fill the root filesystem."""
    lab.customer.sh("dd if=/dev/zero of=/home/kim/film bs=64k count=10000 2>/dev/null; true")


def free_root(lab: Lab) -> None:
    """Make room again."""
    lab.customer.sh("rm -f /home/kim/film")


def measuring_points(lab: Lab) -> None:
    """Let the operator's measuring points answer on their port, not only to echoes."""
    for anchor in (*ANCHORS, ANCHOR6):
        lab.listen(anchor, 443)


def sign_in_page(lab: Lab) -> None:
    """A hotel's network: names work, pages lead to a sign-in page, everything else is dropped."""
    page = lab.router_site(_PORTAL_PORT)
    page.status, page.headers = 302, f"Location: http://{SIGN_IN}/\r\n"
    lab.router.ns.nft(_PORTAL)


def signed_in(lab: Lab) -> None:
    """The hotel lets the customer through."""
    lab.router.ns.run("nft delete table ip portal")


def sign_in_by_names(lab: Lab) -> None:
    """The other way: every name leads to the hotel's own server until the guest has signed in."""
    lab.router.serve(f"--address=/#/{LAN}")
    lab.router.ns.nft(_PORTAL)


def names_again(lab: Lab) -> None:
    """Names lead where they should, and everything is let through."""
    signed_in(lab)
    lab.router.serve()


def only_proxy(lab: Lab, *, told: bool = True) -> None:
    """A company's network: nothing gets through but the proxy, and the machine knows of it if told."""
    lab.internet.ip(f"addr add {PROXY}/32 dev lo")
    measuring_points(lab)
    _serve_proxy(lab)
    lab.router.ns.nft(_ONLY)
    if told:
        lab.variables = [f"https_proxy=http://{PROXY}:{PROXY_PORT}"]


def everything_passes(lab: Lab) -> None:
    """The filter is gone."""
    lab.router.ns.run("nft delete table inet only")


def intercept(lab: Lab, *ports: int) -> None:
    """A filter on the way answers for every server of these ports, with certificates of its own."""
    context = lab.around.authority.context("filter.example", FILTER)
    for own, port in enumerate(ports, _FILTER_PORT):
        lab.router_site(own).context = context
        lab.router.ns.nft(_INTERCEPT.format(port=port, own=own))


def _serve_proxy(lab: Lab) -> None:
    listener = lab.internet.socket(socket.SOCK_STREAM, PROXY, PROXY_PORT)
    listener.listen(16)
    lab.at_the_end(listener.close)

    def accept() -> None:
        with inside(lab.internet.path), contextlib.suppress(OSError):
            while True:
                channel, _ = listener.accept()
                threading.Thread(target=_tunnel, args=(lab, channel), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def _tunnel(lab: Lab, channel: socket.socket) -> None:
    """Do what CONNECT asks for (RFC 9110, 9.3.6); names are looked up as the lab's name server would."""
    with channel, contextlib.suppress(OSError):
        asked = b""
        while b"\r\n\r\n" not in asked and (data := channel.recv(4096)):
            asked += data
        host, _, port = asked.split(b" ")[1].decode().rpartition(":")
        address = lab.names.records.get(host, (host.strip("[]"),))[0]
        with inside(lab.internet.path):
            far = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        with far:
            far.settimeout(5)
            try:
                far.connect((address, int(port)))
            except OSError:
                channel.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
                return
            far.settimeout(None)
            channel.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_copy, args=(far, channel), daemon=True)
            back.start()
            _copy(channel, far)
            back.join()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
