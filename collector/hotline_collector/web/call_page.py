"""The page of one call, and the forms on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hotline_proto.v1 import agent_pb2 as pb
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hotline_collector.calls.desk import Desk
from hotline_collector.calls.errors import CallError, CallErrorKind
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.view_way import machine
from hotline_collector.calls.wrapup import callers_language
from hotline_collector.console.texts import texts_for
from hotline_collector.model.targets import COMPUTER
from hotline_collector.model.units import Lang
from hotline_collector.web.acts import ACTS, Act
from hotline_collector.web.calls import CALLS
from hotline_collector.web.codes import FreshCodes
from hotline_collector.web.complaints import known
from hotline_collector.web.facts_list import facts_list
from hotline_collector.web.guard import STATUS, Guard, Handler, Visit
from hotline_collector.web.next_step import ASKED, next_step
from hotline_collector.web.rendering import Pages, language_of
from hotline_collector.web.timeline import timeline

_SAID = frozenset({"words_differ"})
_FINE = frozenset({"measuring", "device_asked", "device_begun"})
_MAX_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a form could not be taken, or that it was (`fine`): a word of the page, and details in English."""

    word: str = ""
    detail: str = ""
    fine: bool = False


class CallPage:
    """Shows a call as it is now and takes its forms."""

    def __init__(self, desk: Desk, codes: FreshCodes, guard: Guard, pages: Pages) -> None:
        self._desk = desk
        self._codes = codes
        self._guard = guard
        self._pages = pages

    def routes(self) -> list[Route]:
        """Return the routes."""
        one = f"{CALLS}/{{call_id}}"
        forms = [self._guard.post(f"{one}/{name}", self._doing(act), act.needs) for name, act in ACTS.items()]
        return [self._guard.get(one, self._show, "GetCall"), *forms]

    async def _show(self, visit: Visit) -> Response:
        said = visit.request.query_params.get("said", "")
        known = said in _SAID | _FINE
        return await self._page(visit, 200, Wrong(said, fine=said in _FINE) if known else Wrong())

    def _doing(self, act: Act) -> Handler:
        async def handle(visit: Visit) -> Response:
            call_id = visit.request.path_params["call_id"]
            try:
                said = await act.does(self._desk, visit, call_id)
            except CallError as error:
                if error.kind is CallErrorKind.NOT_FOUND and call_id not in self._desk.manager.calls:
                    raise
                wrong = Wrong(f"error_{error.kind.value}", str(error))
                return await self._page(visit, STATUS[error.kind], wrong)
            query = f"?said={said}" if said else ""
            return RedirectResponse(f"{CALLS}/{call_id}{query}#{self._section_after(act, call_id)}", 303)

        return handle

    def _section_after(self, act: Act, call_id: str) -> str:
        call = self._desk.manager.calls.get(call_id)
        if call is None or not act.may_ask:
            return act.section
        step = next_step(self._desk.look(call, include_facts=False))
        return ASKED if step is not None and step.anchor == ASKED else act.section

    async def _page(self, visit: Visit, status: int, wrong: Wrong) -> Response:
        call_id, query = visit.request.path_params["call_id"], visit.request.query_params
        search = query.get("find", "")[:_MAX_SEARCH] if "find" in query else None
        view = await self._desk.view(visit.who, call_id, include_facts=search is not None)
        return self._pages.render(
            visit.request,
            "call.html",
            reader=visit.reader,
            status=status,
            search=search,
            wrong=wrong,
            **facts_list(view, search or ""),
            agents=[user.name for user in await self._desk.manager.around.store.users()],
            complaints=known(self._desk),
            earlier=await self._desk.earlier(visit.who, view.customer_reference, leave_out=call_id),
            **self._values(visit, view),
        )

    def fragment(self, visit: Visit, call: CallRuntime) -> str:
        """Return the part of the page that changes, as it is now."""
        view = self._desk.look(call, include_facts=False)
        return self._pages.text(visit.request, "call_live.html", visit.reader, **self._values(visit, view))

    def strip(self, visit: Visit, call: CallRuntime) -> str:
        """Return how the computer does, which changes all the time, on its own."""
        view = pb.CallView(machine=machine(call, self._desk.manager.around.clock.now()))
        return self._pages.text(visit.request, "machine.html", visit.reader, call=view)

    def _values(self, visit: Visit, view: pb.CallView) -> Mapping[str, Any]:
        lang, reach = language_of(visit.request), self._desk.manager.around.reach
        return {
            "call": view,
            "code": self._code(view),
            "now": view.now_us,
            "step": next_step(view),
            "events": timeline(view, texts_for(lang)),
            "from_here": reach.addresses if reach is not None else (),
            "caller_lang": self._callers_language(view.call_id, lang),
        }

    def _code(self, view: pb.CallView) -> pb.JoinCode | None:
        call = self._desk.manager.calls.get(view.call_id)
        session = call.sessions.get(COMPUTER) if call is not None else None
        # A code is used up by joining; one made afterwards is for a computer that was started anew.
        if call is None or (session is not None and session.row.joined >= call.code_made):
            self._codes.drop(view.call_id)
            return None
        return self._codes.of(view.call_id, view.now_us)

    def _callers_language(self, call_id: str, otherwise: Lang) -> Lang:
        call = self._desk.manager.calls.get(call_id)
        return callers_language(call, otherwise) if call is not None else otherwise
