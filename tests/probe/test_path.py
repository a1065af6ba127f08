from __future__ import annotations

from pathlib import Path

import pytest
from hotline_probe.machine import LocalMachine
from hotline_probe.path import PathTracker
from hotline_proto.facts import NetworkPath

HEAD = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
ETH = "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
LAN = "eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
WLAN = "wlan0\t00000000\t012BA8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
TUN = "tun0\t00000000\t00000000\t0001\t0\t0\t50\t00000000\t0\t0\t0\n"
REJECT = "lo\t00000000\t00000000\t0201\t0\t0\t1\t00000000\t0\t0\t0\n"
ZERO = "0" * 32
V6 = f"{ZERO} 00 {ZERO} 00 fe80000000000000000000000000000a 00000400 00000001 00000000 00000003    wlan0\n"
V6_LO = f"{ZERO} 00 {ZERO} 00 {ZERO} ffffffff 00000001 00000000 00200200       lo\n"


@pytest.mark.parametrize(
    ("v4", "v6", "path"),
    [
        (HEAD + LAN + ETH + WLAN, V6, NetworkPath("eth0", "192.168.1.1")),
        (HEAD + WLAN, None, NetworkPath("wlan0", "192.168.43.1")),
        (HEAD + ETH + TUN + REJECT, None, NetworkPath("tun0", "")),
        (HEAD + LAN, V6_LO + V6, NetworkPath("wlan0", "fe80::a")),
        (HEAD, V6_LO, None),
        (None, None, None),
    ],
)
def test_the_way_out(tmp_path: Path, v4: str | None, v6: str | None, path: NetworkPath | None) -> None:
    (tmp_path / "proc/net").mkdir(parents=True)
    for name, text in (("route", v4), ("ipv6_route", v6)):
        if text is not None:
            (tmp_path / "proc/net" / name).write_text(text)
    assert PathTracker().current(LocalMachine(str(tmp_path))) == path
