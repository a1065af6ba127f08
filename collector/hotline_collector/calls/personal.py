"""Personal facts: which of them would make the causes clear, and asking the caller for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hotline_proto.catalogue import Catalogue, FactSpec
from hotline_proto.facts import UnknownReason
from hotline_proto.v1 import probe_pb2 as pb

from hotline_collector.calls import frames
from hotline_collector.model.finding import FactState, FindingState

if TYPE_CHECKING:
    from hotline_collector.calls.runtime import CallRuntime
    from hotline_collector.calls.session import Session

_SETTLE = "consent:personal"


def wanted(call: CallRuntime, target: int) -> list[str]:
    """Return the personal facts that a cause of a target lacks, or whose stand-in is all that names it.

    Only what the complaint is about counts; what is noticed besides is no reason to ask.
    """
    engine, catalogue = call.engine, call.around.catalogue
    causes = [cause.finding for cause in engine.causes() if cause.relevant]
    found: dict[str, None] = {}
    for finding in [*causes, *engine.suspected()]:
        if finding.target != target:
            continue
        found |= dict.fromkeys(_about(catalogue, (item.fact for item in engine.evidence(finding))))
        if finding.state is FindingState.SUSPECTED:
            lacks = engine.missing(finding)
            found |= dict.fromkeys(item.fact for item in lacks if item.settle == _SETTLE)
    known = {fact.fact for fact in engine.facts(target) if _could_be_seen(fact)} if found else set()
    return [name for name in found if name in known]


def ask_if_needed(call: CallRuntime, session: Session) -> None:
    """Ask the caller once by itself, as soon as a cause needs it and nobody listens in between."""
    if not call.row.words_confirmed or session.link is None or not session.basic:
        return
    if session.personal or session.declined or session.asks_personal:
        return
    facts = wanted(call, session.row.target)
    if facts:
        ask(call, session, pb.CONSENT_REASON_CAUSE, facts)


def ask(call: CallRuntime, session: Session, reason: pb.ConsentReason, facts: Iterable[str]) -> None:
    """Ask the caller; their screen words the question."""
    session.asks_personal, session.declined = reason, False
    session.send(frames.personal(reason, facts))
    named = "agent" if reason == pb.CONSENT_REASON_AGENT else "cause"
    call.around.saver.audit(f"caller:{session.row.id}", "consent.ask", call.row.id, f"personal: {named}")
    call.changed()


def ask_again(call: CallRuntime, session: Session) -> None:
    """Ask on a new connection what was asked on the last one and not answered."""
    if session.asks_personal:
        session.send(frames.personal(session.asks_personal, wanted(call, session.row.target)))


def _could_be_seen(fact: FactState) -> bool:
    return not isinstance(fact.value, UnknownReason) or fact.value is UnknownReason.DECLINED


def _about(catalogue: Catalogue, facts: Iterable[str]) -> Iterable[str]:
    """Yield the personal facts that belong to the same thing as one of some facts, by their names.

    `process.name` belongs to `process.memory_ratio`, `net.connections.top_owner` to
    `net.connections.top_count`; what only shares a subject, such as `host.name` and `host.virtual`, does not.
    """
    read = [spec for name in facts if (spec := catalogue.facts.get(name)) is not None]
    for spec in catalogue.facts.values():
        if spec.sensitivity == "personal" and any(_belongs(spec, other) for other in read):
            yield spec.name


def _belongs(personal: FactSpec, other: FactSpec) -> bool:
    stem = personal.name[: max(personal.name.rfind("."), personal.name.rfind("_")) + 1]
    own = bool(personal.entity) or stem.count(".") > 1
    return own and personal.entity == other.entity and other.name.startswith(stem)
