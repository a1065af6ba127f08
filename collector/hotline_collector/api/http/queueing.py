"""Operations on the queue: who waits, taking, handing over, calling back, and what several callers have."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from hotline_proto.v1 import agent_pb2 as pb
from starlette.responses import Response

from hotline_collector.api.http import requests as take
from hotline_collector.api.http.calls import CallId
from hotline_collector.api.http.operations import TheDesk, Who, answer, does, done

_RACED = ("not_found", "conflict")
router = APIRouter(tags=["queue"])
RuleId = Annotated[str, Path(description="Id of a rule.", max_length=200, examples=["net.dns.server_dead"])]


@router.get("/queue", **does("ListQueue", pb.ListQueueResponse))
async def list_queue(who: Who, desk: TheDesk) -> Response:
    """Next first, each with the first cause so far; and causes that several callers have."""
    return answer(await desk.queue.look(who))


@router.post("/calls/{call_id}/take", **does("TakeCall", pb.TakeCallResponse, problems=_RACED))
async def take_call(who: Who, desk: TheDesk, call_id: CallId) -> Response:
    """With `next` in place of an id the first caller; of two agents at the same time one gets the call."""
    taken = await desk.queue.take(who, "" if call_id == "next" else call_id)
    return answer(pb.TakeCallResponse(call_id=taken))


@router.post(
    "/calls/{call_id}/transfer",
    **does("TransferCall", status=204, problems=(*_RACED, "reason"), body=True),
)
async def transfer_call(who: Who, desk: TheDesk, call_id: CallId, body: take.Transfer) -> Response:
    """The caller waits once more, at the place that they came at."""
    await desk.queue.transfer(who, call_id, body.to_agent, body.note)
    return done()


@router.post("/calls/{call_id}/call-back", **does("CallBack", pb.CallBackResponse, problems=_RACED))
async def call_back(who: Who, desk: TheDesk, call_id: CallId) -> Response:
    """The number that the caller left; whoever waits is taken with it."""
    return answer(pb.CallBackResponse(number=await desk.queue.call_back(who, call_id)))


@router.put("/outages/{rule}", **does("MarkOutage", status=204, problems=_RACED, body=True))
async def mark_outage(who: Who, desk: TheDesk, rule: RuleId, body: take.Outage) -> Response:
    """Desks show it as announced, or not any more."""
    await desk.queue.mark_outage(who, rule, body.state)
    return done()
