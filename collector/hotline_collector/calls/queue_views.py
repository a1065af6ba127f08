"""The queue as agents see it."""

from __future__ import annotations

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls import waits
from hotline_collector.calls.outages import Outage
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.view_texts import text
from hotline_collector.calls.views import call_summary
from hotline_collector.calls.waits import Tariff
from hotline_collector.model.outage_mark import OutageMark
from hotline_collector.model.rows import CallRow
from hotline_collector.model.targets import COMPUTER


def queue_entry(call: CallRuntime, wait: pb.WaitView) -> pb.QueueEntry:
    """Return one waiting call with the first cause found so far."""
    session = call.sessions.get(COMPUTER)
    return pb.QueueEntry(
        call=call_summary(call.row, call),
        wait=wait,
        link=session.state if session is not None else "waiting",
        link_since_us=session.since if session is not None else call.row.queued,
    )


def wait_view(row: CallRow, place: int, expected: int | None, now: int, tariff: Tariff) -> pb.WaitView:
    """Return how a call waits; the number to call back is for the call's own page only."""
    charged = waits.paid(row, now, tariff)
    view = pb.WaitView(
        place=place,
        queued_us=row.queued,
        waited_us=waits.waited(row, now),
        paid_us=charged,
        picked_us=row.picked,
        for_agent=row.for_agent,
        back_asked_us=row.back_asked,
        back_called_us=row.back_called,
    )
    if expected is not None:
        view.expected_us = expected
    if tariff.charged:
        view.cost, view.currency = str(waits.cost(charged, tariff)), tariff.currency
    return view


def outage_view(outage: Outage, mark: OutageMark | None) -> pb.OutageView:
    """Return one known outage."""
    return pb.OutageView(
        rule=outage.rule,
        title=text(outage.title),
        callers=outage.callers,
        since_us=outage.since,
        last_us=outage.last,
        state=mark.state if mark else "",
        agent=mark.agent if mark else "",
    )
