"""One engine, four origins: a router, a storage box, a washing machine and a computer by its file.

With HOTLINE_PICTURE=FILE.svg what the agent sees of them is kept as a picture (`make screenshots`).
"""

from __future__ import annotations

import datetime
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from tests.e2e.conftest import PATIENCE, System, wait_for
from tests.e2e.conftest import free_port as new_port
from tests.played.openwrt import OpenWrtRouter
from tests.played.zfs import ZfsBox
from tests.probe.ssh.conftest import free_port, start_openssh, users  # noqa: F401 - fixtures
from tests.probe.ssh.servers import PASSWORD, Server

_ANSWERS = {
    "ask.hazard.burning": "false",
    "ask.hazard.water": "false",
    "ask.hazard.shock": "false",
    "appl.washer.display": "code",
    "appl.washer.brand": "bosch",
    "appl.washer.code": "E18",
}
_BUNDLE = (sys.executable, "-m", "hotline_probe", "--consent", "basic", "--bundle")
_FONTS = re.compile(r"@font-face\s*\{[^}]*\}\s*")
_WIDTH = 130


@pytest.fixture
def router(users: Path, start_openssh: Callable[..., Server]) -> Server:  # noqa: F811 - fixtures
    folder = users / "origins-router"
    folder.mkdir()
    played = OpenWrtRouter(folder)
    played.is_refused(datetime.datetime.now().strftime("%a %b %d %H:%M:%S %Y"))
    return start_openssh(before=played.before)


@pytest.fixture
def storage(users: Path, start_openssh: Callable[..., Server]) -> Server:  # noqa: F811 - fixtures
    folder = users / "origins-storage"
    folder.mkdir()
    return start_openssh(before=ZfsBox(folder).before, port=new_port())


@pytest.fixture
def desk(make_system: Any, tmp_path: Path, storage: Server) -> Iterator[System]:
    """A collector that may read the storage box, with an agent who has logged in."""
    (tmp_path / "password").write_text(PASSWORD)
    config = tmp_path / "hotline.toml"
    config.write_text(
        f'[devices]\nknown_hosts = "{storage.known_hosts}"\n'
        f'[[devices.allow]]\naddress = "{storage.address}"\npassword_file = "{tmp_path / "password"}"\n'
    )
    system: System = make_system({"HOTLINE_CONFIG": str(config)})
    system.start()
    system.log_in()
    yield system


def through_the_probe(desk: System, router: Server) -> str:
    call = desk.open("No internet since the router was replaced")
    probe = desk.at_terminal(call, "--device", str(router.address))
    call.client.add_target(call.id, str(router.address), router.fingerprint)
    probe.event("device_asked")
    probe.type("y")
    wait_for(lambda: "Password of" in probe.log.read_text(), what=probe.lines)
    probe.type(PASSWORD)
    assert call.finding("router.internet.login_refused", timeout=3 * PATIENCE).target == 2
    return call.id


def from_the_collector(desk: System, storage: Server) -> str:
    call = desk.open("The storage box shows a red light")
    call.client.add_target(call.id, str(storage.address), from_collector=True)
    assert call.finding("nas.pool.degraded", entity="tank", timeout=3 * PATIENCE).target == 2
    return call.id


def by_answers(desk: System) -> str:
    call = desk.open("Water stays in the washing machine, and it shows a code")
    while question := next((q for q in call.view().questions if not q.answer and not q.locked), None):
        if any(cause.rule == "appl.washer.drain" for cause in call.view().causes):
            break
        call.client.answer(call.id, question.question, _ANSWERS.get(question.question, ""))
    call.finding("appl.washer.drain")
    return call.id


def from_a_file(desk: System, folder: Path) -> str:
    place, file = f"127.0.0.1:{new_port()}", folder / "fault.hlb"
    done = subprocess.run(
        [*_BUNDLE, str(file), "--check", place, "--for", "8"],
        capture_output=True,
        text=True,
        timeout=90,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = ("--complaint", "Our own service does not answer")
    call_id = str(desk.agent_json("call", "import", str(file), *said)["call_id"])
    assert "check.local_service_down" in {cause.rule for cause in desk.follow(call_id).view().causes}
    return call_id


@pytest.mark.root
def test_each_origin_leads_to_its_cause(
    desk: System, router: Server, storage: Server, tmp_path: Path
) -> None:
    calls = {
        "a router, over SSH through the caller's probe": through_the_probe(desk, router),
        "a storage box, over SSH from the collector": from_the_collector(desk, storage),
        "a washing machine, by answers alone": by_answers(desk),
        "a computer without any connection, from the file it wrote": from_a_file(desk, tmp_path),
    }
    shown = {what: desk.agent("call", "show", call_id).stdout for what, call_id in calls.items()}
    firsts = [first_cause(text) for text in shown.values()]
    for title, lines in zip(
        ("Provider refuses", "lacks a disk", "Water does not run out", "is not running"), firsts, strict=True
    ):
        assert title in lines[0] and any("= " in line for line in lines[1:]), lines
    listed = desk.agent("call", "list").stdout
    assert "Provider refuses" in listed and "lacks a disk" in listed and "Water does not" in listed
    if picture := os.environ.get("HOTLINE_PICTURE"):
        Path(picture).write_text(drawn(dict(zip(shown, firsts, strict=True)), list(shown.values())))


def first_cause(text: str) -> list[str]:
    """Return the lines of the first cause that a view shows: its title, its evidence and its first fix."""
    lines = text.partition("\nCAUSES\n")[2].splitlines()
    end = next((n for n, line in enumerate(lines) if n and not line.startswith("     ")), len(lines))
    fix = next((n for n, line in enumerate(lines[:end]) if line.strip().startswith("fix 0")), end - 1)
    return [line for line in lines[: fix + 1] if "not to be confused" not in line]


def drawn(causes: dict[str, list[str]], views: list[str]) -> str:
    """Return a picture of the first causes of four calls."""
    console = Console(width=_WIDTH, record=True, file=io.StringIO(), force_terminal=True)
    for (what, lines), view in zip(causes.items(), views, strict=True):
        complaint = next(line for line in view.splitlines() if line.startswith("Complaint"))
        console.print(Text(what, style="bold cyan"))
        console.print(Text(complaint.partition(": ")[2], style="italic"))
        for line in lines:
            console.print(
                Text(line, style="bold" if line is lines[0] else "", no_wrap=True, overflow="ellipsis")
            )
        console.print()
    return _FONTS.sub("", console.export_svg(title="hotline call show"))
