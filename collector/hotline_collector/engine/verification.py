"""Proof of a fix: the rule looked at through facts measured after the fix was done, on the same path."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from hotline_collector.engine.cel.tree import VarKey
from hotline_collector.engine.cel.values import UNKNOWN, NoValue
from hotline_collector.engine.cells import Scope, TargetState
from hotline_collector.engine.instance import Instance
from hotline_collector.engine.ruleset import CompiledRule
from hotline_collector.engine.windows import Tracker
from hotline_collector.model.finding import Finding, Verification, VerificationState


class FreshElement:
    """A list element whose facts count only if measured since the fix."""

    __slots__ = ("_scope", "_since")

    def __init__(self, scope: Scope, since: int) -> None:
        self._scope = scope
        self._since = since

    def field(self, name: str) -> Any:
        """Return a fact measured since the fix, or UNKNOWN."""
        return fresh_value(self._scope, VarKey(self._scope.kind, name), self._since, 0)


class FreshView:
    """What a condition sees when only facts measured since `since` count."""

    __slots__ = ("_entity", "_now", "_since", "_target")

    def __init__(self, target: TargetState, entity: Scope | None, since: int, now: int) -> None:
        self._target = target
        self._entity = entity
        self._since = since
        self._now = now

    def value(self, key: VarKey) -> Any:
        """Return the value of a variable measured since the fix, or UNKNOWN."""
        scope = self._entity if key.kind else self._target.scope
        return fresh_value(scope, key, self._since, self._now) if scope is not None else UNKNOWN

    def elements(self, kind: str) -> Sequence[FreshElement] | NoValue:
        """Return all entities of a kind if their list was reported since the fix."""
        scopes = self._target.elements(kind)
        # An empty list says something only if it was told since the fix.
        if isinstance(scopes, NoValue) or self._target.complete[kind].ran < self._since:
            return UNKNOWN
        if any(cell.source.ran < self._since for scope in scopes for cell in scope.cells.values()):
            return UNKNOWN
        return [FreshElement(scope, self._since) for scope in scopes]


def fresh_value(scope: Scope, key: VarKey, since: int, now: int) -> Any:
    """Return a variable's value if it was measured at or after `since`, or UNKNOWN."""
    if not scope.present:
        return UNKNOWN
    if key.fact == "key" and key.kind:
        return scope.key
    cell = scope.cells.get(key.fact)
    if cell is None:
        return UNKNOWN
    if not key.function:
        return cell.live if cell.measured_at >= since else UNKNOWN
    tracker = _tracker(scope, key)
    if tracker is None or cell.measured_at < since:
        return UNKNOWN
    return tracker.value(now or cell.measured_at, since)


def _tracker(scope: Scope, key: VarKey) -> Tracker | None:
    derived = scope.derived.get(key)
    if derived is None:
        return None
    return next((t for t in derived.source.tracked if t.target is derived), None)


def questions_of(compiled: CompiledRule, questions: Container[str]) -> list[str]:
    """Return the questions that the proof of a rule asks."""
    keys = compiled.expect_variables or compiled.variables
    return [key.fact for key in keys if not key.kind and key.fact in questions]


def look_again(finding: Finding, instance: Instance, since: int, now: int) -> tuple[Any, Any]:
    """Return whether the fault is seen, and whether it is seen to be cured, by facts measured since a time.

    Both are UNKNOWN where the facts do not say, or come from another network path.
    """
    compiled = instance.compiled
    if compiled.path_dependent and finding.path != instance.target.path:
        return UNKNOWN, UNKNOWN
    view = FreshView(instance.target, instance.entity, since, now)
    fault = compiled.when(view, {})
    if compiled.expect is not None:
        return fault, compiled.expect(view, {})
    return fault, (not fault) if isinstance(fault, bool) else fault


def judge(
    verification: Verification, finding: Finding, instance: Instance, now: int
) -> VerificationState | None:
    """Bring a running verification up to date; return how it is settled, None if it is not yet.

    It is *verified* once what must be seen is seen, and the fault is not, for the rule's release; at its
    end it is *still present* if the fault is still seen or what must be seen is known to be absent, and
    *could not verify* if the facts did not come, or came from another network path.
    """
    compiled = instance.compiled
    same_path = not compiled.path_dependent or finding.path == instance.target.path
    fault, cured = look_again(finding, instance, verification.done, now)
    if cured is True and fault is not True:
        verification.cured_since = verification.cured_since or now
        if now - verification.cured_since >= compiled.rule.release:
            return _settle(verification, VerificationState.VERIFIED, now, "")
    else:
        verification.cured_since = 0
    if now < verification.until:
        return None
    if not same_path:
        reason = "the machine is on another network path now"
        return _settle(verification, VerificationState.COULD_NOT_VERIFY, now, reason)
    if fault is True or cured is False:
        return _settle(verification, VerificationState.STILL_PRESENT, now, "")
    reason = "the facts that would prove it did not arrive in time"
    return _settle(verification, VerificationState.COULD_NOT_VERIFY, now, reason)


def _settle(verification: Verification, state: VerificationState, now: int, reason: str) -> VerificationState:
    verification.state = state
    verification.settled = now
    verification.reason = reason
    return state
