"""A start costs little: commands import what they need, and nothing is collected before all stands."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

from hotline_collector.serve.app import collector
from hotline_collector.serve.config import Config, Listen

# What takes a while to import and is needed by none of the commands as such.
HEAVY = (
    "sqlalchemy",
    "alembic",
    "pydantic",
    "cel_expr_python",
    "cryptography",
    "structlog",
    "grpc",
    "argon2",
)


def test_the_command_as_such_imports_none_of_what_single_commands_need() -> None:
    code = "import sys, hotline_collector.serve.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "hotline_collector" in loaded and loaded.isdisjoint(HEAVY)


async def test_the_heap_is_looked_after_again_once_everything_runs(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path, listen=Listen(host="127.0.0.1", grpc_port=0, web_port=0))
    gc.disable()
    try:
        async with collector(config) as (started, _work):
            assert gc.isenabled() and gc.get_freeze_count() > started.rules
    finally:
        gc.enable()
        gc.unfreeze()
