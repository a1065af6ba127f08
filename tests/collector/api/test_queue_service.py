"""The queue over a real connection: two agents race, and a probe waits."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import grpc.aio
import pytest
from hotline_proto.v1 import agent_pb2 as pb


async def refusal(attempt: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await attempt
    return refused.value.code(), refused.value.details() or ""


async def test_of_two_agents_who_race_for_a_caller_one_gets_the_call(api: Any) -> None:
    mia, lea, stub = api.logged_in(), api.logged_in("lea"), api.stub
    for _ in range(10):
        await api.world.desk.waiting_room.enter("no web page opens", "")
    asked = [stub.TakeCall(pb.TakeCallRequest(), **who) for _ in range(10) for who in (mia, lea)]
    got = await asyncio.gather(*asked, return_exceptions=True)
    taken = [each.call_id for each in got if isinstance(each, pb.TakeCallResponse)]
    assert sorted(taken) == sorted(api.world.manager.calls) and len(taken) == len(set(taken)) == 10
    refused = [each for each in got if isinstance(each, grpc.aio.AioRpcError)]
    assert {(e.code(), e.details()) for e in refused} == {
        (grpc.StatusCode.FAILED_PRECONDITION, "nobody is waiting for you")
    }
    one = pb.TakeCallRequest(call_id=taken[0])
    status, message = await refusal(stub.TakeCall(one, **mia))
    assert status is grpc.StatusCode.FAILED_PRECONDITION and "does not wait any more" in message


async def test_a_caller_is_handed_over_and_called_back(api: Any) -> None:
    mia, lea, stub, room = api.logged_in(), api.logged_in("lea"), api.stub, api.world.desk.waiting_room
    token = await room.enter("printer is silent", "K-7")
    await room.call_me(token, "030 123456")
    listed = await stub.ListQueue(pb.ListQueueRequest(), **mia)
    [entry] = listed.waiting
    assert (entry.call.customer_reference, entry.wait.place, entry.wait.number) == ("K-7", 1, "")
    assert entry.wait.back_asked_us and listed.at_work == 1 and not entry.wait.HasField("expected_us")
    call_id = entry.call.call_id
    moved = pb.TransferCallRequest(call_id=call_id, to_agent="lea", note="knows printers")
    await stub.TransferCall(moved, **mia)
    status, message = await refusal(stub.TakeCall(pb.TakeCallRequest(), **mia))
    assert (status, message) == (grpc.StatusCode.FAILED_PRECONDITION, "nobody is waiting for you")
    answer = await stub.CallBack(pb.CallBackRequest(call_id=call_id), **lea)
    assert answer.number == "030123456"
    view = (await stub.GetCall(pb.GetCallRequest(call_id=call_id), **lea)).call
    assert (view.agent, view.wait.number, view.notes[0].text) == ("lea", "030123456", "knows printers")
    for request, method in (
        (pb.TransferCallRequest(call_id=call_id, to_agent="nobody"), stub.TransferCall),
        (pb.MarkOutageRequest(rule="x", state="?"), stub.MarkOutage),
    ):
        status, _ = await refusal(method(request, **lea))
        assert status is grpc.StatusCode.INVALID_ARGUMENT
