"""A real probe put together: its actions touch only what its sources found."""

from __future__ import annotations

import io
from pathlib import Path

import hotline_probe
import pytest
from hotline_probe.assemble import assemble
from hotline_probe.errors import ActionError
from hotline_probe.keyboard import Keyboard
from hotline_probe.options import read_options
from hotline_probe.seen import SeenEntities
from hotline_probe.status import JsonScreen
from hotline_probe.terminalface import TerminalFace
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import Fact, SourceRun, SourceStatus

CATALOGUE = load_catalogue()
PROBE = Path(hotline_probe.__file__).parent


def run(source: str, *facts: Fact) -> SourceRun:
    return SourceRun(source, SourceStatus.OK, 1.0, 0.1, facts)


def test_only_entities_that_were_found_are_known() -> None:
    seen = SeenEntities(CATALOGUE)
    assert seen.keys("interface") == set()
    seen.take(run("interfaces", Fact("net.interface.type", "ethernet", "eth0")))
    seen.take(run("processes", Fact("process.cpu", 0.1, "7@1")))
    seen.take(run("interfaces"))
    assert (seen.keys("interface"), seen.keys("process")) == ({"eth0"}, {"7@1"})
    seen.take(run("interfaces", Fact("net.interface.type", "wifi", "wlan0")))
    assert seen.keys("interface") == {"wlan0"}


def test_a_new_probe_performs_nothing_on_what_it_has_not_found() -> None:
    options = read_options(["--preview", "--check", "127.0.0.1:9"])
    screen = JsonScreen(io.StringIO(), io.StringIO())
    kit = assemble(options, TerminalFace(screen, Keyboard(io.StringIO()), options.texts))
    with pytest.raises(ActionError, match="no interface is known") as caught:
        kit.performer.perform("interface.enable", {"interface": "lo"})
    assert caught.value.code == "bad_parameter"
    assert kit.context.settings.own_checks == ("127.0.0.1:9",)


def test_the_probe_never_loads_the_words_that_only_an_agent_reads() -> None:
    using = [path for path in PROBE.rglob("*.py") if "load_catalogue" in path.read_text()]
    assert using == []
