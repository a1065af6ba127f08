"""What a call says about the rules that were shown in it as causes, when it is closed."""

from __future__ import annotations

from collections.abc import Iterator

from hotline_collector.calls.fixes import HAS_RUN, FixState
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.model.field_record import Verdict

# What a human says counts more than what was measured; among fixes, one that helped is enough.
_WEIGHT = (Verdict.DISAGREED, Verdict.NAMED, Verdict.VERIFIED, Verdict.NOT_HELPED, Verdict.UNSETTLED)
_OF_FIX = {
    FixState.VERIFIED: Verdict.VERIFIED,
    FixState.STILL_PRESENT: Verdict.NOT_HELPED,
    FixState.REGRESSED: Verdict.NOT_HELPED,
}


def verdicts(call: CallRuntime) -> dict[str, Verdict]:
    """Return the verdict on every rule that was shown as a cause or picked by a human, by rule id."""
    out: dict[str, Verdict] = {}
    for rule, verdict in _said(call):
        if rule not in out or _WEIGHT.index(verdict) < _WEIGHT.index(out[rule]):
            out[rule] = verdict
    return out


def main_rule(call: CallRuntime) -> str:
    """Return the rule that a call was about in the end, empty if none was.

    It is what the agent named, else what was fixed last, else the last first-ranked cause.
    """
    named = [row.cause for row in call.disagreements.values() if row.in_pack]
    fixed = sorted(
        (row for row in call.fixes.rows.values() if FixState(row.state) in HAS_RUN), key=lambda row: row.done
    )
    disagreed = {row.rule for row in call.disagreements.values()}
    ranked = [*call.shown, *(row.rule for row in fixed), *named]
    return next((rule for rule in reversed(ranked) if rule not in disagreed), "")


def _said(call: CallRuntime) -> Iterator[tuple[str, Verdict]]:
    for rule in call.shown:
        yield rule, Verdict.UNSETTLED
    for fix in call.fixes.rows.values():
        yield fix.rule, _OF_FIX.get(FixState(fix.state), Verdict.UNSETTLED)
    for row in call.disagreements.values():
        yield row.rule, Verdict.DISAGREED
        if row.in_pack:
            yield row.cause, Verdict.NAMED
