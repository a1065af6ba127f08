"""Redeems join codes: one clear status for each way in which that can fail."""

from __future__ import annotations

import hashlib
import urllib.parse

import grpc
from google.protobuf.message import DecodeError
from hotline_proto import PROTOCOL_VERSION
from hotline_proto.errors import JoinCodeError
from hotline_proto.joincode import normalise_code
from hotline_proto.v1 import probe_pb2 as pb

from hotline_collector.calls.errors import CallError
from hotline_collector.calls.manager import CallManager
from hotline_collector.calls.ports import JoinCodes
from hotline_collector.errors import Busy
from hotline_collector.intake.errors import Refused

_COMMITMENT_BYTES = 32
_MAX_TEXT = 64
_PLATFORMS = ("linux", "windows", "macos")
# One sentence for every reason: who guesses must not learn which codes exist.
_NO_SUCH_CODE = "this code is wrong, has been used or is too old; please ask the agent for a new one"


class Joining:
    """Turns a code into a session."""

    def __init__(self, manager: CallManager, codes: JoinCodes) -> None:
        self._manager = manager
        self._codes = codes

    async def join(self, raw: bytes, peer: str) -> pb.JoinResponse:
        """Return a session for a valid request; `peer` is the address as gRPC spells it.

        Raises:
            Refused: INVALID_ARGUMENT, FAILED_PRECONDITION, NOT_FOUND or RESOURCE_EXHAUSTED.
        """
        request = _parse(raw)
        _check_version(request.protocol_version)
        _check_probe(request)
        try:
            code = normalise_code(request.code)
        except JoinCodeError as error:
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, "code_mistyped", str(error)) from error
        try:
            purpose = await self._codes.redeem(code, peer_address(peer), peer)
        except Busy as error:
            raise Refused(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                "code_paced",
                "too many codes are tried right now; this one was not looked at, try again in a moment",
            ) from error
        if purpose is None:
            raise Refused(grpc.StatusCode.NOT_FOUND, "code_unknown", _NO_SUCH_CODE)
        try:
            token, call, session = await self._manager.join(
                purpose.call_id, request.probe, request.nonce_commitment, purpose.target
            )
        except CallError as error:
            raise Refused(grpc.StatusCode.NOT_FOUND, "code_unknown", _NO_SUCH_CODE) from error
        return pb.JoinResponse(
            session_token=token,
            session_id=session.row.id,
            operator_name=call.around.settings.operator_name,
            agent_name=call.row.agent,
            collector_nonce=session.row.collector_nonce,
            requested_consent=[pb.CONSENT_LAYER_BASIC, pb.CONSENT_LAYER_PERSONAL],
            call_salt=hashlib.sha256(f"call {purpose.call_id}".encode()).digest(),
        )


def peer_address(peer: str) -> str:
    """Return the address in a gRPC peer such as "ipv4:192.0.2.1:40000" or "ipv6:[2001:db8::1]:40000"."""
    _scheme, _, place = urllib.parse.unquote(peer).partition(":")
    return place.rpartition(":")[0].strip("[]") or place


def _parse(raw: bytes) -> pb.JoinRequest:
    try:
        return pb.JoinRequest.FromString(raw)
    except DecodeError as error:
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, "malformed", "this is no JoinRequest") from error


def _check_version(version: int) -> None:
    if version == PROTOCOL_VERSION:
        return
    old, new = ("program", "collector") if version < PROTOCOL_VERSION else ("collector", "program")
    remedy = "please load it again" if old == "program" else "its operator must update it"
    raise Refused(
        grpc.StatusCode.FAILED_PRECONDITION,
        "protocol_version",
        f"the {old} is too old for the {new} (protocol {version} against {PROTOCOL_VERSION}); {remedy}",
    )


def _check_probe(request: pb.JoinRequest) -> None:
    probe = request.probe
    texts = (probe.version, probe.catalogue_digest, probe.language)
    if probe.platform not in _PLATFORMS or any(len(text) > _MAX_TEXT for text in texts):
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, "malformed", "the probe does not say what it is")
    if len(request.nonce_commitment) != _COMMITMENT_BYTES:
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, "malformed", "the commitment to a nonce has 32 bytes")
