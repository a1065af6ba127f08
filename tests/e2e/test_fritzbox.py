"""A FRITZ!Box has no SSH: whoever wants to read one is told so, and what to do instead."""

from __future__ import annotations

from typing import Any

from tests.e2e.conftest import PATIENCE, free_port
from tests.played.fritzbox import fritzbox

# An address of its own, for the port of a box is always the same.
_BOX = "127.0.0.49"


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
