"""Earlier calls of the same customer and what was tried in them, if the operator has it recognised."""

from __future__ import annotations

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls.contacts import DAY_US, contact_of
from hotline_collector.calls.manager import CallManager
from hotline_collector.model.rows import EarlierCall


async def earlier_calls(
    manager: CallManager, reference: str, leave_out: str = ""
) -> pb.ListEarlierCallsResponse:
    """Return the open calls of a customer, then the closed ones of the days that count; none if it is off."""
    settings = manager.around.settings
    contact = contact_of(settings, reference)
    if not contact:
        return pb.ListEarlierCallsResponse(recognised=bool(settings.contact_key))
    since = manager.around.clock.now() - settings.repeat_days * DAY_US
    closed = await manager.around.store.earlier_calls(contact, since)
    views = [*open_calls(manager, reference), *map(_view, closed)]
    return pb.ListEarlierCallsResponse(
        recognised=True, calls=[view for view in views if view.call_id != leave_out]
    )


def open_calls(manager: CallManager, reference: str) -> list[pb.EarlierCallView]:
    """Return the open calls with a customer reference, newest first."""
    found = [
        call.row for call in manager.calls.values() if reference and call.row.customer_reference == reference
    ]
    found.sort(key=lambda row: (-row.opened, row.id))
    return [pb.EarlierCallView(call_id=r.id, opened_us=r.opened, complaint=r.complaint) for r in found]


def _view(call: EarlierCall) -> pb.EarlierCallView:
    view = pb.EarlierCallView(
        call_id=call.call_id,
        opened_us=call.opened,
        closed_us=call.closed,
        complaint=call.complaint,
        outcome=call.outcome,
        cause=pb.Text(en=call.cause.get("en", ""), de=call.cause.get("de", "")),
    )
    for each in call.tried:
        view.tried.add(
            title=pb.Text(en=each.get("en", ""), de=each.get("de", "")), state=each.get("state", "")
        )
    return view
