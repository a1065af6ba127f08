"""Whatever names a call is refused to who may not open it, for every method that there is or will be."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from hotline_proto.v1 import agent_pb2 as pb

SERVICE = pb.DESCRIPTOR.services_by_name["AgentService"]
# Asking for access is the way in. Whoever takes a caller from the queue, or calls one back, makes the call
# their own. Systems of the operator say what they know about any call and see nothing of it; messages about a
# closed call are sent once more by whoever looks after them; a lead erases what nobody may look at any more.
OPEN = {"RequestAccess", "TakeCall", "CallBack", "EnterFact", "ResendDeliveries", "EraseCall"}
NAMING_A_CALL = sorted(
    method.name
    for method in SERVICE.methods
    if "call_id" in method.input_type.fields_by_name and method.name not in OPEN
)


async def answered(stub: Any, name: str, call_id: str, **auth: Any) -> grpc.StatusCode:
    """Return how a method answers to a request that names a call and nothing else."""
    method = SERVICE.methods_by_name[name]
    request = getattr(pb, method.input_type.name)(call_id=call_id)
    try:
        call = getattr(stub, name)(request, **auth)
        if method.server_streaming:
            await call.read()
        else:
            await call
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def test_most_methods_name_a_call() -> None:
    assert len(NAMING_A_CALL) >= 20


@pytest.mark.parametrize("name", NAMING_A_CALL)
async def test_the_call_of_another_stays_closed(api: Any, join: Any, name: str) -> None:
    api.accounts.roles["tom"] = "agent"
    call = (await join(api.world)).call
    before = (call.version, call.row.state, len(call.notes), len(call.devices), call.row.agent)
    for user in ("tom", "lea"):
        status = await answered(api.stub, name, call.row.id, **api.logged_in(user))
        assert status is grpc.StatusCode.PERMISSION_DENIED, (user, name)
    assert (call.version, call.row.state, len(call.notes), len(call.devices), call.row.agent) == before


@pytest.mark.parametrize("name", NAMING_A_CALL)
async def test_a_call_that_there_is_not_is_said_not_to_be(api: Any, name: str) -> None:
    status = await answered(api.stub, name, "nobody", **api.logged_in("lea"))
    assert status in (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.INVALID_ARGUMENT), name
