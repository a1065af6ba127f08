"""Loads the packs of a collector, again whenever their files have changed."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hotline_proto.catalogue import Catalogue

from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.rulepack.cache import PackCache
from hotline_collector.rulepack.faults import PackError
from hotline_collector.rulepack.folders import PackFiles, PackFolder, is_pack_file, is_pack_folder, read_pack
from hotline_collector.rulepack.loader import Parsed, files_of, load_packs
from hotline_collector.rulepack.signing import TrustedKey, verify

# What tells that a file was written: its path, time of change in ns, size and inode.
FileStamp = tuple[str, int, int, int]
Stamp = frozenset[FileStamp]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The rules of all packs as one set, and who signed which pack; empty if nobody did."""

    rules: RuleSet
    signer: str


class PackLoader:
    """Loads some packs as one set; what did not change since the last load is not parsed again.

    With `required` only packs that one of the keys signed are accepted; without, signatures are told only.
    A `cache` spares `load` the parsing of files that an earlier run has loaded.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        folders: Sequence[PackFolder],
        keys: Sequence[TrustedKey] = (),
        *,
        required: bool = False,
        cache: PackCache | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._folders = folders
        self._keys = keys
        self._required = required
        self._cache = cache
        self._parsed = Parsed()

    def stamp(self) -> Stamp:
        """Return what tells whether a file of a pack that may change has changed; costs a `stat` a file."""
        roots = [folder.root for folder in self._folders if folder.editable]
        return frozenset(stamp for root in roots if isinstance(root, Path) for stamp in _stamps(root))

    def load(self) -> Loaded:
        """Return the rules as they are in the files now.

        Raises:
            PackError: a pack has faults, or is not signed as it must be.
        """
        packs = [read_pack(folder) for folder in self._folders]
        if self._cache is None:
            return self._loaded(packs)
        files = files_of(packs)
        kept = self._cache.read(files)
        self._parsed = kept or self._parsed
        loaded = self._loaded(packs)
        if kept is None:
            self._cache.write(files, self._parsed)
        return loaded

    def load_steady(self, stamp: Stamp) -> Loaded | None:
        """Return the rules, None if the files are not those that `stamp` saw: somebody is still writing.

        Raises:
            PackError: as `load`.
        """
        try:
            packs = [read_pack(folder) for folder in self._folders]
        except PackError:
            if self.stamp() != stamp:
                return None
            raise
        return self._loaded(packs) if self.stamp() == stamp else None

    def _loaded(self, packs: Sequence[PackFiles]) -> Loaded:
        signers = [signer for pack in packs if (signer := self._signer(pack))]
        rules = load_packs(packs, self._catalogue, self._parsed)
        # Made here, where nobody waits for it, rather than when the first call needs it.
        _ = rules.lexicon
        return Loaded(rules, ", ".join(signers))

    def _signer(self, pack: PackFiles) -> str:
        if not self._required and (pack.signature is None or not self._keys):
            return ""
        try:
            key = verify(pack, self._keys)
        except PackError as error:
            if self._required:
                raise
            _log.warning("signature of a rule pack not accepted", extra={"fault": str(error.faults[0])})
            return ""
        return f"{pack.name}: {key.name} ({key.fingerprint[:16]})"


def _stamps(root: Path) -> Iterator[FileStamp]:
    try:
        with os.scandir(root) as entries:
            for entry in entries:
                if is_pack_file(entry.name):
                    seen = entry.stat()
                    yield entry.path, seen.st_mtime_ns, seen.st_size, seen.st_ino
                elif is_pack_folder(entry.name) and entry.is_dir():
                    yield from _stamps(Path(entry.path))
    except OSError as error:
        # A folder or file that is away is a state like any other; loading will say what is wrong with it.
        yield str(root), -1, error.errno or 0, 0
