"""Who may call what: one interceptor checks token and role for every method of AgentService."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, NoReturn

import grpc
import grpc.aio

from hotline_collector.calls.actor import Actor
from hotline_collector.calls.ports import Account, Accounts
from hotline_collector.model.accounts import ROLES

SERVICE = "hotline.v1.AgentService"
# The lowest role that may call a method; what is not listed is not allowed.
MINIMUM_ROLE: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(
        (
            "OpenCall",
            "ListCalls",
            "GetCall",
            "WatchCall",
            "AddCheck",
            "AddTarget",
            "MeasureNow",
            "AskPersonal",
            "AnswerQuestion",
            "FollowPlan",
            "EnterFact",
            "EnterSpoken",
            "ConfirmWords",
            "ProposeFix",
            "UpdateFix",
            "AddNote",
            "RenewCode",
            "GetRulePack",
            "CloseCall",
            "GetWrapUp",
            "SaveTexts",
            "ExportReport",
            "CorrectComplaint",
            "ResendDeliveries",
            "ListEarlierCalls",
            "ExportRecord",
            "ImportBundle",
            "Disagree",
            "ListQueue",
            "TakeCall",
            "TransferCall",
            "CallBack",
            "MarkOutage",
            "RequestAccess",
            "ExportSubject",
        ),
        "agent",
    )
    | {"ListRuleRecords": "lead", "GetFigures": "lead", "EraseCall": "lead"}
)
_OPEN = frozenset({"Login"})
_BEARER = "bearer "
_actor: ContextVar[Actor] = ContextVar("actor")
_token: ContextVar[str] = ContextVar("token")

Handler = Any


def current_actor() -> Actor:
    """Return who makes the request that is being served."""
    return _actor.get()


def current_token() -> str:
    """Return the token of the request that is being served."""
    return _token.get()


class NotAdmitted(Exception):
    """Somebody may not do what they ask for; `status` and the message tell them why."""

    def __init__(self, status: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.status = status


def admitted(account: Account | None, method: str) -> Actor:
    """Return who an account is if it may call a method; without one the login has ended.

    Raises:
        NotAdmitted: it may not.
    """
    if account is None:
        raise NotAdmitted(
            grpc.StatusCode.UNAUTHENTICATED,
            "log in first: `hotline login` (or again: the login has ended)",
        )
    if not allowed(account.role, method):
        raise NotAdmitted(
            grpc.StatusCode.PERMISSION_DENIED, f"the role {account.role} may not do this: {method}"
        )
    return Actor(account.name, account.role)


def allowed(role: str, method: str) -> bool:
    """Tell whether a role may do what a method of AgentService does, by whichever face."""
    minimum = MINIMUM_ROLE.get(method)
    return minimum is not None and at_least(role, minimum)


def at_least(role: str, minimum: str) -> bool:
    """Tell whether a role may do what another one may; one that there is not may do nothing."""
    return role in ROLES[ROLES.index(minimum) :]


class AccessInterceptor(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]
    """Refuses requests of AgentService without a valid token or with too low a role."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Handler]], handler_call_details: Any
    ) -> Handler:
        """Let the request through or answer it with UNAUTHENTICATED or PERMISSION_DENIED."""
        _, service, method = handler_call_details.method.rsplit("/", 2)
        if service != SERVICE or method in _OPEN:
            return await continuation(handler_call_details)
        token = _bearer(handler_call_details.invocation_metadata)
        account = await self._accounts.who(token) if token else None
        try:
            who = admitted(account, method)
        except NotAdmitted as error:
            return _refusal(error.status, str(error))
        _actor.set(who)
        _token.set(token)
        return await continuation(handler_call_details)


def _bearer(metadata: Any) -> str:
    for key, value in metadata or ():
        if key == "authorization" and isinstance(value, str) and value.lower().startswith(_BEARER):
            return value[len(_BEARER) :].strip()
    return ""


def _refusal(status: grpc.StatusCode, message: str) -> Handler:
    # The kind of handler must be that of the method, but an abort looks the same to every client.
    async def refuse(_requests: Any, context: Any) -> NoReturn:
        await context.abort(status, message)
        raise AssertionError

    return grpc.stream_stream_rpc_method_handler(refuse)
