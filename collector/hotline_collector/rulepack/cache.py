"""What a load made of the files of packs, kept for the next start: neither YAML nor CEL is parsed again.

It is JSON of the plain data of files and of the checked conditions, never code. It counts only for the same
files, catalogue, compiler, CEL library and Python, only if it is whole, and only if nobody but the
collector's own user could have written it. Everything else is as if there were none.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import logging
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from hotline_proto.catalogue import Catalogue

import hotline_collector
from hotline_collector.engine.cel.plain import from_plain, to_plain
from hotline_collector.engine.cel.tree import Condition
from hotline_collector.rulepack.document import Document
from hotline_collector.rulepack.loader import Parsed, digest_of

NAME = "rules.json"
_MAX_BYTES = 64 * 1024 * 1024
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
# Whatever decides what becomes of a file and a condition.
_COMPILER = ("rulepack", "engine/cel", "model/rule.py", "model/units.py")
_log = logging.getLogger(__name__)


class PackCache:
    """The cache in a folder, which is made if need be; it holds the last set of packs only."""

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self.path = folder / NAME
        self._catalogue = catalogue

    def read(self, files: Mapping[str, bytes]) -> Parsed | None:
        """Return what was made of these files, None if that is not known."""
        try:
            head, _, body = _read(self.path).partition(b"\n")
            if head != self._head(files, body):
                return None
            return _restored(files, json.loads(body))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def write(self, files: Mapping[str, bytes], parsed: Parsed) -> None:
        """Keep what was made of these files; a failure costs only time at the next start."""
        body = json.dumps(
            {
                "documents": {name: document.data for (name, _), document in parsed.documents.items()},
                "conditions": [
                    [*key, to_plain(condition.root)] for key, condition in parsed.conditions.items()
                ],
            },
            separators=(",", ":"),
        ).encode()
        try:
            _write(self.path, self._head(files, body) + b"\n" + body)
        except OSError as error:
            _log.info("the compiled rules cannot be kept in %s: %s", self.path, error.strerror or error)

    def _head(self, files: Mapping[str, bytes], body: bytes) -> bytes:
        parts = (
            "hotline rules",
            digest_of(files),
            self._catalogue.digest,
            _compiler(),
            metadata.version("cel-expr-python"),
            sys.version.partition(" ")[0],
            hashlib.sha256(body).hexdigest(),
        )
        return " ".join(parts).encode()


def _restored(files: Mapping[str, bytes], body: Any) -> Parsed:
    parsed = Parsed()
    documents = body["documents"]
    for name, raw in files.items():
        if documents.get(name) is not None:
            parsed.documents[name, raw] = Document(name, raw.decode(), documents[name])
    for source, for_each, plain in body["conditions"]:
        parsed.conditions[source, for_each] = Condition(source, from_plain(plain))
    return parsed


def _read(path: Path) -> bytes:
    """Return a file that nobody but this user can have written.

    Raises:
        OSError: there is none, or it is not like that.
    """
    # Windows has neither; there the data folder lies in the user's own profile.
    no_links = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with open(os.open(path, os.O_RDONLY | no_links), "rb") as file:  # noqa: PTH123 - opened by descriptor
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_size > _MAX_BYTES:
            raise OSError("no file of the cache")
        if sys.platform != "win32" and (found.st_uid != os.geteuid() or found.st_mode & _OTHERS_MAY_WRITE):
            raise OSError("others may write it")
        return file.read(_MAX_BYTES)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f".{path.name}-{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        new.unlink()
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
            file.write(data)
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


@functools.cache
def _compiler() -> str:
    """Return a digest of the program's own text as far as it decides what becomes of a pack."""
    digest = hashlib.sha256()
    for file in _sources():
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    root = Path(hotline_collector.__file__).parent
    for place in _COMPILER:
        yield from sorted((root / place).glob("*.py")) if (root / place).is_dir() else (root / place,)
