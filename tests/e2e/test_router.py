"""A router in the caller's network is diagnosed over SSH, from the caller's probe, up to the proof."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import PATIENCE, wait_for
from tests.played.openwrt import OpenWrtRouter
from tests.probe.ssh.conftest import free_port, start_openssh, users  # noqa: F401 - fixtures
from tests.probe.ssh.servers import PASSWORD, Server

CAUSE = "router.internet.login_refused"


@pytest.fixture
def router() -> Iterator[OpenWrtRouter]:
    # pytest's own folders are closed to the user who logs in.
    with tempfile.TemporaryDirectory(prefix="hotline-router-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield OpenWrtRouter(folder)


@pytest.fixture
def device(router: OpenWrtRouter, start_openssh: Callable[..., Server]) -> Server:  # noqa: F811 - a fixture
    router.is_refused(datetime.datetime.now().strftime("%a %b %d %H:%M:%S %Y"))
    return start_openssh(before=router.before)


@pytest.mark.root
def test_a_router_is_diagnosed_through_the_probe_and_proven_cured(
    router: OpenWrtRouter, device: Server, system: Any
) -> None:
    call, address = system.open("no internet since the router was replaced"), str(device.address)
    probe = system.at_terminal(call, "--device", address)
    target = call.client.add_target(call.id, address)
    for kind in ("device_asked", "host_key_asked"):
        probe.event(kind)
        probe.type("y")
    wait_for(lambda: f"Password of {device.address.user}" in probe.log.read_text(), what=probe.lines)
    probe.type(PASSWORD)

    found = call.finding(CAUSE, timeout=3 * PATIENCE)
    assert found.target == target
    assert {one.fact for one in found.evidence} == {"router.wan.error", "router.wan.status"}
    facts = {fact.fact: fact for fact in call.view(facts=True).facts if fact.target == target}
    assert facts["router.model"].value == "TP-Link Archer C7 v5"

    fix = call.client.propose_fix(call.id, found.finding_id, 0)
    call.client.update_fix(call.id, fix, "accepted")
    router.dials_in()
    call.client.update_fix(call.id, fix, "done")
    call.fix(fix, "verified", 3 * PATIENCE)
    call.finding(CAUSE, "cleared", 2 * PATIENCE)
    probe.type("q")
    assert probe.ended() == 0
