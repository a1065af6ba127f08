"""Wi-Fi on Windows: what `netsh wlan show interfaces` prints in whatever language.

Its labels are translated, so that shapes and places count: a radio is a paragraph of "label : value" lines
with a GUID in it; three lines between the access point and the signal hold nothing but a number, and they are
always channel, rate received and rate sent. Only how the radio is kept off stands in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_LINE = re.compile(r"\s+(?P<label>[^:]{1,60}?)\s*:\s?(?P<value>.*)")
_GUID = re.compile(r"\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.IGNORECASE | re.ASCII)
_MAC = re.compile(r"[0-9a-f]{2}([:-][0-9a-f]{2}){5}", re.IGNORECASE | re.ASCII)
_PERCENT = re.compile(r"(\d{1,3})\s*%", re.ASCII)
_NUMBER = re.compile(r"\d{1,6}(?:[.,]\d{1,3})?", re.ASCII)
_ANY_BAND = re.compile(r"(2[.,]4|5|6)\s\S{2,4}")
# English, German, French and Spanish; "Hardware On", "Software Aus".
_OFF = re.compile(r"\b(off|aus|d[ée]sactiv\w*|inacti[fv]\w*|apagad\w*)\b", re.IGNORECASE)
_ON = re.compile(r"\b(on|ein|an|activ\w*|actif\w*|activad\w*|encendid\w*)\b", re.IGNORECASE)
# The link to the settings in the message that location services must be allowed first (Windows 11 24H2).
REFUSED = "ms-settings:privacy-location"
MAX_LINES = 400


@dataclass(frozen=True, slots=True)
class Radio:
    """A Wi-Fi adapter; rates in bit/s, what is not told is None, `ssid` is empty without a connection."""

    name: str
    connected: bool
    blocked: str | None
    ssid: str
    signal: float | None
    channel: int | None
    band: str | None
    receive_rate: float | None
    send_rate: float | None


def parse_wlan(lines: Sequence[str]) -> list[Radio]:
    r"""Return the radios in what netsh prints; other paragraphs are left out.

    >>> lines = ["    Name : WLAN", "    GUID : 3f9a7c1e-1111-2222-3333-444455556666", "    Signal : 94%"]
    >>> radio = parse_wlan(lines)[0]
    >>> radio.name, radio.connected, radio.signal
    ('WLAN', True, -53.0)
    """
    return [_radio(block) for block in _blocks(lines[:MAX_LINES])]


def dbm(percent: float) -> float:
    """Return the signal strength that a share stands for: linear from -100 dBm at 0 to -50 dBm at 100.

    As Microsoft documents it for wlanSignalQuality of WLAN_ASSOCIATION_ATTRIBUTES; what is stronger than
    -50 dBm is 100 as well.
    """
    return min(percent, 100.0) / 2 - 100.0


def _blocks(lines: Sequence[str]) -> Iterator[list[tuple[str, str]]]:
    """Yield the paragraphs with a GUID; a line without a label goes on with the one before it.

    The first label of all begins each of them, because some consoles double every line's end.
    """
    block: list[tuple[str, str]] = []
    first = ""
    for line in lines:
        match = _LINE.fullmatch(line.rstrip())
        if match is None:
            if line[:1].isspace() and line.strip() and block:
                label, value = block[-1]
                block[-1] = (label, f"{value}\n{line.strip()}")
            continue
        label, value = match["label"].strip(), match["value"].strip()
        first = first or label
        if label == first and block:
            if _is_radio(block):
                yield block
            block = []
        block.append((label, value))
    if _is_radio(block):
        yield block


def _is_radio(block: list[tuple[str, str]]) -> bool:
    return any(_GUID.fullmatch(value) for _, value in block)


def _radio(block: list[tuple[str, str]]) -> Radio:
    values = [value for _, value in block]
    signal_at = next((i for i, value in enumerate(values) if _PERCENT.fullmatch(value)), None)
    connected = signal_at is not None
    ssid = next((value for label, value in block if label.upper() == "SSID"), "")
    channel, receive, send = _numbers(block, signal_at)
    band = next((match[1] for value in values if (match := _ANY_BAND.fullmatch(value))), None)
    if band is None and channel is not None:
        # Who knows 6 GHz tells the band.
        band = "2.4" if channel <= 14 else "5"
    return Radio(
        name=values[0],
        connected=connected,
        blocked="none" if connected else _blocked(values),
        ssid=ssid if connected else "",
        signal=_signal(block, values[signal_at]) if signal_at is not None else None,
        channel=int(channel) if channel is not None and 0 < channel < 256 else None,
        band=band.replace(",", ".") if band else None,
        receive_rate=receive * 1e6 if receive is not None else None,
        send_rate=send * 1e6 if send is not None else None,
    )


def _signal(block: list[tuple[str, str]], share: str) -> float:
    """Newer versions tell the strength itself, a negative number under a label that is not translated."""
    told = next((value for label, value in block if label.upper() == "RSSI"), "")
    if re.fullmatch(r"-\d{1,3}", told, re.ASCII):
        return float(told)
    match = _PERCENT.fullmatch(share)
    return dbm(float(match[1])) if match else dbm(0)


def _numbers(
    block: list[tuple[str, str]], signal_at: int | None
) -> tuple[float | None, float | None, float | None]:
    """Return channel and rates: the bare numbers between the access point's address and the signal."""
    places = [i for i, (_, value) in enumerate(block) if _MAC.fullmatch(value)]
    if signal_at is None or not places:
        return None, None, None
    told = [
        float(value.replace(",", "."))
        for label, value in block[places[-1] + 1 : signal_at]
        if _NUMBER.fullmatch(value) and label.upper() != "SSID"
    ]
    return (told[0], told[1], told[2]) if len(told) == 3 else (None, None, None)


def _blocked(values: Sequence[str]) -> str | None:
    """Return what keeps the radio off; the state of the hardware comes first, that of the software next."""
    states = next((value.split("\n") for value in values if "\n" in value), [])
    if len(states) != 2 or not all(_OFF.search(state) or _ON.search(state) for state in states):
        return None
    for word, state in zip(("hard", "soft"), states, strict=True):
        if _OFF.search(state):
            return word
    return "none"
