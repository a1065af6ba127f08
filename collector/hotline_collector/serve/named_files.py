"""Files and folders that a configuration names, of which some may not even be looked at."""

from __future__ import annotations

from pathlib import Path


def must_be_file(path: Path) -> None:
    """Return if there is such a file.

    Raises:
        ValueError: there is none, or the system does not let us look; the message says which.
    """
    try:
        found = path.is_file()
    except OSError as error:
        raise ValueError(f"the file {path} cannot be looked at: {error.strerror or error}") from error
    if not found:
        raise ValueError(f"there is no file {path}")


def must_be_folder(path: Path) -> None:
    """Return if there is such a folder.

    Raises:
        ValueError: there is none, or the system does not let us look; the message says which.
    """
    try:
        found = path.is_dir()
    except OSError as error:
        raise ValueError(f"the folder {path} cannot be looked at: {error.strerror or error}") from error
    if not found:
        raise ValueError(f"there is no folder {path}")
