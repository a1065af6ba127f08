"""Machines that are well, with oddities that must not be taken for faults."""

from __future__ import annotations

from tests.lab.faults import measuring_points
from tests.lab.lab import MAIL, SHOP, Lab
from tests.lab.namespaces import run
from tests.lab.router import CUSTOMER, LAN
from tests.lab.scenario import Scenario, Step, nothing

_OFFLINE = "The internet does not work"
_PAGE, _IMAP = f"https://{SHOP}", f"{MAIL}:993"
_NO_ECHO = """
table inet silence {
  chain in { type filter hook input priority 0;
    meta l4proto icmp icmp type echo-request drop; meta l4proto ipv6-icmp icmpv6 type echo-request drop; }
}
"""
# A radio as drivers show it: a folder of its own in sysfs, and what iw(8) prints of a good connection.
_RADIO = """
adapter=/sys/devices/virtual/net/eth0
mkdir -p /run/radio/phy80211
mount -t overlay -o lowerdir=/run/radio:$adapter overlay $adapter
cat > /usr/local/bin/iw <<'END'
#!/bin/sh
case "$*" in
*link*) cat <<'LINK' ;;
Connected to 02:00:00:00:00:01 (on eth0)
	SSID: Home
	freq: 5180.0
	RX: 81230019 bytes (91023 packets)
	TX: 9123001 bytes (40123 packets)
	signal: -52 dBm
	rx bitrate: 780.0 MBit/s
	tx bitrate: 650.0 MBit/s
LINK
esac
END
chmod 755 /usr/local/bin/iw
"""
# A tunnel as programs for virtual private networks open them: it answers what is sent into it.
_TUNNEL = """
import fcntl, os, struct, subprocess
tunnel = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tunnel, 0x400454CA, struct.pack("16sH22x", b"tun0", 0x1001))
for words in ("addr add 10.8.0.2/24 dev tun0", "link set tun0 mtu 1420 up", "route add 10.0.0.0/8 dev tun0"):
    subprocess.run(["ip", *words.split()], check=True)
while True:
    data = bytearray(os.read(tunnel, 2000))
    if data[0] >> 4 == 4:
        data[12:16], data[16:20] = data[16:20], data[12:16]
        os.write(tunnel, data)
"""
_CONTAINERS = """
ip link add docker0 type bridge
ip addr add 172.17.0.1/16 dev docker0
ip link set docker0 up
ip link add br-0123456789ab type bridge
ip addr add 172.18.0.1/16 dev br-0123456789ab
ip link set br-0123456789ab up
for n in 1 2; do
  ip link add veth$n type veth peer name inner$n
  ip link set veth$n master docker0 up
  ip link set inner$n up
done
"""


def _idle_socket(lab: Lab) -> None:
    """A second network card without a cable."""
    lab.customer.ns.ip("link add eth1 type veth peer name unplugged")
    lab.customer.ns.run(f"ip link set unplugged netns {lab.router.ns.name}")
    lab.customer.ns.ip("link set eth1 up")


def _radio(lab: Lab) -> None:
    _idle_socket(lab)
    lab.customer.sh(_RADIO)


def _both_families(lab: Lab) -> None:
    lab.customer.accept_v6()
    lab.customer.write("/etc/resolv.conf", f"nameserver {LAN}\n")


def _only_v6(lab: Lab) -> None:
    """No IPv4 at all; old addresses are mapped into IPv6 on the way (RFC 6147, RFC 6052)."""
    for name, address in ((SHOP, "203.0.113.31"), (MAIL, "203.0.113.32")):
        mapped = f"64:ff9b::{address}"
        lab.internet.ip(f"addr add {mapped}/128 dev lo nodad")
        lab.names.records[name] = (mapped,)
    lab.customer.sh("pkill -x dhclient; ip addr flush dev eth0; rm -f /var/lib/dhcp/*; true")
    lab.router.serve(ipv4=False, ipv6=True)
    lab.customer.accept_v6()


def _services(lab: Lab) -> None:
    lab.site()
    lab.site(MAIL, 993, behaviour="greet")


def _echoes_nowhere(lab: Lab) -> None:
    """Nobody answers pings; the operator's measuring points answer on their port."""
    measuring_points(lab)
    for ns in (lab.internet, lab.router.ns):
        ns.nft(_NO_ECHO)


def _narrow(rate: str) -> Step:
    def inject(lab: Lab) -> None:
        for ns, interface in ((lab.router.ns, "wan"), (lab.internet, "line")):
            ns.run(f"tc qdisc add dev {interface} root tbf rate {rate} burst 4kb latency 300ms")

    return inject


def _far(seconds: float) -> Step:
    def inject(lab: Lab) -> None:
        lab.wire.delay = seconds

    return inject


def _small_packets(size: int) -> Step:
    """The provider's line carries less than a cable does, and says so to who sends more."""

    def inject(lab: Lab) -> None:
        lab.router.ns.ip(f"link set wan mtu {size}")
        lab.internet.ip(f"link set line mtu {size}")
        lab.site()

    return inject


def _second_card(lab: Lab, address: str, metric: int) -> None:
    run(f"ip link add eth1 netns {lab.customer.ns.name} type veth peer name port2 netns {lab.router.ns.name}")
    lab.router.ns.ip("link set port2 master lan up")
    lab.customer.sh(
        f"ip link set eth1 up; ip addr add {address}/24 dev eth1 metric {metric};"
        f"ip route add default via {LAN} dev eth1 metric {metric}"
    )


def _cable_and_radio(lab: Lab) -> None:
    _second_card(lab, "192.168.178.21", 600)


def _fixed_address(lab: Lab) -> None:
    lab.customer.sh(
        "pkill -x dhclient; rm -f /var/lib/dhcp/*; ip addr flush dev eth0;"
        f"ip addr add {CUSTOMER}/24 dev eth0; ip route add default via {LAN}"
    )
    lab.router.serve("--no-dhcp-interface=lan")


def _images(lab: Lab) -> None:
    """Images that are full and read-only by their nature."""
    for place in ("/snap/core/1", "/snap/firefox/2", "/media/cdrom"):
        image = f"/run/image{place.replace('/', '-')}"
        lab.customer.sh(
            f"truncate -s 4M {image}; mkfs.ext4 -q -m 0 {image}; mkdir -p {place};"
            f"mount -o loop {image} {place};"
            f"dd if=/dev/zero of={place}/data bs=64k 2>/dev/null; mount -o remount,ro {place};"
            f"echo '{image} {place} ext4 ro 0 0' >> /etc/fstab"
        )
        lab.at_the_end(lambda place=place: lab.customer.sh(f"umount -l {place}; true"))  # type: ignore[misc]


def _polite_job(lab: Lab) -> None:
    """A program that gives way to all others, on a machine of two processors."""
    lab.customer.group.limit("cpu.cfs_quota_us", "200000")
    lab.customer.start("nice", "-n", "19", "sh", "-c", "while :; do :; done", user=True)


def _well(name: str, inject: Step, *checks: str, complaint: str = _OFFLINE, **more: object) -> Scenario:
    return Scenario(name, "healthy", complaint, inject=inject, checks=checks, **more)  # type: ignore[arg-type]


SCENARIOS = (
    _well("healthy-wired", nothing),
    _well("healthy-services", _services, _PAGE, _IMAP),
    _well("healthy-radio", _radio, complaint="Das WLAN ist weg"),
    _well("healthy-idle-socket", _idle_socket),
    _well("healthy-both-families", _both_families, ipv6=True),
    _well("healthy-only-ipv6", _only_v6, ipv6=True, cut=True),
    _well("healthy-without-echoes", _echoes_nowhere),
    _well("healthy-narrow-line", _narrow("1mbit"), complaint="Everything is slow"),
    _well("healthy-far-away", _far(0.06), complaint="Everything is slow", wire="line"),
    _well("healthy-mtu-1400", _small_packets(1400), _PAGE, complaint="Large pages do not load"),
    _well("healthy-mtu-1280", _small_packets(1280), _PAGE, complaint="Large pages do not load"),
    _well("healthy-containers", lambda lab: lab.customer.sh(_CONTAINERS)),
    _well("healthy-tunnel", lambda lab: lab.customer.python(_TUNNEL), complaint="Das VPN geht nicht"),
    _well("healthy-images", _images, complaint="The disk is full", disk="96m"),
    _well("healthy-polite-job", _polite_job, complaint="The computer is slow"),
    _well("healthy-cable-and-radio", _cable_and_radio),
    _well("healthy-fixed-address", _fixed_address),
)
