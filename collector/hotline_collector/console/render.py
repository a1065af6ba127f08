"""A call as rows of text: pure functions of the wire's CallView, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import parse_qs, urlsplit

from hotline_proto.joincode import spoken
from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.console.frame import Frame, shortened
from hotline_collector.console.layout import Row, joined, row
from hotline_collector.console.render_findings import NAME, brief, causes, fixes, meaning, suspected
from hotline_collector.console.render_queue import wait_rows
from hotline_collector.console.texts import Texts
from hotline_collector.model.safe import harmless
from hotline_collector.model.units import human, span

_FINE = ("ok", "")
_LONG = 2000
_MARKS = {"met": "[ok]", "unmet": "[!!]", "unknown": "[? ]"}


def page(frame: Frame, *, include_facts: bool = False) -> list[Row]:
    """Return the whole call."""
    rows = [*header(frame), row(), *body(frame)]
    return [*rows, row(), *facts(frame)] if include_facts else rows


def body(frame: Frame) -> list[Row]:
    """Return all below the header; sections that have nothing to say are left out, except the causes."""
    call, t = frame.call, frame.texts
    sections: list[tuple[str, Iterable[Row]]] = [
        (t.causes, causes(frame, call.causes)),
        (t.fixes, fixes(frame, call.fixes)),
        (t.questions, questions(frame)),
        (t.plan.format(title=harmless(t.text(call.plan.title), NAME)), plan(frame)),
        (t.suspected, suspected(frame, call.suspected)),
        (t.also_noticed, causes(frame, call.also_noticed)),
        (t.cleared, brief(frame, call.cleared)),
        (t.disagreements, disagreements(frame)),
        (t.notes, notes(frame)),
    ]
    out: list[Row] = []
    for title, rows in sections:
        content = list(rows)
        if title == t.causes and not content:
            content = [row(t.no_causes, indent=2)]
        if content:
            out += [row()] if out else []
            out += [row((title, "bold underline")), *content]
    return out


def header(frame: Frame) -> list[Row]:
    """Return what the call is about, how it stands and the sentence to say now."""
    call, t = frame.call, frame.texts
    first = joined(
        (
            (t.call.format(id=harmless(call.call_id, NAME)), "bold"),
            (t.word(harmless(call.state, NAME)), "bold cyan"),
            t.agent.format(name=harmless(call.agent, NAME)) if call.agent else "",
            t.opened_ago.format(time=frame.ago(call.opened_us)) if call.opened_us else "",
        )
    )
    out = [row(*first)]
    out.append(row(t.complaint.format(text=harmless(call.complaint, _LONG) or t.no_complaint)))
    if call.outcome:
        out.append(row(t.outcome.format(word=t.word(harmless(call.outcome, NAME)))))
    if not call.by_answers:
        out.append(
            row((t.words_confirmed, "green")) if call.words_confirmed else row((t.words_missing, "yellow"))
        )
    out += wait_rows(call, t)
    for target in () if call.by_answers else call.targets:
        out += _target(frame, target)
    sentence = harmless(t.text(call.say_now), _LONG)
    if sentence:
        out.append(row((t.say_now.format(text=sentence), "bold")))
    return out


def questions(frame: Frame) -> Iterator[Row]:
    """Yield the questions with the answers to choose from; of the first also how and what it decides."""
    t = frame.texts
    for number, question in enumerate(frame.call.questions):
        hazard: tuple[str, str] | str = (f"{t.hazard} ", "bold red") if question.hazard else ""
        yield row(
            "  [? ] ",
            hazard,
            (harmless(t.text(question.text) or question.question), "bold"),
            (f"  {harmless(question.question, NAME)}", "dim"),
        )
        if (how := harmless(t.text(question.how), _LONG)) and not number:
            yield row((t.how.format(text=how), "dim"), indent=7)
        if question.answer:
            by = f" ({t.typed_by_caller})" if question.answered_by == "caller" else ""
            yield row(t.answer.format(value=_answer(question, t)) + by, indent=7)
        elif question.locked:
            yield row((t.waits_for_safety, "dim"), indent=7)
        else:
            values = choices(question, t) or [t.any_text]
            yield row(" | ".join([*values, f"? = {t.dont_know}"]), indent=7)
        if question.rules and not number:
            yield row((t.decides.format(rules=harmless(", ".join(question.rules))), "dim"), indent=7)


def plan(frame: Frame) -> Iterator[Row]:
    """Yield the steps of the plan that is followed; what to do stands under the current one."""
    t, shown = frame.texts, frame.call.plan
    for number, step in enumerate(shown.steps):
        current = number == shown.current
        title = harmless(t.text(step.title), _LONG)
        state = harmless(step.state, NAME)
        yield row(f"  {_MARKS.get(state, '?')} ", (title, "bold" if current else ""), f"  {t.word(state)}")
        if current:
            for each in step.steps:
                yield row(harmless(t.text(each), _LONG), indent=6)


def choices(question: pb.QuestionView, texts: Texts) -> list[str]:
    """Return the answers to a question as "value = label"."""
    labels = [texts.text(label) for label in question.value_labels]
    out = []
    for index, value in enumerate(question.values):
        label = labels[index] if index < len(labels) else ""
        shown = harmless(value, NAME)
        out.append(f"{shown} = {harmless(label, NAME)}" if label and label != value else shown)
    return out


def disagreements(frame: Frame) -> Iterator[Row]:
    """Yield what humans say that it was instead."""
    t = frame.texts
    for each in frame.call.disagreements:
        said = t.disagreed.format(
            name=harmless(each.author, NAME),
            when=t.age.format(time=frame.ago(each.at_us)),
            rule=harmless(each.rule, NAME),
            cause=harmless(each.cause, _LONG),
        )
        yield row(f"- {said}", indent=2)
        if each.reason:
            yield row(t.because.format(reason=harmless(each.reason, _LONG)), indent=4)


def notes(frame: Frame) -> Iterator[Row]:
    """Yield the notes, oldest first."""
    for note in frame.call.notes:
        when = frame.texts.age.format(time=frame.ago(note.at_us))
        yield row(f"- {harmless(note.author, NAME)}, {when}: {harmless(note.text, _LONG)}", indent=2)


def facts(frame: Frame) -> list[Row]:
    """Return every fact with its value or why it is unknown, its age and its origin."""
    t = frame.texts
    out = [row((t.facts, "bold underline"))]
    if not frame.call.facts:
        return [*out, row(t.no_facts, indent=2)]
    for fact in sorted(frame.call.facts, key=lambda item: (item.target, item.fact, item.entity)):
        name, unit = harmless(fact.fact, NAME), harmless(fact.unit, 20)
        entity = f" [{harmless(fact.entity, NAME)}]" if fact.entity else ""
        if fact.unknown:
            value = t.unknown.format(reason=t.word(harmless(fact.unknown, NAME)))
        else:
            label = harmless(t.text(fact.label), NAME)
            value = f"{label} ({harmless(fact.value, NAME)})" if label else human(fact.value, unit, t.lang)
        aside = joined(
            (
                t.age.format(time=frame.ago(fact.measured_us)) if fact.measured_us else "",
                t.word(harmless(fact.origin, NAME)),
            )
        )
        said = meaning(frame, fact)
        out.append(row(f"{name}{entity} = ", (value, "bold"), "  ", *aside, *said, indent=2))
    return out


def call_list(calls: Sequence[pb.CallSummary], now_us: int, texts: Texts) -> list[Row]:
    """Return one row for each call, with an id that is long enough to name it."""
    if not calls:
        return [row(texts.no_calls)]
    short = shortened([call.call_id for call in calls], 8)
    out = []
    for call in calls:
        cause = (call.top_cause_de or call.top_cause_en) if texts.lang == "de" else call.top_cause_en
        age = texts.age.format(time=span((now_us - call.opened_us) / 1e6, texts.lang))
        tail = joined(
            (
                texts.word(harmless(call.state, NAME)),
                age,
                harmless(call.agent, NAME),
                harmless(call.complaint, 80) or texts.no_complaint,
                (harmless(cause, 80), "bold") if cause else "",
            )
        )
        out.append(row((harmless(short[call.call_id], 40), "bold"), "  ", *tail))
    return out


def opened(call_id: str, texts: Texts) -> list[Row]:
    """Return the line that names a new call."""
    return [row((texts.call.format(id=harmless(call_id, NAME)), "bold"))]


def join_code(code: pb.JoinCode, now_us: int, texts: Texts) -> list[Row]:
    """Return a join code as it is read out, with what the caller has to type or to be sent.

    A link with a fingerprint belongs to a collector with a certificate of its own: there the code with
    an address is not enough, so the link comes first.
    """
    digits = harmless(code.code, 40)
    said = row(texts.join_code, (spoken(digits), "bold"), whole=True)
    link = [row(texts.join_link, harmless(code.link, _LONG), whole=True)] if code.link else []
    if "ca" in parse_qs(urlsplit(harmless(code.link, _LONG)).query):
        out = [*link, said, row(texts.join_needs_link)]
    else:
        place = harmless(code.address)
        address = [row(texts.join_address, f"{digits}@{place}", whole=True)] if place else []
        out = [said, *address, *link]
    if code.page:
        out.append(row(texts.join_page, harmless(code.page, _LONG), whole=True))
    left = span(round((code.expires_us - now_us) / 1e6), texts.lang)
    return [*out, row(texts.join_valid.format(time=left))] if code.expires_us else out


def _answer(question: pb.QuestionView, texts: Texts) -> str:
    for value, label in zip(question.values, question.value_labels, strict=False):
        if value == question.answer:
            return harmless(texts.text(label) or value, NAME)
    return texts.dont_know if question.answer == "don't know" else harmless(question.answer, NAME)


def _way_out(path: str, texts: Texts) -> str:
    return harmless(path, NAME).replace(" via ", f" {texts.via} ", 1)


def _device(target: pb.TargetView, t: Texts) -> str:
    reader = t.word("reader.collector" if target.from_collector else "reader.probe")
    parts = [f"{t.word(f'device.{harmless(target.device, NAME)}')} ({reader})"]
    if target.trouble:
        parts.append(t.word(f"trouble.{harmless(target.trouble, NAME)}"))
    if target.from_collector and target.trouble == "host_key_unknown":
        parts.append(t.pin_key.format(fingerprint=harmless(target.fingerprint, 60)))
    elif target.fingerprint:
        parts.append(harmless(target.fingerprint, 60))
    return " · ".join(parts)


def _allowed(target: pb.TargetView, t: Texts) -> Iterator[str]:
    layers = ", ".join(t.word(harmless(layer, NAME)) for layer in target.consent)
    yield t.consent.format(layers=layers) if layers else t.no_consent
    if target.personal:
        yield t.personal.format(word=t.word(harmless(target.personal, NAME)))


def _target(frame: Frame, target: pb.TargetView) -> Iterator[Row]:
    t = frame.texts
    time = frame.ago(target.link_since_us)
    link, style = t.link_since.format(word=t.word(harmless(target.link, NAME)), time=time), ""
    if target.link == "lost":
        link, style = t.link_lost.format(time=time), "bold yellow"
    elif target.link == "connected":
        style = "green"
    elif target.device:
        # The line below says how it stands with a device that is not read.
        link = ""
    name = t.target.format(number=target.target, name=t.word(harmless(target.name, NAME)))
    yield row(
        *joined(
            (
                name + (f" ({harmless(target.platform, NAME)})" if target.platform else ""),
                (link, style),
                *(_allowed(target, t) if not target.device else ()),
                t.path.format(path=_way_out(target.path, t)) if target.path else "",
            )
        )
    )
    if target.device:
        yield row(_device(target, t), indent=4)
        if more := t.more(target.trouble):
            yield row(more, indent=4)
    # Most sources of devices are for other platforms than this one.
    fine = (*_FINE, "unsupported") if target.device else _FINE
    for source in target.sources:
        if source.status not in fine:
            status = t.word(harmless(source.status, NAME))
            note = f" ({harmless(source.note, 120)})" if source.note else ""
            yield row(t.source.format(name=harmless(source.source, NAME), status=status) + note, indent=4)
