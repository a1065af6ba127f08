"""Metrics of the collector for Prometheus; intake brings its own counters."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client.registry import Collector

_COMMIT_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class Metrics:
    """One registry of its own, so that several collectors in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._commits = Histogram(
            "hotline_journal_commit_seconds",
            "time of one commit of the journal",
            buckets=_COMMIT_BUCKETS,
            registry=self.registry,
        )

    def commit(self, seconds: float) -> None:
        """Count one commit of the journal."""
        self._commits.observe(seconds)

    def watch(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Show what a function returns whenever somebody looks."""
        Gauge(f"hotline_{name}", meaning, registry=self.registry).set_function(read)

    def add(self, collector: Collector) -> None:
        """Show what another part counts by itself."""
        self.registry.register(collector)
