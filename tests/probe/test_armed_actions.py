"""What may cut the connection is taken back by itself unless the collector is heard again."""

from __future__ import annotations

import asyncio
import io

import pytest
from hotline_probe.actions.base import Performed
from hotline_probe.keyboard import Keyboard
from hotline_probe.proposals import Proposals
from hotline_probe.spool import Spool
from hotline_probe.status import HumanScreen
from hotline_probe.terminalface import TerminalFace
from hotline_probe.texts import LANGUAGES
from hotline_proto.catalogue import ActionSpec, load_catalogue
from hotline_proto.v1 import probe_pb2 as pb

ACTION = "proxy.disable"
SOON = 0.3


class Switch:
    """Something that can be switched off and on again."""

    def __init__(self) -> None:
        self.on = True

    def describe(self, action_id: str) -> ActionSpec:
        return load_catalogue().actions[action_id]

    def preview(self, *_: object) -> list[tuple[str, int]]:
        return []

    def perform(self, *_: object) -> Performed:
        self.on = False
        return Performed("switched off", self._undo)

    def _undo(self) -> None:
        self.on = True


class Table:
    """The session's side, with the real spool: who acknowledges is the test."""

    def __init__(self) -> None:
        self.spool = Spool()
        self.states: list[str] = []
        self.done = asyncio.Event()

    def report(self, report: pb.ActionReport) -> int:
        self.states.append(pb.ActionState.Name(report.state).removeprefix("ACTION_STATE_").lower())
        if report.state == pb.ACTION_STATE_DONE:
            self.done.set()
        return self.spool.append(pb.ProbeFrame(action=report))

    def is_heard(self, number: int) -> bool:
        return self.spool.first_seq > number

    def local_key(self, _kind: str, key: str) -> str | None:
        return key

    def words_confirmed(self) -> bool:
        return True


def face(language: str, out: io.StringIO) -> TerminalFace:
    texts = LANGUAGES[language]
    return TerminalFace(HumanScreen(texts, False, out), Keyboard(io.StringIO()), texts)


@pytest.mark.parametrize("heard", [True, False], ids=["heard again", "cut off"])
async def test_a_cut_connection_takes_the_action_back(heard: bool) -> None:
    switch, table, out = Switch(), Table(), io.StringIO()
    proposals = Proposals(switch, table, face("en", out), frozenset({ACTION}), armed=SOON)
    assert switch.describe(ACTION).armed
    work = asyncio.create_task(proposals.propose(pb.ActionProposal(proposal_id="p", action=ACTION)))
    if heard:
        await table.done.wait()
        table.spool.ack(table.spool.last_seq)
    await asyncio.wait_for(work, 5)
    assert switch.on != heard
    assert table.states[-1] == ("done" if heard else "undone")
    assert bool(proposals.still_changed()) == heard
    assert ("did not come back" in out.getvalue()) != heard


async def test_what_cannot_be_taken_back_is_never_said_to_be_changed() -> None:
    switch, table = Switch(), Table()
    flush = frozenset({"dns.flush_cache"})
    proposals = Proposals(switch, table, face("de", io.StringIO()), flush)
    await proposals.propose(pb.ActionProposal(proposal_id="p", action="dns.flush_cache"))
    assert table.states[-1] == "done"
    assert proposals.still_changed() == []
