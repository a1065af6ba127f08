from __future__ import annotations

from pathlib import Path

import pytest
from hotline_probe.machine import LocalMachine
from hotline_probe.path import PathTracker
from hotline_probe.redact import Redactor
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import NetworkPath, SourceRun, SourceStatus

HEAD = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
ETH = "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
LAN = "eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
WLAN = "wlan0\t00000000\t012BA8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
TUN = "tun0\t00000000\t00000000\t0001\t0\t0\t50\t00000000\t0\t0\t0\n"
HALVES = "".join(
    f"tun0\t{half}\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n" for half in ("00000000", "00000080")
)
REJECT = "lo\t00000000\t00000000\t0201\t0\t0\t1\t00000000\t0\t0\t0\n"
ZERO = "0" * 32
V6 = f"{ZERO} 00 {ZERO} 00 fe80000000000000000000000000000a 00000400 00000001 00000000 00000003    wlan0\n"
V6_LO = f"{ZERO} 00 {ZERO} 00 {ZERO} ffffffff 00000001 00000000 00200200       lo\n"
ARP = "IP address       HW type     Flags       HW address            Mask     Device\n"


class Home:
    """A machine's tables, to be changed while one tracker looks at them."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "proc/net"
        self.folder.mkdir(parents=True)
        self.machine = LocalMachine(str(root))
        self.tracker = PathTracker()

    def path(
        self, routes: str, mac: str = "", device: str = "eth0", gateway: str = "192.168.1.1"
    ) -> NetworkPath:
        (self.folder / "route").write_text(HEAD + routes)
        flags = "0x2" if mac else "0x0"
        entry = (
            f"{gateway}      0x1         {flags}         {mac or '00:00:00:00:00:00'}     *        {device}\n"
        )
        (self.folder / "arp").write_text(ARP + entry)
        path = self.tracker.current(self.machine)
        assert path is not None
        return path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.mark.parametrize(
    ("v4", "v6", "interface", "gateway"),
    [
        (HEAD + LAN + ETH + WLAN, V6, "eth0", True),
        (HEAD + WLAN, None, "wlan0", True),
        (HEAD + ETH + TUN + REJECT, None, "tun0", False),
        (HEAD + ETH + HALVES, None, "tun0", True),
        (HEAD + LAN, V6_LO + V6, "wlan0", True),
        (HEAD, V6_LO, None, False),
        (None, None, None, False),
    ],
)
def test_the_way_out(
    tmp_path: Path, v4: str | None, v6: str | None, interface: str | None, gateway: bool
) -> None:
    (tmp_path / "proc/net").mkdir(parents=True)
    for name, text in (("route", v4), ("ipv6_route", v6)):
        if text is not None:
            (tmp_path / "proc/net" / name).write_text(text)
    path = PathTracker().current(LocalMachine(str(tmp_path)))
    assert (path and path.interface) == interface
    assert bool(path and path.gateway) == gateway


def test_a_hardware_address_that_is_learnt_later_changes_nothing(home: Home) -> None:
    unknown = home.path(ETH)
    assert home.path(ETH, "02:00:00:00:00:01") == unknown
    assert home.path(ETH) == unknown


def test_another_router_with_the_same_address_is_another_path(home: Home) -> None:
    first = home.path(ETH, "02:00:00:00:00:01")
    second = home.path(ETH, "02:00:00:00:00:02")
    assert second != first
    assert home.path(ETH) == second
    assert home.path(ETH, "02:00:00:00:00:01") == first


def test_another_adapter_or_address_is_another_path(home: Home) -> None:
    wlan = ETH.replace("eth0", "wlan0")
    paths = {home.path(ETH), home.path(wlan, device="wlan0"), home.path(WLAN, gateway="192.168.43.1")}
    assert len(paths) == 3


def test_a_pseudonym_hides_the_router_and_passes_redaction(home: Home) -> None:
    path = home.path(ETH, "02:00:00:00:00:01")
    assert "192" not in path.gateway
    assert PathTracker().current(home.machine) != path, "another call has another key"
    redactor = Redactor(load_catalogue(), b"k" * 32, personal=False)
    run = SourceRun("ping", SourceStatus.OK, 0.0, 0.0, (), path)
    assert redactor.redact(run).path == path
