"""The way to the service and how the computer did lately, as an agent sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls.path_picture import FACTS, Fault, path_picture
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.trends import SERIES, missing
from hotline_collector.calls.view_texts import text
from hotline_collector.model.finding import Cause, Finding
from hotline_collector.model.targets import COMPUTER


def way(call: CallRuntime, causes: Iterable[Cause]) -> Iterator[pb.PathPartView]:
    """Yield the parts of the way to the service as the facts and the `causes` of a call tell them."""
    engine = call.engine
    known = {fact: engine.values(COMPUTER, fact) for fact in FACTS}
    found = (finding for cause in causes for finding in (cause.finding, *cause.symptoms))
    faults = (_fault(call, finding) for finding in found if finding.target == COMPUTER)
    service = call.row.first_check or next(iter(call.row.checks), "")
    for part in path_picture(known, faults, service):
        yield pb.PathPartView(
            part=part.name,
            state=part.state.value,
            broken=part.broken,
            reason=part.reason,
            title=text(part.title) if part.title else None,
            detail=part.detail,
        )


def machine(call: CallRuntime, now: int) -> pb.MachineView:
    """Return how the caller's computer did in the last minutes."""
    if not call.trends.number:
        return pb.MachineView()
    view = pb.MachineView(ages_ms=call.trends.ages(now))
    for index, series in enumerate(SERIES):
        view.series.add(
            name=series.name,
            unit=series.unit,
            values=call.trends.values(index),
            unknown=missing(series, lambda fact: call.engine.values(COMPUTER, fact)),
        )
    return view


def _fault(call: CallRuntime, finding: Finding) -> Fault:
    rule = call.engine.rule(finding)
    kind = finding.entity.kind if finding.entity else ""
    return Fault(finding.rule, kind, rule.severity, rule.title)
