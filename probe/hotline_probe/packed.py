"""The libraries of SSH in a one-file build: packed once more, and unpacked when something asks for them.

A build unpacks itself at every start, and most calls never need these: fourteen megabytes would make every
start slower by a third.
"""

from __future__ import annotations

import importlib
import shutil
import sys
import threading
import zipfile
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

NAME = "ssh-libraries.zip"
_FOLDER = "ssh-libraries"
_ROOTS = frozenset(("paramiko", "cryptography"))


class Packed:
    """Finds the modules of an archive: the first that is asked for unpacks them all beside it.

    It stands last among the finders, so that it is asked only for what nobody else has.
    """

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self._folder = archive.with_name(_FOLDER)
        self._one = threading.Lock()
        self._unpacked = False

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module is, None if it is not one of ours.

        Raises:
            ImportError: they cannot be unpacked; what was unpacked so far is taken away.
        """
        if path is not None or name not in _ROOTS:
            return None
        with self._one:
            if not self._unpacked:
                self._unpack()
        return PathFinder.find_spec(name, None, target)

    def _unpack(self) -> None:
        try:
            with zipfile.ZipFile(self._archive) as archive:
                archive.extractall(self._folder)
        except (OSError, zipfile.BadZipFile) as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise ImportError(f"the libraries of SSH cannot be unpacked: {error}") from error
        sys.path.append(str(self._folder))
        importlib.invalidate_caches()
        self._unpacked = True


def offer_packed(folder: Path) -> None:
    """Let the libraries in a folder's archive be imported, if there is one."""
    archive = folder / NAME
    if archive.is_file():
        sys.meta_path.append(Packed(archive))
