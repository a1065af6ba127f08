"""What a call has ruled out, so that nobody looks there again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hotline_collector.calls.runtime import COMPUTER, CallRuntime
from hotline_collector.model.finding import FindingState
from hotline_collector.model.rule import Text

_MAX = 60
_NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class Excluded:
    """Something that is known not to be the cause.

    `why` is passed (a check), cleared (a finding that was there and is gone), look_alike (of `instead`, the
    title of a cause) or complaint (what the complaint could have meant).
    """

    why: str
    rule: str
    title: Text
    entity: str = ""
    instead: Text = _NOTHING


def exclusions(call: CallRuntime) -> list[Excluded]:
    """Return what is ruled out as the call stands: the most telling first, nothing twice."""
    found: dict[tuple[str, str], Excluded] = {}
    for item in (*_passed(call), *_cleared(call), *_look_alikes(call), *_complained_of(call)):
        found.setdefault((item.rule, item.entity), item)
    return list(found.values())[:_MAX]


def _passed(call: CallRuntime) -> Iterator[Excluded]:
    for target in _targets(call):
        for fact in call.engine.facts(target):
            if fact.fact == "check.ok" and fact.value is True:
                yield Excluded("passed", "", _NOTHING, fact.entity)


def _cleared(call: CallRuntime) -> Iterator[Excluded]:
    for finding in call.engine.findings().values():
        if finding.state is FindingState.CLEARED:
            title = call.engine.rule(finding).title
            yield Excluded("cleared", finding.rule, title, finding.entity.key if finding.entity else "")


def _look_alikes(call: CallRuntime) -> Iterator[Excluded]:
    rules = call.rules.pack.rules
    for cause in call.engine.causes():
        rule = call.engine.rule(cause.finding)
        for other in rule.look_alikes:
            if other in call.rules.by_id and call.engine.is_ruled_out(cause.finding.target, other):
                yield Excluded("look_alike", other, rules[other].title, instead=rule.title)


def _complained_of(call: CallRuntime) -> Iterator[Excluded]:
    rules = call.rules.pack.rules
    for name in call.engine.complained_of():
        if all(call.engine.is_ruled_out(target, name) for target in _targets(call)):
            yield Excluded("complaint", name, rules[name].title)


def _targets(call: CallRuntime) -> list[int]:
    return sorted(call.sessions) or [COMPUTER]
