"""The proofs of all fixes of a call: begun when a fix is done, pursued until settled, watched afterwards."""

from __future__ import annotations

from collections.abc import Mapping

from hotline_proto.catalogue import Catalogue

from hotline_collector.engine.deadlines import Schedule
from hotline_collector.engine.instance import Instance
from hotline_collector.engine.lifecycle import Lifecycle
from hotline_collector.engine.report import before_fix
from hotline_collector.engine.verification import judge, questions_of
from hotline_collector.engine.wishes import Wishes
from hotline_collector.model.finding import Changes, Finding, FindingState, Verification, VerificationState

# While a fix is being verified its sources are asked again this often.
ASK_EVERY = 1_000_000


class Proofs:
    """Verifications by fix id; `at` schedules an action for a time."""

    def __init__(self, lifecycle: Lifecycle, catalogue: Catalogue, wishes: Wishes, at: Schedule) -> None:
        self.verifications: dict[str, Verification] = {}
        self._lifecycle = lifecycle
        self._catalogue = catalogue
        self._wishes = wishes
        self._at = at

    def begin(self, fix_id: str, finding: Finding, done: int, now: int) -> None:
        """Begin to prove a fix that was done at `done`."""
        within = self._lifecycle.owners[finding.id].compiled.rule.verify_within
        before = before_fix(self._lifecycle.owners[finding.id], self._lifecycle.rules)
        verification = Verification(fix_id, finding.id, done, max(now, done) + within, before=before)
        self.verifications[fix_id] = verification
        self._pursue(verification, now)

    def judge(self, now: int, changes: Changes) -> None:
        """Bring every proof up to date: settle what can be settled, notice what came back."""
        for verification in self.verifications.values():
            finding = self._lifecycle.findings.get(verification.finding_id)
            if finding is None:
                continue
            if verification.state is VerificationState.VERIFYING:
                self._settle(verification, finding, now, changes)
            elif verification.state is VerificationState.VERIFIED and self._is_back(finding):
                verification.state = VerificationState.REGRESSED
                verification.settled = now
                changes.verifications.add(verification.fix_id)

    def questions(self) -> list[str]:
        """Return the questions whose answers running proofs wait for, given since the fix was done."""
        out: dict[str, None] = {}
        for verification in self.verifications.values():
            owner = self._lifecycle.owners.get(verification.finding_id)
            if verification.state is not VerificationState.VERIFYING or owner is None:
                continue
            for name in questions_of(owner.compiled, self._lifecycle.rules.pack.questions):
                cell = owner.target.scope.cells.get(name)
                if cell is None or cell.measured_at < verification.done:
                    out[name] = None
        return list(out)

    def change_rules(self, heirs: Mapping[Instance, Instance | None], now: int, changes: Changes) -> None:
        """Go on by another rule set; a proof whose rule is gone ends unproven."""
        for verification in self.verifications.values():
            owner = self._lifecycle.owners.get(verification.finding_id)
            if owner is None or verification.state is not VerificationState.VERIFYING:
                continue
            heir = heirs.get(owner, owner)
            if heir is not owner:
                # What must be seen may be something else now.
                verification.cured_since = 0
            if heir is None:
                verification.state = VerificationState.COULD_NOT_VERIFY
                verification.settled, verification.reason = now, "its rule was taken out of the pack"
                changes.verifications.add(verification.fix_id)

    def _settle(self, verification: Verification, finding: Finding, now: int, changes: Changes) -> None:
        settled = judge(verification, finding, self._lifecycle.owners[finding.id], now)
        if settled is not None:
            changes.verifications.add(verification.fix_id)
        if settled is VerificationState.VERIFIED:
            self._lifecycle.prove_gone(finding, now, changes)

    def _is_back(self, finding: Finding) -> bool:
        """Tell whether a cleared finding's rule is active again on the same entity and path."""
        newest = self._lifecycle.owners[finding.id].findings.get(finding.path)
        return newest is not None and newest.state is FindingState.ACTIVE

    def _pursue(self, verification: Verification, now: int) -> None:
        """Have the sources of a fix's facts run now, and again until the verification is settled."""
        finding = self._lifecycle.findings.get(verification.finding_id)
        if verification.state is not VerificationState.VERIFYING or finding is None:
            return
        sources = self._lifecycle.owners[finding.id].compiled.sources
        self._wishes.want(finding.target, [s for s in sources if self._catalogue.sources[s].platforms])
        due = min(now + ASK_EVERY, max(verification.until, now + 1))
        self._at(due, lambda at: self._pursue(verification, at))
