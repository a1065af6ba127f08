"""What all operations on calls share: who may, what is written into the audit trail, a new join code."""

from __future__ import annotations

from hotline_proto.joincode import JoinTarget
from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls.actor import CALLER, Actor
from hotline_collector.calls.bounds import MAX_NOTE
from hotline_collector.calls.errors import invalid
from hotline_collector.calls.ids import new_id
from hotline_collector.calls.looking import Looks
from hotline_collector.calls.manager import CallManager
from hotline_collector.calls.ports import JoinCodes
from hotline_collector.calls.queue import Queue
from hotline_collector.calls.reporting import Reporting
from hotline_collector.calls.rereading import read_again
from hotline_collector.calls.rule_cases import RuleCases
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.views import call_view
from hotline_collector.calls.waiting_room import WaitingRoom
from hotline_collector.model.rows import NoteRow


class DeskBase:
    """Finds the call that is meant and admits whoever asks."""

    def __init__(self, manager: CallManager, codes: JoinCodes) -> None:
        self.manager = manager
        self._codes = codes
        self._around = manager.around
        self.looks = Looks(manager.around)
        self.queue = Queue(manager, self._note, self.looks.admit)
        self.waiting_room = WaitingRoom(manager, self.queue, self._code)
        self.reporting = Reporting(manager)
        self.rule_cases = RuleCases(manager)

    async def read_devices_again(self) -> None:
        """Have devices read again that were being read from here when the collector ended."""
        await read_again(self.manager, self._codes)

    def look(self, call: CallRuntime, *, include_facts: bool) -> pb.CallView:
        """Return a call as it is now."""
        view = call_view(call, call.shown_at(self._around.clock.now()), include_facts=include_facts)
        self.queue.show(view, call)
        return view

    def _live(self, who: Actor, call_id: str) -> CallRuntime:
        call = self.manager.live(call_id)
        self.looks.admit(who, call.row)
        return call

    async def _get(self, who: Actor, call_id: str) -> CallRuntime:
        call = await self.manager.get(call_id)
        self.looks.admit(who, call.row)
        return call

    async def _code(self, call: CallRuntime) -> pb.JoinCode:
        issued = await self._codes.issue(call.row.id)
        call.code_made = self._around.clock.now()
        call.plan_reminder()
        call.changed()
        settings = self._around.settings
        host, port = settings.join_host, settings.join_port
        addresses, web = settings.numeric_addresses, settings.web_url
        target = JoinTarget(issued.code, host, port, settings.ca_fingerprint, addresses, web)
        shown = f"[{host}]" if ":" in host else host
        page = f"{settings.web_url}/join/{issued.code}" if settings.web_url else ""
        return pb.JoinCode(
            code=issued.code,
            address=f"{shown}:{port}",
            link=target.link(),
            expires_us=issued.expires,
            page=page,
        )

    def _note(self, who: Actor, call: CallRuntime, text: str) -> None:
        written = bounded(text, "note", MAX_NOTE)
        if not written:
            raise invalid("a note has at least one character")
        note = NoteRow(new_id(), call.row.id, call.moment(self._around.clock.now()), who.name, written)
        call.notes.append(note)
        self._around.saver.touch(note)

    def _audit(self, who: Actor, action: str, call_id: str, detail: str) -> None:
        self._around.saver.audit(self._seen(who), action, call_id, detail)

    def _seen(self, who: Actor) -> str:
        """Note that an agent is there, and return the name that stands in the audit trail."""
        if who.role == CALLER.role:
            return who.name
        self.queue.presence.seen(who.name, self._around.clock.now())
        return f"agent:{who.name}"


def bounded(text: str, what: str, limit: int) -> str:
    """Return a text without blanks around it.

    Raises:
        CallError: it is longer than the limit, in characters.
    """
    stripped = text.strip()
    if len(stripped) > limit:
        raise invalid(f"the {what} has {len(stripped)} characters; at most {limit} are kept")
    return stripped
