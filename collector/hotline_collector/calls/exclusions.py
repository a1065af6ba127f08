"""What a call has ruled out, so that nobody looks there again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hotline_collector.model.finding import FindingState
from hotline_collector.model.rule import Text

if TYPE_CHECKING:
    from hotline_collector.calls.runtime import CallRuntime

_MAX = 60
_NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class Excluded:
    """Something that is known not to be the cause.

    `why` is passed (a check), cleared (a finding that was there and is gone), look_alike (of `instead`, the
    title of a cause) or complaint (what the complaint could have meant). `as_of` is when that was known last,
    if the caller's computer is gone by now; 0 if it is known now.
    """

    why: str
    rule: str
    title: Text
    entity: str = ""
    instead: Text = _NOTHING
    as_of: int = 0


def exclusions(call: CallRuntime) -> list[Excluded]:
    """Return what is ruled out: the most telling first, nothing twice.

    Once the caller's computer is gone, what was known until then still counts, unless it was found since.
    """
    now = known_now(call)
    if any(session.link is not None for session in call.sessions.values()):
        return now
    known = {(item.rule, item.entity) for item in now}
    present = {finding.rule for finding in call.engine.findings().values() if finding.present}
    before = (item for item in call.known_false if item.rule not in present)
    return [*now, *(item for item in before if (item.rule, item.entity) not in known)][:_MAX]


def remembered(call: CallRuntime) -> list[Excluded]:
    """Return what to remember as ruled out now that the caller's computer is gone, the old if nothing is."""
    return [replace(item, as_of=call.last) for item in known_now(call)] or call.known_false


def known_now(call: CallRuntime) -> list[Excluded]:
    """Return what is ruled out by what is known at this moment."""
    found: dict[tuple[str, str], Excluded] = {}
    for item in (*_passed(call), *_cleared(call), *_look_alikes(call), *_complained_of(call)):
        found.setdefault((item.rule, item.entity), item)
    return list(found.values())[:_MAX]


def _passed(call: CallRuntime) -> Iterator[Excluded]:
    for target in call.engine.targets():
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
    false = {target: call.engine.ruled_out(target) for target in call.engine.targets()}
    for cause in call.engine.causes():
        rule = call.engine.rule(cause.finding)
        for other in rule.look_alikes:
            if other in rules and other in false[cause.finding.target]:
                yield Excluded("look_alike", other, rules[other].title, instead=rule.title)


def _complained_of(call: CallRuntime) -> Iterator[Excluded]:
    rules = call.rules.pack.rules
    false = [call.engine.ruled_out(target) for target in call.engine.targets()]
    for name in call.engine.complained_of():
        if all(name in each for each in false):
            yield Excluded("complaint", name, rules[name].title)
