"""Cable, adapter, address and the way to the router."""

from __future__ import annotations

from tests.lab.lab import Lab
from tests.lab.scenario import Scenario, cause


def _port(lab: Lab, state: str) -> None:
    lab.router.ns.ip(f"link set port {state}")


SCENARIOS = (
    Scenario(
        "cable-unplugged",
        "link",
        "Ich habe kein Internet mehr",
        cause("net.link.no_carrier"),
        inject=lambda lab: _port(lab, "down"),
        repair=lambda lab: _port(lab, "up"),
        look_alikes=("net.adapter.disabled", "net.gateway.unreachable", "net.wan.down"),
        cut=True,
    ),
)
