"""Machines that are well, with oddities that must not be taken for faults."""

from __future__ import annotations

from tests.lab.scenario import Scenario

SCENARIOS = (Scenario("healthy-wired", "healthy", "The internet does not work"),)
