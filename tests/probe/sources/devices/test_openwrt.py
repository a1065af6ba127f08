"""A router that runs OpenWrt, in the forms of its own programs.

ubus, netifd, iwinfo and uci as openwrt.org documents them; `dsl metrics` as ltq-vdsl-app fills it; leases and
log lines as dnsmasq(8), pppd(8) and logd write them.
"""

from __future__ import annotations

import datetime
import ipaddress
import json
from typing import Any

import pytest
from hotline_probe.errors import Denied, MissingTool, SourceError, SourceFailed, Unsupported
from hotline_probe.source import Context
from hotline_probe.sources.devices.dnsmasq import parse_leases, parse_pool, read_network
from hotline_probe.sources.devices.dslmetrics import read_metrics
from hotline_probe.sources.devices.iwinfo import parse_iwinfo
from hotline_probe.sources.devices.logread import parse_log
from hotline_probe.sources.devices.netifd import carrier, read_interface, read_radios
from hotline_probe.sources.devices.openwrt import OpenWrt
from hotline_probe.sources.devices.openwrtline import OpenWrtLine
from hotline_probe.sources.devices.ubus import parse_object
from hotline_probe.vetting import Vetting
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import Fact, UnknownReason
from hypothesis import given
from hypothesis import strategies as st

NO = UnknownReason.UNSUPPORTED
LAN = {"up": True, "proto": "static", "ipv4-address": [{"address": "192.168.1.1", "mask": 24}]}
PPPOE = {
    "up": True,
    "pending": False,
    "available": True,
    "autostart": True,
    "dynamic": False,
    "uptime": 3600,
    "l3_device": "pppoe-wan",
    "proto": "pppoe",
    "device": "dsl0.7",
    "ipv4-address": [{"address": "100.72.3.4", "mask": 32, "ptpaddress": "203.0.113.1"}],
    "data": {},
}
DIALLING: dict[str, Any] = {
    "up": False,
    "pending": True,
    "available": True,
    "proto": "pppoe",
    "device": "eth1",
}
DSL = {
    "api_version": "4.17.18.6",
    "chipset": "Lantiq-VRX200",
    "state": "Showtime with TC-Layer sync",
    "up": True,
    "uptime": 4000,
    "profile": "17a",
    "upstream": {
        "vector": True,
        "data_rate": 41999000,
        "latn": 0.0,
        "satn": 0.0,
        "snr": 8.4,
        "attndr": 45000000,
    },
    "downstream": {"vector": True, "data_rate": 109999000, "latn": 14.3, "satn": 14.1, "snr": 2.5},
    "errors": {"near": {"es": 112, "ses": 3, "crc_p": 500}, "far": {"es": 4}},
}
WIRELESS = {
    "radio0": {
        "up": True, "pending": False, "autostart": True, "disabled": False, "retry_setup_failed": False,
        "config": {"channel": "36", "band": "5g", "htmode": "VHT80"},
        "interfaces": [
            {"section": "default_radio0", "ifname": "phy0-ap0",
             "config": {"mode": "ap", "ssid": "Example home", "encryption": "psk2", "key": "do not read me"}}
        ],
    },
    "radio1": {
        "up": False, "pending": False, "autostart": True, "disabled": False, "retry_setup_failed": True,
        "config": {"channel": "auto", "hwmode": "11g"},
        "interfaces": [{"section": "default_radio1", "config": {"mode": "ap", "ssid": "Example home"}}],
    },
}  # fmt: skip
IWINFO = """\
phy0-ap0  ESSID: "Example home Channel: 99 "
          Access Point: 02:00:00:00:00:01
          Mode: Master  Channel: 36 (5.180 GHz)  HT Mode: VHT80
          Tx-Power: 20 dBm  Link Quality: 61/70
          Signal: -49 dBm  Noise: -92 dBm
          Bit Rate: 866.7 MBit/s
          Encryption: WPA2 PSK (CCMP)
"""
UCI = "dhcp.lan=dhcp\ndhcp.lan.interface='lan'\ndhcp.lan.start='100'\ndhcp.lan.limit='4'\n"
LEASES = """\
1796000000 02:00:00:00:00:02 192.168.1.100 laptop 01:02:00:00:00:00:02
1796000000 02:00:00:00:00:03 192.168.1.101 * *
0 02:00:00:00:00:04 192.168.1.5 printer *
"""
LOG = """\
Mon Nov 30 00:40:00 2026 daemon.err pppd[812]: PAP authentication failed
Mon Nov 30 01:05:00 2026 daemon.err pppd[812]: CHAP authentication failed
Mon Nov 30 01:05:01 2026 daemon.warn pppd[812]: Timeout waiting for PADO packets
Mon Nov 30 01:06:00 2026 daemon.warn dnsmasq-dhcp[1]: DHCPDISCOVER(lan) 02:00:00:00:00:09 no address available
Mon Nov 30 01:06:05 2026 user.notice caller: PAP authentication failed
"""
RELEASE = {"/etc/openwrt_release": "DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='23.05.3'\n"}


class Router:
    """A captured router whose answers of ubus can be set."""

    def __init__(self, captured: Any) -> None:
        self.machine = captured
        captured.put(
            {
                **RELEASE,
                "/proc/sys/net/netfilter/nf_conntrack_count": "15000\n",
                "/proc/sys/net/netfilter/nf_conntrack_max": "15360\n",
                "/tmp/dhcp.leases": LEASES,
                "/overlay/upper": "",
            }
        )
        captured.prints("uci show dhcp.lan", UCI)
        captured.prints("logread -l 500", LOG)
        captured.prints("date +%Y-%m-%d %H:%M:%S", "2026-11-30 01:07:10\n")
        captured.prints("iwinfo", IWINFO)
        # ubus(1) ends with 4 for what is not there.
        captured.prints("ubus call", err="Command failed: Not found\n", code=4)
        self.answers("network.interface.lan status", LAN)

    def answers(self, what: str, told: object) -> None:
        self.machine.prints(f"ubus call {what}", json.dumps(told))


@pytest.fixture
def router(captured: Any) -> Router:
    return Router(captured)


def test_all_that_a_dsl_router_tells(router: Router, read: Any) -> None:
    router.answers("network.wireless status", WIRELESS)
    router.answers("dsl metrics", DSL)
    router.answers("network.interface.wan status", PPPOE)
    told = read(OpenWrt())
    assert 0 < told.pop("router.overlay.utilization") < 1
    assert told == {
        "router.conntrack.utilization": 15000 / 15360,
        "router.dhcp.pool": 4,
        "router.dhcp.leases": 2,
        "router.dhcp.utilization": 0.5,
        "router.log.dhcp_refused": 1,
        "router.log.ppp_refused": 1,
        "router.log.pppoe_silent": 1,
        "router.dsl.margin_down": 2.5,
        "router.dsl.margin_up": 8.4,
        "router.dsl.attenuation": 14.3,
        "router.dsl.errored_seconds": 112,
        "router.wan.interface": "dsl0.7",
        "router.wan.enabled": True,
        "router.radio.up[radio0]": True,
        "router.radio.disabled[radio0]": False,
        "router.radio.failed[radio0]": False,
        "router.radio.band[radio0]": "5",
        "router.radio.channel[radio0]": 36,
        "router.radio.noise[radio0]": -92.0,
        "router.radio.up[radio1]": False,
        "router.radio.disabled[radio1]": False,
        "router.radio.failed[radio1]": True,
        "router.radio.band[radio1]": "2.4",
        "router.radio.channel[radio1]": NO,
        "router.radio.noise[radio1]": NO,
    }
    assert "do not read me" not in repr(told) and "Example home" not in repr(told)


def test_one_without_modem_and_radios_tells_the_rest(router: Router, read: Any) -> None:
    told = read(OpenWrt())
    assert told["router.dsl.margin_down"] is NO and told["router.dhcp.pool"] == 4
    assert not [name for name in told if name.startswith("router.radio")]


@pytest.mark.parametrize(
    ("err", "code", "why"),
    [
        ("Failed to connect to ubus\n", 255, UnknownReason.PERMISSION),
        ("Command failed: Permission denied\n", 6, UnknownReason.PERMISSION),
        ("Command failed: Request timed out\n", 7, UnknownReason.NOT_COLLECTED),
    ],
)
def test_a_user_who_may_not_ask(router: Router, read: Any, err: str, code: int, why: UnknownReason) -> None:
    router.machine.prints("ubus call", err=err, code=code)
    router.machine.prints("ubus call network.interface.lan status", err=err, code=code)
    told = read(OpenWrt())
    assert told["router.dhcp.pool"] is told["router.dsl.margin_down"] is why
    assert told["router.conntrack.utilization"] > 0.9


def test_the_catalogue_admits_everything(router: Router) -> None:
    router.answers("network.interface.wan status", PPPOE)
    router.answers("network.wireless status", WIRELESS)
    router.answers("dsl metrics", DSL)
    router.answers("system board", {"model": "Example Router v1", "hostname": "x"})
    for source in (OpenWrt(), OpenWrtLine()):
        vetting = Vetting(load_catalogue(), source.name)
        for fact in source.read(Context(router.machine)):
            assert isinstance(fact, Fact)
            vetting.admit(fact)
        assert "refused" not in vetting.note


def test_the_line_of_a_dsl_router(router: Router, read: Any) -> None:
    router.answers("network.interface.wan status", PPPOE)
    router.answers("dsl metrics", DSL)
    router.answers("system board", {"model": "Example Router v1", "release": {"version": "23.05.3"}})
    assert read(OpenWrtLine()) == {
        "router.tells": NO,
        "router.model": "Example Router v1",
        "router.wan.access": "dsl",
        "router.wan.link": "up",
        "router.wan.rate_down": 109999000.0,
        "router.wan.rate_up": 41999000.0,
        "router.wan.status": "connected",
        "router.wan.error": "none",
        "router.wan.uptime": 3600.0,
        "router.wan.reconnects": 0,
        "router.wan.address": "shared",
        "router.software": NO,
        "router.wan.ipv6": NO,
        "router.wan.use_down": NO,
        "router.wan.use_up": NO,
    }


@pytest.mark.parametrize(
    ("errors", "log", "why"),
    [
        ([{"subsystem": "pppoe", "code": "AUTH_FAILED"}], "", "login"),
        ([{"subsystem": "interface", "code": "NO_DEVICE"}], "", "no_carrier"),
        ([{"subsystem": "pppoe", "code": "INVALID_OPTIONS"}], LOG, "other"),
        ([], LOG, "login"),
        ([], "Mon Nov 30 01:05:01 2026 daemon.warn pppd[812]: Timeout waiting for PADO packets\n", "timeout"),
        ([], "", "none"),
    ],
)
def test_why_it_does_not_get_online(router: Router, read: Any, errors: Any, log: str, why: str) -> None:
    router.answers("network.interface.wan status", {**DIALLING, "errors": errors})
    router.answers("network.device status", {"eth1": {"up": True, "carrier": True}})
    router.machine.prints("logread -l 500", log)
    told = read(OpenWrtLine())
    assert (told["router.wan.error"], told["router.wan.status"]) == (why, "connecting")
    assert (told["router.wan.link"], told["router.wan.access"]) == ("up", "ethernet")


def test_a_connection_that_somebody_has_stopped(router: Router, read: Any) -> None:
    router.answers("network.interface.wan status", {**DIALLING, "pending": False, "autostart": False})
    assert read(OpenWrt())["router.wan.enabled"] is False
    router.answers("network.interface.wan status", {"up": False, "autostart": "no", "device": 7})
    told = read(OpenWrt())
    assert told["router.wan.enabled"] is told["router.wan.interface"] is NO


@pytest.mark.parametrize(
    ("devices", "link"),
    [({"eth1": {"carrier": False}}, "down"), ({"eth1": {"up": True}}, NO), ({}, NO)],
)
def test_the_cable_to_the_modem(router: Router, read: Any, devices: Any, link: Any) -> None:
    router.answers("network.interface.wan status", DIALLING)
    router.answers("network.device status", devices)
    assert read(OpenWrtLine())["router.wan.link"] == link


def test_connections_made_anew_are_counted(router: Router, read: Any) -> None:
    source, told = OpenWrtLine(), []
    for uptime in (3600, 3630, 20, 50, 10):
        router.answers("network.interface.wan status", {**PPPOE, "uptime": uptime})
        told.append(read(source)["router.wan.reconnects"])
    assert told == [0, 0, 1, 1, 2]


def test_an_access_point_has_no_line(router: Router, read: Any) -> None:
    with pytest.raises(Unsupported):
        read(OpenWrtLine())


@pytest.mark.parametrize("make", [OpenWrt, OpenWrtLine])
def test_another_machine_costs_one_look(captured: Any, read: Any, make: Any) -> None:
    with pytest.raises(Unsupported):
        read(make())
    assert captured.started == []


def test_a_router_without_ubus(captured: Any, read: Any) -> None:
    captured.put(RELEASE)
    assert {value for name, value in read(OpenWrt()).items() if "dsl" in name} == {UnknownReason.MISSING_TOOL}
    with pytest.raises(MissingTool):
        read(OpenWrtLine())


@pytest.mark.parametrize(
    ("state", "link"),
    [("Handshake", "initializing"), ("Full init", "initializing"), ("Silent", "down"), ("Idle", "down")],
)
def test_a_line_out_of_sync_tells_nothing_old(state: str, link: str) -> None:
    line = read_metrics({**DSL, "up": False, "state": state})
    assert (line.link, line.margin_down, line.rate_down) == (link, None, None)


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ("", 150),
        ("dhcp.lan.start=10\ndhcp.lan.limit=20\n", 20),
        ("dhcp.lan.start='200'\ndhcp.lan.limit='150'\n", 55),
        ("dhcp.lan.ignore='1'\n", None),
        ("dhcp.lan.dhcpv4='disabled'\n", None),
        ("dhcp.lan.start='300'\n", None),
    ],
)
def test_the_size_of_the_pool(options: str, size: int | None) -> None:
    pool = parse_pool(options, ipaddress.IPv4Network("192.168.1.0/24"))
    assert (pool and pool[1] - pool[0] + 1) == size


def test_old_lines_and_lines_of_others_do_not_count() -> None:
    later = datetime.datetime(2026, 11, 30, 1, 30)
    assert set(parse_log(LOG, later).values()) == {0}
    assert parse_log(LOG, datetime.datetime(2026, 11, 30, 0, 41))["ppp_refused"] == 1


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["up", "pending", "errors", "code", "ipv4-address", "address", "mask", "config", "band", "interfaces",
         "ifname", "downstream", "snr", "data_rate", "near", "es", "device", "uptime", "state",
         "radio0", "carrier"]
    ), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


@given(
    st.dictionaries(st.text(max_size=5) | st.sampled_from([*PPPOE, *DSL, *WIRELESS]), ANYTHING, max_size=6)
)
def test_answers_of_any_shape_are_read(told: dict[str, Any]) -> None:
    assert read_interface(told).status in {"connected", "connecting", "disconnected"}
    assert read_metrics(told).link in {"up", "down", "initializing"}
    assert all(0 < len(radio.name) <= 40 for radio in read_radios(told))
    assert carrier(told, "eth1") in {True, False, None}
    network = read_network(told)
    assert network is None or network.version == 4


PIECES = st.sampled_from(
    [*LOG.splitlines(True), *IWINFO.splitlines(True), *LEASES.splitlines(True), *UCI.splitlines(True)]
)


@given(st.text() | st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join))
def test_texts_of_any_kind_are_read(text: str) -> None:
    assert all(count >= 0 for count in parse_log(text, datetime.datetime(2026, 11, 30, 1, 7)).values())
    assert all(0 <= address < 2**32 for address in parse_leases(text))
    pool = parse_pool(text, ipaddress.IPv4Network("192.168.1.0/24"))
    assert pool is None or pool[0] <= pool[1]
    for channel, noise in parse_iwinfo(text).values():
        assert (channel is None or channel >= 0) and (noise is None or noise <= 0)
    try:
        parse_object(text)
    except SourceError as error:
        assert isinstance(error, SourceFailed) and not isinstance(error, Denied)


def test_an_answer_that_is_nested_without_end_is_no_answer() -> None:
    with pytest.raises(SourceFailed):
        parse_object('{"a":' + "[" * 200_000)
