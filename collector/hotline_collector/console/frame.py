"""What every part of a rendered call needs to know: the call, the moment, the language, short ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.console.texts import Texts
from hotline_collector.model.safe import harmless
from hotline_collector.model.units import span

_MIN_ID = 6


@dataclass(frozen=True)
class Frame:
    """One look at a call; `now_us` is the collector's time, `selected` the id of the chosen cause."""

    call: pb.CallView
    now_us: int
    texts: Texts
    selected: str = ""
    _short: Mapping[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        call = self.call
        views = [*call.causes, *call.also_noticed, *call.suspected, *call.cleared]
        ids = [view.finding_id for view in views] + [fix.fix_id for fix in call.fixes]
        object.__setattr__(self, "_short", shortened(ids))

    def ago(self, moment_us: int) -> str:
        """Return how long ago a moment was."""
        return span((self.now_us - moment_us) / 1e6, self.texts.lang)

    def short(self, full: str) -> str:
        """Return the part of a finding's or fix's id that is enough to name it."""
        return harmless(self._short.get(full, full), 40)


def shortened(ids: Iterable[str], minimum: int = _MIN_ID) -> dict[str, str]:
    """Return the shortest prefix of each id that no other one has, at least `minimum` characters."""
    every = sorted(set(ids))
    out = {}
    for index, full in enumerate(every):
        around = every[max(index - 1, 0) : index] + every[index + 1 : index + 2]
        size = max([minimum, *(_common(full, other) + 1 for other in around)])
        out[full] = full[:size]
    return out


def _common(left: str, right: str) -> int:
    size = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        size += 1
    return size
