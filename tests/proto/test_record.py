"""The record format: what was written comes back, what is damaged is refused."""

import zlib

import pytest
from hotline_proto.errors import RecordError
from hotline_proto.record import (
    MAGIC,
    Entry,
    EntryKind,
    pack_entry,
    read_file,
    unpack_entries,
    write_file,
)
from hypothesis import given
from hypothesis import strategies as st

entries = st.lists(
    st.builds(
        Entry,
        st.sampled_from(EntryKind),
        st.integers(0, 65535),
        st.integers(-(2**62), 2**62),
        st.binary(max_size=50),
    ),
    max_size=8,
)


@given(entries)
def test_what_was_written_comes_back(items: list[Entry]) -> None:
    data = write_file(pack_entry(*item) for item in items)
    assert list(unpack_entries(read_file(data))) == items


@given(entries.filter(bool), st.data())
def test_a_cut_off_record_is_refused(items: list[Entry], data: st.DataObject) -> None:
    whole = write_file(pack_entry(*item) for item in items)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(RecordError):
        list(unpack_entries(read_file(whole[:cut])))


@given(entries.filter(bool), st.data())
def test_a_flipped_bit_is_noticed(items: list[Entry], data: st.DataObject) -> None:
    whole = bytearray(write_file(pack_entry(*item) for item in items))
    position = data.draw(st.integers(0, len(whole) - 1))
    whole[position] ^= 1 << data.draw(st.integers(0, 7))
    try:
        assert list(unpack_entries(read_file(bytes(whole)))) == items
    except RecordError:
        return


@given(st.binary(max_size=300))
def test_foreign_bytes_are_no_record(data: bytes) -> None:
    with pytest.raises(RecordError):
        read_file(data)


def test_a_bomb_is_refused_without_being_unpacked() -> None:
    bomb = MAGIC + zlib.compress(b"\0" * 50_000_000) + bytes(32)
    with pytest.raises(RecordError, match="larger than"):
        read_file(bomb, limit=1_000_000)


def test_the_limit_is_said_and_what_just_fits_is_read() -> None:
    whole = write_file([bytes(2**20)])
    assert len(read_file(whole, limit=2**20)) == 2**20
    with pytest.raises(RecordError, match=r"larger than 0\.5 MiB when unpacked"):
        read_file(whole, limit=2**19)


def test_nothing_may_follow_the_entries() -> None:
    whole = write_file([pack_entry(EntryKind.TICK, 1, 0, b"")])
    with pytest.raises(RecordError, match="digest"):
        read_file(whole[:-32] + b"more" + whole[-32:])


def test_a_newer_version_says_so() -> None:
    with pytest.raises(RecordError, match="version 2"):
        read_file(MAGIC[:7] + b"\x02" + zlib.compress(b"") + bytes(32))


def test_an_unknown_kind_says_that_it_may_be_newer() -> None:
    raw = bytearray(pack_entry(EntryKind.TICK, 1, 0, b""))
    raw[0] = 99
    with pytest.raises(RecordError, match="newer"):
        list(unpack_entries(bytes(raw)))


def test_a_record_that_cannot_be_unpacked_is_told_without_the_librarys_words() -> None:
    whole = write_file([pack_entry(EntryKind.TICK, 0, 1, b"")])
    with pytest.raises(RecordError) as caught:
        read_file(whole[:8] + b"no stream of zlib" + whole[25:])
    assert str(caught.value) == "the record is damaged; have the file sent again"


def test_an_empty_file_is_called_so() -> None:
    with pytest.raises(RecordError, match="the file is empty"):
        read_file(b"")
