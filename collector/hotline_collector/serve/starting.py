"""`hotline-collector serve`: runs a collector and says where it listens."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from hotline_collector.serve.app import Started, run
from hotline_collector.serve.config import Config
from hotline_collector.serve.logs import set_up_logs


def serve_until_told(config: Config, folders: tuple[Path, ...], *, as_json: bool) -> None:
    """Run the collector, with more folders of rules, until SIGTERM or Ctrl-C.

    Raises:
        CollectorError: it cannot start.
        PackError: a rule pack has faults.
    """
    config = _with_folders(config, folders)
    set_up_logs(config.log.level, config.log.format)
    say = announce_json if as_json else lambda started: announce(started, config)
    _run(lambda: run(config, say))


def _with_folders(config: Config, folders: tuple[Path, ...]) -> Config:
    rules = config.rules.model_copy(update={"folders": (*config.rules.folders, *folders)})
    return config.model_copy(update={"rules": rules})


def _run(main_task: Callable[[], Any]) -> None:
    if sys.platform == "win32":
        asyncio.run(main_task())
        return
    import uvloop  # noqa: PLC0415 - not to be had on Windows

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main_task())


def announce_json(started: Started) -> None:
    """Say it in JSON, on one line."""
    body = {name: getattr(started, name) for name in started.__slots__}
    click.echo(json.dumps(body))


def announce(started: Started, config: Config) -> None:
    """Say it to a human, with what to do next."""
    place = f"{config.public.names[0]}:{started.grpc_port}"
    click.echo(f"collector for {config.operator_name} at {place}, web port {started.web_port}")
    calls = "1 open call" if started.calls == 1 else f"{started.calls} open calls"
    click.echo(f"{started.rules} rules, {calls}; data in {config.data_dir}")
    if started.fingerprint:
        click.echo(f"CA fingerprint {started.fingerprint}")
    if started.set_up_link:
        click.echo(f"\nNobody may administer yet. Make the first account at\n  {started.set_up_link}")
        click.echo(
            "The link works once, until this time tomorrow; another start prints a new one in its place."
        )
        click.echo("Without a browser: hotline-collector user add NAME --role admin")
    trust = f"--web-port {started.web_port}" if started.fingerprint else "--public"
    click.echo(f"\nNext: hotline login --server {place} {trust}")
    click.echo('      hotline call open --complaint "what the caller says"')
