"""Files and folders that a configuration names, of which some may not even be looked at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def must_be_file(path: Path) -> None:
    """Return if there is such a file.

    Raises:
        ValueError: there is none, or the system does not let us look; the message says which.
    """
    _must_be("file", path, Path.is_file)


def must_be_folder(path: Path) -> None:
    """Return if there is such a folder.

    Raises:
        ValueError: there is none, or the system does not let us look; the message says which.
    """
    _must_be("folder", path, Path.is_dir)


def _must_be(kind: str, path: Path, is_there: Callable[[Path], bool]) -> None:
    try:
        found = is_there(path)
    except OSError as error:
        raise ValueError(f"the {kind} {path} cannot be looked at: {error.strerror or error}") from error
    if not found:
        raise ValueError(f"there is no {kind} {path}")
