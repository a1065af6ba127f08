"""Planted wherever the probe looks, nothing personal and no secret is found anywhere behind it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.opened import everything
from tests.e2e.planted import (
    MAIL,
    NETWORK,
    OTHER,
    PARTS,
    PERSONAL,
    PROCESS,
    PROXY,
    SECRETS,
    USER,
    planted_machine,
)
from tests.e2e.tap import Tap
from tests.spellings import found_in


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder for the planted machine's files, and a busy process with secrets around it."""
    if os.geteuid() or subprocess.run(["unshare", "--uts", "--mount", "true"], check=False).returncode:
        pytest.skip("needs root: gives the probe a machine of its own (mount and UTS namespaces)")
    folder = tmp_path / "planted"
    folder.mkdir()
    program = folder / PROCESS
    shutil.copy(sys.executable, program)
    busy = "import time\nwhile True: sum(range(100000)); time.sleep(0.02)"
    arguments = [str(program), "-c", busy, "--password=hlsecretarg", MAIL, f"/home/{OTHER}/x"]
    process = subprocess.Popen(arguments, env={**os.environ, "API_TOKEN": "hlsecretenv"})
    try:
        yield folder
    finally:
        process.kill()
        process.wait()


def start(system: Any, call: Any, tap: Tap, consent: str, place: Path) -> Any:
    """Start a probe on the planted machine, with its own environment, by way of the tap."""
    link = call.link.replace(f":{system.grpc_port}", f":{tap.port}")
    assert link != call.link
    environ = {
        "USER": USER,
        "LOGNAME": USER,
        "PATH": f"{place}/bin:{os.environ['PATH']}",
        "HL_UNITS": str(place / "units"),
        "HL_SHOWN": str(place / "shown"),
        "https_proxy": f"http://{USER}:hlsecretproxy@{PROXY}:3128/",
        "AWS_SECRET_ACCESS_KEY": "hlsecretenv",
    }
    return system.probe(link, "--verbose", consent=consent, before=planted_machine(place), **environ)


def shown(view: Any, fact: str) -> list[str]:
    return [item.value for item in view.facts if item.fact == fact and item.value]


def keys(view: Any, fact: str) -> set[str]:
    return {item.entity for item in view.facts if item.fact == fact}


def everything_behind(system: Any, call: Any, tap: Tap, probe: Any) -> dict[str, bytes]:
    """Return each place that what the probe said may have come to, as bytes."""
    view = call.view(facts=True)
    commands = (
        ("call", "show", call.id, "--facts", "--json"),
        ("call", "show", call.id),
        ("call", "list", "--json"),
    )
    system.log_in()
    record = system.folder / f"{call.id}.hotline"
    assert system.agent("call", "export", call.id, str(record)).returncode == 0
    printed = [system.agent(*words) for words in commands]
    journal = json.dumps(system.journal(call.id), ensure_ascii=False).encode()
    probe.send(signal.SIGINT)
    probe.ended()
    return {
        "wire": b"\0".join(tap.kept),
        "transcript": probe.transcript.read_bytes(),
        "events of the probe": probe.out.read_bytes(),
        "log of the probe": probe.log.read_bytes(),
        "store": everything(system.data),
        "journal": journal,
        "log of the collector": system.collector.log.read_bytes(),
        "export": record.read_bytes(),
        "view": view.SerializeToString() + str(view).encode("utf-8"),
        "command line": "".join(done.stdout + done.stderr for done in printed).encode(),
    }


def look(behind: dict[str, bytes], values: tuple[str, ...]) -> list[tuple[str, str, str]]:
    return [(where, *found) for where, content in behind.items() for found in found_in(content, values)]


def _clear(values: list[str]) -> bool:
    # Before the agent has entered the words, the collector shows neither values nor pseudonyms.
    return any(not value.startswith("hidden") for value in values)


def measured(system: Any, place: Path, consent: str) -> tuple[dict[str, bytes], Any]:
    call = system.open("everything is slow")
    tap = Tap()
    with tap.between(system):
        probe = start(system, call, tap, consent, place)
        probe.event("first_look", timeout=60.0)
        assert call.client.confirm_words(call.id, probe.words)
        probe.event("words_confirmed")
        call.wait(lambda view: _clear(shown(view, "net.wifi.name")), 60.0, facts=True)
        probe.event("run", after=len(probe.lines()), source="processes", timeout=60.0)
        system.settle(call, probe)
        view = call.view(facts=True)
        return everything_behind(system, call, tap, probe), view


@pytest.fixture
def watched(make_system: Callable[..., Any]) -> Any:
    settings = {
        "HOTLINE_MEASURING__INTERVALS": "processes=1,connections=5,services=2",
        "HOTLINE_LOG__LEVEL": "debug",
    }
    system = make_system(settings)
    system.start()
    return system


@pytest.mark.root
@pytest.mark.slow
def test_with_basic_consent_nothing_planted_is_found_anywhere(watched: Any, place: Path) -> None:
    behind, view = measured(watched, place, "basic")
    assert any(key.startswith("/mnt/") for key in keys(view, "system.filesystem.total")), (
        "the mounts were seen"
    )
    assert len(keys(view, "service.state")) > 5, "the units were seen"
    assert shown(view, "net.wifi.name")[0].startswith("value-"), "the network was seen"
    assert shown(view, "net.proxy.host")[0].startswith("value-"), "the proxy was seen"
    assert len(keys(view, "net.resolver.interface")) == 2, "the name servers were seen"
    for where in ("wire", "transcript", "store", "journal", "view", "command line"):
        assert behind[where], where
    assert look(behind, (*PERSONAL, *PARTS, *SECRETS)) == []


@pytest.mark.root
@pytest.mark.slow
def test_with_personal_consent_secrets_and_mail_addresses_stay_home(watched: Any, place: Path) -> None:
    behind, view = measured(watched, place, "basic,personal")
    assert NETWORK in shown(view, "net.wifi.name")
    assert found_in(behind["wire"], [NETWORK]), "the canaries live: the other test looks for them in vain"
    assert look(behind, (*SECRETS, MAIL, "hlmailbox")) == []
