"""A broken bundle has one clear error on every face: both commands and the HTTP API."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result
from hotline_collector.calls.bounds import MAX_BUNDLE
from hotline_collector.console.cli import hotline

from tests.broken_bundles import BROKEN

_PACK = {
    "pack.yaml": 'name: small\nversion: "1"\n',
    "steps.yaml": "wait: {en: Wait, de: Warten}\n",
    "busy.yaml": (
        "id: cpu.busy\nstatus: stable\nseverity: warning\ntitle: {en: Title, de: Titel}\n"
        "symptom: {en: Symptom, de: Zeichen}\nwhen: system.cpu.utilization > 0.9\nconfidence: 0.9\n"
        "fixes: [{steps: [wait]}]\n"
    ),
}


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    folder.mkdir()
    for name, text in _PACK.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def typed(standing: Any) -> Callable[..., Result]:
    """Run the command `hotline` of an agent who has logged in."""
    standing.log_in()
    environ = {"HOTLINE_HOME": str(standing.folder / "agent")}
    return lambda *words: CliRunner().invoke(hotline, list(map(str, words)), env=environ)


def one_error(done: Result, said: str) -> None:
    assert done.exit_code in (2, 4) and not done.stdout, done.output
    lines = [line for line in done.stderr.splitlines() if line and not line.startswith(("Usage:", "Try "))]
    assert len(lines) == 1 and said in lines[0], done.stderr


@pytest.mark.parametrize("name", [*BROKEN, "too large"])
def test_a_broken_file_is_one_clear_error(
    standing: Any, typed: Callable[..., Result], pack: Path, tmp_path: Path, name: str
) -> None:
    good = standing.client().export_record(standing.open("x").id)
    large = (good + bytes(MAX_BUNDLE), "larger than 16 MiB")
    data, said = large if name == "too large" else BROKEN[name](good)
    file = tmp_path / "broken.hlb"
    file.write_bytes(data)
    one_error(typed("call", "import", file), said)
    one_error(typed("rules", "replay", file, "--pack", pack), said)
    answer = httpx.post(
        f"http://127.0.0.1:{standing.started['web_port']}/api/v1/bundles",
        content=data,
        headers={"authorization": f"Bearer {standing.token}", "content-type": "application/octet-stream"},
        timeout=60,
    )
    problem = answer.json()
    if name == "too large":
        assert answer.status_code == 413 and str(MAX_BUNDLE) in problem["detail"]
    else:
        assert answer.status_code in (400, 422) and said in problem["detail"], problem
