"""What the benchmarks take for a healthy machine has nothing, so that they measure what they say."""

from __future__ import annotations

from hotline_collector.rulepack.loader import load_installed
from hotline_proto.catalogue import load_catalogue

from tests.bench.engine import START, new_engine
from tests.bench.messages import HealthyMachine


def test_the_shipped_rules_find_nothing_on_the_machine_that_is_measured() -> None:
    catalogue = load_catalogue()
    engine = new_engine(load_installed(catalogue))
    for frame in HealthyMachine(catalogue, 1).frames(120):
        now = START + frame.mono_us
        while (due := engine.next_deadline()) is not None and due <= now:
            engine.tick(due)
        engine.apply_frame(1, now, frame)
        assert not [finding for finding in engine.findings().values() if finding.present]
    assert engine.values(1, "system.cpu.load_per_core")
