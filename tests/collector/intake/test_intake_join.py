"""Joining over a real connection: one clear status for each way to fail."""

from __future__ import annotations

from typing import Any

import grpc
import grpc.aio
import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.intake.joining import peer_address
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.words import commit


async def refusal(attempt: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await attempt
    return refused.value.code(), refused.value.details() or ""


async def test_a_code_opens_a_session(desk: Any) -> None:
    answer = await desk.join()
    assert len(answer.session_token) == 16
    assert len(answer.collector_nonce) == 16
    assert answer.agent_name == "mia"
    assert desk.call().row.state == "waiting"
    assert answer.session_token not in repr(desk.world.store.rows).encode()


async def test_spaces_in_a_code_do_not_matter(desk: Any) -> None:
    code = await desk.code()
    assert (await desk.join(f" {code[:3]} {code[3:6]}-{code[6:]}")).session_id


async def test_a_mistyped_code_costs_nothing(desk: Any) -> None:
    code = await desk.code()
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    status, message = await refusal(desk.join(wrong))
    assert (status, message) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "one digit of the code is mistyped; please compare it once more",
    )
    assert (await desk.join(code)).session_token


async def test_wrong_used_and_expired_codes_look_alike(desk: Any) -> None:
    used = await desk.code()
    await desk.join(used)
    expired = await desk.code()
    del desk.world.codes.live[expired]
    over = await desk.code()
    call_id = desk.world.codes.live[over].call_id
    await desk.world.desk.close(Actor("mia", "agent"), call_id, "abandoned")
    answers = {await refusal(desk.join(code)) for code in (used, expired, over, "000000000019")}
    [(status, message)] = answers
    assert status is grpc.StatusCode.NOT_FOUND
    assert "wrong, has been used or is too old" in message


async def test_a_busy_collector_asks_to_try_again(desk: Any) -> None:
    code = await desk.code()
    desk.world.codes.busy = True
    status, message = await refusal(desk.join(code))
    assert status is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "try again" in message
    desk.world.codes.busy = False
    assert (await desk.join(code)).session_token


@pytest.mark.parametrize(
    ("version", "says"), [(0, "the program is too old"), (2, "the collector is too old")]
)
async def test_an_unknown_protocol_version_says_who_is_too_old(desk: Any, version: int, says: str) -> None:
    code = await desk.code()
    status, message = await refusal(desk.join(code, protocol_version=version))
    assert status is grpc.StatusCode.FAILED_PRECONDITION
    assert says in message
    assert desk.world.codes.live


@pytest.mark.parametrize(
    "wrong",
    [
        {"probe": pb.ProbeInfo(platform="amiga")},
        {"probe": pb.ProbeInfo(platform="linux", version="9" * 65)},
        {"nonce_commitment": b"short"},
        {"nonce_commitment": b""},
    ],
)
async def test_a_nonsensical_request_uses_no_code_up(desk: Any, wrong: dict[str, Any]) -> None:
    code = await desk.code()
    status, _ = await refusal(desk.join(code, **wrong))
    assert status is grpc.StatusCode.INVALID_ARGUMENT
    assert desk.world.codes.live


async def test_bytes_that_are_no_message_are_refused(desk: Any) -> None:
    attempt = desk.channel.unary_unary("/hotline.v1.ProbeService/Join")
    status, message = await refusal(attempt(b"\xff\xff\xff"))
    assert (status, message) == (grpc.StatusCode.INVALID_ARGUMENT, "this is no JoinRequest")
    assert desk.counters.refused["malformed"] == 1


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("ipv4:192.0.2.1:40000", "192.0.2.1"),
        ("ipv6:[2001:db8::1]:40000", "2001:db8::1"),
        ("ipv6:%5B2001:db8::1%5D:40000", "2001:db8::1"),
        ("unix:/tmp/x", "/tmp/x"),
    ],
)
def test_the_address_of_a_peer(peer: str, address: str) -> None:
    assert peer_address(peer) == address


async def test_the_commitment_binds_the_nonce(desk: Any) -> None:
    answer = await desk.join(nonce_commitment=commit(b"another nonce ..."))
    line = desk.line(answer.session_token)
    hello = pb.Hello(boot_id="b", nonce=bytes(range(16)))
    await line.send(pb.ProbeFrame(hello=hello))
    status, message = await line.refused()
    assert status is grpc.StatusCode.PERMISSION_DENIED
    assert "committed" in message
