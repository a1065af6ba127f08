"""A watched call without a full screen: the page again whenever the call changes, or JSON lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.console import render
from hotline_collector.console.client import AgentClient
from hotline_collector.console.follow import Follower, Lost
from hotline_collector.console.frame import Frame

if TYPE_CHECKING:
    from hotline_collector.console.options import Output

_RULE = "-" * 78


def watch_lines(client: AgentClient, call_id: str, output: Output, *, include_facts: bool) -> None:
    """Print the call as it changes until it is closed; the connection's ups and downs go to stderr.

    Raises:
        ConsoleError: the collector does not let us watch.
    """
    lost, seen = False, None
    for item in Follower(client, call_id, include_facts=include_facts):
        if isinstance(item, Lost):
            if not lost:
                output.say(output.texts.reconnecting.format(reason=item.reason))
            lost = True
            continue
        if lost:
            output.say(output.texts.reconnected)
        # A stream that ended without news begins with the state that is on the screen already.
        if item.version != seen or lost:
            _print(item, output, include_facts)
        lost, seen = False, item.version
    output.say(output.texts.ended)


def _print(view: pb.CallView, output: Output, include_facts: bool) -> None:
    if output.as_json:
        output.data("call", call=view)
        return
    output.rows(render.page(Frame(view, view.now_us, output.texts), include_facts=include_facts))
    output.line(_RULE)
