"""Rule packs across restarts: each is kept with its files, so that an open call keeps its own rules."""

from __future__ import annotations

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
    await store.put_pack(rules.pack.digest, archive(rules.pack.files))


async def packs_of_open_calls(store: SqlStore, rules: RuleSet, catalogue: Catalogue) -> dict[str, RuleSet]:
    """Return the rules of all calls that are not closed, by digest; what cannot be read is logged."""
    out = {rules.pack.digest: rules}
    for call in await store.calls(include_closed=False):
        digest = call.pack_digest
        if digest in out:
            continue
        kept = await store.get_pack(digest)
        if kept is None:
            continue
        try:
            out[digest] = load_files(unpack(kept), catalogue)
        except (PackError, zipfile.BadZipFile) as error:
            _log.warning("the rule pack %s of call %s cannot be read: %s", digest[:12], call.id, error)
    return out


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
