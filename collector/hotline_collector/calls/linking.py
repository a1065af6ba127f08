"""The connections of a call's sessions: one comes up, is lost, is replaced, and a session ends."""

from __future__ import annotations

import logging

from hotline_proto.record import EntryKind
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls import receiving, undoing
from hotline_collector.calls.exclusions import remembered
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.session import Link, Session
from hotline_collector.model.consent import known_layers

_MAX_REASON = 64
_log = logging.getLogger(__name__)


def up(call: CallRuntime, session: Session, link: Link, hello: pb.Hello, mono_us: int) -> None:
    """Take up a connection of a session; an older one of the same session is dropped.

    Raises:
        CallError: the journal takes nothing more.
    """
    call.must_have_room()
    drop(session)
    now = call.moment(call.around.clock.now())
    session.link, session.since, session.offset = link, now, now - mono_us
    call.remind = None
    session.asked = ""
    session.advice = ()
    call.sessions[session.row.target] = session
    if call.row.state in ("created", "waiting") and not call.row.queued:
        call.row.state = "active"
        call.around.saver.touch(call.row)
    call.around.saver.touch(session.row)
    call.input(
        EntryKind.LINK_CHANGED,
        session.row.target,
        rec.LinkChanged(
            target=session.row.target,
            up=True,
            boot_id=hello.boot_id,
            clock_offset_us=session.offset,
            session_id=session.row.id,
        ),
        now,
    )
    session.ticket = max(session.ticket, call.ticket)
    _tell(call, "link up", session)
    _consent_stated(call, session, hello.consent)
    call.reactions.greet(session, now)


def drop(session: Session) -> None:
    """Let go of a connection that another one of the same session replaces."""
    if session.link is not None:
        link, session.link = session.link, None
        link.drop("another connection of this session took its place")


def down(call: CallRuntime, session: Session, link: Link | None) -> None:
    """Note that a connection is gone; what the session has told stays."""
    if session.link is not link or call.row.state == "closed":
        return
    session.link, session.since = None, call.moment(call.around.clock.now())
    call.input(
        EntryKind.LINK_CHANGED,
        session.row.target,
        rec.LinkChanged(target=session.row.target, session_id=session.row.id),
        session.since,
        spare=True,
    )
    call.known_false = remembered(call)
    _tell(call, "link lost", session)


def end(call: CallRuntime, session: Session, reason: str) -> None:
    """Note that the probe has said goodbye for good, or that another one took its place."""
    if not session.row.ended:
        call.around.saver.audit(call.speaker(session.row), "end", call.row.id, reason[:_MAX_REASON])
        _tell(call, "session ended", session)
        session.row.ended = session.since = call.moment(call.around.clock.now())
        call.around.saver.touch(session.row)
        forsake(call, session)
        undoing.give_up(call, session.row.target)
        call.changed()


def forsake(call: CallRuntime, session: Session) -> None:
    """Let actions fail that nobody will report on: of earlier sessions, and of this if it is over."""
    now = call.moment(call.around.clock.now())
    for row in call.fixes.under_way():
        alive = not session.row.ended and row.id in session.reported
        if row.target == session.row.target and not alive:
            call.fixes.forsake(row, now)
            call.around.saver.touch(row)


def _consent_stated(call: CallRuntime, session: Session, consent: pb.ConsentState) -> None:
    """Record what Hello says about consent if it differs from what is known."""
    declined = pb.CONSENT_LAYER_PERSONAL in consent.declined
    if known_layers(consent.granted) == session.row.consent and declined == session.declined:
        return
    frame = pb.ProbeFrame(consent=consent)
    receiving.take(call, session, call.around.clock.now(), frame.SerializeToString(), frame, "consent")


def _tell(call: CallRuntime, what: str, session: Session) -> None:
    _log.info(what, extra={"call": call.row.id, "session": session.row.id})
