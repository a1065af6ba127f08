"""Rule packs across restarts: each is kept with its files, so that every record can be replayed."""

from __future__ import annotations

import asyncio
import io
import logging
import zipfile
from collections.abc import Mapping

from hotline_proto.catalogue import Catalogue

from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.rulepack.faults import PackError
from hotline_collector.rulepack.loader import load_files
from hotline_collector.store.store import SqlStore

_EPOCH = (1980, 1, 1, 0, 0, 0)
_log = logging.getLogger(__name__)


async def keep_pack(store: SqlStore, rules: RuleSet) -> None:
    """Keep a pack's files under its digest.

    Raises:
        StoreError: it cannot be kept.
    """
    data = await asyncio.to_thread(archive, rules.pack.files)
    await store.put_pack(rules.pack.digest, data)


class KeptPacks:
    """The packs of the store, loaded when a call needs them."""

    def __init__(self, store: SqlStore, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue

    async def fetch(self, digest: str) -> RuleSet | None:
        """Return the rules of a pack, None if it was never kept or cannot be read any more, which is logged.

        Raises:
            StoreError: the store cannot be read.
        """
        kept = await self._store.get_pack(digest)
        if kept is None:
            return None
        try:
            return await asyncio.to_thread(lambda: load_files(unpack(kept), self._catalogue))
        except (PackError, zipfile.BadZipFile) as error:
            _log.warning("the rule pack %s cannot be read: %s", digest[:12], error)
            return None


def archive(files: Mapping[str, bytes]) -> bytes:
    """Return files as a ZIP archive that is the same for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name in sorted(files):
            out.writestr(zipfile.ZipInfo(name, _EPOCH), files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the files of an archive that `archive` made."""
    with zipfile.ZipFile(io.BytesIO(data)) as kept:
        return {name: kept.read(name) for name in kept.namelist()}
