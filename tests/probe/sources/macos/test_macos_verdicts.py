"""What the rules make of whole Macs: a healthy one has no fault, a faulty one just those that were put in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hotline_probe.errors import SourceError
from hotline_probe.local.judge import findings
from hotline_probe.local.table import DecisionTable, read_table
from hotline_probe.local.world import LocalWorld
from hotline_probe.path import PathTracker
from hotline_probe.source import Context, Settings
from hotline_probe.sources import all_sources
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import SourceRun, SourceStatus

pytest.importorskip("hotline_collector", reason="the probe is installed by itself")

# What psutil tells of the machine that runs the tests belongs to no Mac.
ELSEWHERE = {"host", "cpu", "disks", "processes", "connections", "lookups", "clock", "checks"}


@pytest.fixture(scope="module")
def table() -> DecisionTable:
    import hotline_rules
    from hotline_collector.rulepack.loader import load_folder
    from hotline_collector.rulepack.table import write_table

    return read_table(write_table(load_folder(Path(hotline_rules.__file__).parent, load_catalogue())))


def verdict(machine: Any, table: DecisionTable) -> set[str]:
    world, path = LocalWorld(load_catalogue()), PathTracker(b"k" * 32).current(machine)
    for source in (make() for make in all_sources()):
        if source.name in ELSEWHERE:
            continue
        for moment in (1.0, 2.0):
            try:
                facts = list(source.read(Context(machine, Settings(active=False))))
            except SourceError:
                break
            world.take(SourceRun(source.name, SourceStatus.OK, moment, 0.1, facts, path))
    return {finding.rule.id for finding in findings(table, world)}


def test_a_healthy_mac(macbook: Any, table: DecisionTable) -> None:
    # Its services and its log hold planted faults.
    macbook.prints(
        "launchctl print system", "x = {\n\tservices = {\n\t  9  -  com.vendor.vpn.helper\n\t}\n}\n"
    )
    macbook.prints("launchctl list", "PID\tStatus\tLabel\n-\t-9\tcom.apple.progressd\n")
    assert verdict(macbook, table) == set()


def test_services_in_trouble(macbook: Any, table: DecisionTable) -> None:
    assert verdict(macbook, table) == {"svc.crash_loop", "svc.program_crashes", "svc.unit_failed"}


def test_a_mac_with_faults(imac: Any, table: DecisionTable) -> None:
    assert verdict(imac, table) == {
        "net.address.duplicate",
        "net.lease.router_outside",
        "sto.drive.failing",
        "sys.memory.low",
    }
