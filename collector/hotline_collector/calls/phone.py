"""A caller who has only a phone: answers questions on a page, and shares what the phone measured.

Everything that a phone sends is hostile; nothing of it names who or where somebody is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from hotline_proto.record import EntryKind
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls import entering, safety, turn
from hotline_collector.calls.errors import invalid
from hotline_collector.calls.manager import CallManager
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.model.targets import COMPUTER

NETWORKS = ("wifi", "cellular", "cable", "other")
FAMILIES = ("ipv4", "ipv6")
_ACTOR = "caller:phone"
_MAX_ROUND_TRIP_S = 60.0
_MAX_OFFSET_S = 100 * 366 * 86_400.0


@dataclass(frozen=True, slots=True)
class PhonePath:
    """The phone's own way to the collector.

    `rtt_s` is the median round trip of small requests, NaN if none was answered; `loss` is the share that
    was not; `offset_s` is how far the phone's clock is ahead. `network` is empty if the browser keeps it to
    itself.
    """

    rtt_s: float
    loss: float
    offset_s: float
    family: str
    network: str = ""


class PhoneDesk:
    """What a phone may do with the call that its code belonged to; raises `CallError` for the rest."""

    def __init__(self, manager: CallManager) -> None:
        self._manager = manager
        self._around = manager.around

    async def join(self, call_id: str) -> None:
        """Note that the caller is there, with a phone."""
        call = self._manager.live(call_id)
        if call.row.state == "created":
            call.row.state = "waiting"
        self._around.saver.touch(call.row)
        self._around.saver.audit(_ACTOR, "phone.join", call_id, "")
        self.here(call)
        await self._around.saver.flush()

    def here(self, call: CallRuntime) -> None:
        """Note that a phone of a call is there; the first time the agent is told."""
        if not call.phone_since:
            call.phone_since = self._around.clock.now()
            call.changed()

    def leave(self, call_id: str) -> None:
        """Note that the phone is gone, because its caller has ended it."""
        call = self._manager.live(call_id)
        call.phone_since = 0
        self._around.saver.audit(_ACTOR, "phone.leave", call_id, "")
        call.changed()

    async def answer(self, call_id: str, question: str, value: str) -> None:
        """Answer a question that the call asks, or correct an answer; an empty value means "don't know"."""
        call = self._manager.live(call_id)
        if question not in {state.fact for state in turn.in_turn(call)}:
            raise invalid("this question is not asked any more")
        safety.respect_for_answer(call, question)
        fact = entering.answer(call.rules.pack.questions, question, value)
        fact.origin = rec.ORIGIN_CALLER_TYPED
        await self._state(call, [fact])
        self._around.saver.audit(_ACTOR, "question.answer", call_id, question)

    async def share(self, call_id: str, path: PhonePath) -> None:
        """Enter what the phone measured; the caller has pressed the button that shares it."""
        call = self._manager.live(call_id)
        await self._state(call, list(_facts(path)))
        self._around.saver.audit(_ACTOR, "phone.share", call_id, "")

    async def _state(self, call: CallRuntime, facts: list[rec.FactStated]) -> None:
        for number, fact in enumerate(facts):
            fact.target = COMPUTER
            call.input(EntryKind.FACT_STATED, COMPUTER, fact, spare=number > 0)
        await self._around.journal.durable(call.ticket)


def _facts(path: PhonePath) -> Iterator[rec.FactStated]:
    if path.family not in FAMILIES or path.network not in (*NETWORKS, ""):
        raise invalid("a phone reports one of the families and networks that there are")
    loss = _within("loss", path.loss, 0.0, 1.0)
    offset = _within("offset", path.offset_s, -_MAX_OFFSET_S, _MAX_OFFSET_S)
    yield _fact("phone.collector.reachable", truth=loss < 1)
    yield _fact("phone.collector.loss", number=loss)
    yield _fact("phone.collector.family", text=path.family)
    if loss < 1:
        yield _fact("phone.collector.rtt", number=_within("round trip", path.rtt_s, 0.0, _MAX_ROUND_TRIP_S))
        yield _fact("phone.clock.offset", number=offset)
    if path.network:
        yield _fact("phone.network", text=path.network)


def _fact(name: str, *, number: float | None = None, text: str = "", truth: bool = False) -> rec.FactStated:
    out = rec.FactStated(fact=name, origin=rec.ORIGIN_BROWSER)
    if number is not None:
        out.number = number
    elif text:
        out.text = text
    else:
        out.truth = truth
    return out


def _within(what: str, value: float, least: float, most: float) -> float:
    if not (math.isfinite(value) and least <= value <= most):
        raise invalid(f"the {what} that a phone reports is between {least:g} and {most:g}")
    return value
