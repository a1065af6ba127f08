"""A clean stop: whoever is connected is told at once, and nobody is waited for."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import grpc
import grpc.aio
import pytest
from hotline_collector.calls.actor import Actor
from hotline_proto.v1 import agent_pb2
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.words import NONCE_BYTES, commit

# Far longer than the test may take: stopping must not use the grace it is given.
GRACE = 600.0
NONCE = os.urandom(NONCE_BYTES)


async def test_a_live_view_and_a_probe_are_told_and_not_waited_for(api: Any) -> None:
    row, _code = await api.world.desk.open(Actor("mia", "agent"), "slow")
    watch = api.stub.WatchCall(agent_pb2.WatchCallRequest(call_id=row.id), **api.logged_in())
    assert (await watch.read()).call.call_id == row.id
    token, _, _ = await api.world.manager.join(row.id, pb.ProbeInfo(platform="linux"), commit(NONCE))
    diagnose: Any = api.channel.stream_stream("/hotline.v1.ProbeService/Diagnose", None, None)
    probe = diagnose(metadata=(("hotline-token-bin", token),))
    hello = pb.Hello(probe=pb.ProbeInfo(platform="linux"), boot_id="boot", nonce=NONCE)
    await probe.write(pb.ProbeFrame(mono_us=1, hello=hello).SerializeToString())
    assert pb.CollectorFrame.FromString(await probe.read()).HasField("welcome")
    await asyncio.wait_for(api.server.stop(GRACE), 60)
    for call in (watch, probe):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            while await call.read() is not grpc.aio.EOF:
                pass
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert "stopping" in (caught.value.details() or "")
