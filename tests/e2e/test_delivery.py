"""The one-file builds: they work on a machine that has nothing of ours, and leave nothing behind."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


# One worker builds for all of them: the file must not change while it runs.
pytestmark = pytest.mark.xdist_group("delivery")


@pytest.fixture(scope="module", params=["pyz", "binary"])
def build(request: pytest.FixtureRequest) -> list[str]:
    """The words that start a fresh build."""
    if sys.platform != "linux":
        pytest.skip("builds for this system are made by hand, see docs/delivery.md")
    done = subprocess.run(
        [sys.executable, "scripts/probe_build.py", request.param],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    built = ROOT / done.stdout.partition(":")[0]
    assert "cold start" in done.stdout
    return [sys.executable, "-I", str(built)] if built.suffix == ".pyz" else [str(built)]


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody whose home is empty."""
    for name in ("home", "temp"):
        (tmp_path / name).mkdir()
    return {
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "temp"),
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "no_proxy": "*",
    }


def left_behind(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.name not in ("home", "temp")
    )


def preview(words: list[str], folder: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Have a probe show what it would send."""
    return subprocess.run(
        [*words, "--preview", "--json", "--consent", "basic"],
        env=environ,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def previewed(words: list[str], folder: Path, environ: dict[str, str]) -> set[str]:
    """Return the sources that a probe would send."""
    done = preview(words, folder, environ)
    if "decompression resulted" in done.stderr:
        # On some virtual machines a program that was just written reads its own file wrongly once in a while.
        for left in Path(environ["TMPDIR"]).iterdir():
            shutil.rmtree(left)
        done = preview(words, folder, environ)
    assert done.returncode == 0, done.stderr
    return {line["source"] for line in map(json.loads, done.stdout.splitlines()) if "source" in line}


def test_a_build_measures_what_the_probe_measures(
    build: list[str], bare: dict[str, str], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    plain = [sys.executable, "-c", "import sys; from hotline_probe.cli import main; sys.exit(main())"]
    assert previewed(build, home, bare) == previewed(plain, home, bare) != set()
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("how", ["agent ends", "caller interrupts"])
def test_after_a_call_nothing_is_left(
    build: list[str], bare: dict[str, str], tmp_path: Path, standing: Any, how: str
) -> None:
    call = standing.open("everything is slow")
    with subprocess.Popen(
        [*build, call.link, "--consent", "basic", "--json"],
        env=bare,
        cwd=tmp_path / "home",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    ) as caller:
        try:
            call.linked("connected")
            call.wait(lambda view: view.facts or None, facts=True)
            if how == "agent ends":
                call.client.close_call(call.id, "abandoned", "", caller_confirmed=False)
            else:
                caller.send_signal(signal.SIGINT)
            assert caller.wait(timeout=30) == (0 if how == "agent ends" else 130)
        finally:
            caller.kill()
    assert left_behind(tmp_path) == []
