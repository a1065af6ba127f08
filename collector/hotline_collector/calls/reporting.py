"""What leads ask of all calls together: the figures, and how one rule did."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls.actor import Actor
from hotline_collector.calls.figure_rule import least_group
from hotline_collector.calls.figures import MAX_LISTED, figures, precision
from hotline_collector.calls.period import Period, period_of

if TYPE_CHECKING:
    from hotline_collector.calls.manager import CallManager


@dataclass(frozen=True, slots=True)
class RuleStep:
    """How often a rule was shown in the closed calls of some days; right and wrong only of enough calls."""

    first_day: str
    last_day: str
    shown: int
    right: int
    wrong: int
    few: bool


@dataclass(frozen=True, slots=True)
class RuleHistory:
    """How a rule did in a period, and step by step; right and wrong only of at least so many calls."""

    whole: pb.RulePrecision
    steps: tuple[RuleStep, ...]
    least: int


class Reporting:
    """Answers out of the numbers by day; every question is audited."""

    def __init__(self, manager: CallManager) -> None:
        self._manager = manager
        self._around = manager.around

    async def figures(
        self, who: Actor, *, days: int = 0, first: str = "", last: str = ""
    ) -> pb.GetFiguresResponse:
        """Return the figures of the last days up to today, or of those from a first to a last.

        Raises:
            CallError: those are no days, or too many.
            StoreError: the store cannot be read.
        """
        period, store = period_of(days, first, last, self._around.clock.now()), self._around.store
        steps = period.steps()
        counts = await store.figure_counts(steps)
        verdicts = await store.verdict_days([(steps[0][0], steps[-1][1])])
        outside = await store.outside_causes_between(period.begin_us, period.end_us, MAX_LISTED)
        # Thousands of rows are put together elsewhere, so that no probe waits meanwhile.
        rules = self._manager.rules.pack.rules
        settings = self._around.settings
        told = await asyncio.to_thread(
            figures, period, counts, verdicts, outside, rules, least_group(settings)
        )
        told.counted_since = await store.figures_since()
        told.repeat_days = settings.repeat_days if settings.contact_key else 0
        self._audit(who, "figures.look", f"{period.first} to {period.last}")
        return told

    async def rule_history(self, who: Actor, rule: str, days: int) -> RuleHistory:
        """Return how one rule did in closed calls of the last days.

        Raises:
            StoreError: the store cannot be read.
        """
        period: Period = period_of(days, "", "", self._around.clock.now())
        steps = period.steps()
        by_step: defaultdict[str, Counter[str]] = defaultdict(Counter)
        whole: Counter[str] = Counter()
        for each in await self._around.store.verdict_days(steps, rule):
            by_step[each.last_day][each.verdict] += each.calls
            whole[each.verdict] += each.calls
        self._audit(who, "rules.record", rule)
        least = least_group(self._around.settings)
        return RuleHistory(
            precision(rule, whole, least),
            tuple(_step(first, last, by_step[last], least) for first, last in steps),
            least,
        )

    def _audit(self, who: Actor, action: str, detail: str) -> None:
        self._around.saver.audit(f"agent:{who.name}", action, "", detail)


def _step(first: str, last: str, calls: Counter[str], least: int) -> RuleStep:
    told, shown = precision("", calls, least), calls.total()
    return RuleStep(first, last, shown, told.right, told.wrong, 0 < shown < least or told.few)
