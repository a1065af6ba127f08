"""What commands that do not serve share: the configuration, and the store for a moment."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import click

from hotline_collector.errors import CollectorError
from hotline_collector.serve import configload
from hotline_collector.serve.config import Config
from hotline_collector.serve.storing import opened
from hotline_collector.store.store import SqlStore

_Result = TypeVar("_Result")


def load(ctx: click.Context, flags: dict[str, Any] | None = None) -> configload.Loaded:
    """Return the configuration of a command, and where each value comes from.

    Raises:
        ConfigError: it has faults.
    """
    return configload.load(ctx.obj["file"], os.environ, {**ctx.obj["flags"], **(flags or {})})


def make_folder(config: Config) -> None:
    """Make the folder of the database.

    Raises:
        CollectorError: it cannot be made.
    """
    try:
        config.database_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise CollectorError(f"{config.database_path.parent} cannot be made: {error.strerror}") from error


def with_store(ctx: click.Context, work: Callable[[SqlStore], Awaitable[_Result]]) -> _Result:
    """Return what comes of some work with the store; a collector may run on it at the same time.

    Raises:
        CollectorError: the store cannot be opened, or the work failed.
    """
    config = load(ctx).config
    make_folder(config)

    async def inside() -> _Result:
        async with opened(config) as store:
            return await work(store)

    return asyncio.run(inside())
