"""What the caller sees of an action on a device: asked by the computer's own face, with the device's name."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Iterator

import pytest
from hotline_probe.actions.base import Performed
from hotline_probe.deviceface import DeviceFace
from hotline_probe.errors import ActionError
from hotline_probe.face import Question, Topic, plain
from hotline_probe.keyboard import Keyboard
from hotline_probe.proposals import Proposals
from hotline_probe.status import HumanScreen
from hotline_probe.terminalface import TerminalFace
from hotline_probe.texts import LANGUAGES
from hotline_proto.catalogue import ActionSpec, load_catalogue
from hotline_proto.v1 import probe_pb2 as pb

NAME = "ssh://root@192.168.1.1"
ACTION = "storage.remount_writable"
PROPOSAL = pb.ActionProposal(
    proposal_id="p", action=ACTION, parameters=[pb.ActionParameter(name="filesystem", entity_key="/srv")]
)


class Disk:
    """Something that is read-only or not; what can be done to it can be lost on the way."""

    def __init__(self) -> None:
        self.writable = False
        self.lost = False

    def describe(self, action_id: str) -> ActionSpec:
        return load_catalogue().actions[action_id]

    def preview(self, *_: object) -> list[tuple[str, int]]:
        return []

    def perform(self, *_: object) -> Performed:
        self.writable = True
        return Performed("writable", self._undo)

    def _undo(self) -> None:
        if self.lost:
            raise ActionError("lost", "the connection ended")
        self.writable = False


class Table:
    def __init__(self) -> None:
        self.reports: list[pb.ActionReport] = []

    def report(self, report: pb.ActionReport) -> int:
        self.reports.append(report)
        return len(self.reports)

    def is_heard(self, _number: int) -> bool:
        return True

    def local_key(self, _kind: str, key: str) -> str | None:
        return key

    def words_confirmed(self) -> bool:
        return True


class Caller:
    """A caller at a terminal who answers every prompt in the same way, or not at all."""

    def __init__(self, language: str, answer: str | None) -> None:
        reading, writing = os.pipe()
        self.stdin, self.typing = os.fdopen(reading), os.fdopen(writing, "w", buffering=1)
        self.out = io.StringIO()
        keyboard = Keyboard(self.stdin)
        keyboard.interactive = True
        keyboard.start(lambda _line: False)
        typing = self.typing

        class Screen(HumanScreen):
            def prompt(self, text: str, again: str = "") -> None:
                super().prompt(text, again)
                if answer is not None:
                    typing.write(answer + "\n")

        texts = LANGUAGES[language]
        self.face = TerminalFace(Screen(texts, False, self.out), keyboard, texts)

    def close(self) -> None:
        self.typing.close()
        self.stdin.close()


@pytest.fixture
def callers() -> Iterator[list[Caller]]:
    made: list[Caller] = []
    yield made
    for caller in made:
        caller.close()


@pytest.mark.parametrize(("language", "yes"), [("en", "y"), ("de", "j")])
async def test_an_action_on_a_device_is_asked_done_and_undone_by_its_name(
    callers: list[Caller], language: str, yes: str
) -> None:
    caller, disk, table = Caller(language, yes), Disk(), Table()
    callers.append(caller)
    proposals = Proposals(disk, table, DeviceFace(caller.face, NAME), frozenset())
    await asyncio.wait_for(proposals.propose(PROPOSAL), 20)
    assert disk.writable and table.reports[-1].undoable
    disk.lost = True
    await proposals.undo(pb.UndoRequest(proposal_id="p"))
    assert (table.reports[-1].code, table.reports[-1].undoable) == ("lost", True)
    assert [changed[language] for changed in proposals.still_changed()]
    disk.lost = False
    await proposals.undo(pb.UndoRequest(proposal_id="p"))
    assert not disk.writable and proposals.still_changed() == []
    texts, title = LANGUAGES[language], disk.describe(ACTION).title[language]
    lines = caller.out.getvalue().splitlines()
    on = texts.on_device.format(device=NAME, sentence="")
    assert lines[0].startswith(on) and f"{title} (/srv)" in lines[0]
    for sentence in (texts.action_done, texts.action_undone):
        assert on + sentence.format(title=title) in lines


@pytest.mark.parametrize("answer", ["n", "", None], ids=["no", "nothing", "silence"])
async def test_whatever_is_no_clear_yes_is_a_no(callers: list[Caller], answer: str | None) -> None:
    caller, disk, table = Caller("en", answer), Disk(), Table()
    callers.append(caller)
    proposals = Proposals(disk, table, DeviceFace(caller.face, NAME), frozenset())
    proposal = pb.ActionProposal()
    proposal.CopyFrom(PROPOSAL)
    proposal.expires_in_s = 1 if answer is None else 60
    await asyncio.wait_for(proposals.propose(proposal), 20)
    assert not disk.writable
    assert [report.state for report in table.reports] == [pb.ACTION_STATE_DECLINED]


async def test_nothing_but_actions_is_asked_or_told(callers: list[Caller]) -> None:
    caller = Caller("en", "y")
    callers.append(caller)
    face = DeviceFace(caller.face, NAME)
    for topic in Topic:
        if topic is not Topic.ACTION:
            assert await face.ask_yes(Question(topic, plain("?")), 5) is None
    question = Question(Topic.QUESTION, plain("?"))
    assert await face.ask_text(question, 5) is None
    assert await face.ask_secret(question, 5) is None
    face.event("first_look", plain("done"))
    assert caller.out.getvalue() == ""
    assert not face.interactive
