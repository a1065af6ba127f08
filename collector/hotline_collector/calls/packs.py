"""The rules in use: which judge new calls, how running calls change over to them, what was refused."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, MutableMapping
from dataclasses import dataclass

from hotline_proto.record import EntryKind, unpack_entries
from hotline_proto.v1 import agent_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls.errors import CallError
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.rulepack.faults import Fault

_RETRY_S = 1.0
_MAX_FAULTS = 100
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class PackState:
    """How the rules in use came about; times in microseconds since the epoch.

    `refused` is when a newer pack was refused because of `faults`, 0 if none was since.
    """

    loaded: int = 0
    signer: str = ""
    refused: int = 0
    faults: tuple[Fault, ...] = ()

    def view(self, rules: RuleSet) -> pb.GetRulePackResponse:
        """Return it as an agent sees it."""
        view = pb.GetRulePackResponse(
            name=rules.pack.name,
            version=rules.pack.version,
            digest=rules.pack.digest,
            rules=len(rules.rules),
            loaded_us=self.loaded,
            signer=self.signer,
            refused_us=self.refused,
        )
        for fault in self.faults[:_MAX_FAULTS]:
            view.faults.add(file=fault.file, line=fault.line, column=fault.column, message=fault.message)
        return view


async def hand_over(calls: Collection[CallRuntime], rules: RuleSet) -> None:
    """Have running calls judged by other rules, those with a probe first.

    The loop serves everybody else between two calls, so that none waits longer than one of them takes.
    While the journal takes nothing, it is tried again.
    """
    waiting = sorted(calls, key=lambda call: call.row.state != "active")
    while waiting:
        refused = []
        for call in waiting:
            if not _change(call, rules.pack.digest):
                refused.append(call)
            await asyncio.sleep(0)
        waiting = refused
        if waiting:
            await asyncio.sleep(_RETRY_S)


def _change(call: CallRuntime, digest: str) -> bool:
    """Change one call over; False if that has to wait."""
    if call.row.state == "closed" or call.rules.pack.digest == digest:
        return True
    try:
        call.input(EntryKind.PACK_CHANGED, 0, rec.PackChanged(pack_digest=digest))
    except CallError:
        return False
    except Exception:
        # One call that fails must not keep all others from the new rules.
        _log.exception("call %s keeps its rules", call.row.id)
    return True


def forget_unused(
    packs: MutableMapping[str, RuleSet], calls: Collection[CallRuntime], rules: RuleSet
) -> None:
    """Let go of rules that judge no call in memory."""
    used = {rules.pack.digest, *(call.rules.pack.digest for call in calls)}
    for digest in packs.keys() - used:
        del packs[digest]


def digests_in(record: bytes) -> set[str]:
    """Return the packs that a call changed over to.

    Raises:
        RecordError: the record is damaged.
    """
    return {
        rec.PackChanged.FromString(entry.payload).pack_digest
        for entry in unpack_entries(record)
        if entry.kind is EntryKind.PACK_CHANGED
    }
