"""Hot reload: packs whose files change judge running calls within a second, broken ones are refused whole."""

from __future__ import annotations

import asyncio
import logging
import time

from hotline_collector.calls.manager import CallManager
from hotline_collector.errors import StoreError
from hotline_collector.rulepack.faults import Fault, PackError
from hotline_collector.rulepack.packloader import Loaded, PackLoader, Stamp
from hotline_collector.serve.packs import keep_pack
from hotline_collector.store.store import SqlStore

# Files that stay as they are from one look to the next are taken for completely written.
LOOK_EVERY_S = 0.15
_RETRY_S = 1.0
_MAX_LINES = 20
_log = logging.getLogger(__name__)


class PackWatch:
    """Looks at the files of the packs and has calls judged by what is in them now.

    `loaded` is the stamp that was taken before the packs in use were loaded.
    """

    def __init__(self, loader: PackLoader, manager: CallManager, store: SqlStore, loaded: Stamp) -> None:
        self._loader = loader
        self._manager = manager
        self._store = store
        self._judged = loaded

    async def run(self) -> None:
        """Watch until cancelled."""
        before = self._judged
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            now = await asyncio.to_thread(self._loader.stamp)
            if now == before and now != self._judged:
                await self._reload(now)
            before = now

    async def _reload(self, stamp: Stamp) -> None:
        begin = time.monotonic()
        try:
            loaded = await asyncio.to_thread(self._loader.load_steady, stamp)
            if loaded is None:
                return
            if loaded.rules.pack.digest != self._manager.rules.pack.digest:
                await keep_pack(self._store, loaded.rules)
        except PackError as error:
            self._refuse(error.faults)
        except StoreError as error:
            _log.warning("a rule pack cannot be kept, trying again: %s", error)
            await asyncio.sleep(_RETRY_S)
            return
        except Exception as error:
            # Whatever a file does to the loader, calls go on by the rules that they have.
            _log.exception("a rule pack cannot be loaded")
            self._refuse([Fault("", 1, 1, f"the loader failed: {error!r}; the log says more")])
        else:
            await self._use(loaded, begin)
        self._judged = stamp

    async def _use(self, loaded: Loaded, begin: float) -> None:
        pack = loaded.rules.pack
        self._manager.around.saver.audit(
            "system", "rules.change", "", f"{pack.name} {pack.version}: {pack.digest}"
        )
        calls = len(self._manager.calls)
        await self._manager.change_rules(loaded.rules, loaded.signer)
        _log.info(
            "rule pack loaded",
            extra={
                "pack": pack.name,
                "version": pack.version,
                "digest": pack.digest,
                "rules": len(loaded.rules.rules),
                "signer": loaded.signer,
                "calls": calls,
                "took_ms": round((time.monotonic() - begin) * 1e3),
            },
        )

    def _refuse(self, faults: list[Fault]) -> None:
        manager = self._manager
        manager.refuse_rules(faults)
        _log.error("rule pack refused", extra={"faults": len(faults), "kept": manager.rules.pack.digest})
        for fault in faults[:_MAX_LINES]:
            _log.error(
                "rule pack fault",
                extra={
                    "file": fault.file,
                    "line": fault.line,
                    "column": fault.column,
                    "fault": fault.message,
                },
            )
