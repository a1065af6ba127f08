"""Frames to the probe, built from the rows and rules of a call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hotline_proto.catalogue import Catalogue
from hotline_proto.v1 import probe_pb2 as pb

from hotline_collector.calls.fixbook import expiry
from hotline_collector.calls.settings import CallSettings
from hotline_collector.model.rows import FixRow
from hotline_collector.model.rule import Question, Rule


def plan(catalogue: Catalogue, settings: CallSettings, platform: str) -> pb.CollectorFrame:
    """Return how often to run the sources of a platform, and where to measure."""
    body = pb.Plan(
        anchors=settings.anchors,
        known_names=settings.known_names,
        ntp_servers=settings.ntp_servers,
        active=settings.active,
        portal_urls=settings.portal_urls,
        ports=settings.ports,
        load_url=settings.load_url,
    )
    for source in catalogue.sources.values():
        if platform not in source.platforms:
            continue
        interval = settings.intervals.get(source.name, source.interval)
        body.entries.add(source=source.name, interval_ms=round(interval * 1000))
    return pb.CollectorFrame(plan=body)


def proposal(row: FixRow, now: int, catalogue: Catalogue, settings: CallSettings) -> pb.CollectorFrame:
    """Return an action for the caller to allow, with the list that its operator's values stand in."""
    action = catalogue.actions.get(row.action)
    signed_list = settings.signed_list if action is not None and action.operator else b""
    left = max(1, (expiry(row) - now) // 1_000_000)
    body = pb.ActionProposal(
        proposal_id=row.id, action=row.action, expires_in_s=left, signed_list=signed_list
    )
    for name, key in sorted(row.parameters.items()):
        body.parameters.add(name=name, entity_key=key)
    return pb.CollectorFrame(action=body)


def undo(row: FixRow) -> pb.CollectorFrame:
    """Return the wish to take an action back."""
    return pb.CollectorFrame(undo=pb.UndoRequest(proposal_id=row.id))


def question(asked: Question) -> pb.CollectorFrame:
    """Return a question for the caller's screen."""
    body = pb.Question(
        id=asked.fact, text_en=asked.text.en, text_de=asked.text.de, values=asked.values, hazard=asked.hazard
    )
    if asked.type == "bool":
        # The probe has words of its own for yes and no.
        body.values.extend(("true", "false"))
    body.labels_en.extend(label.en for label in asked.values.values())
    body.labels_de.extend(label.de for label in asked.values.values())
    if asked.how is not None:
        body.how_en, body.how_de = asked.how.en, asked.how.de
    return pb.CollectorFrame(question=body)


def question_gone(fact: str) -> pb.CollectorFrame:
    """Return that a question is not asked any more."""
    return pb.CollectorFrame(question_gone=pb.QuestionGone(id=fact))


def follow_up(sources: Sequence[str]) -> pb.CollectorFrame:
    """Return the wish to run some sources now."""
    return pb.CollectorFrame(follow_up=pb.FollowUp(sources=sources))


def check(named: str) -> pb.CollectorFrame:
    """Return the wish to check something."""
    return pb.CollectorFrame(check=pb.CheckRequest(check=named))


def device(target: int, address: str, code: str, named_key: str) -> pb.CollectorFrame:
    """Return the wish to read a device; `named_key` is the fingerprint that its host key must have."""
    wish = pb.DeviceRequest(target=target, address=address, code=code, fingerprint=named_key)
    return pb.CollectorFrame(device=wish)


def advice(rules: Iterable[Rule]) -> pb.CollectorFrame:
    """Return the top causes for the caller's own screen."""
    body = pb.Advice()
    for rule in rules:
        body.lines.add(text_en=rule.title.en, text_de=rule.title.de, severity=rule.severity)
    return pb.CollectorFrame(advice=body)


def personal(reason: pb.ConsentReason, facts: Iterable[str]) -> pb.CollectorFrame:
    """Return the wish to see personal facts."""
    layer = pb.CONSENT_LAYER_PERSONAL
    return pb.CollectorFrame(consent=pb.ConsentRequest(layer=layer, reason=reason, facts=facts))


def call_state(
    agent: str, words_confirmed: bool, *, place: int = 0, expected_s: int | None = None
) -> pb.CollectorFrame:
    """Return what the caller may know of the call; `place` is that in the queue, 0 if it does not wait."""
    state = pb.CallState(
        agent_name=agent, words_confirmed=words_confirmed, place=place, expected_s=expected_s
    )
    return pb.CollectorFrame(call=state)


def bye(reason: str) -> pb.CollectorFrame:
    """Return the goodbye."""
    return pb.CollectorFrame(bye=pb.Bye(reason=reason))
