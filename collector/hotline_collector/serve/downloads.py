"""The probe's builds that the join page offers."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

System = Literal["windows", "macos", "linux", "python"]

# As `make probe-pyz` and `make probe-binary` name what they make.
_NAMES: tuple[tuple[System, re.Pattern[str]], ...] = (
    ("windows", re.compile(r"hotline-probe-windows-[\w.-]+\.exe")),
    ("macos", re.compile(r"hotline-probe-macos-[\w.-]+")),
    ("linux", re.compile(r"hotline-probe-linux-[\w.-]+")),
    ("python", re.compile(r"hotline-probe\.pyz")),
)


@dataclass(frozen=True, slots=True)
class Build:
    """One file: `size` in bytes, `digest` its SHA-256 in hex."""

    path: Path
    system: System
    size: int
    digest: str

    @property
    def name(self) -> str:
        """The file's name, which is also its address."""
        return self.path.name


def find_builds(folder: Path | None) -> tuple[Build, ...]:
    """Return the builds in a folder by system; files with other names are not offered."""
    if folder is None or not folder.is_dir():
        return ()
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
    return tuple(
        Build(path, system, path.stat().st_size, _digest(path))
        for system, name in _NAMES
        for path in files
        if name.fullmatch(path.name)
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
