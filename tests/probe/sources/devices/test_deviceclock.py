"""What time services of devices say, and anything at all in its place."""

from __future__ import annotations

import contextlib

import pytest
from hotline_probe.errors import SourceFailed
from hotline_probe.sources.devices.deviceclock import parse_chrony, parse_systemd
from hypothesis import given
from hypothesis import strategies as st

# chronyc(1), "tracking".
TRACKING = """\
Reference ID    : CB00710F (ntp1.example.net)
Stratum         : 3
Ref time (UTC)  : Fri Jan 27 09:49:17 2017
System time     : 0.000006523 seconds slow of NTP time
Last offset     : -0.000006747 seconds
Leap status     : {status}
"""


@pytest.mark.parametrize(
    ("status", "kept"), [("Normal", True), ("Insert second", True), ("Not synchronised", False)]
)
def test_chrony(status: str, kept: bool) -> None:
    assert parse_chrony(TRACKING.format(status=status)) is kept


def test_systemd() -> None:
    assert parse_systemd("NTPSynchronized=yes\n") and not parse_systemd("NTPSynchronized=no\n")


@given(st.text(max_size=80))
def test_anything_is_an_answer_or_a_typed_error(text: str) -> None:
    for parse in (parse_systemd, parse_chrony):
        with contextlib.suppress(SourceFailed):
            assert parse(text) in (True, False)
