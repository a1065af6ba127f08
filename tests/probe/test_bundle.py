"""An offline bundle as a caller makes one: a process of its own, real sources, a file and no connection."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hotline_probe.bundling import write_private
from hotline_probe.texts import LANGUAGES
from hotline_proto.record import Entry, EntryKind, read_file, unpack_entries
from hotline_proto.sealed import is_sealed, key_text, unseal
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec

EN, DE = LANGUAGES["en"], LANGUAGES["de"]


def run(*words: str, language: str = "en") -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "hotline_probe", *words, "--lang", language],
        capture_output=True,
        text=True,
        timeout=90,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def entries_of(data: bytes) -> list[Entry]:
    return list(unpack_entries(read_file(data)))


def frames_of(data: bytes) -> Iterator[pb.ProbeFrame]:
    for entry in entries_of(data):
        if entry.kind is EntryKind.PROBE_FRAME:
            yield pb.ProbeFrame.FromString(entry.payload)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("bundle") / "mine.hlb"
    code, out, err = run("--bundle", str(path), "--for", "2", "--consent", "basic")
    assert (code, err) == (0, "")
    assert EN.bundle_open in out and EN.bundle_allowed.format(layers=EN.layer_basic) in out
    return path


def test_the_file_is_the_owners_and_whole(bundle: Path) -> None:
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
    assert [each.name for each in bundle.parent.iterdir()] == [bundle.name]


def test_it_is_a_record_of_a_call_in_the_order_of_time(bundle: Path) -> None:
    found = entries_of(bundle.read_bytes())
    kinds = [entry.kind for entry in found]
    assert kinds[:4] == [
        EntryKind.CALL_OPENED,
        EntryKind.TARGET_ADDED,
        EntryKind.LINK_CHANGED,
        EntryKind.PROBE_FRAME,
    ]
    assert [entry.at for entry in found] == sorted(entry.at for entry in found)
    assert kinds.count(EntryKind.TICK) >= 2 and kinds[-1] is EntryKind.TICK
    link = rec.LinkChanged.FromString(found[2].payload)
    frame = pb.ProbeFrame.FromString(found[3].payload)
    assert frame.consent.granted == [pb.CONSENT_LAYER_BASIC]
    assert abs(frame.mono_us + link.clock_offset_us - found[3].at) < 1_000_000


def test_every_source_is_in_it_and_rates_are_too(bundle: Path) -> None:
    names: set[str] = set()
    runs: dict[int, int] = {}
    ids: dict[str, int] = {}
    for frame in frames_of(bundle.read_bytes()):
        for source in frame.announcement.sources:
            names.add(source.name)
            ids[source.name] = source.id
        for source_id in frame.readings.run_sources:
            runs[source_id] = runs.get(source_id, 0) + 1
    assert {"cpu", "memory", "filesystems", "addresses"} <= names
    assert runs[ids["cpu"]] >= 2


def test_without_personal_consent_no_personal_value_is_in_it(bundle: Path) -> None:
    packed = read_file(bundle.read_bytes())
    host = os.uname().nodename.encode()
    assert len(host) < 4 or host not in packed


def test_nobody_is_asked_twice_and_no_file_is_replaced(bundle: Path, tmp_path: Path) -> None:
    before = bundle.read_bytes()
    for words, said in (
        (("--bundle", str(bundle)), EN.bundle_exists.format(path=bundle)),
        (
            ("--bundle", str(tmp_path / "no" / "x.hlb")),
            EN.bundle_no_folder.format(path=tmp_path / "no"),
        ),
        (
            ("--bundle", str(tmp_path / "x.hlb"), "--for", "0"),
            EN.bad_seconds.format(value=0, most=600),
        ),
        (("--bundle", str(tmp_path / "x.hlb"), "--preview"), EN.bundle_alone),
        (("--for", "5"), EN.bundle_missing),
        (
            ("--bundle", str(tmp_path / "x.hlb"), "--bundle-key", "hlb1_x"),
            EN.bad_bundle_key.format(value="hlb1_x"),
        ),
    ):
        code, _out, err = run(*words, "--consent", "basic")
        assert (code, err.strip()) == (2, said)
    assert bundle.read_bytes() == before
    code, out, err = run("--bundle", str(tmp_path / "x.hlb"), language="de")
    assert code == 4 and DE.consent_not_interactive in out + err
    assert not list(tmp_path.iterdir())


def test_what_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x.hlb"
    path.write_text("somebody else's")
    with pytest.raises(FileExistsError):
        write_private(path, b"mine")
    assert path.read_text() == "somebody else's" and len(list(tmp_path.iterdir())) == 1


def test_only_the_call_centre_opens_a_sealed_one(tmp_path: Path) -> None:
    key = X25519PrivateKey.generate()
    public, path = key.public_key().public_bytes_raw(), tmp_path / "sealed.hlb"
    code, out, _err = run(
        "--bundle", str(path), "--for", "1", "--consent", "basic,personal", "--json",
        "--bundle-key", key_text(public),
    )  # fmt: skip
    assert code == 0
    [written] = [line for line in map(json.loads, out.splitlines()) if line["event"] == "bundle_written"]
    assert written["encrypted"] and written["bytes"] == path.stat().st_size
    data: Any = path.read_bytes()
    assert is_sealed(data) and stat.S_IMODE(path.stat().st_mode) == 0o600
    opened = unseal(data, key.private_bytes_raw())
    [consent] = [frame.consent for frame in frames_of(opened) if frame.WhichOneof("body") == "consent"]
    assert consent.granted == [pb.CONSENT_LAYER_BASIC, pb.CONSENT_LAYER_PERSONAL]
