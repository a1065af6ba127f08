"""All scenarios, in the order of the layers; a new one is one entry in the file of its family."""

from __future__ import annotations

from tests.lab.scenario import Scenario
from tests.lab.scenarios import (
    clock,
    healthy,
    line,
    link,
    load,
    names,
    networks,
    services,
    sockets,
    storage,
    together,
    tunnels,
)

SCENARIOS: tuple[Scenario, ...] = (
    *healthy.SCENARIOS,
    *link.SCENARIOS,
    *line.SCENARIOS,
    *names.SCENARIOS,
    *networks.SCENARIOS,
    *tunnels.SCENARIOS,
    *services.SCENARIOS,
    *sockets.SCENARIOS,
    *storage.SCENARIOS,
    *load.SCENARIOS,
    *clock.SCENARIOS,
    *together.SCENARIOS,
)
