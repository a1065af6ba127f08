"""What the operator does with calls and copies while the collector does not run, or beside it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from hotline_collector.errors import CollectorError
from hotline_collector.serve.config import Config
from hotline_collector.serve.lock import held
from hotline_collector.serve.storing import keyring, opened
from hotline_collector.store.adopting import unreadable_calls
from hotline_collector.store.backup import back_up, restore
from hotline_collector.store.keyring import copy_keys
from hotline_collector.store.migrate import upgrade
from hotline_collector.store.store import SqlStore

_OPERATOR = "operator"


def make_backup(config: Config, file: Path, keys_file: Path | None) -> None:
    """Copy the database, then the keys, so that the keys of all copied calls are there."""
    size = back_up(config.database_path, file)
    click.echo(f"{file}: {size} bytes, without the keys of calls")
    if keys_file is not None:
        ring = keyring(config)
        copy_keys(ring.path, keys_file)
        click.echo(f"{keys_file}: the keys of calls as they are now; keep the newest copy only")


def put_back(config: Config, file: Path, keys_file: Path | None, *, replace: bool) -> None:
    """Put a copy of the database in place, and of the keys if there are none."""
    with held(config.data_dir):
        ring = keyring(config)
        try:
            if keys_file is not None:
                if ring.path.exists():
                    raise CollectorError(
                        f"{ring.path} is there already and knows what was erased; leave --keys out"
                    )
                copy_keys(keys_file, ring.path)
            done = restore(file, config.database_path, ring, replace=replace)
        finally:
            ring.close()
        detail = f"{file.name}: {done.calls} calls, {done.erased} erased since"
        asyncio.run(_note(config, "db.restore", detail))
    click.echo(
        f"{config.database_path}: {done.calls} calls are back, {done.erased} were erased since the copy"
    )


def erase_calls(config: Config, call_id: str, reason: str, *, unreadable: bool) -> None:
    """Erase a call, or all whose keys are gone, while the collector does not run."""
    with held(config.data_dir):
        ids = [call_id]
        if unreadable:
            upgrade(config.database_path)
            ring = keyring(config)
            ids = unreadable_calls(config.database_path, ring)
            ring.close()
        asyncio.run(_erase(config, ids, reason or "their keys are gone"))
    click.echo(f"{len(ids)} calls erased" if unreadable else f"{call_id} is erased")


async def _erase(config: Config, ids: list[str], reason: str) -> None:
    async with opened(config) as store:
        for call_id in ids:
            if not await store.erase(call_id):
                raise CollectorError(f"there is no call {call_id}; name it with its whole id")
            await store.audit(_OPERATOR, "call.erase", "", f"{call_id}: {reason}")


async def _note(config: Config, action: str, detail: str) -> None:
    store = SqlStore(config.database_path, keyring(config))
    try:
        await store.audit(_OPERATOR, action, "", detail)
    finally:
        await store.close()
