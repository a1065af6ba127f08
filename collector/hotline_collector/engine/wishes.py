"""What the engine wants the probe to run now, besides its plan."""

from __future__ import annotations

from collections.abc import Iterable

from hotline_collector.engine import inquiry
from hotline_collector.engine.instance import Instance
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.finding import FindingState


class Wishes:
    """Sources to run once, by target; each wish is told once."""

    def __init__(self) -> None:
        self._wanted: dict[int, list[str]] = {}
        self._asked: dict[tuple[int, str], int] = {}

    def want(self, target: int, sources: Iterable[str]) -> None:
        """Wish for some sources."""
        wanted = self._wanted.setdefault(target, [])
        wanted += [name for name in dict.fromkeys(sources) if name not in wanted]

    def __bool__(self) -> bool:
        return bool(self._wanted)

    def take(self, target: int) -> list[str]:
        """Return the wishes of a target, most deciding first, and forget them."""
        return self._wanted.pop(target, [])

    def inquire(self, woken: Iterable[Instance], rules: RuleSet, now: int) -> None:
        """Wish for the on-demand sources that could decide what is suspected, once while they stay fresh."""
        by_target: dict[int, list[Instance]] = {}
        for instance in woken:
            finding = instance.findings.get(instance.path)
            if finding is not None and finding.state is FindingState.SUSPECTED:
                by_target.setdefault(finding.target, []).append(instance)
        for target, instances in by_target.items():
            for name in inquiry.wanted_sources(instances, rules):
                asked = self._asked.get((target, name))
                if asked is None or now - asked >= rules.catalogue.sources[name].fresh * 1e6:
                    self._asked[(target, name)] = now
                    self.want(target, [name])
