"""The decision table of a build: read as a whole or not at all, and only if its operator signed it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hotline_probe.errors import TableError
from hotline_probe.local.signature import verify
from hotline_probe.local.table import FILE, SIGNATURE, load_table
from hypothesis import given
from hypothesis import strategies as st

TEXT = {"en": "T", "de": "T"}
RULE = {
    "id": "net.down",
    "severity": "critical",
    "confidence": 0.9,
    "hazard": False,
    "for_each": "",
    "when": ["not", ["fact", "", "net.route.default", "", 0.0]],
    "explains": [],
    "title": TEXT,
    "symptom": TEXT,
    "steps": [TEXT],
}
TABLE = {"format": 1, "pack": "p", "version": "1", "digest": "d", "number": 7, "rules": [RULE], "spoken": []}
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()


def written(folder: Path, table: dict[str, Any] = TABLE, signer: Ed25519PrivateKey | None = None) -> Path:
    raw = json.dumps(table).encode()
    (folder / FILE).write_bytes(raw)
    if signer:
        (folder / SIGNATURE).write_bytes(signer.sign(raw))
    return folder


def test_a_table_is_read(tmp_path: Path) -> None:
    table = load_table(folder=written(tmp_path))
    assert (table.number, [rule.id for rule in table.rules]) == (7, ["net.down"])


def test_an_operators_table_must_be_signed(tmp_path: Path) -> None:
    assert load_table(PUBLIC, written(tmp_path, signer=KEY)).number == 7
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes().replace(b"0.9", b"0.8"))
    with pytest.raises(TableError, match="not signed by the operator"):
        load_table(PUBLIC, tmp_path)


def test_a_missing_signature_is_no_signature(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=SIGNATURE):
        load_table(PUBLIC, written(tmp_path))


@pytest.mark.parametrize(
    "table",
    [
        {**TABLE, "format": 2},
        {**TABLE, "rules": [{**RULE, "when": ["system", "rm"]}]},
        {**TABLE, "rules": [{key: RULE[key] for key in RULE if key != "title"}]},
        {**TABLE, "rules": 7},
        {**TABLE, "number": "x"},
        [],
    ],
)
def test_a_damaged_table_is_refused_whole(tmp_path: Path, table: Any) -> None:
    with pytest.raises(TableError, match=r"table\.json"):
        load_table(folder=written(tmp_path, table))


def test_a_missing_table_is_said(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"table\.json: No such file"):
        load_table(folder=tmp_path)


@given(st.binary(max_size=200))
def test_signatures_agree_with_a_library(message: bytes) -> None:
    assert verify(PUBLIC, KEY.sign(message), message)


@given(st.binary(max_size=50), st.integers(0, 511))
def test_a_flipped_bit_of_a_signature_is_refused(message: bytes, bit: int) -> None:
    signature = bytearray(KEY.sign(message))
    signature[bit // 8] ^= 1 << bit % 8
    assert not verify(PUBLIC, bytes(signature), message)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64))
def test_random_keys_and_signatures_are_refused(key: bytes, signature: bytes) -> None:
    assert not verify(key, signature, b"m")
