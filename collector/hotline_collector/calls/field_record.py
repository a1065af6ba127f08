"""The field record of rules over all calls: written when a call is closed, used when one is opened."""

from __future__ import annotations

import logging
from collections import Counter

from hotline_proto.v1 import agent_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls.contacts import DAY_US, contact_of
from hotline_collector.calls.figures_of import closing_day
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.surroundings import Surroundings
from hotline_collector.calls.verdicts import main_rule, verdicts
from hotline_collector.errors import StoreError
from hotline_collector.model.field_record import Tally, Verdict, sharpened, tally
from hotline_collector.model.rows import VerdictRow
from hotline_collector.model.rule import Pack, Rule

_NEVER: Counter[str] = Counter()
_log = logging.getLogger(__name__)


class FieldRecord:
    """How often each rule was right; the store has it all, and here are the sums."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._calls: dict[str, Counter[str]] = {}

    async def load(self) -> None:
        """Take up what earlier closed calls said.

        Raises:
            StoreError: the store cannot be read.
        """
        self._calls = {}
        for count in await self._around.store.verdict_counts():
            self._calls.setdefault(count.rule, Counter())[count.verdict] = count.calls

    def confidences(self, pack: Pack) -> list[rec.RuleConfidence]:
        """Return the confidence of every rule that the field record knows enough calls of, by rule id."""
        out = []
        for rule in sorted(self._calls.keys() & pack.rules.keys()):
            confidence = sharpened(pack.rules[rule].confidence, self._tally(rule))
            if confidence is not None:
                out.append(rec.RuleConfidence(rule=rule, confidence=confidence))
        return out

    def views(self, pack: Pack, prefix: str) -> list[pb.RuleRecordView]:
        """Return how the rules of a pack did whose ids begin like this, by id."""
        return [self._view(rule) for name, rule in sorted(pack.rules.items()) if name.startswith(prefix)]

    def close(self, call: CallRuntime) -> None:
        """Note what a call that is being closed says about its rules; saved together with its row."""
        main = main_rule(call)
        contact = contact_of(self._around.settings, call.row.customer_reference)
        pack = call.rules.pack
        for rule, verdict in verdicts(call).items():
            row = VerdictRow(
                id=f"{call.row.id}/{rule}",
                call_id=call.row.id,
                rule=rule,
                pack_digest=pack.digest,
                pack_version=pack.version,
                day=closing_day(call),
                verdict=verdict.value,
                main=rule == main,
                contact=contact,
            )
            self._around.saver.touch(row)
            self._calls.setdefault(rule, Counter())[verdict.value] += 1

    async def repeat(self, call: CallRuntime) -> None:
        """Hold against the rules of earlier calls that the same customer rang about the same once more.

        A call that is closed stays closed if the store fails: the repeat is then only logged.
        """
        contact = contact_of(self._around.settings, call.row.customer_reference)
        if not contact:
            return
        since = call.row.opened - self._around.settings.repeat_days * DAY_US
        try:
            turned = await self._around.store.rang_again(call.row, contact, main_rule(call), since)
        except StoreError as error:
            _log.warning("call %s: a repeat contact could not be noted: %s", call.row.id, error)
            return
        for row in turned:
            calls = self._calls.setdefault(row.rule, Counter())
            calls[row.verdict] -= 1
            calls[Verdict.RANG_AGAIN.value] += 1

    def _tally(self, rule: str) -> Tally:
        return tally(self._calls.get(rule, _NEVER))

    def _view(self, rule: Rule) -> pb.RuleRecordView:
        record = self._tally(rule.id)
        confidence = sharpened(rule.confidence, record)
        return pb.RuleRecordView(
            rule=rule.id,
            right=record.right,
            wrong=record.wrong,
            prior=rule.confidence,
            confidence=rule.confidence if confidence is None else confidence,
        )
