"""Codes that do not let in: one clear sentence each, the exit code, and nothing sent."""

from __future__ import annotations

import json
import time
from typing import Any

import grpc
import pytest
from hotline_proto.joincode import new_code
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import probe_pb2_grpc as rpc
from hotline_proto.words import commit

WRONG = "The code is wrong, used already or expired; please ask for a new one."
MISTYPED = "One digit of the code is mistyped; please compare it once more."


def refusal(probe: Any) -> tuple[int, str]:
    """Return the exit code and the one error of a probe that was not let in."""
    code = probe.ended()
    assert not [line for line in probe.lines() if line["event"] in ("joined", "run", "consent")]
    assert not probe.frames()
    errors = [line["text"] for line in probe.lines() if line["event"] == "error"]
    errors += probe.log.read_text().splitlines()
    assert len(errors) == 1, errors
    return code, errors[0]


def other_last_digit(code: str) -> str:
    """Return the code with its last digit mistyped."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)


def test_wrong_mistyped_and_used_codes(system: Any) -> None:
    call = system.open("slow")
    other = new_code()
    assert other != call.code
    assert refusal(system.probe(call.link.replace(call.code, other))) == (3, WRONG)
    place = f"localhost:{system.grpc_port}"
    assert refusal(system.probe(f"{other_last_digit(call.code)}@{place}")) == (2, MISTYPED)
    damaged = refusal(system.probe(call.link.replace(call.code, other_last_digit(call.code))))
    assert (damaged[0], "link" in damaged[1]) == (2, True)
    system.probe(call.link).event("joined")
    assert refusal(system.probe(call.link)) == (3, WRONG)
    call.linked("connected")  # the one who is in stays in
    _, metrics = system.web("/metrics")
    refused = [line for line in metrics.splitlines() if "refused" in line and 'code_unknown"' in line]
    assert [float(line.split()[-1]) for line in refused] == [2.0]


def test_a_renewed_code_ends_the_earlier_one(system: Any) -> None:
    call = system.open("slow")
    code = call.client.renew_code(call.id)
    assert refusal(system.probe(call.link)) == (3, WRONG)
    system.probe(code.link).event("joined")


@pytest.mark.slow
def test_expired_code(make_system: Any) -> None:
    system = make_system({"HOTLINE_JOIN_CODE_LIFETIME_S": "30"})
    system.start()
    call = system.open("slow")
    code = call.client.renew_code(call.id)
    assert 25 < code.expires_us / 1e6 - time.time() <= 30
    while time.time() <= code.expires_us / 1e6:
        time.sleep(0.1)
    assert refusal(system.probe(code.link)) == (3, WRONG)


def test_other_authority_gets_no_code(system: Any, make_system: Any) -> None:
    stranger = make_system()
    stranger.start()
    call = system.open("slow")
    link = call.link.replace(str(system.grpc_port), str(stranger.grpc_port))
    code, _sentence = refusal(system.probe(link))
    assert code == 3
    system.probe(call.link).event("joined")  # the code was not shown to the stranger, nor used up


@pytest.mark.parametrize(("version", "old"), [(0, "program"), (2, "collector"), (2**32 - 1, "collector")])
def test_unknown_protocol_version(system: Any, version: int, old: str) -> None:
    call = system.open("slow")
    probe = pb.ProbeInfo(version="0.1.0", platform="linux", catalogue_digest="x", language="en")
    request = pb.JoinRequest(
        protocol_version=version, code=call.code, probe=probe, nonce_commitment=commit(bytes(16))
    )
    credentials = grpc.ssl_channel_credentials(system.ca_pem.encode())
    with grpc.secure_channel(f"localhost:{system.grpc_port}", credentials) as channel:
        stub: Any = rpc.ProbeServiceStub(channel)  # type: ignore[no-untyped-call]
        with pytest.raises(grpc.RpcError) as refused:
            stub.Join(request, timeout=10)
        assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert f"the {old} is too old" in refused.value.details()
        request.protocol_version = 1
        assert stub.Join(request, timeout=10).session_id, "the refused attempt has not used the code up"


def test_no_consent_no_frame(system: Any) -> None:
    call = system.open("slow")
    denied = system.probe(call.link, consent="none")
    assert denied.ended() in (2, 4)
    assert not denied.frames()
    assert [json.dumps(line) for line in denied.lines() if line["event"] == "run"] == []
    assert [target.link for target in call.view().targets] == ["waiting"]
