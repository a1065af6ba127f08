"""What the engine remembers of a target: values with their source, grouped by entity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from hotline_proto.catalogue import FactSpec, SourceSpec
from hotline_proto.facts import FactValue, NetworkPath, SourceStatus, UnknownReason

from hotline_collector.engine.cel.tree import VarKey
from hotline_collector.engine.cel.values import UNKNOWN, NoValue
from hotline_collector.engine.varplan import VarPlan
from hotline_collector.engine.wiring import Wiring

if TYPE_CHECKING:
    from hotline_collector.engine.instance import Instance
    from hotline_collector.engine.windows import Tracker

NEVER: Final = 0
_UNWIRED = Wiring(())
_STATUS_REASON = {
    SourceStatus.TIMEOUT: UnknownReason.TIMEOUT,
    SourceStatus.UNSUPPORTED: UnknownReason.UNSUPPORTED,
    SourceStatus.PERMISSION: UnknownReason.PERMISSION,
    SourceStatus.DECLINED: UnknownReason.DECLINED,
}


class SourceCell:
    """One source of one target: its last run and whether its facts may be believed.

    Times in microseconds of collector time. `usable` is false when its facts are stale or belong to
    another network path.
    """

    __slots__ = (
        "cells",
        "duration",
        "ended",
        "fresh",
        "name",
        "note",
        "on_path",
        "path",
        "ran",
        "spec",
        "status",
        "steady",
        "target",
        "tracked",
        "tried",
        "usable",
        "watched",
    )

    def __init__(self, name: str, spec: SourceSpec | None, target: TargetState) -> None:
        self.name = name
        self.target = target
        self.spec = spec
        self.fresh = round(spec.fresh * 1e6) if spec else 0
        self.on_path = spec is not None and spec.path
        self.cells: list[Cell] = []
        self.tracked: list[Tracker] = []
        self.status = 0
        self.note = ""
        # `ran` is the start of the last run that refreshed the facts, `tried` of the last run at all.
        self.ran = NEVER
        self.tried = NEVER
        self.ended = NEVER
        self.duration = 0
        self.path: NetworkPath | None = None
        self.usable = False
        # Whether its last run changed nothing but its time: usable, complete, without a note.
        self.steady = False
        # Whether a deadline for the end of its freshness is set.
        self.watched = False

    def reason(self, *, expected: bool) -> UnknownReason:
        """Return why a fact of this source has no value at all."""
        if self.status in _STATUS_REASON:
            return _STATUS_REASON[SourceStatus(self.status)]
        if self.status in (SourceStatus.OK, SourceStatus.PARTIAL, SourceStatus.FAILED) or not expected:
            return UnknownReason.NOT_COLLECTED
        return UnknownReason.PENDING


class Cell:
    """One variable of one scope.

    `value` is the last one told and `reason` why there is none (None if there is one); `live` is what
    conditions see: the value, or UNKNOWN while it may not be believed.
    """

    __slots__ = (
        "fact",
        "lists",
        "live",
        "measured",
        "origin",
        "plan",
        "reason",
        "region",
        "scope",
        "source",
        "spec",
        "value",
    )

    def __init__(
        self, fact: str, spec: FactSpec | None, scope: Scope, source: SourceCell, plan: VarPlan | None
    ) -> None:
        self.fact = fact
        self.spec = spec
        self.scope = scope
        self.source = source
        self.plan = plan
        # Leaves over lists that look at this fact of an element.
        self.lists: Sequence[tuple[int, int]] = ()
        self.value: Any = None
        self.reason: UnknownReason | None = UnknownReason.PENDING
        self.live: Any = UNKNOWN
        self.region = -1
        self.origin = 1
        # Own time of a value that no run refreshes (answers, operator facts); 0: the source's.
        self.measured = NEVER

    @property
    def measured_at(self) -> int:
        """When the value was measured."""
        return self.measured or self.source.ran

    def told(self) -> FactValue:
        """Return the value as people see it: with the reason if it is not known now."""
        if self.reason is not None:
            return self.reason
        if self.live is UNKNOWN:
            return UnknownReason.STALE
        value: FactValue = self.value
        return value


class Scope:
    """The variables and rule instances of a target (kind "") or of one of its entities."""

    __slots__ = ("cells", "derived", "instances", "key", "kind", "levels", "present", "target")

    def __init__(self, target: TargetState, kind: str = "", key: str = "") -> None:
        self.target = target
        self.kind = kind
        self.key = key
        self.cells: dict[str, Cell] = {}
        self.derived: dict[VarKey, Cell] = {}
        # By the rules of the kind, in their order.
        self.instances: list[Instance] = []
        self.levels = _UNWIRED.levels()
        self.present = True

    def field(self, name: str) -> Any:
        """Return the live value of a fact by its short name, or UNKNOWN."""
        if name == "key":
            return self.key
        cell = self.cells.get(name)
        return cell.live if cell is not None else UNKNOWN

    def live(self, key: VarKey) -> Any:
        """Return the live value of a variable of this scope, or UNKNOWN."""
        if key.function:
            cell = self.derived.get(key)
            return cell.live if cell is not None else UNKNOWN
        return self.field(key.fact)


class TargetState:
    """Everything known of one target."""

    __slots__ = (
        "boot_id",
        "complete",
        "consent",
        "entities",
        "id",
        "link_up",
        "name",
        "offset",
        "path",
        "path_seen",
        "platform",
        "scope",
        "sources",
    )

    def __init__(self, number: int, name: str) -> None:
        self.id = number
        self.name = name
        self.platform = ""
        self.scope = Scope(self)
        self.entities: dict[str, dict[str, Scope]] = {}
        # The source of each kind whose entities have all been told.
        self.complete: dict[str, SourceCell] = {}
        self.sources: dict[str, SourceCell] = {}
        self.link_up = False
        self.boot_id = ""
        self.offset = 0
        self.consent: tuple[int, ...] = ()
        # The path in use, or the last one while there is no route; None if none was ever seen.
        self.path: NetworkPath | None = None
        self.path_seen = NEVER

    def elements(self, kind: str) -> Sequence[Scope] | NoValue:
        """Return the entities of a kind, or UNKNOWN while the list is not complete and fresh."""
        source = self.complete.get(kind)
        if source is None or not source.usable:
            return UNKNOWN
        return [scope for scope in self.entities.get(kind, {}).values() if scope.present]


class LiveView:
    """What conditions of one instance see: live values of its target and its bound entity."""

    __slots__ = ("_entity", "_target")

    def __init__(self, target: TargetState, entity: Scope | None) -> None:
        self._target = target
        self._entity = entity

    def value(self, key: VarKey) -> Any:
        """Return the live value of a variable."""
        scope = self._entity if key.kind else self._target.scope
        return scope.live(key) if scope is not None else UNKNOWN

    def elements(self, kind: str) -> Sequence[Scope] | NoValue:
        """Return the entities of a kind."""
        return self._target.elements(kind)
