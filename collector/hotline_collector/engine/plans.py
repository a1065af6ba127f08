"""Installation plans: ordered conditions; the first that is not met is the current step."""

from __future__ import annotations

from hotline_collector.engine.cel.tree import VarKey
from hotline_collector.engine.cel.values import UNKNOWN, NoValue
from hotline_collector.engine.cells import LiveView, TargetState
from hotline_collector.engine.inquiry import missing_unit
from hotline_collector.engine.ruleset import CompiledPlan, CompiledStep, RuleSet
from hotline_collector.model.finding import Missing, PlanState, StepState


def plan_state(plan: CompiledPlan, target: TargetState, rules: RuleSet) -> PlanState:
    """Return how every step of a plan stands on a target."""
    steps = tuple(_step(step, target, rules) for step in plan.steps)
    open_ = (index for index, (state, _) in enumerate(steps) if state is not StepState.MET)
    return PlanState(plan.plan.id, steps, next(open_, len(steps)))


def _step(step: CompiledStep, target: TargetState, rules: RuleSet) -> tuple[StepState, tuple[Missing, ...]]:
    view = LiveView(target, None)
    value = step.met(view, {})
    if not isinstance(value, NoValue):
        return (StepState.MET if value else StepState.UNMET), ()
    units: list[VarKey | str] = [*(key for key in step.variables if view.value(key) is UNKNOWN), *step.lists]
    return StepState.UNKNOWN, tuple(missing_unit(unit, target, None, rules) for unit in units)
