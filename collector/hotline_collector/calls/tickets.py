"""What a ticket system is told about a call, and when; docs/webhook.md describes the messages."""

from __future__ import annotations

import json
from collections.abc import Iterator

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls.ids import new_id
from hotline_collector.calls.reports.rendering import as_json
from hotline_collector.calls.reports.report import Report
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.model.rows import DeliveryRow
from hotline_collector.model.units import Lang

CLOSED, HANDED_OVER = "call.closed", "call.handed_over"
EVENTS = (CLOSED, HANDED_OVER)
# Who sends the messages listens here for new ones.
TOPIC = "deliveries"
_HANDED_OVER = frozenset({"second_level", "technician"})


def messages(call: CallRuntime, report: Report, lang: Lang) -> Iterator[DeliveryRow]:
    """Yield the messages that the operator wants about a call that is being closed, as they are sent."""
    for event in call.around.settings.ticket_events:
        if event == HANDED_OVER and call.row.outcome not in _HANDED_OVER:
            continue
        payload = {
            "type": event,
            "timestamp": report.call.closed,
            "data": {"page": _page(call), "language": lang, "report": as_json(report)},
        }
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        yield DeliveryRow(new_id(), call.row.id, event, body, call.row.closed, call.row.closed)


def delivery_view(row: DeliveryRow) -> pb.DeliveryView:
    """Return where a message stands."""
    return pb.DeliveryView(
        delivery_id=row.id,
        event=row.event,
        state=row.state,
        attempts=row.attempts,
        detail=row.detail,
        due_us=row.due if row.state == "waiting" else 0,
        settled_us=row.settled,
    )


def _page(call: CallRuntime) -> str:
    web = call.around.settings.web_url
    return f"{web}/desk/calls/{call.row.id}" if web else ""
