"""A FRITZ!Box has no SSH: whoever wants to read one is told so, and what to do instead."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from tests.e2e.conftest import PATIENCE, free_port, wait_for
from tests.e2e.test_devices_from_here import device_is, entry
from tests.played.fritzbox import fritzbox

# An address of its own, for the port of a box is always the same.
_BOX = "127.0.0.49"
_LISTED, _OTHER = "127.0.0.51", "127.0.0.52"


def test_a_fritzbox_is_told_from_a_device_that_does_not_answer(desk: Any) -> None:
    address = f"ssh://{_BOX}:{free_port()}"
    call = desk.open("the internet is slow")
    probe = desk.at_terminal(call, "--device", f"ssh://root@{address.removeprefix('ssh://')}")

    def trouble() -> tuple[str, str]:
        so_far = len(probe.lines())
        added = desk.agent("call", "add-target", call.id, address)
        assert added.returncode == 0, added.stderr
        probe.event("device_asked", after=so_far)
        probe.type("y")
        said = probe.event("device", after=so_far, state="failed", timeout=2 * PATIENCE)["text"]
        seen = call.wait(lambda view: next((t for t in view.targets if t.device == "failed"), None))
        return seen.trouble, said

    assert trouble()[0] == "unreachable"
    with fritzbox(_BOX):
        told, said = trouble()
    assert told == "fritzbox" and "a FRITZ!Box has no SSH" in said and "http://fritz.box" in said
    for lang, words in (
        ("en", ("a FRITZ!Box has no SSH", "by the source homerouter of the caller's computer", "Event Log")),
        ("de", ("eine FRITZ!Box hat kein SSH", "die Quelle homerouter des Computers", "Online-Monitor")),
    ):
        shown = desk.agent("call", "show", call.id, "--lang", lang)
        assert shown.returncode == 0, shown.stderr
        text = " ".join(shown.stdout.split())
        assert all(word in text for word in words), text


def test_a_listed_fritzbox_is_read_from_the_collector(make_system: Any, tmp_path: Path) -> None:
    closed = free_port()
    box, other = (f"ssh://support@{host}:{closed}" for host in (_LISTED, _OTHER))
    unlisted = f"ssh://support@127.0.0.53:{closed}"
    config = tmp_path / "hotline.toml"
    config.write_text(entry(box, "agent = true") + entry(other, "agent = true"))
    system = make_system({"HOTLINE_CONFIG": str(config), "HOTLINE_MEASURING__INTERVALS": "homerouter=5"})
    system.start()
    call = system.open("the internet is slow")
    system.log_in()
    with contextlib.ExitStack() as boxes:
        for host in (_LISTED, "127.0.0.53"):
            boxes.enter_context(fritzbox(host))
        refused = system.agent("call", "add-target", call.id, unlisted, "--from-collector")
        assert refused.returncode != 0 and "devices.allow" in refused.stderr
        assert call.client.add_target(call.id, box, from_collector=True) == 2
        assert call.client.add_target(call.id, other, from_collector=True) == 3
        device_is(call, "reading", "fritzbox_read")
        device_is(call, "failed", "unreachable", 3)

        def told() -> dict[str, str]:
            facts = {f.fact: f.value for f in call.view(facts=True).facts if f.target == 2}
            return facts if facts.get("router.model") == "FRITZ!Box 7590" else {}

        assert wait_for(told, 2 * PATIENCE)["router.wan.status"] == "connected"
        text = " ".join(system.agent("call", "show", call.id, "--lang", "en").stdout.split())
        assert "a FRITZ!Box, which has no SSH; what it tells without a password (TR-064) is read" in text, (
            text
        )
        assert "it cannot be reached" in text
