"""The one-file builds: they work on a machine that has nothing of ours, and leave nothing behind."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import wait_for
from tests.e2e.test_devices import asked, device_is
from tests.probe.ssh.conftest import free_port, start_openssh, users  # noqa: F401 - fixtures
from tests.probe.ssh.servers import PASSWORD, Server

ROOT = Path(__file__).resolve().parents[2]
# A build takes half a minute of a processor, which a busy machine may not have for a while.
_PATIENCE = 300
# Each start unpacks the whole build.
_STARTING = 60.0

# One worker builds for all of them: the file must not change while it runs.
pytestmark = [pytest.mark.xdist_group("delivery"), pytest.mark.timeout(_PATIENCE + 60)]


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
        timeout=_PATIENCE,
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
            call.linked("connected", _STARTING)
            call.wait(lambda view: view.facts or None, facts=True)
            if how == "agent ends":
                call.client.close_call(call.id, "abandoned", "", caller_confirmed=False)
            else:
                caller.send_signal(signal.SIGINT)
            assert caller.wait(timeout=30) == (0 if how == "agent ends" else 130)
        finally:
            caller.kill()
    assert left_behind(tmp_path) == []


@pytest.mark.root
def test_a_build_reads_a_device_over_ssh(
    build: list[str],
    bare: dict[str, str],
    tmp_path: Path,
    standing: Any,
    start_openssh: Callable[..., Server],  # noqa: F811 - a fixture
) -> None:
    device = start_openssh()
    call, address = standing.open("the storage is slow"), str(device.address)
    probe = standing.probe(call.link, "--device", address, consent="", program=build, **bare)
    wait_for(lambda: "[y/N]" in probe.log.read_text(), _STARTING, what=probe.lines)
    probe.type("y")
    call.linked("connected", _STARTING)
    assert call.client.confirm_words(call.id, probe.words)
    call.client.add_target(call.id, address)
    asked(probe, "device_asked", "y")
    assert asked(probe, "host_key_asked", "y")["fingerprint"] == device.fingerprint
    wait_for(lambda: f"Password of {device.address.user}" in probe.log.read_text(), what=probe.lines)
    probe.type(PASSWORD)
    device_is(call, "reading")
    known = ("system.memory.total", 2)
    call.wait(lambda view: known in {(fact.fact, fact.target) for fact in view.facts}, 60, facts=True)
    probe.type("q")
    assert probe.ended(60) == 0
    assert left_behind(tmp_path / "home") == left_behind(tmp_path / "temp") == []


def test_a_build_seals_a_bundle_for_one_collector(
    build: list[str], bare: dict[str, str], tmp_path: Path, standing: Any
) -> None:
    key = standing.collect("--data-dir", str(standing.data), "bundle-key").stdout.strip()
    file = tmp_path / "home" / "sealed.hlb"
    order = ("--bundle", str(file), "--bundle-key", key, "--for", "1", "--consent", "basic")
    done = subprocess.run(
        [*build, *order],
        env=bare,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    assert standing.client().import_bundle(file.read_bytes(), "", "").call_id
    assert left_behind(tmp_path) == ["home/sealed.hlb"]
