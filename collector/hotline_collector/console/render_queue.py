"""The queue as rows."""

from __future__ import annotations

from collections.abc import Mapping

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.console.frame import shortened
from hotline_collector.console.layout import Row, joined, row
from hotline_collector.console.queue_words import QUEUE_TEXTS
from hotline_collector.console.render_findings import NAME
from hotline_collector.console.texts import Texts
from hotline_collector.model.safe import harmless
from hotline_collector.model.units import rough_span, whole_minutes


def page(queue: pb.ListQueueResponse, texts: Texts) -> list[Row]:
    """Return the outages, a row and its details for each waiting caller, and how many agents are at work."""
    words = QUEUE_TEXTS[texts.lang]
    out = [_outage(outage, queue.now_us, words, texts) for outage in queue.outages]
    short = shortened([entry.call.call_id for entry in queue.waiting], 8)
    for entry in queue.waiting:
        out += _entry(entry, short[entry.call.call_id], words, texts)
    if not queue.waiting:
        out.append(row(words["nobody"]))
    return [*out, row((words["at_work"].format(number=queue.at_work), "dim"))]


def wait_rows(call: pb.CallView, texts: Texts) -> list[Row]:
    """Return how the caller of a call waits or has waited, and the known outages."""
    words, wait = QUEUE_TEXTS[texts.lang], call.wait
    out = [_outage(outage, call.now_us, words, texts) for outage in call.outages]
    if not call.HasField("wait"):
        return out
    time = rough_span(wait.waited_us / 1e6, texts.lang)
    if wait.place:
        head = [words["waits"].format(time=time), _expected(wait, words, texts), *_wishes(wait, words)]
    else:
        called = words["call_number"].format(number=harmless(wait.number, NAME)) if wait.number else ""
        head = [words["waited"].format(time=time), called]
    return [row(*joined(head)), *out]


def _outage(outage: pb.OutageView, now_us: int, words: Mapping[str, str], texts: Texts) -> Row:
    time = whole_minutes((now_us - outage.since_us) / 1e6, texts.lang)
    said = words["outage"].format(
        callers=outage.callers,
        time=time,
        title=harmless(texts.text(outage.title), 200),
        rule=harmless(outage.rule, NAME),
    )
    by = words["announced"].format(name=harmless(outage.agent, NAME)) if outage.state else ""
    return row(*joined(((said, "bold red"), (by, "dim"))))


def _entry(entry: pb.QueueEntry, short: str, words: Mapping[str, str], texts: Texts) -> list[Row]:
    call, wait = entry.call, entry.wait
    cause = texts.text(pb.Text(en=call.top_cause_en, de=call.top_cause_de))
    head = joined(
        (
            words["waits"].format(time=rough_span(wait.waited_us / 1e6, texts.lang)),
            _expected(wait, words, texts),
            texts.word(harmless(entry.link, NAME)),
            (harmless(cause, 120), "bold") if cause else "",
        )
    )
    said = harmless(call.complaint, 200) or texts.no_complaint
    details = joined((said, harmless(call.customer_reference, NAME), *_wishes(wait, words)))
    return [
        row(f"{wait.place:>3}  ", (harmless(short, 40), "bold"), "  ", *head),
        row(*details, indent=5),
    ]


def _expected(wait: pb.WaitView, words: Mapping[str, str], texts: Texts) -> str:
    if not wait.HasField("expected_us"):
        return words["not_known"]
    return words["expected"].format(time=whole_minutes(wait.expected_us / 1e6, texts.lang))


def _wishes(wait: pb.WaitView, words: Mapping[str, str]) -> list[str]:
    out = []
    if wait.for_agent:
        out.append(words["for_agent"].format(name=harmless(wait.for_agent, NAME)))
    if wait.back_asked_us:
        out.append(words["wants_back"])
    if wait.cost:
        out.append(words["cost"].format(cost=harmless(wait.cost, 20), currency=harmless(wait.currency, 3)))
    return out
