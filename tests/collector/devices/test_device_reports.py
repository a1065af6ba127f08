"""What a process that reads a device may say, and everything else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hotline_collector.devices.report import MAX_LINE, Nonsense, is_last, read_report
from hotline_proto.v1 import probe_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st

NOTHING, CONNECTING, READING = (
    pb.DEVICE_STATE_UNSPECIFIED,
    pb.DEVICE_STATE_CONNECTING,
    pb.DEVICE_STATE_READING,
)
KEY = "SHA256:" + "k" * 43


def line(state: object, trouble: object = "", fingerprint: object = "", **more: object) -> bytes:
    told = {"state": state, "trouble": trouble, "fingerprint": fingerprint, **more}
    return json.dumps(told).encode() + b"\n"


def test_what_is_said_in_its_turn() -> None:
    assert read_report(line("connecting"), 2, NOTHING) == pb.DeviceReport(target=2, state=CONNECTING)
    assert read_report(line("reading"), 2, CONNECTING).state == READING
    failed = read_report(line("failed", "host_key_unknown", KEY), 3, CONNECTING)
    assert (failed.target, failed.trouble, failed.fingerprint) == (3, "host_key_unknown", KEY)
    ended = read_report(line("ended", "ended"), 2, READING)
    assert [is_last(state) for state in (CONNECTING, READING, failed.state, ended.state)] == [
        False, False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "before"),
    [
        (line("reading"), NOTHING),
        (line("connecting"), READING),
        (line("ended"), CONNECTING),
        (line("failed"), pb.DEVICE_STATE_FAILED),
        (line("asked"), NOTHING),
        (line("declined"), CONNECTING),
        (line(["connecting"]), NOTHING),
        (line("failed", "<script>"), NOTHING),
        (line("failed", "x" * 41), NOTHING),
        (line("failed", "host_key_changed", "SHA256:\x1b[2J"), NOTHING),
        (line("failed", "host_key_changed", KEY + "\n"), NOTHING),
        (line("failed", None), NOTHING),
        (line("connecting", more="x"), NOTHING),
        (b'{"state": "connecting"}\n', NOTHING),
        (b"[" * 900 + b"\n", NOTHING),
        (b"\xff\xfe\n", NOTHING),
        (b"{}", NOTHING),
        (b" " * MAX_LINE + line("connecting"), NOTHING),
    ],
)
def test_nonsense(said: bytes, before: pb.DeviceState) -> None:
    with pytest.raises(Nonsense) as caught:
        read_report(said, 2, before)
    assert str(caught.value).isprintable()


values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text(max_size=60)
    | st.sampled_from(["reading", "failed", KEY]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["state", "trouble", "fingerprint"]), inner)
    ),
    max_leaves=8,
)


@given(st.binary(max_size=2000) | values.map(lambda value: json.dumps(value).encode()))
def test_any_line_is_a_clean_report_or_nonsense(said: bytes) -> None:
    for before in (NOTHING, CONNECTING, READING):
        try:
            report = read_report(said, 2, before)
        except Nonsense:
            continue
        assert report.target == 2
        assert report.state in (CONNECTING, READING, pb.DEVICE_STATE_FAILED, pb.DEVICE_STATE_ENDED)
        assert (report.trouble + report.fingerprint).isascii()
        assert (report.trouble + report.fingerprint).isprintable()
