"""What people type for a call, a finding or a fix, turned into full ids."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.console.client import AgentClient
from hotline_collector.console.errors import UsageFault
from hotline_collector.model.safe import harmless

ONLY = "-"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MAX_NAMED = 5


def pick_call(client: AgentClient, typed: str) -> str:
    """Return the id of a call: from a whole id, a unique prefix, or `-` for the only open one.

    With a reason on the command line the call is opened even if it is another agent's.

    Raises:
        UsageFault: no call or more than one fits.
    """
    call_id = _call(client, typed)
    if client.reason:
        client.request_access(call_id, client.reason)
    return call_id


def pick_finding(call: pb.CallView, typed: str, *, cleared: bool = False) -> pb.FindingView:
    """Return a finding of a call by a prefix of its id or by its rule.

    With `cleared` it may be one that is gone, if none that stands fits.

    Raises:
        UsageFault: no finding or more than one fits.
    """
    folded = [symptom for cause in (*call.causes, *call.also_noticed) for symptom in cause.explains]
    every = {f.finding_id: f for f in (*call.causes, *call.also_noticed, *call.suspected, *folded)}
    matching = _findings(typed, every)
    if cleared and not matching:
        every = {finding.finding_id: finding for finding in call.cleared}
        matching = _findings(typed, every)
    return every[_the_one(typed, matching, "finding", f"hotline call show {call.call_id}")]


def pick_fix(call: pb.CallView, typed: str) -> pb.FixView:
    """Return a proposed fix of a call by a prefix of its id.

    Raises:
        UsageFault: no fix or more than one fits.
    """
    every = {fix.fix_id: fix for fix in call.fixes}
    return every[
        _the_one(typed, _matching(typed, every), "proposed fix", f"hotline call show {call.call_id}")
    ]


def _call(client: AgentClient, typed: str) -> str:
    if _UUID.fullmatch(typed):
        return typed.lower()
    calls = client.list_calls()
    if typed == ONLY:
        if len(calls) == 1:
            return calls[0].call_id
        if not calls:
            raise UsageFault("no call is open; name a closed one by its id, or run: hotline call open")
        raise UsageFault(f"{len(calls)} calls are open ({_named(c.call_id for c in calls)}); name one")
    matching = _matching(typed, [call.call_id for call in calls])
    if not matching:
        closed = client.list_calls(include_closed=True)
        matching = _matching(typed, [call.call_id for call in closed])
    return _the_one(typed, matching, "call", "hotline call list --all")


def _findings(typed: str, every: Mapping[str, pb.FindingView]) -> list[str]:
    return [key for key, finding in every.items() if finding.rule == typed] or _matching(typed, every)


def _matching(typed: str, ids: Iterable[str]) -> list[str]:
    wanted = typed.lower()
    return [full for full in ids if wanted and full.lower().startswith(wanted)]


def _the_one(typed: str, matching: Sequence[str], what: str, see: str) -> str:
    shown = harmless(typed, 60)
    if not matching:
        raise UsageFault(f"there is no {what} {shown!r}; see: {see}")
    if len(matching) > 1:
        raise UsageFault(f"{shown!r} names {len(matching)} {what}s ({_named(matching)}); type more of it")
    return matching[0]


def _named(ids: Iterable[str]) -> str:
    every = [harmless(full, 40) for full in ids]
    return ", ".join(every[:_MAX_NAMED]) + (", …" if len(every) > _MAX_NAMED else "")
