"""What is kept of a load: it saves the next one the parsing, and is worth nothing once it is doubtful."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hotline_collector.engine.cel.environment import Environment
from hotline_collector.engine.cel.parse import parse_expression
from hotline_collector.engine.cel.plain import from_plain, to_plain
from hotline_collector.rulepack.cache import NAME, PackCache
from hotline_collector.rulepack.faults import PackError
from hotline_collector.rulepack.folders import PackFolder, pack_folders
from hotline_collector.rulepack.loader import Parsed, load_files
from hotline_collector.rulepack.packloader import Loaded, PackLoader
from hotline_proto.catalogue import load_catalogue

CATALOGUE = load_catalogue()
RULE = """\
id: {id}
severity: warning
title: {{en: T, de: T}}
symptom: {{en: S, de: S}}
for_each: disk
when: disk.utilization > 0.9 && disks.exists(d, d.utilization > qty("95 %"))
confidence: 0.8
explains: [{explains}]
fixes: [{{steps: [wait]}}]
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "pack.yaml").write_text('{name: mine, version: "1"}')
    (folder / "steps.yaml").write_text("wait: {en: Wait, de: Warten}")
    (folder / "a.yaml").write_text(RULE.format(id="disk.a", explains="disk.b"))
    (folder / "b.yaml").write_text(RULE.format(id="disk.b", explains=""))
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> PackCache:
    return PackCache(tmp_path / "cache", CATALOGUE)


def files_in(pack: Path) -> dict[str, bytes]:
    return {f"pack/{file.name}": file.read_bytes() for file in sorted(pack.iterdir())}


def load(pack: Path, cache: PackCache | None) -> Loaded:
    return PackLoader(CATALOGUE, [PackFolder("pack", pack, True)], cache=cache).load()


def test_the_shipped_rules_are_the_same_from_the_cache(cache: PackCache) -> None:
    folders = pack_folders()
    first = PackLoader(CATALOGUE, folders, cache=cache).load().rules
    second = PackLoader(CATALOGUE, folders, cache=cache).load().rules
    assert cache.read(first.pack.files) is not None
    assert second.pack == first.pack and second.conditions == first.conditions
    kept = {
        key: to_plain(condition.root) for key, condition in _kept(cache, first.pack.files).conditions.items()
    }
    fresh = Parsed()
    load_files(first.pack.files, CATALOGUE, fresh)
    assert kept == {key: to_plain(condition.root) for key, condition in fresh.conditions.items()}


def _kept(cache: PackCache, files: object) -> Parsed:
    kept = cache.read(files)  # type: ignore[arg-type]
    assert kept is not None
    return kept


def test_it_belongs_to_the_collector_alone(pack: Path, cache: PackCache) -> None:
    load(pack, cache)
    assert [path.name for path in cache.path.parent.iterdir()] == [NAME]
    assert (cache.path.stat().st_mode & 0o777, cache.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def _flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[-20] ^= 1
    path.write_bytes(raw)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def _open_to_others(path: Path) -> None:
    path.chmod(0o662)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _given_away(path: Path) -> None:
    # Only root can give files away; for everybody else this is a file of their own again, and broken.
    _flip(path)
    if os.geteuid() == 0:
        _flip(path)
        os.chown(path, 65534, -1)


@pytest.mark.parametrize(
    "spoil", [_truncate, _flip, _empty, _link, _open_to_others, _folder, _pipe, _given_away]
)
def test_what_is_doubtful_counts_for_nothing(
    spoil: Callable[[Path], None], pack: Path, cache: PackCache
) -> None:
    load(pack, cache)
    spoil(cache.path)
    assert cache.read(files_in(pack)) is None
    assert sorted(load(pack, cache).rules.by_id) == ["disk.a", "disk.b"]
    assert (cache.read(files_in(pack)) is None) == cache.path.is_dir(), "made anew where that is possible"


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "{}",
        '{"documents":{},"conditions":[["true","",["fact"]]]}',
        '{"documents":{},"conditions":[["true","",["spell","x"]]]}',
        '{"documents":[],"conditions":[]}',
        "[" * 100_000,
    ],
)
def test_of_another_shape_it_counts_for_nothing(body: str, pack: Path, cache: PackCache) -> None:
    files = files_in(pack)
    cache.path.parent.mkdir()
    cache.path.write_bytes(cache._head(files, body.encode()) + b"\n" + body.encode())
    cache.path.chmod(0o600)
    assert cache.read(files) is None
    assert sorted(load(pack, cache).rules.by_id) == ["disk.a", "disk.b"]


def test_it_is_of_these_files_and_this_catalogue_only(pack: Path, cache: PackCache) -> None:
    load(pack, cache)
    files = files_in(pack)
    assert cache.read(files) is not None
    assert PackCache(cache.path.parent, replace(CATALOGUE, digest="other")).read(files) is None
    (pack / "b.yaml").write_text(RULE.format(id="disk.b", explains="").replace("0.9", "0.8"))
    assert cache.read(files_in(pack)) is None
    changed = load(pack, cache).rules
    assert changed.by_id["disk.b"].rule.when.startswith("disk.utilization > 0.8")
    assert cache.read(changed.pack.files) is not None


def test_without_a_place_for_it_everything_works(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    nowhere = PackCache(tmp_path / "file" / "cache", CATALOGUE)
    assert sorted(load(pack, nowhere).rules.by_id) == ["disk.a", "disk.b"]


def test_a_fault_is_told_with_its_place_after_a_start_from_the_cache(pack: Path, cache: PackCache) -> None:
    load(pack, cache)
    loader = PackLoader(CATALOGUE, [PackFolder("pack", pack, True)], cache=cache)
    loader.load()
    (pack / "b.yaml").unlink()
    with pytest.raises(PackError) as told:
        loader.load_steady(loader.stamp())
    with pytest.raises(PackError) as plain:
        load(pack, None)
    assert told.value.faults == plain.value.faults
    assert "pack/a.yaml:8:12: there is no rule disk.b" in str(told.value)


@pytest.mark.parametrize(
    "source",
    [
        "1u + 2u == 3u",
        "b'\\x00\\xff' == bytes('a')",
        "type(1) == int && null == null",
        "{'a': 1, 'b': 2.5}['a'] == 1 || [1, 2].map(x, x * 2) == [2, 4]",
        "has({'a': 1}.a) ? true : !(1 < 2)",
        'disks.exists_one(d, d.utilization > 0.5) && avg(system.cpu.utilization, "1m") > 0.1',
    ],
)
def test_every_kind_of_part_comes_back_as_it_was(source: str) -> None:
    root = parse_expression(Environment(CATALOGUE, {}), source).root
    plain = json.loads(json.dumps(to_plain(root)))
    assert from_plain(plain) == root
    # Where a part stands in the text does not count for equality, but is kept too.
    assert to_plain(from_plain(plain)) == plain
