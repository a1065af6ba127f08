"""Actions that the agent proposes: shown in our own words, asked one by one, done at most once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeVar

from hotline_proto.catalogue import ActionSpec
from hotline_proto.v1 import probe_pb2 as pb

from hotline_probe.errors import ActionError
from hotline_probe.face import Face, Sentence
from hotline_probe.limits import Budget
from hotline_probe.operatorlist import OperatorLists
from hotline_probe.proposed import put_to_caller
from hotline_probe.terminal import harmless
from hotline_probe.threads import in_thread

T = TypeVar("T")
MAX_WAIT = 300.0
MAX_PROPOSALS = 500
MAX_ID = 128
# How long the connection may be away after an armed action, in seconds; a link that broke comes back in 20.
ARMED = 60.0
_LOOK_EVERY = 0.2


class Undoable(Protocol):
    """An action that was performed."""

    def undo(self) -> None:
        """Take it back.

        Raises:
            ActionError: that is not possible.
        """
        ...


class Performer(Protocol):
    """The actions built into the probe."""

    def describe(self, action_id: str) -> ActionSpec:
        """Return what the catalogue says about an action; raises ActionError if there is none."""
        ...

    def preview(self, action_id: str, parameters: Mapping[str, str]) -> Sequence[tuple[str, int]]:
        """Return path and size in bytes of each file that would go; raises ActionError if it is no use."""
        ...

    def perform(self, action_id: str, parameters: Mapping[str, str]) -> Undoable:
        """Do it; raises ActionError with a code."""
        ...


class Desk(Protocol):
    """What proposals need of the session."""

    def report(self, report: pb.ActionReport) -> int:
        """Tell the collector how an action stands; return the number of the frame."""
        ...

    def is_heard(self, number: int) -> bool:
        """Whether the collector has said that it keeps a frame."""
        ...

    def local_key(self, kind: str, key: str) -> str | None:
        """Return the real key behind an announced one, None if this probe never announced it."""
        ...

    def words_confirmed(self) -> bool:
        """Whether the agent has entered the two words."""
        ...


@dataclass(slots=True)
class Known:
    """One proposal and the last that was reported about it."""

    report: pb.ActionReport
    title: Mapping[str, str] = field(default_factory=dict)
    performed: Undoable | None = field(default=None)


# By the id of the proposal.
KnownProposals = dict[str, Known]


class Proposals:
    """All proposals of one session; `accepted` are action ids that the caller allowed beforehand.

    `armed` is for how long, in seconds, the connection may be away after an armed action; `lists` knows
    which values of the operator's are good. `known` are proposals of an earlier session on the same machine.
    """

    def __init__(
        self,
        performer: Performer,
        desk: Desk,
        face: Face,
        accepted: frozenset[str],
        armed: float = ARMED,
        lists: OperatorLists | None = None,
        known: KnownProposals | None = None,
    ) -> None:
        self._performer = performer
        self._desk = desk
        self._face = face
        self._accepted = accepted
        self._armed = armed
        self._lists = lists or OperatorLists()
        self._known = {} if known is None else known
        self._budget = Budget(10)
        self._refusals = Budget(10)

    def still_changed(self) -> list[Mapping[str, str]]:
        """Return the titles, by language, of what was done and not taken back."""
        return [known.title for known in self._known.values() if known.performed is not None]

    def tell_what_stays(self) -> None:
        """Report once more what was done before this session and can be taken back in it."""
        for known in self._known.values():
            if known.performed is not None:
                self._desk.report(known.report)

    async def propose(self, proposal: pb.ActionProposal) -> None:
        """Ask the caller and do it; a proposal that is known already is only reported again."""
        known = self._known.get(proposal.proposal_id)
        if known is not None:
            self._desk.report(known.report)
            return
        if len(self._known) >= MAX_PROPOSALS or len(proposal.proposal_id) > MAX_ID:
            return
        known = self._known[proposal.proposal_id] = Known(pb.ActionReport(proposal_id=proposal.proposal_id))
        try:
            spec = self._performer.describe(proposal.action)
            known.title = spec.title
            parameters = self._parameters(spec, proposal)
        except ActionError as error:
            self._fail(known, error)
            return
        await self._decide(known, spec, parameters, proposal)

    async def undo(self, request: pb.UndoRequest) -> None:
        """Take a finished action back; anything else is only reported as it stands.

        What an earlier run of the probe did, before a restart, is not known here and cannot be taken back.
        """
        known = self._known.get(request.proposal_id)
        if known is None:
            self._refuse(request.proposal_id)
            return
        if known.performed is None:
            self._desk.report(known.report)
            return
        await self._take_back(known, lambda t: t.action_undone)

    async def _take_back(self, known: Known, sentence: Sentence) -> None:
        performed, known.performed = known.performed, None
        if performed is None:
            return
        try:
            await _guarded(performed.undo)
        except ActionError as error:
            known.performed = performed
            self._fail(known, error)
        else:
            self._tell(known, pb.ACTION_STATE_UNDONE, sentence)

    def _refuse(self, proposal_id: str) -> None:
        if len(proposal_id) > MAX_ID or not self._refusals.take():
            return
        self._desk.report(
            pb.ActionReport(
                proposal_id=proposal_id,
                state=pb.ACTION_STATE_FAILED,
                code="precondition",
                detail="this run of the probe did not do it, so it cannot take it back",
            )
        )

    def _parameters(self, spec: ActionSpec, proposal: pb.ActionProposal) -> dict[str, str]:
        given = {parameter.name: parameter.entity_key for parameter in proposal.parameters}
        wanted = (*spec.parameters, *spec.operator)
        if given.keys() != set(wanted):
            raise ActionError("bad_parameter", f"{spec.name} takes {', '.join(wanted) or 'nothing'}")
        found = self._lists.choose(spec, given, proposal.signed_list)
        for name in spec.parameters:
            local = self._desk.local_key(spec.parameters[name], given[name])
            if local is None:
                raise ActionError("bad_parameter", f"no {spec.parameters[name]} is known by this key")
            found[name] = local
        return found

    async def _decide(
        self, known: Known, spec: ActionSpec, parameters: dict[str, str], proposal: pb.ActionProposal
    ) -> None:
        if not self._desk.words_confirmed():
            self._decline(known, "precondition", "the two words are not confirmed yet")
            return
        if not self._budget.take():
            self._decline(known, "precondition", "too many proposals in a minute")
            return
        try:
            files = await _guarded(partial(self._performer.preview, spec.name, parameters))
        except ActionError as error:
            self._fail(known, error)
            return
        question = put_to_caller(spec, parameters, proposal.proposal_id, files)
        if spec.name in self._accepted:
            for say in question.about:
                self._face.event(question.topic.value, say, **question.data)
        elif not await self._face.ask_yes(question, min(float(proposal.expires_in_s or MAX_WAIT), MAX_WAIT)):
            self._decline(known)
            return
        self._tell(known, pb.ACTION_STATE_ACCEPTED, lambda t: t.action_accepted)
        await self._perform(known, spec, parameters)

    async def _perform(self, known: Known, spec: ActionSpec, parameters: dict[str, str]) -> None:
        self._tell(known, pb.ACTION_STATE_RUNNING, lambda t: t.action_running)
        try:
            performed = await _guarded(partial(self._performer.perform, spec.name, parameters))
        except ActionError as error:
            self._fail(known, error)
            return
        known.performed = performed if spec.undo else None
        number = self._tell(known, pb.ACTION_STATE_DONE, lambda t: t.action_done, undoable=spec.undo)
        if spec.armed:
            await self._stay_connected(known, number)

    async def _stay_connected(self, known: Known, number: int) -> None:
        """Take an action back by itself unless the collector is heard again in time."""
        end = asyncio.get_running_loop().time() + self._armed
        while not self._desk.is_heard(number):
            if asyncio.get_running_loop().time() >= end:
                await self._take_back(known, lambda t: t.action_undone_alone)
                return
            await asyncio.sleep(_LOOK_EVERY)

    def _decline(self, known: Known, code: str = "", detail: str = "") -> None:
        self._tell(known, pb.ACTION_STATE_DECLINED, lambda t: t.action_declined, code=code, detail=detail)

    def _fail(self, known: Known, error: ActionError) -> None:
        state, undoable = pb.ACTION_STATE_FAILED, known.performed is not None
        self._tell(
            known, state, lambda t: t.action_failed, code=error.code, detail=str(error), undoable=undoable
        )

    def _tell(
        self,
        known: Known,
        state: pb.ActionState,
        sentence: Sentence,
        *,
        code: str = "",
        detail: str = "",
        undoable: bool = False,
    ) -> int:
        known.report = pb.ActionReport(
            proposal_id=known.report.proposal_id, state=state, code=code, detail=detail, undoable=undoable
        )
        number = self._desk.report(known.report)
        word = pb.ActionState.Name(state).removeprefix("ACTION_STATE_").lower()
        title = known.title
        self._face.event(
            "action",
            lambda t: sentence(t).format(title=title.get(t.language, "?"), detail=harmless(detail)),
            state=word,
            code=code,
            detail=detail,
        )
        return number


async def _guarded(work: Callable[[], T]) -> T:
    try:
        return await in_thread(work, "action")
    except ActionError:
        raise
    except Exception as error:  # whatever happens, the agent hears how it ended
        raise ActionError("error", f"{type(error).__name__}: {error}") from error
