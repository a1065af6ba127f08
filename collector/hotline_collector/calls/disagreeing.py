"""A human's word that a finding was not the cause, and what it was instead."""

from __future__ import annotations

import re

from hotline_collector.calls.errors import invalid, not_found
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.model.hints import did_you_mean
from hotline_collector.model.rows import DisagreementRow

_RULE_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")


def disagreement(
    call: CallRuntime, finding_id: str, cause: str, reason: str, author: str, at: int
) -> DisagreementRow:
    """Return a disagreement with a finding; `cause` is the id of a rule or free text for anything else.

    Raises:
        CallError: no such finding, no cause, the finding's own rule, or the id of no rule.
    """
    finding = call.engine.findings().get(finding_id)
    if finding is None:
        raise not_found(f"this call has no finding {finding_id!r}")
    if not cause:
        raise invalid("say what it was instead: the id of a rule, or a few words")
    if cause == finding.rule:
        raise invalid(f"{cause} is what the finding says already; name another cause")
    rules = call.rules.pack.rules
    if cause not in rules and _RULE_ID.fullmatch(cause):
        hint = did_you_mean(cause, rules) or "; name a cause outside the pack in plain words"
        raise invalid(f"there is no rule {cause!r}{hint}")
    return DisagreementRow(
        id=finding.id,
        call_id=call.row.id,
        at=at,
        author=author,
        rule=finding.rule,
        cause=cause,
        in_pack=cause in rules,
        reason=reason,
    )
