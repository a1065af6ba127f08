"""What the engine wants the probe to run now, besides its plan."""

from __future__ import annotations

from collections.abc import Iterable

from hotline_proto.catalogue import Catalogue


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

    def inquire(self, target: int, sources: Iterable[str], catalogue: Catalogue, now: int) -> None:
        """Wish for on-demand sources that could decide something, each once while it stays fresh."""
        for name in sources:
            asked = self._asked.get((target, name))
            if asked is None or now - asked >= catalogue.sources[name].fresh * 1e6:
                self._asked[(target, name)] = now
                self.want(target, [name])
