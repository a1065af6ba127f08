"""A record file from anybody: whatever its bytes are, it is played or refused with one sentence."""

from __future__ import annotations

import hashlib
import zlib

import pytest
from hotline_collector.rulepack.loader import load_files
from hotline_collector.rulepack.records import read_record
from hotline_collector.rulepack.replaying import replay
from hotline_proto.catalogue import load_catalogue
from hotline_proto.errors import RecordError
from hotline_proto.facts import Fact, SourceRun, SourceStatus
from hotline_proto.record import MAGIC, EntryKind, pack_entry, read_file, write_file
from hotline_proto.v1 import record_pb2 as rec
from hotline_proto.wire import ReadingEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.broken_bundles import BROKEN

CATALOGUE = load_catalogue()
START = 1_700_000_000_000_000
RULE = b"""\
id: cpu.busy
status: stable
severity: warning
title: {en: Title, de: Titel}
symptom: {en: Symptom, de: Zeichen}
when: system.cpu.utilization > 0.9
confidence: 0.9
fixes: [{steps: [wait]}]
"""
RULES = load_files(
    {
        "pack.yaml": b'{name: t, version: "1"}',
        "steps.yaml": b"wait: {en: W, de: W}",
        "busy.yaml": RULE,
    },
    CATALOGUE,
)


def _good() -> bytes:
    """Return the record of a machine that is busy for three seconds."""
    opened = rec.CallOpened(call_id="c", pack_digest=RULES.pack.digest, complaint="slow")
    link = rec.LinkChanged(target=1, up=True, session_id="s", boot_id="b", clock_offset_us=START)
    entries = [
        pack_entry(EntryKind.CALL_OPENED, 0, START, opened.SerializeToString()),
        pack_entry(EntryKind.TARGET_ADDED, 1, START, rec.TargetAdded(target=1).SerializeToString()),
        pack_entry(EntryKind.LINK_CHANGED, 1, START, link.SerializeToString()),
    ]
    encoder = ReadingEncoder(CATALOGUE)
    for second in (1, 2, 3):
        run = SourceRun("cpu", SourceStatus.OK, second, 0.0, [Fact("system.cpu.utilization", 0.95)])
        for frame in encoder.encode([run], second):
            at = START + second * 1_000_000
            entries.append(pack_entry(EntryKind.PROBE_FRAME, 1, at, frame.SerializeToString()))
    return write_file(entries)


GOOD = _good()
places = st.integers(0, 10**6)
mutations = st.lists(
    st.tuples(st.sampled_from(["flip", "cut", "put", "repeat"]), places, places, st.binary(max_size=12)),
    min_size=1,
    max_size=5,
)


def mutated(data: bytes, steps: list[tuple[str, int, int, bytes]]) -> bytes:
    for how, first, second, new in steps:
        start, end = sorted((first % (len(data) + 1), second % (len(data) + 1)))
        if how == "flip" and start < len(data):
            data = data[:start] + bytes([data[start] ^ (1 << (second % 8))]) + data[start + 1 :]
        elif how == "cut":
            data = data[:start] + data[end:]
        elif how == "put":
            data = data[:start] + new + data[start:]
        elif how == "repeat":
            data = data[:end] + data[start:end] + data[end:]
    return data[: 2**20]


def played_or_refused(file: bytes) -> None:
    try:
        played = replay(read_record(file), RULES, CATALOGUE)
    except RecordError as error:
        assert str(error) and "\n" not in str(error)
        return
    assert replay(read_record(file), RULES, CATALOGUE) == played


def test_a_good_record_is_played() -> None:
    assert [found.rule for found in replay(read_record(GOOD), RULES, CATALOGUE).findings] == ["cpu.busy"]


@pytest.mark.parametrize("name", list(BROKEN))
def test_a_broken_record_is_refused(name: str) -> None:
    data, said = BROKEN[name](GOOD)
    with pytest.raises(RecordError, match=said):
        replay(read_record(data), RULES, CATALOGUE)


@settings(deadline=None)
@given(mutations)
def test_a_mutated_file_is_played_or_refused(steps: list[tuple[str, int, int, bytes]]) -> None:
    played_or_refused(mutated(GOOD, steps))


@settings(deadline=None, max_examples=200)
@given(mutations)
def test_mutated_entries_in_a_whole_file_are_played_or_refused(
    steps: list[tuple[str, int, int, bytes]],
) -> None:
    """Whoever damages the entries on purpose makes a digest that fits."""
    body = mutated(read_file(GOOD), steps)
    played_or_refused(MAGIC + zlib.compress(body) + hashlib.sha256(body).digest())
