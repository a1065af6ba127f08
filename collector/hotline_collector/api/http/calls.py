"""Operations on calls as a whole: open, look, watch, export, close; and logging in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request
from hotline_proto.v1 import agent_pb2 as pb
from starlette.responses import Response

from hotline_collector.api.http import requests as take
from hotline_collector.api.http.events import EVENTS, Streams
from hotline_collector.api.http.operations import TheDesk, Who, answer, does
from hotline_collector.api.http.problems import PREFIX, Refused
from hotline_collector.calls.bounds import MAX_COMPLAINT, MAX_REFERENCE
from hotline_collector.calls.ports import Accounts
from hotline_collector.calls.wrapup import Texts
from hotline_collector.model.units import lang_of

_MAX_SEEN = 100
_RECORD = "application/octet-stream"
_LINK = {
    "operationId": "getCall",
    "parameters": {"call_id": "$response.body#/call_id"},
    "description": "The call that was opened.",
}

router = APIRouter()
CallId = Annotated[
    str, Path(description="Id of a call.", max_length=64, examples=["01936f3c-0000-7000-8000-000000000000"])
]
IncludeFacts = Annotated[bool, Query(description="Add every fact with value, unit, age and origin.")]


@router.post("/login", tags=["login"], **does("Login", pb.LoginResponse, body=True, token=False))
async def log_in(request: Request, body: take.Credentials) -> Response:
    """The token counts for twelve hours or until the password is changed."""
    accounts: Accounts = request.app.state.accounts
    host, port = (request.client.host, request.client.port) if request.client else ("", 0)
    login = await accounts.login(body.user, body.password, host, f"{host}:{port}")
    if login is None:
        headers = {"www-authenticate": 'Bearer realm="hotline"'}
        raise Refused("unauthenticated", "name or password is wrong", headers=headers)
    granted = pb.LoginResponse(
        token=login.token, expires_us=login.expires, role=login.role, language=login.language
    )
    return answer(granted)


@router.get("/calls", tags=["calls"], **does("ListCalls", pb.ListCallsResponse))
async def list_calls(
    who: Who,
    desk: TheDesk,
    include_closed: Annotated[bool, Query(description="Closed calls too.")] = False,
) -> Response:
    """One line for each call, with its top cause."""
    calls = await desk.list(who, include_closed=include_closed)
    return answer(pb.ListCallsResponse(calls=calls))


@router.post(
    "/calls",
    tags=["calls"],
    **does("OpenCall", pb.OpenCallResponse, status=201, body=True, links={"getCall": _LINK}),
)
async def open_call(who: Who, desk: TheDesk, body: take.NewCall) -> Response:
    """Read the code out, or send the link or the page; the first probe that joins uses it up."""
    row, code = await desk.open(
        who, body.complaint, reference=body.customer_reference, first_check=body.first_check
    )
    opened = pb.OpenCallResponse(call_id=row.id, code=code)
    return answer(opened, 201, location=f"{PREFIX}/calls/{row.id}")


@router.get(
    "/calls/{call_id}",
    tags=["calls"],
    **does("GetCall", pb.CallView, problems=["not_found"]),
)
async def get_call(who: Who, desk: TheDesk, call_id: CallId, include_facts: IncludeFacts = False) -> Response:
    """Causes with evidence, suspicions with what is missing, questions, fixes; a closed call as it was."""
    return answer(await desk.view(who, call_id, include_facts=include_facts))


@router.get(
    "/calls/{call_id}/events",
    tags=["calls"],
    **does("WatchCall", content=EVENTS, problems=["not_found"]),
)
async def watch_call(
    request: Request,
    who: Who,
    desk: TheDesk,
    call_id: CallId,
    include_facts: IncludeFacts = False,
    last_event_id: Annotated[str, Header(description="Where to go on.", max_length=_MAX_SEEN)] = "",
) -> Response:
    """Events: `call` (a CallView) at every change, then `closed`; `gone` or `reason` if it may not go on."""
    streams: Streams = request.app.state.streams
    call = await desk.watched(who, call_id)
    return streams.stream(who, call, request.state.token, last_event_id, include_facts=include_facts)


@router.get(
    "/calls/{call_id}/record",
    tags=["calls"],
    **does("ExportRecord", content={_RECORD: {"schema": {}}}, problems=["not_found"]),
)
async def export_record(who: Who, desk: TheDesk, call_id: CallId) -> Response:
    """A record file, as `hotline rules replay` reads it."""
    record = await desk.export(who, call_id)
    headers = {"content-disposition": 'attachment; filename="call.hlb"'}
    return Response(record, media_type=_RECORD, headers=headers)


@router.post(
    "/bundles",
    tags=["calls"],
    **does(
        "ImportBundle",
        pb.ImportBundleResponse,
        status=201,
        body=True,
        links={"getCall": _LINK},
        takes={_RECORD: {"schema": {"type": "string", "format": "binary"}}},
    ),
)
async def import_bundle(
    request: Request,
    who: Who,
    desk: TheDesk,
    complaint: Annotated[
        str, Query(description="Empty for that of the record.", max_length=MAX_COMPLAINT)
    ] = "",
    customer_reference: Annotated[
        str, Query(description="The operator's own reference.", max_length=MAX_REFERENCE)
    ] = "",
) -> Response:
    """The body is a record file of at most 16 MiB; the pack in use judges it."""
    done = await desk.import_record(
        who, await request.body(), complaint=complaint, reference=customer_reference
    )
    opened = pb.ImportBundleResponse(call_id=done.row.id, findings=done.findings, refused=done.refused)
    return answer(opened, 201, location=f"{PREFIX}/calls/{done.row.id}")


@router.post(
    "/calls/{call_id}/code",
    tags=["calls"],
    **does("RenewCode", pb.RenewCodeResponse, problems=["not_found"]),
)
async def renew_code(who: Who, desk: TheDesk, call_id: CallId) -> Response:
    """Earlier codes of the call end."""
    return answer(pb.RenewCodeResponse(code=await desk.renew_code(who, call_id)))


@router.post(
    "/calls/{call_id}/close",
    tags=["calls"],
    **does("CloseCall", pb.CloseCallResponse, problems=["not_found", "conflict"], body=True),
)
async def close_call(who: Who, desk: TheDesk, call_id: CallId, body: take.Close) -> Response:
    """What is closed is only looked at from then on."""
    state = await desk.close(
        who,
        call_id,
        body.outcome,
        note=body.note,
        caller_confirmed=body.caller_confirmed,
        texts=Texts(body.ticket, body.summary),
        lang=lang_of(body.language),
    )
    return answer(pb.CloseCallResponse(state=state))


@router.get("/rules/pack", tags=["rules"], **does("GetRulePack", pb.GetRulePackResponse))
async def get_rule_pack(who: Who, desk: TheDesk) -> Response:
    """Name, version and digest of the pack, and the faults of a newer one that was refused."""
    return answer(desk.rule_pack(who))


@router.get(
    "/rules/records",
    tags=["rules"],
    **does("ListRuleRecords", pb.ListRuleRecordsResponse),
)
async def list_rule_records(
    who: Who,
    desk: TheDesk,
    prefix: Annotated[
        str, Query(description="How the rules' ids begin.", max_length=200, examples=["net.dns."])
    ] = "",
) -> Response:
    """For leads and admins: how often each rule was right or wrong, and causes that no rule knows."""
    return answer(await desk.rule_records(who, prefix))
