"""The agent's face over a real connection."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from hotline_collector.api import agent_service, standing
from hotline_collector.api.access import MINIMUM_ROLE
from hotline_collector.engine.engine import Engine
from hotline_proto.catalogue import load_catalogue
from hotline_proto.record import read_file, unpack_entries
from hotline_proto.v1 import agent_pb2 as pb
from hotline_proto.v1 import probe_pb2


async def refusal(attempt: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await attempt
    return refused.value.code(), refused.value.details() or ""


async def test_a_login_gives_a_token(api: Any) -> None:
    answer = await api.stub.Login(pb.LoginRequest(user="mia", password="aim"))
    assert (answer.token, answer.role) == ("mia", "agent")
    status, message = await refusal(api.stub.Login(pb.LoginRequest(user="mia", password="x")))
    assert (status, message) == (grpc.StatusCode.UNAUTHENTICATED, "name or password is wrong")
    [(address, connection)] = set(api.accounts.asked_from)
    assert address == "127.0.0.1" and connection.startswith("ipv4:127.0.0.1:")


async def test_an_endless_password_is_not_hashed(api: Any) -> None:
    status, _ = await refusal(api.stub.Login(pb.LoginRequest(user="mia", password="x" * 100_000)))
    assert status is grpc.StatusCode.UNAUTHENTICATED
    assert api.accounts.logins == 0


@pytest.mark.parametrize(
    "metadata", [(), (("authorization", "mia"),), (("authorization", "Bearer nobody"),), (("other", "x"),)]
)
async def test_nothing_without_a_login(api: Any, metadata: Any) -> None:
    status, message = await refusal(api.stub.ListCalls(pb.ListCallsRequest(), metadata=metadata))
    assert status is grpc.StatusCode.UNAUTHENTICATED
    assert "hotline login" in message
    watching = api.stub.WatchCall(pb.WatchCallRequest(), metadata=metadata)
    status, _ = await refusal(watching.read())
    assert status is grpc.StatusCode.UNAUTHENTICATED


async def test_an_unknown_role_may_do_nothing(api: Any) -> None:
    status, message = await refusal(api.stub.ListCalls(pb.ListCallsRequest(), **api.logged_in("eva")))
    assert status is grpc.StatusCode.PERMISSION_DENIED
    assert "stranger" in message


def test_every_method_says_who_may_call_it() -> None:
    service = pb.DESCRIPTOR.services_by_name["AgentService"]
    assert {method.name for method in service.methods} == {*MINIMUM_ROLE, "Login"}


async def test_a_call_from_opening_to_closing(api: Any, filesystem: Any) -> None:
    stub, auth = api.stub, api.logged_in()
    opened = await stub.OpenCall(pb.OpenCallRequest(complaint="disk full"), **auth)
    assert opened.code.code
    assert opened.code.link.startswith("hotline://localhost:7443/")
    call_id = opened.call_id
    await stub.AddNote(pb.AddNoteRequest(call_id=call_id, text="hm"), **auth)
    await stub.EnterFact(
        pb.EnterFactRequest(call_id=call_id, fact="operator.outage", value="false", origin="crm"), **auth
    )
    await stub.AnswerQuestion(
        pb.AnswerQuestionRequest(call_id=call_id, question="ask.scope", value="works"), **auth
    )
    await stub.AddCheck(pb.AddCheckRequest(call_id=call_id, check="localhost:1"), **auth)
    renewed = await stub.RenewCode(pb.RenewCodeRequest(call_id=call_id), **auth)
    assert renewed.code.code != opened.code.code
    listed = await stub.ListCalls(pb.ListCallsRequest(), **api.logged_in("lea"))
    assert [(c.call_id, c.state, c.agent) for c in listed.calls] == [(call_id, "created", "mia")]
    view = (await stub.GetCall(pb.GetCallRequest(call_id=call_id, include_facts=True), **auth)).call
    assert [n.text for n in view.notes] == ["hm"]
    assert {f.fact: f.value for f in view.facts if f.value} == {
        "operator.outage": "false",
        "ask.scope": "works",
    }
    closed = await stub.CloseCall(pb.CloseCallRequest(call_id=call_id, outcome="abandoned"), **auth)
    assert closed.state == "closed"
    listed = await stub.ListCalls(pb.ListCallsRequest(include_closed=True), **auth)
    assert [c.state for c in listed.calls] == ["closed"]
    assert not (await stub.ListCalls(pb.ListCallsRequest(), **auth)).calls


async def test_errors_of_the_call_layer_become_statuses(api: Any, join: Any, filesystem: Any) -> None:
    stub, auth = api.stub, api.logged_in()
    probe = await join(api.world, words=False)
    probe.tell("filesystems", *filesystem(0.99))
    call_id = probe.call.row.id
    finding = next(iter(probe.call.engine.findings()))
    wrong = {
        stub.GetCall(pb.GetCallRequest(call_id="x"), **auth): grpc.StatusCode.NOT_FOUND,
        stub.AddCheck(
            pb.AddCheckRequest(call_id=call_id, check="x"), **auth
        ): grpc.StatusCode.INVALID_ARGUMENT,
        stub.ProposeFix(
            pb.ProposeFixRequest(call_id=call_id, finding_id=finding), **auth
        ): grpc.StatusCode.PERMISSION_DENIED,
        stub.CloseCall(
            pb.CloseCallRequest(call_id=call_id, outcome="solved"), **auth
        ): grpc.StatusCode.FAILED_PRECONDITION,
    }
    for attempt, status in wrong.items():
        got, message = await refusal(attempt)
        assert got is status
        assert message
    confirmed = await stub.ConfirmWords(pb.ConfirmWordsRequest(call_id=call_id, words="a b"), **auth)
    assert not confirmed.confirmed


async def test_the_end_of_a_call_through_the_api(api: Any, join: Any) -> None:
    stub, auth = api.stub, api.logged_in()
    probe = await join(api.world)
    call_id = probe.call.row.id
    request = pb.CorrectComplaintRequest(call_id=call_id, complaint="disk full, says the caller")
    assert (await stub.CorrectComplaint(request, **auth)).complaint == "disk full, says the caller"
    shown = await stub.GetWrapUp(pb.GetWrapUpRequest(call_id=call_id, language="de"), **auth)
    assert shown.outcome == "second_level" and "Anliegen: disk full, says the caller" in shown.ticket
    await stub.SaveTexts(pb.SaveTextsRequest(call_id=call_id, summary="We call you back."), **auth)
    closing = pb.CloseCallRequest(call_id=call_id, outcome="second_level", language="de")
    assert (await stub.CloseCall(closing, **auth)).state == "closed"
    wanted = pb.ExportReportRequest(call_id=call_id, format="text", language="de")
    parts = [part async for part in stub.ExportReport(wanted, **auth)]
    said = b"".join(part.chunk for part in parts).decode()
    assert parts[0].media_type.startswith("text/plain") and parts[0].name.endswith(".txt")
    assert "an die zweite Ebene übergeben" in said and "We call you back." in said
    for call, form, status in (
        ("x", "text", grpc.StatusCode.NOT_FOUND),
        (call_id, "docx", grpc.StatusCode.INVALID_ARGUMENT),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            async for _ in stub.ExportReport(pb.ExportReportRequest(call_id=call, format=form), **auth):
                pass
        assert caught.value.code() is status
    again = pb.ResendDeliveriesRequest(call_id="x")
    assert (await refusal(stub.ResendDeliveries(again, **auth)))[0] is grpc.StatusCode.NOT_FOUND
    listed = await stub.ListEarlierCalls(pb.ListEarlierCallsRequest(customer_reference="K-7"), **auth)
    assert not listed.recognised and not listed.calls


async def test_a_fix_by_steps_through_the_api(api: Any, join: Any, filesystem: Any) -> None:
    stub, auth = api.stub, api.logged_in()
    probe = await join(api.world)
    probe.tell("filesystems", *filesystem(0.99))
    call_id = probe.call.row.id
    finding = next(iter(probe.call.engine.findings()))
    proposed = await stub.ProposeFix(
        pb.ProposeFixRequest(call_id=call_id, finding_id=finding, fix_index=1), **auth
    )
    answer = await stub.UpdateFix(
        pb.UpdateFixRequest(call_id=call_id, fix_id=proposed.fix_id, event="done"), **auth
    )
    assert answer.state == "verifying"
    probe.tell("filesystems", *filesystem(0.1))
    view = (await stub.GetCall(pb.GetCallRequest(call_id=call_id), **auth)).call
    assert [f.state for f in view.fixes] == ["verified"]


async def test_agents_disagree_and_leads_see_what_it_comes_to(api: Any, join: Any, filesystem: Any) -> None:
    stub, auth = api.stub, api.logged_in()
    probe = await join(api.world)
    probe.tell("filesystems", *filesystem(0.99))
    call_id = probe.call.row.id
    finding = next(iter(probe.call.engine.findings()))
    said = pb.DisagreeRequest(call_id=call_id, finding_id=finding, cause="a cat", reason="I heard it")
    await stub.Disagree(said, **auth)
    view = (await stub.GetCall(pb.GetCallRequest(call_id=call_id), **auth)).call
    assert [(d.author, d.rule, d.cause) for d in view.disagreements] == [("mia", "disk.full", "a cat")]
    await stub.CloseCall(pb.CloseCallRequest(call_id=call_id, outcome="technician"), **auth)
    status, _ = await refusal(stub.Disagree(said, **auth))
    assert status is grpc.StatusCode.NOT_FOUND
    asking = pb.ListRuleRecordsRequest(rule_prefix="disk.")
    status, message = await refusal(stub.ListRuleRecords(asking, **auth))
    assert (status, "role agent" in message) == (grpc.StatusCode.PERMISSION_DENIED, True)
    answer = await stub.ListRuleRecords(asking, **api.logged_in("lea"))
    [record] = answer.records
    assert (record.rule, record.right, record.wrong) == ("disk.full", 0, 1)
    assert [(c.cause, c.rule, c.calls) for c in answer.outside] == [("a cat", "disk.full", 1)]


async def test_figures_are_for_leads_and_of_days_that_there_are(api: Any) -> None:
    status, message = await refusal(api.stub.GetFigures(pb.GetFiguresRequest(), **api.logged_in()))
    assert (status, "role agent" in message) == (grpc.StatusCode.PERMISSION_DENIED, True)
    lead = api.logged_in("lea")
    status, message = await refusal(api.stub.GetFigures(pb.GetFiguresRequest(first_day="soon"), **lead))
    assert (status, "YYYY-MM-DD" in message) == (grpc.StatusCode.INVALID_ARGUMENT, True)
    answer = await api.stub.GetFigures(pb.GetFiguresRequest(days=7), **lead)
    assert len(answer.spans[0].steps) == 7 and answer.calls.calls == 0


async def test_a_record_is_exported_and_replays(api: Any, join: Any, filesystem: Any) -> None:
    stub, auth = api.stub, api.logged_in()
    probe = await join(api.world)
    probe.tell("filesystems", *filesystem(0.99))
    call_id = probe.call.row.id
    chunks = [part.chunk async for part in stub.ExportRecord(pb.ExportRecordRequest(call_id=call_id), **auth)]
    engine = Engine(call_id, api.world.manager.rules, load_catalogue())
    for entry in unpack_entries(read_file(b"".join(chunks))):
        engine.apply_entry(entry, api.world.manager.around.packs)
    assert engine.findings() == probe.call.engine.findings()
    unknown = stub.ExportRecord(pb.ExportRecordRequest(call_id="nothing"), **auth)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await unknown.read()
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_an_exported_record_opens_a_call(api: Any, join: Any, filesystem: Any) -> None:
    stub, auth = api.stub, api.logged_in()
    probe = await join(api.world)
    probe.tell("filesystems", *filesystem(0.99))
    wanted = pb.ExportRecordRequest(call_id=probe.call.row.id)
    record = b"".join([part.chunk async for part in stub.ExportRecord(wanted, **auth)])

    async def parts(data: bytes, size: int) -> Any:
        yield pb.ImportBundleRequest(complaint="no space", customer_reference="K-9")
        for start in range(0, len(data), size):
            yield pb.ImportBundleRequest(chunk=data[start : start + size])

    done = await stub.ImportBundle(parts(record, 100), **auth)
    assert (done.findings, list(done.refused)) == (1, [])
    view = (await stub.GetCall(pb.GetCallRequest(call_id=done.call_id), **auth)).call
    assert (view.state, view.outcome, view.complaint) == ("closed", "imported", "no space")
    assert [cause.rule for cause in view.causes] == ["disk.full"]
    for data, said in ((record[:-1], "cut off"), (bytes(17 * 2**20), "larger than 16 MiB")):
        status, message = await refusal(stub.ImportBundle(parts(data, 512 * 1024), **auth))
        assert (status, said in message) == (grpc.StatusCode.INVALID_ARGUMENT, True)


async def test_watching_sees_changes_and_the_end(api: Any, join: Any, filesystem: Any) -> None:
    stub, auth = api.stub, api.logged_in()
    probe = await join(api.world)
    call_id = probe.call.row.id
    watching = stub.WatchCall(pb.WatchCallRequest(call_id=call_id), **auth)
    first = (await watching.read()).call
    assert not first.causes
    probe.tell("filesystems", *filesystem(0.99))
    view = (await watching.read()).call
    assert [c.rule for c in view.causes] == ["disk.full"]
    assert view.version > first.version
    await stub.CloseCall(pb.CloseCallRequest(call_id=call_id, outcome="technician"), **auth)
    last = view
    while (answer := await watching.read()) is not grpc.aio.EOF:  # type: ignore[attr-defined]
        last = answer.call
    assert (last.state, last.outcome) == ("closed", "technician")


async def test_watching_the_call_of_another_ends_with_the_hour(
    api: Any, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent_service, "_ADMIT_AGAIN_S", 0.1)
    stub, lea = api.stub, api.logged_in("lea")
    call = (await join(api.world)).call
    request = pb.WatchCallRequest(call_id=call.row.id)
    for changes in (True, False):
        asked = pb.RequestAccessRequest(call_id=call.row.id, reason="mia is ill")
        await stub.RequestAccess(asked, **lea)
        watching = stub.WatchCall(request, **lea)
        assert (await watching.read()).call.call_id == call.row.id
        api.world.clock.not_before(api.world.clock.now() + 3_601 * 1_000_000)
        if changes:
            call.changed()
        status, message = await refusal(watching.read())
        assert status is grpc.StatusCode.PERMISSION_DENIED
        assert message.startswith("the hour for which you opened this call of mia is over; say why")


@pytest.mark.parametrize("changes", [True, False])
@pytest.mark.parametrize(
    ("role", "status"),
    [(None, grpc.StatusCode.UNAUTHENTICATED), ("stranger", grpc.StatusCode.PERMISSION_DENIED)],
)
async def test_watching_ends_with_the_login_and_with_the_role(
    api: Any, join: Any, monkeypatch: pytest.MonkeyPatch, changes: bool, role: str | None, status: Any
) -> None:
    assert standing.ASK_AGAIN_S + agent_service._ADMIT_AGAIN_S <= 60
    monkeypatch.setattr(agent_service, "_ADMIT_AGAIN_S", 0.1)
    monkeypatch.setattr(standing, "ASK_AGAIN_S", 0.0)
    call = (await join(api.world)).call
    watching = api.stub.WatchCall(pb.WatchCallRequest(call_id=call.row.id), **api.logged_in())
    await watching.read()
    if role is None:
        del api.accounts.roles["mia"]
    else:
        api.accounts.roles["mia"] = role
    if changes:
        call.changed()
    assert (await refusal(watching.read()))[0] is status


async def test_watching_goes_on_while_the_store_does_not_work(
    api: Any, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "ASK_AGAIN_S", 0.0)
    call = (await join(api.world)).call
    watching = api.stub.WatchCall(pb.WatchCallRequest(call_id=call.row.id), **api.logged_in())
    await watching.read()
    api.accounts.broken = True
    call.changed()
    assert (await watching.read()).call.call_id == call.row.id


async def test_watching_ends_when_the_call_is_handed_to_another(api: Any, join: Any) -> None:
    call = (await join(api.world)).call
    watching = api.stub.WatchCall(pb.WatchCallRequest(call_id=call.row.id), **api.logged_in())
    await watching.read()
    call.row.agent = "tom"
    call.changed()
    status, message = await refusal(watching.read())
    assert status is grpc.StatusCode.PERMISSION_DENIED and "this is a call of tom" in message


async def test_a_storm_of_changes_is_merged(api: Any, join: Any, filesystem: Any) -> None:
    probe = await join(api.world)
    watching = api.stub.WatchCall(pb.WatchCallRequest(call_id=probe.call.row.id), **api.logged_in())
    await watching.read()
    before, began = probe.call.version, time.monotonic()
    for number in range(400):
        probe.tell("filesystems", *filesystem(0.99 if number % 2 else 0.5))
        if number % 20 == 0:
            await asyncio.sleep(0)
    seen = 0
    view = pb.CallView()
    while view.version < probe.call.version:
        view = (await watching.read()).call
        seen += 1
    assert probe.call.version - before >= 100
    assert seen <= (time.monotonic() - began) / 0.1 + 2


async def test_health_and_reflection(api: Any) -> None:
    health = health_pb2_grpc.HealthStub(api.channel)
    for name in ("", "hotline.v1.ProbeService", "hotline.v1.AgentService"):
        answer = await health.Check(health_pb2.HealthCheckRequest(service=name))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    asking = reflection_pb2_grpc.ServerReflectionStub(api.channel).ServerReflectionInfo(
        iter([reflection_pb2.ServerReflectionRequest(list_services="")])
    )
    listed = await asking.read()
    names = {service.name for service in listed.list_services_response.service}
    assert {"hotline.v1.ProbeService", "hotline.v1.AgentService"} <= names


async def test_the_probe_needs_no_login(api: Any) -> None:
    probes = api.channel.unary_unary("/hotline.v1.ProbeService/Join")
    status, _ = await refusal(probes(probe_pb2.JoinRequest(protocol_version=1).SerializeToString()))
    assert status is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_broken_store_is_said_without_internals(api: Any) -> None:
    api.world.store.broken = OSError("/var/secret/path is full")
    status, message = await refusal(api.stub.OpenCall(pb.OpenCallRequest(complaint="x"), **api.logged_in()))
    assert status is grpc.StatusCode.INTERNAL
    assert "secret" not in message
    assert not api.world.manager.calls
