"""The field record of rules as rows."""

from __future__ import annotations

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.console.layout import Row, joined, row
from hotline_collector.console.render_findings import NAME
from hotline_collector.console.texts import Texts
from hotline_collector.model.safe import harmless


def page(answer: pb.ListRuleRecordsResponse, texts: Texts) -> list[Row]:
    """Return a row for each rule that a closed call says something about, then causes outside the pack."""
    judged = [each for each in answer.records if each.right or each.wrong]
    out = [_rule(each, texts) for each in judged] or [row(texts.no_records)]
    left = len(answer.records) - len(judged)
    if judged and left:
        out.append(row((texts.unjudged.format(number=left), "dim")))
    if answer.outside:
        out += [row(), row((texts.outside, "bold underline"))]
        out += [_outside(each, texts) for each in answer.outside]
    return out


def _rule(record: pb.RuleRecordView, texts: Texts) -> Row:
    sharpened = record.confidence != record.prior
    tail = joined(
        (
            texts.rule_record.format(right=record.right, wrong=record.wrong),
            (texts.rule_confidence.format(value=_percent(record.confidence)), "bold"),
            (texts.rule_prior.format(value=_percent(record.prior)), "dim") if sharpened else "",
        )
    )
    return row((harmless(record.rule, NAME), "bold"), "  ", *tail)


def _outside(cause: pb.OutsideCauseView, texts: Texts) -> Row:
    said = texts.outside_cause.format(
        calls=cause.calls, cause=harmless(cause.cause), rule=harmless(cause.rule, NAME)
    )
    return row(said, indent=2)


def _percent(share: float) -> str:
    return f"{round(share * 100)} %"
