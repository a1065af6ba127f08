"""How often known lines stand in OpenWrt's log; no line leaves the router's answer."""

from __future__ import annotations

import datetime
import re

from hotline_probe.errors import SourceFailed
from hotline_probe.machine import Machine
from hotline_probe.sources.devices.clock import local_time, parse_moment

ASK = ("logread", "-l", "500")
TOOL_TIMEOUT = 4.0
WITHIN = datetime.timedelta(minutes=15)
# The clock that is asked for afterwards may be a moment behind.
_AHEAD = datetime.timedelta(minutes=1)
# logd's form: time, facility.level, program with its number, text.
_LINE = re.compile(
    r"(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}) [a-z0-9]+\.[a-z]+ ([\w.-]{1,40})(?:\[\d{1,9}\])?: (.{1,400})"
)
# dnsmasq's rfc2131.c; pppd's auth.c, chap-new.c and its pppoe plugin's discovery.c.
_PATTERNS = {
    "dhcp_refused": (
        "dnsmasq",
        re.compile(
            r"DHCP(?:DISCOVER|REQUEST)\(\S+\) .*no address(?:es)? available|no address range available"
        ),
    ),
    "ppp_refused": ("pppd", re.compile(r"(?:PAP|CHAP) authentication failed")),
    "pppoe_silent": ("pppd", re.compile(r"Timeout waiting for PAD[OS] packets")),
}
NAMES = tuple(_PATTERNS)


def counts(machine: Machine) -> dict[str, int]:
    """Return how often each pattern stands in the last quarter of an hour of the newest 500 lines.

    Raises:
        SourceError: the log cannot be read.
    """
    result = machine.run(ASK, TOOL_TIMEOUT)
    if result.code:
        raise SourceFailed(f"logread ended with {result.code}")
    return parse_log(result.out, local_time(machine))


def parse_log(text: str, now: datetime.datetime) -> dict[str, int]:
    """Return how often each pattern stands in a log not longer than a quarter of an hour ago.

    >>> line = "Mon Nov 30 01:05:00 2026 daemon.err pppd[812]: PAP authentication failed\\n"
    >>> parse_log(line, datetime.datetime(2026, 11, 30, 1, 7))["ppp_refused"]
    1
    """
    found = dict.fromkeys(_PATTERNS, 0)
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        for name, (program, pattern) in _PATTERNS.items():
            if match[2].startswith(program) and pattern.search(match[3]) and _is_new(match[1], now):
                found[name] += 1
    return found


def _is_new(moment: str, now: datetime.datetime) -> bool:
    at = parse_moment(moment)
    return at is not None and -_AHEAD <= now - at <= WITHIN
