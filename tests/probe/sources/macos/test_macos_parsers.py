"""Whatever a command of macOS prints, a parser gives values or one clear error."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hotline_probe.errors import SourceError
from hotline_probe.sources.macos import (
    airport,
    drives,
    figures,
    ifconfig,
    ipconfig,
    launchd,
    netstat,
    plists,
    power,
    protection,
    scutil,
    unifiedlog,
    updates,
    volumes,
)
from hypothesis import given, settings
from hypothesis import strategies as st

PARSERS: dict[str, Callable[[str], Any]] = {
    "ifconfig": ifconfig.parse_ifconfig,
    "ports": ifconfig.parse_ports,
    "counters": ifconfig.parse_counters,
    "routes": lambda text: netstat.parse_routes(text, 4),
    "routes6": lambda text: netstat.parse_routes(text, 6),
    "arp": netstat.parse_arp,
    "ndp": lambda text: netstat.parse_ndp(text, "en0", ipaddress.ip_address("fe80::1")),
    "dns": scutil.parse_dns,
    "proxy": scutil.parse_proxy,
    "airport": lambda text: [airport.link_values(one.link or {}) for one in airport.parse_airport(text)],
    "lease": ipconfig.parse_lease,
    "expiry": ipconfig.parse_expiry,
    "mount": lambda text: volumes.chosen(volumes.parse_mount(text)),
    "plist": lambda text: volumes.physical_disk(plists.parse_plist(text)),
    "launchctl list": lambda text: launchd.parse_list(text, "gui/501"),
    "launchctl print system": launchd.parse_system,
    "launchctl print": lambda text: launchd._restarts(launchd.parse_job(text)),
    "log": lambda text: unifiedlog.parse_ndjson(text, 1e9),
    "memory_pressure": figures.parse_pressure,
    "vm_stat": figures.parse_swaps,
    "swapusage": figures.parse_swap_total,
    "therm": figures.parse_speed_limit,
    "battery": power.parse_battery,
    "wear": power.parse_wear,
    "disks": drives.parse_disks,
    "firewall": protection.parse_firewall,
    "listening": protection.parse_listening,
    "updates": lambda text: updates.checked_at(plists.parse_plist(text)),
    "history": updates.parse_history,
}
BLOCKS = [
    block.partition("\n")[2]
    for path in sorted(Path(__file__).parent.glob("*.txt"))
    for block in path.read_text("utf-8").split("\n$ ")[1:]
]
ODD = [
    "9" * 30,
    "-1",
    "٣",
    "\n\n",
    "[" * 9,
    "{" * 9,
    "\0",
    "%",
    "/",
    ":",
    ".",
    " ",
    "999.1.1.1",
    "/129",
    "0x",
]


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """Some lines of what a Mac printed, with pieces cut out and something else put in."""
    lines = draw(st.sampled_from(BLOCKS)).splitlines()
    begin = draw(st.integers(0, max(len(lines) - 1, 0)))
    text = "\n".join(lines[begin : begin + draw(st.integers(1, 40))])
    for _ in range(draw(st.integers(0, 4))):
        first, last = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        last = min(last, first + 20)
        text = text[:first] + draw(st.text(max_size=6) | st.sampled_from(ODD)) + text[last:]
    return text


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=150, deadline=None)
@given(text=damaged() | st.text(max_size=200))
def test_only_typed_errors(name: str, text: str) -> None:
    with contextlib.suppress(SourceError):
        PARSERS[name](text)
