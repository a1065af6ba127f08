"""Operations around the end of a call: texts, reports, tickets, earlier calls, and what is kept of a call."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from hotline_proto.v1 import agent_pb2 as pb
from starlette.responses import Response

from hotline_collector.api.http import requests as take
from hotline_collector.api.http.calls import CallId
from hotline_collector.api.http.operations import TheDesk, Who, answer, does, done
from hotline_collector.calls.bounds import MAX_REFERENCE
from hotline_collector.calls.wrapup import Texts
from hotline_collector.model.units import lang_of

_LOOKED = ("not_found", "reason")
_REPORTS: dict[str, Any] = {
    name: {"schema": {}} for name in ("application/json", "text/html", "application/pdf", "text/plain")
}
_DAY = r"^(?:\d{4}-\d{2}-\d{2})?$"
Language = Annotated[
    str,
    Query(description="en or de.", max_length=8, examples=["de"], json_schema_extra={"enum": ["en", "de"]}),
]
Form = Annotated[
    str,
    Query(
        alias="format",
        description="json, html, pdf or text.",
        max_length=8,
        json_schema_extra={"enum": ["json", "html", "pdf", "text"]},
    ),
]
Outcome = Annotated[str, Query(description="Empty for the one that fits.", max_length=40)]
Day = Annotated[str, Query(description="YYYY-MM-DD in UTC.", pattern=_DAY, max_length=10)]

router = APIRouter(prefix="/calls/{call_id}", tags=["calls"])
others = APIRouter()


@router.get("/wrap-up", **does("GetWrapUp", pb.GetWrapUpResponse, problems=_LOOKED))
async def get_wrap_up(
    who: Who, desk: TheDesk, call_id: CallId, outcome: Outcome = "", language: Language = "en"
) -> Response:
    """What is lacking for *solved*, changes still in force, and the texts the system would write."""
    return answer(await desk.wrap_up(who, call_id, outcome, lang_of(language)))


@router.put("/texts", **does("SaveTexts", status=204, problems=(*_LOOKED, "conflict"), body=True))
async def save_texts(who: Who, desk: TheDesk, call_id: CallId, body: take.Texts) -> Response:
    """Kept until the call is closed with them."""
    await desk.save_texts(who, call_id, Texts(body.ticket, body.summary))
    return done()


@router.get("/report", **does("ExportReport", content=_REPORTS, problems=_LOOKED))
async def export_report(
    who: Who, desk: TheDesk, call_id: CallId, form: Form = "json", language: Language = "en"
) -> Response:
    """One sheet: what was found and excluded, with values and limits, and which fixes were proven."""
    report = await desk.report(who, call_id, form, lang_of(language))
    headers = {"content-disposition": f'attachment; filename="{report.name}"'}
    return Response(report.data, media_type=report.media_type, headers=headers)


@router.put(
    "/complaint", **does("CorrectComplaint", pb.CorrectComplaintResponse, problems=_LOOKED, body=True)
)
async def correct_complaint(who: Who, desk: TheDesk, call_id: CallId, body: take.Complaint) -> Response:
    """Ranking and questions follow it."""
    kept = await desk.correct_complaint(who, call_id, body.complaint)
    return answer(pb.CorrectComplaintResponse(complaint=kept))


@router.post("/deliveries", **does("ResendDeliveries", pb.ResendDeliveriesResponse, problems=_LOOKED))
async def resend_deliveries(who: Who, desk: TheDesk, call_id: CallId) -> Response:
    """How many messages to the ticket system are tried once more."""
    return answer(pb.ResendDeliveriesResponse(deliveries=await desk.resend(who, call_id)))


@router.post("/measurements", **does("MeasureNow", status=204, problems=(*_LOOKED, "conflict"), body=True))
async def measure_now(who: Who, desk: TheDesk, call_id: CallId, body: take.Source) -> Response:
    """The caller's computer runs it as soon as it can."""
    await desk.measure(who, call_id, body.source)
    return done()


@router.post("/access", **does("RequestAccess", pb.RequestAccessResponse, problems=["not_found"], body=True))
async def request_access(who: Who, desk: TheDesk, call_id: CallId, body: take.Reason) -> Response:
    """Opens another agent's call for an hour."""
    return answer(pb.RequestAccessResponse(until_us=await desk.request_access(who, call_id, body.reason)))


@router.get("/subject", **does("ExportSubject", pb.ExportSubjectResponse, problems=_LOOKED))
async def export_subject(who: Who, desk: TheDesk, call_id: CallId, language: Language = "en") -> Response:
    """A text for the caller (GDPR Art. 15)."""
    return answer(pb.ExportSubjectResponse(text=await desk.export_subject(who, call_id, lang_of(language))))


@router.post("/erasure", **does("EraseCall", status=204, problems=["not_found"], body=True))
async def erase_call(who: Who, desk: TheDesk, call_id: CallId, body: take.Reason) -> Response:
    """For leads and admins; the reason stays."""
    await desk.erase(who, call_id, body.reason)
    return done()


@others.get("/earlier-calls", tags=["calls"], **does("ListEarlierCalls", pb.ListEarlierCallsResponse))
async def list_earlier_calls(
    who: Who,
    desk: TheDesk,
    customer_reference: Annotated[
        str, Query(description="The operator's own number.", max_length=MAX_REFERENCE, examples=["K-4711"])
    ],
) -> Response:
    """What was tried in them; only where the operator has repeat contact recognised."""
    return answer(await desk.earlier(who, customer_reference))


@others.get("/figures", tags=["figures"], **does("GetFigures", pb.GetFiguresResponse))
async def get_figures(
    who: Who,
    desk: TheDesk,
    days: Annotated[int, Query(description="The last days; 0 for 30.", ge=0, le=3660)] = 0,
    first_day: Day = "",
    last_day: Day = "",
) -> Response:
    """For leads and admins: waiting, handling, causes and proofs of the whole team."""
    return answer(await desk.reporting.figures(who, days=days, first=first_day, last=last_day))
