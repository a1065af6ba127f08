"""Operations on what a call holds: checks, answers, facts, plans, notes, words, disagreements and fixes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from hotline_proto.v1 import agent_pb2 as pb
from starlette.responses import Response

from hotline_collector.api.http import requests as take
from hotline_collector.api.http.calls import CallId
from hotline_collector.api.http.operations import TheDesk, Who, answer, does, done
from hotline_collector.calls.operator_facts import Entered

_STATED = ("not_found", "conflict", "unavailable")
router = APIRouter(prefix="/calls/{call_id}", tags=["diagnosis"])
fixes = APIRouter(prefix="/calls/{call_id}", tags=["fixes"])


@router.post("/checks", **does("AddCheck", status=204, problems=_STATED, body=True))
async def add_check(who: Who, desk: TheDesk, call_id: CallId, body: take.NewCheck) -> Response:
    """The caller allows it on their own screen; its facts have the check as their entity."""
    await desk.add_check(who, call_id, body.check)
    return done()


@router.post("/targets", **does("AddTarget", pb.AddTargetResponse, problems=_STATED, body=True))
async def add_target(who: Who, desk: TheDesk, call_id: CallId, body: take.NewTarget) -> Response:
    """Read over SSH by the caller's computer, which asks them first, or by the collector itself."""
    target = await desk.add_target(
        who, call_id, body.address, body.fingerprint, from_collector=body.from_collector
    )
    return answer(pb.AddTargetResponse(target=target))


@router.post("/answers", **does("AnswerQuestion", status=204, problems=_STATED, body=True))
async def answer_question(who: Who, desk: TheDesk, call_id: CallId, body: take.Answer) -> Response:
    """Said again, the last answer counts."""
    await desk.answer(who, call_id, body.question, body.value)
    return done()


@router.post("/facts", **does("EnterFact", status=204, problems=_STATED, body=True))
async def enter_facts(who: Who, desk: TheDesk, call_id: CallId, body: take.Facts) -> Response:
    """Contract, outage and line measurement, with origin and age; several at once, all of them or none."""
    facts = [Entered(one.fact, one.value, one.age_s, one.origin) for one in body.facts]
    await desk.enter_facts(who, call_id, facts)
    return done()


@router.post("/spoken", **does("EnterSpoken", pb.EnterSpokenResponse, problems=_STATED, body=True))
async def enter_spoken(who: Who, desk: TheDesk, call_id: CallId, body: take.Spoken) -> Response:
    """Only while no probe of the call is connected."""
    return answer(pb.EnterSpokenResponse(facts=await desk.enter_spoken(who, call_id, body.digits)))


@router.put("/plan", **does("FollowPlan", status=204, problems=_STATED, body=True))
async def follow_plan(who: Who, desk: TheDesk, call_id: CallId, body: take.Plan) -> Response:
    """The call then shows the plan's steps and which of them is next."""
    await desk.follow_plan(who, call_id, body.plan)
    return done()


@router.post("/notes", **does("AddNote", status=204, problems=_STATED, body=True))
async def add_note(who: Who, desk: TheDesk, call_id: CallId, body: take.Note) -> Response:
    """It stands in the call with its author and time."""
    await desk.note(who, call_id, body.text)
    return done()


@router.post("/words", **does("ConfirmWords", pb.ConfirmWordsResponse, problems=_STATED, body=True))
async def confirm_words(who: Who, desk: TheDesk, call_id: CallId, body: take.Words) -> Response:
    """They prove that the caller's probe speaks with this collector and belongs to this call."""
    return answer(pb.ConfirmWordsResponse(confirmed=await desk.confirm_words(who, call_id, body.words)))


@router.post("/personal", **does("AskPersonal", status=204, problems=("not_found", "locked", "conflict")))
async def ask_personal(who: Who, desk: TheDesk, call_id: CallId) -> Response:
    """Needs the two words first; the caller decides on their own screen."""
    await desk.ask_personal(who, call_id)
    return done()


@router.post("/disagreements", **does("Disagree", status=204, problems=_STATED, body=True))
async def disagree(who: Who, desk: TheDesk, call_id: CallId, body: take.Disagreement) -> Response:
    """Said again about the same finding, the last word counts."""
    await desk.disagree(who, call_id, body.finding_id, body.cause, body.reason)
    return done()


@fixes.post(
    "/fixes",
    **does(
        "ProposeFix",
        pb.ProposeFixResponse,
        status=201,
        problems=("not_found", "locked", "conflict"),
        body=True,
    ),
)
async def propose_fix(who: Who, desk: TheDesk, call_id: CallId, body: take.NewFix) -> Response:
    """An action is shown to the caller, who accepts or declines it; steps are for the agent to read out."""
    fix_id = await desk.propose(who, call_id, body.finding_id, body.fix_index, owner_agreed=body.owner_agreed)
    return answer(pb.ProposeFixResponse(fix_id=fix_id), 201)


@fixes.post(
    "/fixes/{fix_id}",
    **does("UpdateFix", pb.UpdateFixResponse, problems=("not_found", "locked", "conflict"), body=True),
)
async def update_fix(
    who: Who,
    desk: TheDesk,
    call_id: CallId,
    fix_id: Annotated[str, Path(description="Id of a proposed fix.", max_length=64)],
    body: take.FixEvent,
) -> Response:
    """After *done* fresh facts decide whether it helped."""
    state = await desk.update_fix(who, call_id, fix_id, body.event)
    return answer(pb.UpdateFixResponse(state=state))
