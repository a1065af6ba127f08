"""The life of findings: suspected, confirming, active, clearing, cleared, and the flag *stale*.

Unknown never ends *active*: a finding clears only when its condition is known to be false for `release`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from hotline_collector.engine.circuit import FALSE, TRUE, UNKNOWN
from hotline_collector.engine.inquiry import is_suspected
from hotline_collector.engine.instance import Instance
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.finding import Changes, Evidence, Finding, FindingState


class Lifecycle:
    """Moves findings when their condition changes or time passes.

    `findings` keeps every finding of the call by id, `owners` the instance of each. `schedule` is called
    with a time and an instance when hold or release will end.
    """

    def __init__(
        self,
        call_id: str,
        rules: RuleSet,
        schedule: Callable[[int, Instance], None],
        evidence: Callable[[Instance], list[Evidence]],
    ) -> None:
        self.findings: dict[str, Finding] = {}
        self.owners: dict[str, Instance] = {}
        self._undecided: dict[Instance, None] = {}
        self.rules = rules
        self.call_id = call_id
        self._schedule = schedule
        self._evidence = evidence

    def look(self, instance: Instance, now: int, changes: Changes) -> None:
        """Bring the finding of an instance in line with the state of its condition."""
        finding = instance.findings.get(instance.path)
        if len(instance.findings) > (finding is not None):
            self._leave_other_paths(instance, finding, changes)
        root = instance.root
        if finding is not None and finding.state is FindingState.CLEARED:
            finding = None
        if root == UNKNOWN:
            self._undecided[instance] = None
        else:
            self._undecided.pop(instance, None)
        if root == TRUE:
            self._holds(instance, finding, now, changes)
        elif root == FALSE:
            self._does_not_hold(instance, finding, now, changes)
        else:
            self._is_unknown(instance, finding, now, changes)

    def undecided(self, target: int) -> list[Instance]:
        """Return the instances of a target whose condition is unknown."""
        for instance in [instance for instance in self._undecided if instance.detached]:
            del self._undecided[instance]
        return [instance for instance in self._undecided if instance.target.id == target]

    def due(self, instance: Instance, now: int, changes: Changes) -> None:
        """End a hold or release that is over."""
        finding = instance.findings.get(instance.path)
        if finding is None or not instance.due or now < instance.due:
            return
        instance.due = 0
        if finding.state is FindingState.CONFIRMING and instance.root == TRUE:
            self._activate(instance, finding, now, changes)
        elif finding.state is FindingState.CLEARING and instance.root == FALSE:
            self._move(finding, FindingState.CLEARED, now, changes)

    def change_rules(
        self, rules: RuleSet, heirs: Mapping[Instance, Instance | None], now: int, changes: Changes
    ) -> None:
        """Judge findings by another rule set from now on.

        Findings carry on with their id and onset, holds and releases with the time that has passed. Those
        of a rule that is gone end: dropped if never confirmed, else cleared without having been proven gone.
        """
        self.rules = rules
        for finding_id, owner in list(self.owners.items()):
            if owner not in heirs:
                continue
            heir, finding = heirs[owner], self.findings[finding_id]
            if heir is not None:
                self._judge_on(finding, changes)
                if heir is not owner:
                    self.owners[finding_id] = heir
                    self._wait_on(finding, heir, now)
            elif finding.present:
                self.mark_stale(finding, False, changes)
                self._move(finding, FindingState.CLEARED, now, changes)
            elif finding.state is not FindingState.CLEARED:
                self._drop(owner, finding, changes)

    def _judge_on(self, finding: Finding, changes: Changes) -> None:
        """Note the pack that judges a finding from now on."""
        if finding.state is not FindingState.CLEARED:
            finding.pack_digest, finding.pack_version = self.rules.pack.digest, self.rules.pack.version
            changes.findings.add(finding.id)

    def _wait_on(self, finding: Finding, heir: Instance, now: int) -> None:
        """Let a hold or release that has begun end when it would under the new rule."""
        rule = heir.compiled.rule
        if finding is not heir.findings.get(heir.path):
            return
        if finding.state is FindingState.CONFIRMING:
            self._wait(heir, max(finding.changed + rule.hold, now))
        elif finding.state is FindingState.CLEARING:
            self._wait(heir, max(finding.changed + rule.release, now))

    def prove_gone(self, finding: Finding, now: int, changes: Changes) -> None:
        """Clear a finding whose fix was verified by what had to be seen."""
        if finding.state is not FindingState.CLEARED:
            self.owners[finding.id].due = 0
            self._move(finding, FindingState.CLEARED, now, changes)

    def mark_stale(self, finding: Finding, stale: bool, changes: Changes) -> None:
        """Set or clear the flag that a finding rests on facts that are no longer fresh."""
        if finding.stale != stale and finding.state is not FindingState.CLEARED:
            finding.stale = stale
            changes.findings.add(finding.id)

    def _holds(self, instance: Instance, finding: Finding | None, now: int, changes: Changes) -> None:
        hold = instance.compiled.rule.hold
        if finding is None:
            finding = self._create(instance, FindingState.CONFIRMING, now, changes)
        if finding.state in (FindingState.SUSPECTED, FindingState.CONFIRMING):
            if not hold:
                self._activate(instance, finding, now, changes)
            elif finding.state is FindingState.SUSPECTED or not instance.due:
                self._move(finding, FindingState.CONFIRMING, now, changes)
                self._wait(instance, now + hold)
        else:
            instance.due = 0
            self._activate(instance, finding, now, changes)
        self.mark_stale(finding, not instance.target.link_up and instance.target.boot_id != "", changes)

    def _does_not_hold(self, instance: Instance, finding: Finding | None, now: int, changes: Changes) -> None:
        if finding is None:
            return
        if finding.state in (FindingState.SUSPECTED, FindingState.CONFIRMING):
            self._drop(instance, finding, changes)
        elif finding.state is FindingState.ACTIVE:
            release = instance.compiled.rule.release
            self.mark_stale(finding, False, changes)
            if release:
                self._move(finding, FindingState.CLEARING, now, changes)
                self._wait(instance, now + release)
            else:
                self._move(finding, FindingState.CLEARED, now, changes)

    def _is_unknown(self, instance: Instance, finding: Finding | None, now: int, changes: Changes) -> None:
        if finding is not None and finding.state in (FindingState.ACTIVE, FindingState.CLEARING):
            instance.due = 0
            if finding.state is FindingState.CLEARING:
                self._move(finding, FindingState.ACTIVE, now, changes)
            self.mark_stale(finding, True, changes)
            return
        suspected = is_suspected(instance, self.rules)
        if suspected and finding is None:
            self._create(instance, FindingState.SUSPECTED, now, changes)
        elif suspected and finding is not None and finding.state is FindingState.CONFIRMING:
            instance.due = 0
            self._move(finding, FindingState.SUSPECTED, now, changes)
        elif not suspected and finding is not None:
            self._drop(instance, finding, changes)

    def _leave_other_paths(self, instance: Instance, current: Finding | None, changes: Changes) -> None:
        for finding in list(instance.findings.values()):
            if finding is current or finding.state is FindingState.CLEARED:
                continue
            if finding.present:
                self.mark_stale(finding, True, changes)
            else:
                self._drop(instance, finding, changes)

    def _create(self, instance: Instance, state: FindingState, now: int, changes: Changes) -> Finding:
        rule = instance.compiled.rule
        entity = instance.entity_ref
        parts = (self.call_id, instance.target.id, rule.id, entity, now)
        finding = Finding(
            id=hashlib.sha256(repr(parts).encode()).hexdigest()[:16],
            rule=rule.id,
            target=instance.target.id,
            entity=entity,
            state=state,
            onset=now,
            changed=now,
            pack_digest=self.rules.pack.digest,
            pack_version=self.rules.pack.version,
            path=instance.path,
        )
        instance.findings[finding.path] = finding
        instance.due = 0
        self.findings[finding.id] = finding
        self.owners[finding.id] = instance
        changes.findings.add(finding.id)
        return finding

    def _drop(self, instance: Instance, finding: Finding, changes: Changes) -> None:
        """Forget a finding that never was confirmed."""
        instance.due = 0
        finding.state = FindingState.CLEARED
        instance.findings.pop(finding.path, None)
        self.findings.pop(finding.id, None)
        self.owners.pop(finding.id, None)
        changes.findings.add(finding.id)

    def _move(self, finding: Finding, state: FindingState, now: int, changes: Changes) -> None:
        if finding.state is not state:
            finding.state = state
            finding.changed = now
            changes.findings.add(finding.id)

    def _activate(self, instance: Instance, finding: Finding, now: int, changes: Changes) -> None:
        """Make a finding active, and remember by what, for the time when it no longer holds."""
        instance.evidence = self._evidence(instance)
        self._move(finding, FindingState.ACTIVE, now, changes)

    def _wait(self, instance: Instance, due: int) -> None:
        instance.due = due
        self._schedule(due, instance)
