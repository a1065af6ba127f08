"""Cable, adapter, address and the way to the router."""

from __future__ import annotations

from tests.lab.lab import Lab
from tests.lab.namespaces import Namespace, run
from tests.lab.router import CUSTOMER, LAN
from tests.lab.scenario import Scenario, cause

_OFFLINE = "Ich habe kein Internet mehr"


def _port(lab: Lab, state: str) -> None:
    lab.router.ns.ip(f"link set port {state}")


def _flap(lab: Lab) -> None:
    """A loose plug: the link goes and comes; the driver logs it, as those of real cards do."""
    port = f"ip -n {lab.router.ns.name} link set port"
    lab.background(f"while sleep 2; do {port} down; sleep 0.3; {port} up; done")
    for _ in range(3):
        lab.customer.log("kernel: [  100.000000] e1000e 0000:00:1f.6 eth0: NIC Link is Down")


def _hold(lab: Lab) -> None:
    lab.stop_background()
    _port(lab, "up")


def _without_dhcp(lab: Lab) -> None:
    lab.router.stop()
    lab.customer.obtain_address()


def _with_dhcp(lab: Lab) -> None:
    lab.router.serve()
    lab.customer.obtain_address()


def _gateway(lab: Lab, address: str) -> None:
    lab.customer.run(f"ip route replace default via {address} dev eth0 onlink")


def _double(lab: Lab) -> None:
    """Another device in the home takes the customer's address; what looks for that is told and logs it."""
    other = Namespace(f"d{lab.number}")
    lab.at_the_end(other.delete)
    run(f"ip link add eth0 netns {other.name} type veth peer name port2 netns {lab.router.ns.name}")
    lab.router.ns.ip("link set port2 up master lan")
    other.ip(f"addr add {CUSTOMER}/24 dev eth0")
    other.ip("link set eth0 up")
    if "1 response" in lab.customer.run(f"arping -D -I eth0 -c 1 -w 2 {CUSTOMER}", check=False):
        lab.customer.log(f"NetworkManager[500]: <warn> conflict detected for IP address {CUSTOMER}")


def _no_double(lab: Lab) -> None:
    lab.router.ns.ip("link set port2 down")
    lab.customer.run("ip neigh flush dev eth0")
    lab.router.ns.ip("neigh flush dev lan")


def _second_way(lab: Lab) -> None:
    """A second network card with a preferred way to a router that leads nowhere."""
    other = Namespace(f"d{lab.number}")
    lab.at_the_end(other.delete)
    run(f"ip link add eth1 netns {lab.customer.ns.name} type veth peer name eth0 netns {other.name}")
    other.ip("addr add 10.20.30.1/24 dev eth0")
    other.ip("link set eth0 up")
    lab.customer.sh("ip addr add 10.20.30.2/24 dev eth1; ip link set eth1 up; ip route del default")
    lab.customer.sh(f"ip route add default via 10.20.30.1; ip route add default via {LAN} metric 100")


def _only_v6(lab: Lab) -> None:
    lab.router.serve(ipv4=False, ipv6=True)
    lab.customer.obtain_address()
    lab.customer.accept_v6()


def _small_net(lab: Lab) -> None:
    """The router hands out a network that it is not in itself."""
    lab.router.serve("--dhcp-option=option:netmask,255.255.255.240")
    lab.customer.obtain_address()


def _both(lab: Lab) -> None:
    lab.router.serve(ipv6=True)
    lab.customer.obtain_address()


SCENARIOS = (
    Scenario(
        "cable-unplugged",
        "link",
        _OFFLINE,
        cause("net.link.no_carrier"),
        inject=lambda lab: _port(lab, "down"),
        repair=lambda lab: _port(lab, "up"),
        look_alikes=("net.adapter.disabled", "net.gateway.unreachable", "net.wan.down"),
        cut=True,
    ),
    Scenario(
        "adapter-disabled",
        "link",
        _OFFLINE,
        cause("net.adapter.disabled", "eth0"),
        inject=lambda lab: lab.customer.run("ip link set eth0 down"),
        fix="interface.enable",
        root=True,
        look_alikes=("net.link.no_carrier", "net.route.none"),
        cut=True,
    ),
    Scenario(
        "cable-loose",
        "link",
        "The connection keeps dropping",
        cause("net.interface.flapping", "eth0"),
        inject=_flap,
        repair=_hold,
        answers={"ask.works_again": "true"},
        look_alikes=("net.link.no_carrier",),
        allowed=frozenset(("net.gateway.lossy", "net.wan.loss", "net.gateway.unreachable")),
        cut=True,
        patience=150,
        proof=60,
    ),
    Scenario(
        "dhcp-silent",
        "address",
        _OFFLINE,
        cause("net.address.self_assigned"),
        inject=_without_dhcp,
        repair=_with_dhcp,
        look_alikes=("net.address.none", "net.route.none", "net.link.no_carrier"),
        cut=True,
    ),
    Scenario(
        "dhcp-wrong-network",
        "address",
        _OFFLINE,
        cause("net.lease.router_outside"),
        inject=_small_net,
        repair=_with_dhcp,
        look_alikes=("net.route.none", "net.address.none", "net.gateway.outside_subnet"),
        cut=True,
        proof=60,
    ),
    Scenario(
        "address-none",
        "address",
        _OFFLINE,
        cause("net.address.none"),
        inject=lambda lab: lab.customer.run("ip addr flush dev eth0"),
        repair=lambda lab: lab.customer.obtain_address(),
        look_alikes=("net.address.self_assigned", "net.route.none"),
        cut=True,
    ),
    Scenario(
        "address-double",
        "address",
        "Das Internet geht mal und mal nicht",
        cause("net.address.conflict"),
        inject=_double,
        repair=_no_double,
        answers={"ask.works_again": "true"},
        look_alikes=("net.gateway.unreachable", "net.gateway.lossy"),
        cut=True,
    ),
    Scenario(
        "ipv4-missing",
        "address",
        "Some pages do not open",
        cause("net.ipv6.v4_missing"),
        inject=_only_v6,
        repair=_both,
        look_alikes=("net.address.self_assigned", "net.address.none"),
        allowed=frozenset(("net.dns.none_configured", "net.dns.lookup_fails")),
        cut=True,
        ipv6=True,
    ),
    Scenario(
        "route-missing",
        "route",
        _OFFLINE,
        cause("net.route.none"),
        inject=lambda lab: lab.customer.run("ip route del default"),
        repair=lambda lab: _gateway(lab, LAN),
        look_alikes=("net.address.none", "net.gateway.unreachable"),
        cut=True,
    ),
    Scenario(
        "gateway-wrong",
        "route",
        _OFFLINE,
        cause("net.gateway.unreachable"),
        inject=lambda lab: _gateway(lab, "192.168.178.99"),
        # Another router is another path; that ends only when the rule's five minutes are over.
        proof=0,
        look_alikes=("net.wan.down", "net.gateway.outside_subnet"),
        cut=True,
    ),
    Scenario(
        "gateway-outside",
        "route",
        _OFFLINE,
        cause("net.gateway.outside_subnet"),
        inject=lambda lab: _gateway(lab, "10.11.12.1"),
        repair=lambda lab: _gateway(lab, LAN),
        look_alikes=("net.gateway.unreachable", "net.wan.down"),
        cut=True,
    ),
    Scenario(
        "router-dead",
        "route",
        _OFFLINE,
        cause("net.gateway.unreachable"),
        inject=lambda lab: lab.router.ns.ip("link set lan down"),
        repair=lambda lab: lab.router.restart(),
        look_alikes=("net.wan.down", "net.dns.resolver_unreachable", "net.link.no_carrier"),
        cut=True,
    ),
    Scenario(
        "two-ways-out",
        "route",
        _OFFLINE,
        cause("net.route.two_defaults"),
        inject=_second_way,
        repair=lambda lab: lab.customer.run("ip link set eth1 down"),
        # The other way is another path, and nothing of one path proves anything about another.
        outcome="could_not_verify",
        proof=75,
        look_alikes=("net.gateway.unreachable",),
        cut=True,
    ),
    Scenario(
        "mtu-small",
        "link",
        "Large pages do not load",
        cause("net.interface.mtu_small", "eth0"),
        inject=lambda lab: lab.customer.run("ip link set eth0 mtu 1000"),
        repair=lambda lab: lab.customer.run("ip link set eth0 mtu 1500"),
        look_alikes=("net.wan.loss",),
    ),
)
