"""A call as a stream of server-sent events: the newest state wins, with resume after a lost connection.

Format: HTML Living Standard §9.2. Events: `call` (a CallView), `closed`, `gone` (the login has ended),
`reason` (the hour is over for which another agent's call was opened).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from hotline_collector.api.access import allowed
from hotline_collector.api.http.doorway import HttpLimits
from hotline_collector.api.http.problems import Refused
from hotline_collector.api.http.shapes import plain
from hotline_collector.api.news import nothing_new
from hotline_collector.api.open_streams import RETRY, OpenStreams, event
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.desk import Desk
from hotline_collector.calls.errors import CallError
from hotline_collector.calls.ports import Accounts
from hotline_collector.calls.runtime import CallRuntime, topic

# How the description tells of a stream: the schema is that of one event.
EVENTS = {
    "text/event-stream": {
        "schema": {
            "type": "object",
            "properties": {
                "event": {"enum": ["call", "closed", "gone", "reason"]},
                "id": {"type": "string", "description": "To be sent as Last-Event-ID."},
                "data": {
                    "type": "string",
                    "contentMediaType": "application/json",
                    "description": "With `call` a CallView, with `reason` a `detail`, else an empty object.",
                },
            },
            "required": ["event", "data"],
        }
    }
}


class Streams:
    """The live streams that are open, so many of each token and in all."""

    def __init__(self, desk: Desk, accounts: Accounts, limits: HttpLimits) -> None:
        self._desk = desk
        self._accounts = accounts
        self._open = OpenStreams(limits.streams, limits.streams_in_all)
        # Versions begin anew with the collector, so that they only mean something together with this.
        self._run = secrets.token_hex(4)

    def hang_up(self) -> None:
        """End every stream because the collector stops; clients come back by themselves."""
        self._open.stop.set()

    def stream(
        self, who: Actor, call: CallRuntime, token: str, seen: str, *, include_facts: bool
    ) -> Response:
        """Return the stream of a call; `seen` is the id of the event that the client had last."""
        if self._open.full(token):
            headers = {"retry-after": "10"}
            raise Refused("busy", "too many streams are open already; close one", headers=headers)
        events = self._events(who, call, token, seen, include_facts=include_facts)
        return StreamingResponse(events, media_type="text/event-stream")

    async def _events(
        self, who: Actor, call: CallRuntime, token: str, seen: str, *, include_facts: bool
    ) -> AsyncIterator[str]:
        stop = self._open.stop
        with self._open.held(token):
            async with call.around.bus.subscribe(topic(call.row.id)) as news:
                yield RETRY
                while not stop.is_set():
                    account = await self._accounts.who(token)
                    if account is None or not allowed(account.role, "WatchCall"):
                        yield event("{}", kind="gone")
                        return
                    try:
                        self._desk.looks.admit(who, call.row)
                    except CallError as error:
                        yield event(json.dumps({"detail": str(error)}), kind="reason")
                        return
                    at = f"{self._run}-{call.version}"
                    yield self._view(call, at, include_facts=include_facts) if at != seen else ": same\n\n"
                    if call.row.state == "closed":
                        yield event("{}", kind="closed")
                        return
                    seen = "" if await nothing_new(news, call, stop) else at

    def _view(self, call: CallRuntime, at: str, *, include_facts: bool) -> str:
        view = plain(self._desk.look(call, include_facts=include_facts))
        # In ASCII, for many clients take U+2028 in a line for its end.
        return event(json.dumps(view), identity=at, kind="call")
