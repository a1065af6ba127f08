"""What iwinfo(1) of OpenWrt prints of each Wi-Fi interface."""

from __future__ import annotations

import re

_BEGIN = re.compile(r"^(\S{1,32}) +ESSID: ", re.MULTILINE | re.ASCII)
_CHANNEL = re.compile(r"Channel: (\d{1,3}) ", re.ASCII)
_NOISE = re.compile(r"Noise: (-\d{1,3}) dBm", re.ASCII)


def parse_iwinfo(text: str) -> dict[str, tuple[int | None, float | None]]:
    """Return channel and noise in dBm of each interface that `iwinfo` lists, None where it does not tell.

    >>> parse_iwinfo('phy0-ap0  ESSID: "x"\\n  Mode: Master  Channel: 36 (5.180 GHz)\\n  Noise: -95 dBm\\n')
    {'phy0-ap0': (36, -95.0)}
    """
    begins = list(_BEGIN.finditer(text))
    ends = [*(begin.start() for begin in begins[1:]), len(text)]
    found = {}
    for begin, end in zip(begins, ends, strict=False):
        # A network may be named like anything: its name ends with its line.
        block = text[begin.end() : end].partition("\n")[2]
        channel, noise = _CHANNEL.search(block), _NOISE.search(block)
        found[begin[1]] = int(channel[1]) if channel else None, float(noise[1]) if noise else None
    return found
