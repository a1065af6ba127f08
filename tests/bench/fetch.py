"""Ordinary packages that something is measured against, fetched once into `.bench/` of the working copy.

Nothing is installed on the machine. What cannot be had raises `Unavailable` with one line that says why.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".bench"
_PATIENCE = 120.0


class Unavailable(Exception):
    """A package cannot be had here; the message is one line for the reader of the figures."""


def import_path(requirement: str) -> None:
    """Make a package of the Python index importable.

    It comes last on the path, so that no dependency of it replaces one of ours.
    """
    folder = CACHE / "python" / requirement
    if not folder.exists():
        part = _part_of(folder)
        _run([_uv(), "pip", "install", "-q", "--python", sys.executable, "--target", str(part), requirement])
        part.rename(folder)
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def interpreter(requirement: str) -> Path:
    """Return the Python of an environment of its own that holds a package and nothing of ours."""
    folder = CACHE / "environments" / requirement
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.exists():
        _run([_uv(), "venv", "-q", "--allow-existing", "--python", sys.executable, str(folder)])
        _run([_uv(), "pip", "install", "-q", "--python", str(python), requirement])
        ready.touch()
    return python


def debian(package: str) -> Path:
    """Return the folder into which a package of Debian was unpacked."""
    folder = CACHE / "debian" / package
    if not folder.exists():
        part = _part_of(folder)
        _run(["apt-get", "download", "-q", package], part)
        for archive in part.glob("*.deb"):
            _run(["dpkg", "-x", archive.name, "."], part)
        part.rename(folder)
    return folder


def _part_of(folder: Path) -> Path:
    """Return an empty folder to be renamed once all is in it, so that a half one is never used."""
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    return part


def _uv() -> str:
    own = ROOT / ".uv" / "bin" / "uv"
    return str(own) if own.exists() else "uv"


def _run(command: list[str], folder: Path | None = None) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{command[0]}: {error}") from error
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
        raise Unavailable(f"{' '.join(command[:2])}: {said[-1]}")
