"""Wi-Fi from what the kernel and iw(8) print."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_probe.sources.wifi import (
    Counters,
    Wifi,
    channel_of,
    number,
    parse_fields,
    parse_survey,
    parse_wireless,
    ratios,
)
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

WIRELESS = """Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
 face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
 wlan0: 0000   49.  -61.  -256        0      0      0      3    177        0
"""
LINK = """Connected to 3c:a6:2f:01:02:03 (on wlan0)
\tSSID: Caf\\xc3\\xa9: upstairs
\tfreq: 5180.0
\tRX: 46511820 bytes (78120 packets)
\tTX: 8207136 bytes (41017 packets)
\tsignal: -61 dBm
\trx bitrate: 390.0 MBit/s VHT-MCS 4 80MHz short GI VHT-NSS 2
\ttx bitrate: 526.5 MBit/s VHT-MCS 6 80MHz VHT-NSS 2
\tbss flags: short-slot-time
\tdtim period: 1
\tbeacon int: 100
"""
STATION = """Station 3c:a6:2f:01:02:03 (on wlan0)
\tinactive time:\t12 ms
\trx bytes:\t46511820
\ttx packets:\t{sent}
\ttx retries:\t{again}
\ttx failed:\t4
\tsignal:  \t-61 [-63, -65] dBm
"""
SURVEY = """Survey data from wlan0
\tfrequency:\t\t\t5200 MHz
\tchannel active time:\t\t9 ms
\tchannel busy time:\t\t9 ms
Survey data from wlan0
\tfrequency:\t\t\t5180 MHz [in use]
\tnoise:\t\t\t\t-95 dBm
\tchannel active time:\t\t{active} ms
\tchannel busy time:\t\t{busy} ms
"""


@pytest.fixture
def laptop(captured: Any) -> Any:
    """A laptop with a radio that is connected."""
    folder = "/sys/devices/pci0000:00/0000:02:00.0/net/wlan0"
    captured.put(
        {
            f"{folder}/type": "1\n",
            f"{folder}/uevent": "DEVTYPE=wlan\nINTERFACE=wlan0\n",
            f"{folder}/phy80211/rfkill0/soft": "0\n",
            f"{folder}/phy80211/rfkill0/hard": "0\n",
            "/proc/net/wireless": WIRELESS,
        }
    )
    captured.put_link("/sys/class/net/wlan0", "../../devices/pci0000:00/0000:02:00.0/net/wlan0")
    captured.prints("iw dev wlan0 link", LINK)
    captured.prints("iw dev wlan0 station dump", STATION.format(sent=1000, again=100))
    captured.prints("iw dev wlan0 survey dump", SURVEY.format(active=5000, busy=1000))
    return captured


def test_a_connected_radio(laptop: Any, read: Any) -> None:
    source = Wifi()
    first = read(source)
    assert first["net.wifi.retry_ratio[wlan0]"] is UnknownReason.PENDING
    laptop.prints("iw dev wlan0 station dump", STATION.format(sent=1300, again=200))
    laptop.prints("iw dev wlan0 survey dump", SURVEY.format(active=15000, busy=7000))
    assert {name.removesuffix("[wlan0]"): value for name, value in read(source).items()} == {
        "net.wifi.interface": "wlan0",
        "net.wifi.blocked": "none",
        "net.wifi.connected": True,
        "net.wifi.signal": -61.0,
        "net.wifi.name": "Caf\\xc3\\xa9: upstairs",
        "net.wifi.frequency": 5.18e9,
        "net.wifi.channel": 36,
        "net.wifi.band": "5",
        "net.wifi.rx_rate": 390e6,
        "net.wifi.tx_rate": 526.5e6,
        "net.wifi.retry_ratio": 0.25,
        "net.wifi.channel_busy": 0.6,
    }


def test_without_iw_the_kernel_tells_the_signal(laptop: Any, read: Any) -> None:
    laptop.programs.clear()
    told = read(Wifi())
    assert told["net.wifi.signal[wlan0]"] == -61.0 and told["net.wifi.connected[wlan0]"] is True
    assert told["net.wifi.band[wlan0]"] is UnknownReason.MISSING_TOOL


def test_a_radio_that_is_switched_off(laptop: Any, read: Any) -> None:
    laptop.path("/sys/class/net/wlan0/phy80211/rfkill0/soft").write_text("1\n")
    laptop.put({"/proc/net/wireless": WIRELESS.partition(" wlan0")[0]})
    laptop.prints("iw dev wlan0 link", "Not connected.\n")
    told = read(Wifi())
    assert (told["net.wifi.blocked[wlan0]"], told["net.wifi.connected[wlan0]"]) == ("soft", False)
    assert told["net.wifi.signal[wlan0]"] is told["net.wifi.band[wlan0]"] is UnknownReason.UNSUPPORTED


def test_a_machine_without_a_radio(captured: Any, read: Any) -> None:
    captured.put({"/sys/class/net/lo/type": "772\n"})
    assert read(Wifi()) == {}
    assert captured.started == []


def test_counters_that_begin_anew() -> None:
    before, now = Counters(1000, 10, 900, 90), Counters(5, 0, 1000, 100)
    assert ratios(now, before) == (UnknownReason.PENDING, UnknownReason.PENDING)
    assert ratios(Counters(1099, 10, 1000, 100), before)[0] is UnknownReason.PENDING
    assert ratios(Counters(1100, 10, 0, 0), Counters(1000, 10, 0, 0)) == (0.0, UnknownReason.UNSUPPORTED)


@given(st.floats(0, 8000))
def test_every_frequency_has_one_channel_at_most(mhz: float) -> None:
    place = channel_of(mhz)
    assert place is None or 0 < place[1] <= 235


@given(st.text(max_size=200))
def test_no_output_is_a_crash(text: str) -> None:
    for line in (
        text,
        f" wlan0: 0000 {text}",
        f"\tfreq: {text}",
        f"Survey data from wlan0\n [in use] {text}",
    ):
        assert all(-120 <= level < 0 for level in parse_wireless(line).values())
        parse_survey(line)
        number(parse_fields(line).get("freq", ""))
