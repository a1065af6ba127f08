"""Kinds of network adapters, by what the kernel shows of each."""

from __future__ import annotations

import pytest
from hotline_probe.sources.adapters import AdapterKind, AdapterKinds, classify, parse_devtype, parse_number
from hotline_probe.sources.interfaces import Traffic, parse_dev
from hotline_proto.catalogue import load_catalogue
from hypothesis import given
from hypothesis import strategies as st

TYPES = load_catalogue().facts["net.interface.type"].values
COUNTERS = st.lists(st.integers(0, 2**64 - 1), min_size=16, max_size=16)


@pytest.mark.parametrize(
    ("hardware", "entries", "devtype", "tun_flags", "virtual", "kind"),
    [
        (772, "", "", 0, True, ("loopback", False)),
        (1, "device", "", 0, False, ("ethernet", True)),
        (1, "device wireless phy80211", "wlan", 0, False, ("wifi", True)),
        (1, "phy80211", "", 0, True, ("wifi", True)),
        (1, "device", "wwan", 0, False, ("wwan", True)),
        (519, "device", "", 0, False, ("wwan", True)),
        (1, "bridge", "bridge", 0, True, ("bridge", False)),
        (65534, "tun_flags", "", 0x1, True, ("vpn", False)),
        (1, "tun_flags", "", 0x1002, True, ("vpn", False)),
        (1, "tun_flags brport", "", 0x1002, True, ("virtual", False)),
        (65534, "", "wireguard", 0, True, ("vpn", False)),
        (512, "", "ppp", 0, True, ("vpn", False)),
        (1, "", "", 0, True, ("virtual", False)),
        (1, "brport", "", 0, True, ("virtual", False)),
        (32, "device", "", 0, False, ("other", True)),
        (99, "", "", 0, False, ("other", False)),
    ],
)
def test_kinds(
    hardware: int, entries: str, devtype: str, tun_flags: int, virtual: bool, kind: tuple[str, bool]
) -> None:
    assert classify(hardware, entries.split(), devtype, tun_flags, virtual) == AdapterKind(*kind)


@given(st.integers(), st.sets(st.text(max_size=9)), st.text(max_size=9), st.integers(0, 99), st.booleans())
def test_any_adapter_has_a_catalogued_kind(
    hardware: int, entries: set[str], devtype: str, tun_flags: int, virtual: bool
) -> None:
    assert classify(hardware, entries, devtype, tun_flags, virtual).type in TYPES


def test_a_name_that_is_used_again_is_looked_at_again(captured) -> None:
    kinds, folder = AdapterKinds(), "/sys/devices/pci/net/eth0"
    captured.put({f"{folder}/type": "1\n", f"{folder}/device/vendor": "0x1af4\n"})
    captured.put_link("/sys/class/net/eth0", "../../devices/pci/net/eth0")
    assert kinds.of(captured, "eth0") == AdapterKind("ethernet", True)
    captured.path("/sys/class/net/eth0").unlink()
    captured.put({"/sys/devices/virtual/net/eth0/type": "1\n"})
    captured.put_link("/sys/class/net/eth0", "../../devices/virtual/net/eth0")
    assert kinds.of(captured, "eth0") == AdapterKind("virtual", False)


def put(captured, name: str, flags: str, *entries: str) -> None:
    tree = "pci" if "device" in entries else "virtual"
    place = f"/sys/devices/{tree}/net/{name}"
    captured.put({f"{place}/type": "1\n", f"{place}/flags": f"{flags}\n"})
    captured.put({f"{place}/{entry}": "1\n" for entry in entries})
    captured.put_link(f"/sys/class/net/{name}", f"../..{place.removeprefix('/sys')}")


def test_in_a_container_the_end_of_a_virtual_cable_is_the_network_card(captured) -> None:
    put(captured, "eth0", "0x1003")
    put(captured, "dummy0", "0x82")
    put(captured, "macvlan0", "0x1003", "lower_eth0")
    put(captured, "port0", "0x1003", "brport", "master")
    kinds = AdapterKinds()
    assert {name for name, kind in kinds.all(captured).items() if kind.physical} == {"eth0"}
    assert kinds.of(captured, "eth0") == AdapterKind("ethernet", True)
    assert kinds.of(captured, "dummy0") == AdapterKind("virtual", False)


def test_beside_hardware_a_virtual_cable_is_none(captured) -> None:
    put(captured, "veth0", "0x1003")
    put(captured, "eth0", "0x1003", "device")
    kinds = AdapterKinds()
    assert kinds.of(captured, "veth0") == AdapterKind("virtual", False)
    assert kinds.all(captured)["eth0"] == AdapterKind("ethernet", True)


@given(st.from_regex(r"[a-z][a-z0-9@.]{0,14}", fullmatch=True), COUNTERS)
def test_every_line_of_counters_is_read_back(name: str, n: list[int]) -> None:
    line = f"{name:>6}: " + " ".join(f"{number:7}" for number in n) + "\n"
    expected = Traffic(n[0], n[8], n[1] + n[9], n[2] + n[10], n[3] + n[11])
    assert parse_dev("Inter-|   Receive  |  Transmit\n face |bytes\n" + line) == {name: expected}


@given(st.text(max_size=200))
def test_any_text_of_the_kernel_is_survived(text: str) -> None:
    parse_dev(text)
    parse_devtype(text)
    assert parse_number(text) is None or isinstance(parse_number(text), int)
