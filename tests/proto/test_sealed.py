"""Sealed records: only the right key opens one, and whatever is wrong with one has one clear error."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hotline_proto.errors import RecordError, SealingUnavailable
from hotline_proto.sealed import MAGIC, check_sealing, is_sealed, key_text, parse_key, seal, unseal
from hypothesis import given
from hypothesis import strategies as st

_KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
PRIVATE, PUBLIC = _KEY.private_bytes_raw(), _KEY.public_key().public_bytes_raw()
OTHER = X25519PrivateKey.generate().private_bytes_raw()
SEALED = seal(b"what was measured", PUBLIC)


@given(st.binary(max_size=300))
def test_what_was_sealed_is_opened_by_its_key(data: bytes) -> None:
    sealed = seal(data, PUBLIC)
    assert is_sealed(sealed)
    assert len(data) < 16 or data not in sealed
    assert unseal(sealed, PRIVATE) == data


def test_the_same_record_is_never_sealed_the_same_way_twice() -> None:
    assert seal(b"x", PUBLIC) != seal(b"x", PUBLIC)


@given(st.data())
def test_a_cut_off_file_is_refused(data: st.DataObject) -> None:
    cut = data.draw(st.integers(len(MAGIC), len(SEALED) - 1))
    with pytest.raises(RecordError, match="cut off"):
        unseal(SEALED[:cut], PRIVATE)


@given(st.data())
def test_a_flipped_bit_is_refused(data: st.DataObject) -> None:
    changed = bytearray(SEALED)
    changed[data.draw(st.integers(7, len(SEALED) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(RecordError):
        unseal(bytes(changed), PRIVATE)


def test_another_key_and_a_newer_version_are_named() -> None:
    with pytest.raises(RecordError, match="another call centre's key"):
        unseal(SEALED, OTHER)
    newer = SEALED[:7] + b"\x02" + SEALED[8:]
    assert is_sealed(newer)
    with pytest.raises(RecordError, match="version 2; this program reads 1"):
        unseal(newer, PRIVATE)


def test_a_key_is_read_as_it_was_written() -> None:
    text = key_text(PUBLIC)
    assert text.startswith("hlb1_") and len(text) == 48
    assert parse_key(f" {text}\n") == PUBLIC


@given(st.one_of(st.text(max_size=60), st.from_regex(r"hlb1_[A-Za-z0-9_-]{40,46}", fullmatch=True)))
def test_what_is_no_key_is_refused_and_a_key_has_one_spelling(text: str) -> None:
    try:
        key = parse_key(text)
    except ValueError:
        return
    assert key_text(key) == text.strip()


def test_without_the_library_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "cryptography.hazmat.primitives.hpke", None)
    monkeypatch.delattr("cryptography.hazmat.primitives.hpke", raising=False)
    with pytest.raises(SealingUnavailable, match="cryptography"):
        check_sealing()
    with pytest.raises(SealingUnavailable):
        seal(b"x", PUBLIC)
