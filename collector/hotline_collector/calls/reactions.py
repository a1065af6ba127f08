"""What a call does when its engine has changed: ask, advise, verify, save, tell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls import devices, frames, personal, turn
from hotline_collector.calls.session import Session
from hotline_collector.model.finding import Cause, Changes, Finding
from hotline_collector.model.rows import FindingRow
from hotline_collector.model.targets import COMPUTER

if TYPE_CHECKING:
    from hotline_collector.calls.runtime import CallRuntime

_ADVICE_LINES = 3


class Reactions:
    """Reacts to changes of one call."""

    def __init__(self, call: CallRuntime) -> None:
        self._call = call

    def to(self, changes: Changes) -> None:
        """Act on what an input changed."""
        call = self._call
        if changes.findings:
            known = call.engine.findings()
            for finding_id in changes.findings:
                if finding_id in known:
                    call.around.saver.touch(_row(call.row.id, known[finding_id]))
            causes = call.engine.causes()
            call.remember_shown(causes)
            self._advise(causes)
        if changes.verifications:
            self._prove(changes.verifications)
        if changes.follow_ups:
            self._follow_up()
        if changes.questions:
            turn.ask(call)
        if changes.findings:
            self.ask_personal()
        call.changed()

    def greet(self, session: Session, now: int) -> None:
        """Send everything that a probe needs after Hello, and again what it has not answered."""
        call = self._call
        around = call.around
        session.send(frames.plan(around.catalogue, around.settings, session.row.platform))
        session.send(frames.call_state(call.row.agent, call.row.words_confirmed))
        if session.row.target == COMPUTER:
            for named in call.row.checks:
                if named not in session.checks_decided:
                    session.send(frames.check(named))
            devices.request_again(call, session, now)
        for row in call.fixes.unreported(session.row.target):
            session.send(frames.proposal(row, now, around.catalogue, around.settings))
        for row in call.fixes.undos(session.row.target):
            session.send(frames.undo(row))
        self._advise(call.engine.causes())
        self._follow_up()
        turn.ask(call)
        personal.ask_again(call, session)
        personal.ask_if_needed(call, session)

    def stated(self, session: Session, answer: pb.Answer) -> rec.FactStated | None:
        """Return an answer to the question on the caller's screen; if it is none, it is asked for anew."""
        stated = turn.stated(self._call, session, answer)
        if stated is None and answer.question == session.asked:
            session.asked = ""
            turn.ask(self._call)
        return stated

    def ask_personal(self) -> None:
        """Ask for personal facts where a cause needs them."""
        for session in self._call.sessions.values():
            personal.ask_if_needed(self._call, session)

    def _prove(self, fix_ids: set[str]) -> None:
        call = self._call
        verifications = call.engine.verifications()
        for fix_id in fix_ids:
            if fix_id in verifications and call.fixes.prove(verifications[fix_id]) is not None:
                call.around.saver.touch(call.fixes.rows[fix_id])

    def _follow_up(self) -> None:
        # The engine paces its wishes and tells each only once, so it is asked only if it can be heard.
        for target, session in self._call.sessions.items():
            if session.link is not None and session.basic:
                wanted = self._call.engine.follow_ups(target)
                if wanted:
                    session.send(frames.follow_up(wanted))

    def _advise(self, causes: Iterable[Cause]) -> None:
        call = self._call
        findings = [cause.finding for cause in causes if cause.relevant][:_ADVICE_LINES]
        lines = tuple((finding.rule, str(finding.target)) for finding in findings)
        session = call.sessions.get(COMPUTER)
        if session is not None and session.link is not None and session.advice != lines:
            session.advice = lines
            rules = call.rules.pack.rules
            session.send(frames.advice(rules[f.rule] for f in findings if f.rule in rules))


def _row(call_id: str, finding: Finding) -> FindingRow:
    return FindingRow(
        id=finding.id,
        call_id=call_id,
        rule=finding.rule,
        target=finding.target,
        entity_kind=finding.entity.kind if finding.entity else "",
        entity_key=finding.entity.key if finding.entity else "",
        state=finding.state.value,
        stale=finding.stale,
        onset=finding.onset,
        changed=finding.changed,
        pack_digest=finding.pack_digest,
        pack_version=finding.pack_version,
    )
