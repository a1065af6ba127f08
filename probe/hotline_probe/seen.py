"""What entities the sources last found."""

from __future__ import annotations

from collections.abc import Collection

from hotline_proto.catalogue import Catalogue
from hotline_proto.facts import SourceRun


class SeenEntities:
    """Keeps the last run of every source that found something; safe to use from several threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._runs: dict[str, SourceRun] = {}

    def take(self, run: SourceRun) -> None:
        """Take a run; one that found nothing at all leaves what was known."""
        if run.facts:
            self._runs[run.source] = run

    def keys(self, kind: str) -> Collection[str]:
        """Return the real keys of a kind of entity."""
        facts = self._catalogue.facts
        return {
            fact.key
            for run in tuple(self._runs.values())
            for fact in run.facts
            if fact.key and facts[fact.name].entity == kind
        }
