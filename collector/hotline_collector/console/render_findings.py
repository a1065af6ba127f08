"""Findings and fixes as rows: causes with evidence and symptoms, suspected ones with what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.console.frame import Frame
from hotline_collector.console.layout import Row, joined, row
from hotline_collector.model.decisive import decisive
from hotline_collector.model.safe import harmless
from hotline_collector.model.units import condition, human, span

# A sign and a word say what the colour says.
_SIGNS = {"critical": ("[!!]", "bold red"), "warning": ("[! ]", "yellow"), "info": ("[i ]", "cyan")}
_FIX_SIGNS = {
    "verified": ("[ok]", "green"),
    "failed": ("[!!]", "bold red"),
    "still_present": ("[!!]", "bold red"),
    "regressed": ("[!!]", "bold red"),
    "could_not_verify": ("[? ]", "yellow"),
    "declined": ("[- ]", "dim"),
    "expired": ("[- ]", "dim"),
    "undone": ("[- ]", "dim"),
}
_MAX_FOLDED = 8
NAME = 60
_MEANING = 160


def causes(frame: Frame, findings: Sequence[pb.FindingView]) -> Iterator[Row]:
    """Yield ranked causes, each with evidence, symptoms and the fixes to choose from."""
    for rank, finding in enumerate(findings, 1):
        yield heading(frame, finding, f"{rank}. ")
        yield from _body(frame, finding)
        for option in finding.fixes:
            yield _option(frame, option)


def suspected(frame: Frame, findings: Iterable[pb.FindingView]) -> Iterator[Row]:
    """Yield suspected findings with what is missing and what would settle it."""
    for finding in findings:
        yield heading(frame, finding, "")
        for item in decisive(finding.evidence):
            yield _evidence(frame, item)
        for missing in finding.missing:
            yield _missing(frame, missing)


def brief(frame: Frame, findings: Iterable[pb.FindingView]) -> Iterator[Row]:
    """Yield one row for each finding."""
    for finding in findings:
        yield heading(frame, finding, "")


def heading(frame: Frame, finding: pb.FindingView, rank: str) -> Row:
    """Return the headline of a finding: sign, severity, title, entity, state, confidence, short id."""
    t = frame.texts
    sign, style = _SIGNS.get(finding.severity, ("[? ]", ""))
    if finding.state == "suspected":
        sign, style = "[? ]", "magenta"
    chosen = bool(finding.finding_id) and finding.finding_id == frame.selected
    marker = "> " if chosen else "  "
    title = harmless(t.text(finding.title) or finding.rule, 120)
    about = f" ({harmless(finding.entity, NAME)})" if finding.entity else ""
    about += _on_device(frame, finding.target)
    tail = joined(
        (
            (t.hazard, "bold red") if finding.hazard else "",
            t.word(finding.severity),
            t.word(finding.state),
            f"{round(finding.confidence * 100)} %" if finding.confidence else "",
            t.since_onset.format(time=frame.ago(finding.onset_us)) if finding.onset_us else "",
            (t.stale, "yellow") if finding.stale else "",
            (frame.short(finding.finding_id), "dim"),
        )
    )
    return row(
        (marker, "bold"),
        (f"{rank}{sign} ", style),
        (title + about, "bold reverse" if chosen else "bold"),
        "  ",
        *tail,
        anchor=finding.finding_id,
    )


def fixes(frame: Frame, views: Iterable[pb.FixView]) -> Iterator[Row]:
    """Yield proposed fixes with their state, steps and what is left of the verification."""
    t = frame.texts
    for fix in views:
        sign, style = _FIX_SIGNS.get(fix.state, ("[..]", "cyan"))
        left = (fix.verify_until_us - frame.now_us) / 1e6
        countdown = t.seconds_left.format(time=span(left, t.lang)) if fix.state == "verifying" else ""
        done = t.done_ago.format(time=frame.ago(fix.done_us)) if fix.done_us else ""
        about = f" ({harmless(fix.entity, NAME)})" if fix.entity else ""
        tail = joined(
            (
                (t.word(fix.state), style),
                countdown,
                done,
                t.by.format(who=t.actor(harmless(fix.by, NAME))) if fix.by else "",
                t.undoable if fix.undoable else "",
                (frame.short(fix.fix_id), "dim"),
            )
        )
        title = harmless(t.text(fix.title) or fix.action or fix.rule, 120)
        about += _on_device(frame, fix.target)
        yield row("  ", (f"{sign} ", style), (title + about, "bold"), "  ", *tail)
        for number, step in enumerate(fix.steps, 1):
            yield row(f"{number}) {harmless(t.text(step))}", indent=7)
        if fix.detail:
            yield row(t.detail.format(text=harmless(fix.detail)), indent=7)


def _on_device(frame: Frame, number: int) -> str:
    found = (target for target in frame.call.targets if target.target == number and target.device)
    return "".join(f" – {harmless(target.name, 120)}" for target in found)


def _body(frame: Frame, finding: pb.FindingView) -> Iterator[Row]:
    t = frame.texts
    symptom = harmless(t.text(finding.symptom))
    if symptom:
        yield row((f"“{symptom}”" if t.lang == "en" else f"„{symptom}“", "italic"), indent=7)
    for item in decisive(finding.evidence):
        yield _evidence(frame, item)
    for symptom_view in finding.explains[:_MAX_FOLDED]:
        title = harmless(t.text(symptom_view.title) or symptom_view.rule, 120)
        about = f" ({harmless(symptom_view.entity, NAME)})" if symptom_view.entity else ""
        yield row("+ ", t.explains.format(title=title + about), indent=7)
    if len(finding.explains) > _MAX_FOLDED:
        yield row(f"+ … {len(finding.explains) - _MAX_FOLDED}", indent=7)
    for alike in finding.look_alikes:
        title = harmless(t.text(alike.title) or alike.rule, 120)
        yield row(
            (t.look_alike.format(title=title, tell=harmless(t.text(alike.words) or alike.tell)), "dim"),
            indent=7,
        )


def _evidence(frame: Frame, item: pb.EvidenceView) -> Row:
    t = frame.texts
    fact, unit = harmless(item.fact, NAME), harmless(item.unit, 20)
    entity = f" [{harmless(item.entity, NAME)}]" if item.entity else ""
    label = harmless(t.text(item.label), NAME)
    # A value in words says which of the few it is.
    limits = "" if label else condition(item.condition, unit, t.lang, fact)
    notes = joined(
        (
            t.evidence.format(condition=limits) if limits else "",
            t.age.format(time=frame.ago(item.measured_us)) if item.measured_us else "",
        ),
        "; ",
    )
    parts: list[str | tuple[str, str]] = [
        f"- {fact}{entity} = ",
        (label or human(item.value, unit, t.lang), "bold"),
    ]
    if notes:
        parts += [" (", *notes, ")"]
    return row(*parts, *meaning(frame, item), indent=7)


def _missing(frame: Frame, missing: pb.MissingView) -> Row:
    t = frame.texts
    fact = harmless(missing.fact, NAME) + (f" [{harmless(missing.entity, NAME)}]" if missing.entity else "")
    kind, _, name = harmless(missing.settle, NAME).partition(":")
    how = {"question": t.settle_question, "source": t.settle_source, "consent": t.settle_consent}.get(kind)
    settle = how.format(name=t.word(name)) if how else t.settle_nothing
    reason = t.word(harmless(missing.reason, NAME))
    said = f"- {t.missing.format(fact=fact, reason=reason)} → {settle}"
    return row(said, *meaning(frame, missing), indent=7)


def meaning(frame: Frame, item: pb.EvidenceView | pb.MissingView | pb.FactView) -> list[tuple[str, str]]:
    """Return what a fact means as the last piece of its row, if that is known."""
    said = harmless(frame.texts.text(item.meaning), _MEANING)
    return [(f" {said}", "dim")] if said else []


def _option(frame: Frame, option: pb.FixOption) -> Row:
    t = frame.texts
    title = harmless(t.text(option.title) or option.action, 120)
    tail = joined(
        (
            harmless(option.action, NAME),
            t.by.format(who=t.actor(harmless(option.by, NAME))) if option.by else "",
            t.risk.format(level=t.word(harmless(option.risk, NAME))) if option.risk else "",
            t.undoable if t.text(option.undo) else "",
        )
    )
    parts: list[str | tuple[str, str]] = [(t.possible_fix.format(index=option.index, title=title), "green")]
    if tail:
        parts += [" (", *tail, ")"]
    return row(*parts, indent=7)
