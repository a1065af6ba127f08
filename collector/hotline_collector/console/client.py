"""The way to the collector: channel, token, and its errors in our words."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import grpc
from hotline_proto.v1 import agent_pb2 as pb
from hotline_proto.v1 import agent_pb2_grpc as rpc

from hotline_collector.console.credentials import Login
from hotline_collector.console.errors import Refused
from hotline_collector.console.failures import console_error, details_of
from hotline_collector.console.watch_stream import WatchStream

_LONG_TIMEOUT = 120.0
_TIMEOUT = 10.0
_CHUNK = 256 * 1024
_OPTIONS = (
    # A NAT box or a dead collector shows within half a minute.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # The person at the screen waits for the collector to come back; the default backs off to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
)


class AgentClient:
    """Calls of `AgentService`; every method raises `ConsoleError` with the exit code it ends in.

    It may be used from several threads at once.
    """

    def __init__(self, server: str, ca_pem: str = "", token: str = "", reason: str = "") -> None:
        self.server = server
        self.reason = reason
        roots = ca_pem.encode() if ca_pem else None
        self._channel = grpc.secure_channel(server, grpc.ssl_channel_credentials(roots), options=_OPTIONS)
        self._stub: Any = rpc.AgentServiceStub(self._channel)  # type: ignore[no-untyped-call]
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()

    @classmethod
    def of(cls, login: Login, reason: str = "") -> Self:
        """Return a client with a kept login; `reason` is why calls of others are opened, if they are."""
        return cls(login.server, login.ca_pem, login.token, reason)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the channel; running calls end."""
        self._channel.close()

    def login(self, user: str, password: str) -> pb.LoginResponse:
        """Exchange name and password for a token."""
        try:
            answer: pb.LoginResponse = self._stub.Login(
                pb.LoginRequest(user=user, password=password), timeout=_TIMEOUT
            )
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.UNAUTHENTICATED:
                raise Refused(details_of(error) or "name or password is wrong") from error
            raise console_error(error, self.server) from error
        return answer

    def open_call(self, complaint: str, customer: str, check: str) -> pb.OpenCallResponse:
        """Open a call and return it with its join code."""
        request = pb.OpenCallRequest(complaint=complaint, customer_reference=customer, first_check=check)
        answer: pb.OpenCallResponse = self._ask(self._stub.OpenCall, request)
        return answer

    def list_calls(self, *, include_closed: bool = False) -> list[pb.CallSummary]:
        """Return calls, newest first."""
        answer: pb.ListCallsResponse = self._ask(
            self._stub.ListCalls, pb.ListCallsRequest(include_closed=include_closed)
        )
        return list(answer.calls)

    def get_call(self, call_id: str, *, include_facts: bool = False) -> pb.CallView:
        """Return one call as it is now."""
        request = pb.GetCallRequest(call_id=call_id, include_facts=include_facts)
        answer: pb.GetCallResponse = self._ask(self._stub.GetCall, request)
        return answer.call

    def watch_call(self, call_id: str, *, include_facts: bool = False) -> WatchStream:
        """Return the stream of a call's states."""
        request = pb.WatchCallRequest(call_id=call_id, include_facts=include_facts)
        return WatchStream(self._stub.WatchCall(request, metadata=self._metadata), self.server)

    def add_check(self, call_id: str, check: str) -> None:
        """Have the probe check a host:port or URL."""
        self._ask(self._stub.AddCheck, pb.AddCheckRequest(call_id=call_id, check=check))

    def add_target(
        self, call_id: str, address: str, fingerprint: str = "", *, from_collector: bool = False
    ) -> int:
        """Have a device read over SSH, by the caller's computer or the collector, and return its target."""
        request = pb.AddTargetRequest(
            call_id=call_id, address=address, fingerprint=fingerprint, from_collector=from_collector
        )
        answer: pb.AddTargetResponse = self._ask(self._stub.AddTarget, request)
        return answer.target

    def measure(self, call_id: str, source: str) -> None:
        """Have a source of the caller's computer run at once."""
        self._ask(self._stub.MeasureNow, pb.MeasureNowRequest(call_id=call_id, source=source))

    def ask_personal(self, call_id: str) -> None:
        """Have the caller asked for personal facts."""
        self._ask(self._stub.AskPersonal, pb.AskPersonalRequest(call_id=call_id))

    def answer(self, call_id: str, question: str, value: str) -> None:
        """Answer a question for the caller; an empty value means "don't know"."""
        request = pb.AnswerQuestionRequest(call_id=call_id, question=question, value=value)
        self._ask(self._stub.AnswerQuestion, request)

    def enter_fact(self, call_id: str, fact: str, value: str, age_s: float, origin: str) -> None:
        """Enter what the operator's own systems know."""
        request = pb.EnterFactRequest(call_id=call_id, fact=fact, value=value, age_s=age_s, origin=origin)
        self._ask(self._stub.EnterFact, request)

    def confirm_words(self, call_id: str, words: str) -> bool:
        """Tell whether the caller read out the right two words."""
        request = pb.ConfirmWordsRequest(call_id=call_id, words=words)
        answer: pb.ConfirmWordsResponse = self._ask(self._stub.ConfirmWords, request)
        return answer.confirmed

    def propose_fix(self, call_id: str, finding_id: str, index: int, *, owner_agreed: bool = False) -> str:
        """Propose a fix of a finding and return the fix's id."""
        request = pb.ProposeFixRequest(
            call_id=call_id, finding_id=finding_id, fix_index=index, owner_agreed=owner_agreed
        )
        answer: pb.ProposeFixResponse = self._ask(self._stub.ProposeFix, request)
        return answer.fix_id

    def update_fix(self, call_id: str, fix_id: str, event: str) -> str:
        """Say what happened to a fix (accepted, declined, done, undo) and return its state."""
        request = pb.UpdateFixRequest(call_id=call_id, fix_id=fix_id, event=event)
        answer: pb.UpdateFixResponse = self._ask(self._stub.UpdateFix, request)
        return answer.state

    def enter_spoken(self, call_id: str, digits: str) -> int:
        """Enter the digits of a result that the caller reads out; return how many facts they stood for."""
        request = pb.EnterSpokenRequest(call_id=call_id, digits=digits)
        answer: pb.EnterSpokenResponse = self._ask(self._stub.EnterSpoken, request)
        return answer.facts

    def follow_plan(self, call_id: str, plan: str) -> None:
        """Follow an installation plan, or none if it is empty."""
        self._ask(self._stub.FollowPlan, pb.FollowPlanRequest(call_id=call_id, plan=plan))

    def export_record(self, call_id: str) -> bytes:
        """Return the record of a call as a record file."""
        return self._download(self._stub.ExportRecord, pb.ExportRecordRequest(call_id=call_id))

    def import_bundle(self, data: bytes, complaint: str, customer: str) -> pb.ImportBundleResponse:
        """Open a closed call from a record file."""

        def parts() -> Iterator[pb.ImportBundleRequest]:
            yield pb.ImportBundleRequest(complaint=complaint, customer_reference=customer)
            for start in range(0, len(data), _CHUNK):
                yield pb.ImportBundleRequest(chunk=data[start : start + _CHUNK])

        try:
            answer: pb.ImportBundleResponse = self._stub.ImportBundle(
                parts(), metadata=self._metadata, timeout=_LONG_TIMEOUT
            )
        except grpc.RpcError as error:
            raise console_error(error, self.server) from error
        return answer

    def add_note(self, call_id: str, text: str) -> None:
        """Note something down."""
        self._ask(self._stub.AddNote, pb.AddNoteRequest(call_id=call_id, text=text))

    def renew_code(self, call_id: str) -> pb.JoinCode:
        """Return a new join code of a call."""
        answer: pb.RenewCodeResponse = self._ask(self._stub.RenewCode, pb.RenewCodeRequest(call_id=call_id))
        return answer.code

    def rule_pack(self) -> pb.GetRulePackResponse:
        """Return which rules judge new calls, and why a newer pack was refused."""
        answer: pb.GetRulePackResponse = self._ask(self._stub.GetRulePack, pb.GetRulePackRequest())
        return answer

    def close_call(
        self,
        call_id: str,
        outcome: str,
        note: str,
        *,
        caller_confirmed: bool,
        ticket: str = "",
        summary: str = "",
        language: str = "",
    ) -> str:
        """Close a call with an outcome and return its state; the system writes the texts left empty."""
        request = pb.CloseCallRequest(
            call_id=call_id,
            outcome=outcome,
            note=note,
            caller_confirmed=caller_confirmed,
            ticket=ticket,
            summary=summary,
            language=language,
        )
        answer: pb.CloseCallResponse = self._ask(self._stub.CloseCall, request)
        return answer.state

    def wrap_up(self, call_id: str, outcome: str, language: str) -> pb.GetWrapUpResponse:
        """Return how a call can be closed and the texts for it."""
        request = pb.GetWrapUpRequest(call_id=call_id, outcome=outcome, language=language)
        answer: pb.GetWrapUpResponse = self._ask(self._stub.GetWrapUp, request)
        return answer

    def save_texts(self, call_id: str, ticket: str, summary: str) -> None:
        """Keep texts until the call is closed; an empty one is left to the system."""
        self._ask(self._stub.SaveTexts, pb.SaveTextsRequest(call_id=call_id, ticket=ticket, summary=summary))

    def export_report(self, call_id: str, form: str, language: str) -> bytes:
        """Return the report of a call as json, html, pdf or text."""
        request = pb.ExportReportRequest(call_id=call_id, format=form, language=language)
        return self._download(self._stub.ExportReport, request)

    def resend_deliveries(self, call_id: str) -> int:
        """Try messages about a call once more that were given up; return how many those are."""
        request = pb.ResendDeliveriesRequest(call_id=call_id)
        answer: pb.ResendDeliveriesResponse = self._ask(self._stub.ResendDeliveries, request)
        return answer.deliveries

    def correct_complaint(self, call_id: str, complaint: str) -> str:
        """Correct what the caller says is wrong and return it as it is kept."""
        request = pb.CorrectComplaintRequest(call_id=call_id, complaint=complaint)
        answer: pb.CorrectComplaintResponse = self._ask(self._stub.CorrectComplaint, request)
        return answer.complaint

    def earlier_calls(self, reference: str) -> pb.ListEarlierCallsResponse:
        """Return the earlier calls of a customer."""
        answer: pb.ListEarlierCallsResponse = self._ask(
            self._stub.ListEarlierCalls, pb.ListEarlierCallsRequest(customer_reference=reference)
        )
        return answer

    def disagree(self, call_id: str, finding_id: str, cause: str, reason: str) -> None:
        """Say that a finding is not the cause, and what it was instead."""
        request = pb.DisagreeRequest(call_id=call_id, finding_id=finding_id, cause=cause, reason=reason)
        self._ask(self._stub.Disagree, request)

    def list_queue(self) -> pb.ListQueueResponse:
        """Return who waits, and the known outages."""
        answer: pb.ListQueueResponse = self._ask(self._stub.ListQueue, pb.ListQueueRequest())
        return answer

    def take_call(self, call_id: str) -> str:
        """Take a caller from the queue, the next one without an id, and return the call."""
        answer: pb.TakeCallResponse = self._ask(self._stub.TakeCall, pb.TakeCallRequest(call_id=call_id))
        return answer.call_id

    def transfer_call(self, call_id: str, to_agent: str, note: str) -> None:
        """Put a call into the queue again, for a named agent or for anyone."""
        request = pb.TransferCallRequest(call_id=call_id, to_agent=to_agent, note=note)
        self._ask(self._stub.TransferCall, request)

    def call_back(self, call_id: str) -> str:
        """Say that the caller is being called back, and return the number."""
        answer: pb.CallBackResponse = self._ask(self._stub.CallBack, pb.CallBackRequest(call_id=call_id))
        return answer.number

    def mark_outage(self, rule: str, state: str) -> None:
        """Say that an outage is announced or dismissed."""
        self._ask(self._stub.MarkOutage, pb.MarkOutageRequest(rule=rule, state=state))

    def request_access(self, call_id: str, reason: str) -> int:
        """Open another agent's call for an hour; return until when."""
        request = pb.RequestAccessRequest(call_id=call_id, reason=reason)
        answer: pb.RequestAccessResponse = self._ask(self._stub.RequestAccess, request)
        return answer.until_us

    def export_subject(self, call_id: str, lang: str) -> str:
        """Return everything that is kept of a call as a text for the caller."""
        request = pb.ExportSubjectRequest(call_id=call_id, lang=lang)
        answer: pb.ExportSubjectResponse = self._ask(self._stub.ExportSubject, request)
        return answer.text

    def erase_call(self, call_id: str, reason: str) -> None:
        """Erase a call with everything that is kept of it."""
        self._ask(self._stub.EraseCall, pb.EraseCallRequest(call_id=call_id, reason=reason))

    def rule_records(self, prefix: str) -> pb.ListRuleRecordsResponse:
        """Return how the rules did whose ids begin like this, and which causes no rule knows."""
        answer: pb.ListRuleRecordsResponse = self._ask(
            self._stub.ListRuleRecords, pb.ListRuleRecordsRequest(rule_prefix=prefix)
        )
        return answer

    def figures(self, days: int, first_day: str, last_day: str) -> pb.GetFiguresResponse:
        """Return how the call centre did in some days."""
        request = pb.GetFiguresRequest(days=days, first_day=first_day, last_day=last_day)
        answer: pb.GetFiguresResponse = self._ask(self._stub.GetFigures, request)
        return answer

    def _ask(self, method: Any, request: Any) -> Any:
        try:
            return method(request, metadata=self._metadata, timeout=_TIMEOUT)
        except grpc.RpcError as error:
            raise console_error(error, self.server) from error

    def _download(self, method: Any, request: Any) -> bytes:
        try:
            parts = method(request, metadata=self._metadata, timeout=_LONG_TIMEOUT)
            return b"".join(part.chunk for part in parts)
        except grpc.RpcError as error:
            raise console_error(error, self.server) from error
