"""Others' calls, export for the caller and erasure over gRPC: statuses and roles."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from hotline_proto.v1 import agent_pb2 as pb


async def refused(attempt: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await attempt
    return caught.value.code(), caught.value.details() or ""


async def test_a_reason_opens_the_call_of_another(api: Any, join: Any) -> None:
    call_id = (await join(api.world)).call.row.id
    stub, lead = api.stub, api.logged_in("lea")
    looks = pb.GetCallRequest(call_id=call_id)
    code, why = await refused(stub.GetCall(looks, **lead))
    assert (code, "--reason" in why) == (grpc.StatusCode.PERMISSION_DENIED, True)
    for stream in (
        stub.WatchCall(pb.WatchCallRequest(call_id=call_id), **lead),
        stub.ExportRecord(pb.ExportRecordRequest(call_id=call_id), **lead),
    ):
        assert (await refused(stream.read()))[0] is grpc.StatusCode.PERMISSION_DENIED
    asking = pb.RequestAccessRequest(call_id=call_id)
    assert (await refused(stub.RequestAccess(asking, **lead)))[0] is grpc.StatusCode.INVALID_ARGUMENT
    asking.reason = "mia is ill"
    assert (await stub.RequestAccess(asking, **lead)).until_us > api.world.clock.now()
    assert (await stub.GetCall(looks, **lead)).call.call_id == call_id


async def test_everything_kept_comes_in_the_language_asked_for(api: Any, join: Any) -> None:
    call_id = (await join(api.world)).call.row.id
    api.world.store.audit_of = _no_trail
    for lang, title in (("de", "Alles, was"), ("en", "Everything that"), ("xx", "Everything that")):
        answer = await api.stub.ExportSubject(
            pb.ExportSubjectRequest(call_id=call_id, lang=lang), **api.logged_in()
        )
        assert answer.text.startswith(title)


async def test_only_leads_and_admins_erase(api: Any, join: Any) -> None:
    call_id = (await join(api.world)).call.row.id
    asking = pb.EraseCallRequest(call_id=call_id, reason="asked")
    assert (await refused(api.stub.EraseCall(asking, **api.logged_in())))[
        0
    ] is grpc.StatusCode.PERMISSION_DENIED
    assert call_id in api.world.manager.calls
    await api.stub.EraseCall(asking, **api.logged_in("lea"))
    assert call_id not in api.world.manager.calls
    assert (await refused(api.stub.EraseCall(asking, **api.logged_in("lea"))))[0] is grpc.StatusCode.NOT_FOUND


async def _no_trail(_call_id: str) -> list[Any]:
    return []
