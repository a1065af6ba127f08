"""The agent's face as gRPC: every method is a thin layer over the desk."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import grpc
import grpc.aio
from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.api.access import NotAdmitted, current_actor, current_token
from hotline_collector.api.standing import Standing
from hotline_collector.calls.bounds import MAX_BUNDLE
from hotline_collector.calls.desk import Desk
from hotline_collector.calls.errors import CallError, CallErrorKind, invalid
from hotline_collector.calls.ports import Accounts, Subscription
from hotline_collector.calls.runtime import CallRuntime, topic
from hotline_collector.calls.wrapup import Texts
from hotline_collector.errors import Busy, StoreError
from hotline_collector.intake.joining import peer_address
from hotline_collector.model.units import lang_of

_BETWEEN_VIEWS_S = 0.1
_REFRESH_S = 1.0
# So late at most a view ends after the hour for which another agent's call was opened, or after the login.
_ADMIT_AGAIN_S = 15.0
_MAX_CREDENTIAL = 256
_CHUNK = 256 * 1024
_UPLOAD_S = 120.0
_STATUS = {
    CallErrorKind.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    CallErrorKind.INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    CallErrorKind.LOCKED: grpc.StatusCode.PERMISSION_DENIED,
    CallErrorKind.REASON: grpc.StatusCode.PERMISSION_DENIED,
    CallErrorKind.CONFLICT: grpc.StatusCode.FAILED_PRECONDITION,
    CallErrorKind.UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
}
_log = logging.getLogger(__name__)
Request = TypeVar("Request")
Response = TypeVar("Response")
_Method = Callable[[Any, Request, Any], Awaitable[Response]]


def _answering(method: _Method[Request, Response]) -> _Method[Request, Response]:
    """Turn errors of the call layer into statuses; anything else is logged and hidden."""

    @functools.wraps(method)
    async def guarded(self: Any, request: Request, context: Any) -> Response:
        try:
            return await method(self, request, context)
        except CallError as error:
            await context.abort(_STATUS[error.kind], str(error))
            raise
        except grpc.aio.BaseError:
            raise
        except Exception as error:
            if not isinstance(error, Busy):
                _log.exception("%s failed", method.__name__)
            await context.abort(*_failure(error))
            raise

    return guarded


class AgentService:
    """Answers agents; who they are is known from the interceptor."""

    def __init__(self, desk: Desk, accounts: Accounts) -> None:
        self._desk = desk
        self._accounts = accounts
        self._stopping = False

    def hang_up(self) -> None:
        """End every live view because the collector stops; the faces come back by themselves."""
        self._stopping = True
        for call in self._desk.manager.calls.values():
            call.changed()

    @_answering
    async def Login(self, request: pb.LoginRequest, context: Any) -> pb.LoginResponse:  # noqa: N802
        """Exchange name and password for a token."""
        login = None
        if len(request.user) <= _MAX_CREDENTIAL and len(request.password) <= _MAX_CREDENTIAL:
            peer = context.peer()
            login = await self._accounts.login(request.user, request.password, peer_address(peer), peer)
        if login is None:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "name or password is wrong")
            raise AssertionError
        return pb.LoginResponse(
            token=login.token, expires_us=login.expires, role=login.role, language=login.language
        )

    @_answering
    async def OpenCall(self, request: pb.OpenCallRequest, _context: Any) -> pb.OpenCallResponse:  # noqa: N802
        """Open a call and make its join code."""
        row, code = await self._desk.open(
            current_actor(),
            request.complaint,
            reference=request.customer_reference,
            first_check=request.first_check,
        )
        return pb.OpenCallResponse(call_id=row.id, code=code)

    @_answering
    async def ListCalls(self, request: pb.ListCallsRequest, _context: Any) -> pb.ListCallsResponse:  # noqa: N802
        """List calls, newest first."""
        calls = await self._desk.list(current_actor(), include_closed=request.include_closed)
        return pb.ListCallsResponse(calls=calls)

    @_answering
    async def GetCall(self, request: pb.GetCallRequest, _context: Any) -> pb.GetCallResponse:  # noqa: N802
        """Show one call as it is now."""
        view = await self._desk.view(current_actor(), request.call_id, include_facts=request.include_facts)
        return pb.GetCallResponse(call=view)

    async def WatchCall(  # noqa: N802
        self, request: pb.WatchCallRequest, context: Any
    ) -> AsyncIterator[pb.WatchCallResponse]:
        """Stream the call whenever something changes; the newest state wins."""
        standing = Standing(self._accounts, current_token(), current_actor(), "WatchCall")
        try:
            async for view in self._views(standing, request):
                yield pb.WatchCallResponse(call=view)
        except CallError as error:
            await context.abort(_STATUS[error.kind], str(error))
            raise
        except NotAdmitted as error:
            await context.abort(error.status, str(error))
            raise

    async def _views(self, standing: Standing, request: pb.WatchCallRequest) -> AsyncIterator[pb.CallView]:
        """Yield the states of a call for as long as somebody may see it."""
        call = await self._desk.watched(await standing.who(), request.call_id)
        async with call.around.bus.subscribe(topic(call.row.id)) as news:
            while True:
                if self._stopping:
                    raise CallError(CallErrorKind.UNAVAILABLE, "the collector is stopping; try again")
                self._desk.looks.admit(await standing.who(), call.row)
                yield self._desk.look(call, include_facts=request.include_facts)
                if call.row.state == "closed":
                    return
                await asyncio.sleep(_BETWEEN_VIEWS_S)
                moves = request.include_facts or time_shows(call)
                while not await _heard(news, _REFRESH_S if moves else _ADMIT_AGAIN_S) and not moves:
                    self._desk.looks.admit(await standing.who(), call.row)

    async def ExportRecord(  # noqa: N802
        self, request: pb.ExportRecordRequest, context: Any
    ) -> AsyncIterator[pb.ExportRecordResponse]:
        """Stream the record of a call as a record file."""
        try:
            record = await self._desk.export(current_actor(), request.call_id)
        except CallError as error:
            await context.abort(_STATUS[error.kind], str(error))
            raise
        for start in range(0, len(record), _CHUNK):
            yield pb.ExportRecordResponse(chunk=record[start : start + _CHUNK])

    @_answering
    async def ImportBundle(  # noqa: N802
        self, requests: AsyncIterator[pb.ImportBundleRequest], _context: Any
    ) -> pb.ImportBundleResponse:
        """Open a closed call from a record file; no more of it is read than may be imported."""
        texts, data = pb.ImportBundleRequest(), bytearray()
        try:
            async with asyncio.timeout(_UPLOAD_S):
                async for request in requests:
                    texts.MergeFrom(
                        pb.ImportBundleRequest(
                            complaint=request.complaint, customer_reference=request.customer_reference
                        )
                    )
                    data += request.chunk
                    if len(data) > MAX_BUNDLE:
                        break
        except TimeoutError:
            raise invalid(f"the file did not arrive within {_UPLOAD_S:g} s") from None
        done = await self._desk.import_record(
            current_actor(), bytes(data), complaint=texts.complaint, reference=texts.customer_reference
        )
        return pb.ImportBundleResponse(call_id=done.row.id, findings=done.findings, refused=done.refused)

    @_answering
    async def AddCheck(self, request: pb.AddCheckRequest, _context: Any) -> pb.AddCheckResponse:  # noqa: N802
        """Have the probe check a host:port or URL."""
        await self._desk.add_check(current_actor(), request.call_id, request.check)
        return pb.AddCheckResponse()

    @_answering
    async def AddTarget(self, request: pb.AddTargetRequest, _context: Any) -> pb.AddTargetResponse:  # noqa: N802
        """Have a device read, by the caller's computer if the caller allows it or by the collector."""
        target = await self._desk.add_target(
            current_actor(),
            request.call_id,
            request.address,
            request.fingerprint,
            from_collector=request.from_collector,
        )
        return pb.AddTargetResponse(target=target)

    @_answering
    async def MeasureNow(self, request: pb.MeasureNowRequest, _context: Any) -> pb.MeasureNowResponse:  # noqa: N802
        """Have a source of the caller's computer run at once."""
        await self._desk.measure(current_actor(), request.call_id, request.source)
        return pb.MeasureNowResponse()

    @_answering
    async def AskPersonal(  # noqa: N802
        self, request: pb.AskPersonalRequest, _context: Any
    ) -> pb.AskPersonalResponse:
        """Have the caller asked for personal facts."""
        await self._desk.ask_personal(current_actor(), request.call_id)
        return pb.AskPersonalResponse()

    @_answering
    async def AnswerQuestion(  # noqa: N802
        self, request: pb.AnswerQuestionRequest, _context: Any
    ) -> pb.AnswerQuestionResponse:
        """Answer a question for the caller."""
        await self._desk.answer(current_actor(), request.call_id, request.question, request.value)
        return pb.AnswerQuestionResponse()

    @_answering
    async def EnterFact(self, request: pb.EnterFactRequest, _context: Any) -> pb.EnterFactResponse:  # noqa: N802
        """Enter what the operator's own systems know."""
        await self._desk.enter_fact(
            current_actor(),
            request.call_id,
            request.fact,
            request.value,
            age_s=request.age_s,
            origin=request.origin,
        )
        return pb.EnterFactResponse()

    @_answering
    async def EnterSpoken(self, request: pb.EnterSpokenRequest, _context: Any) -> pb.EnterSpokenResponse:  # noqa: N802
        """Enter the digits of a result that the caller reads out."""
        facts = await self._desk.enter_spoken(current_actor(), request.call_id, request.digits)
        return pb.EnterSpokenResponse(facts=facts)

    @_answering
    async def ConfirmWords(  # noqa: N802
        self, request: pb.ConfirmWordsRequest, _context: Any
    ) -> pb.ConfirmWordsResponse:
        """Compare the two words that the caller reads out."""
        confirmed = await self._desk.confirm_words(current_actor(), request.call_id, request.words)
        return pb.ConfirmWordsResponse(confirmed=confirmed)

    @_answering
    async def ProposeFix(self, request: pb.ProposeFixRequest, _context: Any) -> pb.ProposeFixResponse:  # noqa: N802
        """Propose a fix of a finding."""
        fix_id = await self._desk.propose(
            current_actor(),
            request.call_id,
            request.finding_id,
            request.fix_index,
            owner_agreed=request.owner_agreed,
        )
        return pb.ProposeFixResponse(fix_id=fix_id)

    @_answering
    async def UpdateFix(self, request: pb.UpdateFixRequest, _context: Any) -> pb.UpdateFixResponse:  # noqa: N802
        """Say that human steps are done, or take a fix back."""
        state = await self._desk.update_fix(current_actor(), request.call_id, request.fix_id, request.event)
        return pb.UpdateFixResponse(state=state)

    @_answering
    async def AddNote(self, request: pb.AddNoteRequest, _context: Any) -> pb.AddNoteResponse:  # noqa: N802
        """Note something down."""
        await self._desk.note(current_actor(), request.call_id, request.text)
        return pb.AddNoteResponse()

    @_answering
    async def FollowPlan(self, request: pb.FollowPlanRequest, _context: Any) -> pb.FollowPlanResponse:  # noqa: N802
        """Follow an installation plan, or none."""
        await self._desk.follow_plan(current_actor(), request.call_id, request.plan)
        return pb.FollowPlanResponse()

    @_answering
    async def RenewCode(self, request: pb.RenewCodeRequest, _context: Any) -> pb.RenewCodeResponse:  # noqa: N802
        """Make a new join code for a call."""
        return pb.RenewCodeResponse(code=await self._desk.renew_code(current_actor(), request.call_id))

    @_answering
    async def GetRulePack(self, _request: pb.GetRulePackRequest, _context: Any) -> pb.GetRulePackResponse:  # noqa: N802
        """Tell which rules judge new calls."""
        return self._desk.rule_pack(current_actor())

    @_answering
    async def CloseCall(self, request: pb.CloseCallRequest, _context: Any) -> pb.CloseCallResponse:  # noqa: N802
        """Close the call with an outcome."""
        state = await self._desk.close(
            current_actor(),
            request.call_id,
            request.outcome,
            note=request.note,
            caller_confirmed=request.caller_confirmed,
            texts=Texts(request.ticket, request.summary),
            lang=lang_of(request.language),
        )
        return pb.CloseCallResponse(state=state)

    @_answering
    async def GetWrapUp(self, request: pb.GetWrapUpRequest, _context: Any) -> pb.GetWrapUpResponse:  # noqa: N802
        """Show how a call can be closed and the texts for it."""
        return await self._desk.wrap_up(
            current_actor(), request.call_id, request.outcome, lang_of(request.language)
        )

    @_answering
    async def SaveTexts(self, request: pb.SaveTextsRequest, _context: Any) -> pb.SaveTextsResponse:  # noqa: N802
        """Keep an agent's texts until the call is closed."""
        texts = Texts(request.ticket, request.summary)
        await self._desk.save_texts(current_actor(), request.call_id, texts)
        return pb.SaveTextsResponse()

    async def ExportReport(  # noqa: N802
        self, request: pb.ExportReportRequest, context: Any
    ) -> AsyncIterator[pb.ExportReportResponse]:
        """Stream the report of a call."""
        try:
            report = await self._desk.report(
                current_actor(), request.call_id, request.format, lang_of(request.language)
            )
        except CallError as error:
            await context.abort(_STATUS[error.kind], str(error))
            raise
        yield pb.ExportReportResponse(name=report.name, media_type=report.media_type)
        for start in range(0, len(report.data), _CHUNK):
            yield pb.ExportReportResponse(chunk=report.data[start : start + _CHUNK])

    @_answering
    async def ResendDeliveries(  # noqa: N802
        self, request: pb.ResendDeliveriesRequest, _context: Any
    ) -> pb.ResendDeliveriesResponse:
        """Try messages to the ticket system once more that were given up."""
        again = await self._desk.resend(current_actor(), request.call_id)
        return pb.ResendDeliveriesResponse(deliveries=again)

    @_answering
    async def CorrectComplaint(  # noqa: N802
        self, request: pb.CorrectComplaintRequest, _context: Any
    ) -> pb.CorrectComplaintResponse:
        """Correct what the caller says is wrong."""
        kept = await self._desk.correct_complaint(current_actor(), request.call_id, request.complaint)
        return pb.CorrectComplaintResponse(complaint=kept)

    @_answering
    async def ListEarlierCalls(  # noqa: N802
        self, request: pb.ListEarlierCallsRequest, _context: Any
    ) -> pb.ListEarlierCallsResponse:
        """List the earlier calls of a customer."""
        return await self._desk.earlier(current_actor(), request.customer_reference)

    @_answering
    async def Disagree(self, request: pb.DisagreeRequest, _context: Any) -> pb.DisagreeResponse:  # noqa: N802
        """Note that a finding is not the cause, and what it was instead."""
        await self._desk.disagree(
            current_actor(), request.call_id, request.finding_id, request.cause, request.reason
        )
        return pb.DisagreeResponse()

    @_answering
    async def ListQueue(self, _request: pb.ListQueueRequest, _context: Any) -> pb.ListQueueResponse:  # noqa: N802
        """List the callers who wait."""
        return await self._desk.queue.look(current_actor())

    @_answering
    async def TakeCall(self, request: pb.TakeCallRequest, _context: Any) -> pb.TakeCallResponse:  # noqa: N802
        """Take a caller from the queue."""
        return pb.TakeCallResponse(call_id=await self._desk.queue.take(current_actor(), request.call_id))

    @_answering
    async def TransferCall(  # noqa: N802
        self, request: pb.TransferCallRequest, _context: Any
    ) -> pb.TransferCallResponse:
        """Put a call into the queue again."""
        queue = self._desk.queue
        await queue.transfer(current_actor(), request.call_id, request.to_agent, request.note)
        return pb.TransferCallResponse()

    @_answering
    async def CallBack(self, request: pb.CallBackRequest, _context: Any) -> pb.CallBackResponse:  # noqa: N802
        """Say that the caller is being called back."""
        number = await self._desk.queue.call_back(current_actor(), request.call_id)
        return pb.CallBackResponse(number=number)

    @_answering
    async def MarkOutage(self, request: pb.MarkOutageRequest, _context: Any) -> pb.MarkOutageResponse:  # noqa: N802
        """Say that an outage is announced, or that it is none."""
        await self._desk.queue.mark_outage(current_actor(), request.rule, request.state)
        return pb.MarkOutageResponse()

    @_answering
    async def ListRuleRecords(  # noqa: N802
        self, request: pb.ListRuleRecordsRequest, _context: Any
    ) -> pb.ListRuleRecordsResponse:
        """List how often each rule was right in closed calls."""
        return await self._desk.rule_records(current_actor(), request.rule_prefix)

    @_answering
    async def GetFigures(self, request: pb.GetFiguresRequest, _context: Any) -> pb.GetFiguresResponse:  # noqa: N802
        """Tell how the call centre did in some days."""
        return await self._desk.reporting.figures(
            current_actor(), days=request.days, first=request.first_day, last=request.last_day
        )

    @_answering
    async def RequestAccess(  # noqa: N802
        self, request: pb.RequestAccessRequest, _context: Any
    ) -> pb.RequestAccessResponse:
        """Open another agent's call for an hour."""
        until = await self._desk.request_access(current_actor(), request.call_id, request.reason)
        return pb.RequestAccessResponse(until_us=until)

    @_answering
    async def ExportSubject(  # noqa: N802
        self, request: pb.ExportSubjectRequest, _context: Any
    ) -> pb.ExportSubjectResponse:
        """Write down everything that is kept of a call."""
        text = await self._desk.export_subject(current_actor(), request.call_id, request.lang)
        return pb.ExportSubjectResponse(text=text)

    @_answering
    async def EraseCall(self, request: pb.EraseCallRequest, _context: Any) -> pb.EraseCallResponse:  # noqa: N802
        """Erase a call with everything that is kept of it."""
        await self._desk.erase(current_actor(), request.call_id, request.reason)
        return pb.EraseCallResponse()


def time_shows(call: CallRuntime) -> bool:
    """Tell whether a view changes by time alone: a proof counts down, or a link is lost."""
    if call.fixes.open_verifications():
        return True
    return any(session.state == "lost" for session in call.sessions.values())


async def _heard(news: Subscription, seconds: float) -> bool:
    """Wait for a change of a call; False if none came within so many seconds."""
    try:
        await asyncio.wait_for(news.next(), seconds)
    except TimeoutError:
        return False
    return True


def _failure(error: Exception) -> tuple[grpc.StatusCode, str]:
    if isinstance(error, StoreError):
        return grpc.StatusCode.UNAVAILABLE, f"the store does not work: {error}; try again"
    if isinstance(error, Busy):
        return grpc.StatusCode.RESOURCE_EXHAUSTED, "too many attempts right now; try again in a moment"
    return grpc.StatusCode.INTERNAL, "the collector failed; its log says why"
