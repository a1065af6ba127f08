"""What the intake counts: plain integers in the hot path, read out for Prometheus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class IntakeCounters(Collector):
    """Counts frames, connections, joins and refusals; a Prometheus collector to be registered."""

    def __init__(self) -> None:
        self.frames = 0
        self.bytes = 0
        self.replayed = 0
        self.slowed = 0
        self.acks = 0
        self.connections = 0
        self.connected = 0
        self.joins = 0
        self.refused: Counter[str] = Counter()

    def collect(self) -> Iterator[Metric]:
        """Yield the counters under their Prometheus names."""
        for name, meaning in (
            ("frames", "frames taken from probes"),
            ("bytes", "bytes taken from probes"),
            ("replayed", "frames that were sent again and known already"),
            ("slowed", "times a probe sent too fast and was slowed down"),
            ("acks", "acknowledgements sent"),
            ("connections", "connections of probes that were taken up"),
            ("joins", "join codes redeemed"),
        ):
            yield CounterMetricFamily(f"hotline_intake_{name}", meaning, value=getattr(self, name))
        yield GaugeMetricFamily("hotline_intake_connected", "probes connected now", value=self.connected)
        refused = CounterMetricFamily(
            "hotline_intake_refused", "requests and streams refused", labels=["kind"]
        )
        for kind, count in sorted(self.refused.items()):
            refused.add_metric([kind], count)
        yield refused
