"""All scenarios, in the order of the layers; a new one is one entry in the file of its family."""

from __future__ import annotations

from tests.lab.scenario import Scenario
from tests.lab.scenarios import healthy, line, link, names, services

SCENARIOS: tuple[Scenario, ...] = (
    *healthy.SCENARIOS,
    *link.SCENARIOS,
    *line.SCENARIOS,
    *names.SCENARIOS,
    *services.SCENARIOS,
)
