"""Libraries that a build keeps packed: found when they are asked for, and an archive that is none."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest
from hotline_probe.packed import NAME, Packed, offer_packed


@pytest.fixture(autouse=True)
def _own_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))


def test_nothing_is_unpacked_before_it_is_asked_for(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / NAME, "w") as archive:
        archive.writestr("paramiko/__init__.py", "")
    offer_packed(tmp_path)
    packed = sys.meta_path[-1]
    assert isinstance(packed, Packed)
    for name, path in (("no_such_module", None), ("paramiko", ["/elsewhere"])):
        assert packed.find_spec(name, path) is None
    assert [file.name for file in tmp_path.iterdir()] == [NAME]
    sys.path[:] = []
    for _ in range(2):
        spec = packed.find_spec("paramiko", None)
        assert spec is not None and spec.origin is not None
        assert Path(spec.origin).is_relative_to(tmp_path)
    assert len(sys.path) == 1


def test_an_installed_probe_has_nothing_packed(tmp_path: Path) -> None:
    finders = list(sys.meta_path)
    offer_packed(tmp_path)
    assert sys.meta_path == finders


def test_a_damaged_archive_is_no_library(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"no archive")
    with pytest.raises(ImportError, match="cannot be unpacked"):
        Packed(tmp_path / NAME).find_spec("paramiko", None)
    assert [file.name for file in tmp_path.iterdir()] == [NAME]
