"""A small AgentService with a state of its own, reached over real TLS on loopback."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import http.server
import ipaddress
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hotline_collector.console import credentials
from hotline_collector.console.credentials import Login
from hotline_proto.v1 import agent_pb2 as pb
from hotline_proto.v1 import agent_pb2_grpc as rpc

NOW = 1_800_000_000_000_000
CALL = "0197a3c2-1111-7000-8000-000000000001"
OTHER = "0197a3c2-2222-7000-8000-000000000002"
TOKEN = "a-token"
HOSTILE = "x\x1b[2J\x1b]0;pwned\x07\u202e[bold]evil[/bold]\x00\nnext"


def finding(number: int, **fields: Any) -> pb.FindingView:
    values: dict[str, Any] = {
        "finding_id": f"{number:x}{number:x}{number:x}aaaabbbbcccc{number}",
        "rule": f"net.test.rule_{number}",
        "target": 1,
        "state": "active",
        "severity": "warning",
        "confidence": 0.9,
        "title": pb.Text(en=f"Fault {number}", de=f"Fehler {number}"),
        "onset_us": NOW - 12_000_000,
    }
    return pb.FindingView(**(values | fields))


def sample_call() -> pb.CallView:
    """Return a call in which everything that can be shown occurs once."""
    dns = finding(
        10,
        rule="net.dns.resolver_unreachable",
        severity="critical",
        entity_kind="resolver",
        entity="10.0.0.1",
        title=pb.Text(en="Name server does not answer", de="Namensserver antwortet nicht"),
        symptom=pb.Text(en="No page opens.", de="Keine Seite geht auf."),
        evidence=[
            pb.EvidenceView(
                fact="net.resolver.time",
                entity="10.0.0.1",
                value="1.35",
                condition="resolver.time > 0.5 s",
                unit="s",
                measured_us=NOW - 2_000_000,
                meaning=pb.Text(en="time to an answer", de="Zeit bis zur Antwort"),
            )
        ],
        explains=[finding(11, title=pb.Text(en="Known name fails", de="Bekannter Name scheitert"))],
        fixes=[
            pb.FixOption(
                index=0,
                title=pb.Text(en="Restart the router", de="Router neu starten"),
                steps=[pb.Text(en="Pull the plug.", de="Stecker ziehen.")],
                by="caller",
                risk="low",
                undo=pb.Text(en="Plug it in again.", de="Wieder einstecken."),
                verify_within_s=15,
            )
        ],
        look_alikes=[
            pb.LookAlike(
                rule="net.wan.down", title=pb.Text(en="Line is down", de="Leitung tot"), tell="all fails"
            )
        ],
    )
    disk = finding(
        12,
        stale=True,
        evidence=[
            pb.EvidenceView(fact="system.filesystem.utilization", value="0.934", condition="> 0.9", unit="1")
        ],
    )
    missing = pb.MissingView(
        fact="net.wifi.signal", entity="wlan0", reason="declined", settle="consent:personal"
    )
    return pb.CallView(
        call_id=CALL,
        state="active",
        complaint="mail does not work",
        agent="anna",
        opened_us=NOW - 185_000_000,
        now_us=NOW,
        version=1,
        say_now=pb.Text(en="The cause is the name server.", de="Die Ursache ist der Namensserver."),
        targets=[
            pb.TargetView(
                target=1,
                name="computer",
                platform="linux",
                link="lost",
                link_since_us=NOW - 12_000_000,
                consent=["basic", "personal"],
                path="eth0 via gw-1",
                sources=[
                    pb.SourceView(source="cpu", status="ok"),
                    pb.SourceView(source="ping", status="timeout", note="after 3 s"),
                ],
            )
        ],
        causes=[dns, disk],
        also_noticed=[finding(13, severity="info")],
        suspected=[finding(14, state="suspected", missing=[missing])],
        cleared=[finding(15, state="cleared")],
        questions=[
            pb.QuestionView(
                question="ask.scope.other_devices",
                text=pb.Text(en="Do other devices work?", de="Gehen andere Geräte?"),
                values=["true", "false"],
                value_labels=[pb.Text(en="yes", de="ja"), pb.Text(en="no", de="nein")],
                rules=["net.wan.down"],
                how=pb.Text(en="Try the phone.", de="Am Handy versuchen."),
            )
        ],
        plan=pb.PlanView(
            plan="plan.net",
            title=pb.Text(en="Home network", de="Heimnetz"),
            current=1,
            steps=[
                pb.PlanStepView(title=pb.Text(en="Cable", de="Kabel"), state="met"),
                pb.PlanStepView(
                    title=pb.Text(en="Light", de="Licht"),
                    state="unmet",
                    steps=[pb.Text(en="Plug it in.", de="Einstecken.")],
                ),
            ],
        ),
        fixes=[
            pb.FixView(
                fix_id="f1f1f1f1f1f1",
                finding_id=dns.finding_id,
                rule=dns.rule,
                state="verifying",
                title=pb.Text(en="Use the gateway", de="Gateway nutzen"),
                action="dns.use_gateway",
                by="agent",
                undoable=True,
                done_us=NOW - 3_000_000,
                verify_until_us=NOW + 12_000_000,
            )
        ],
        disagreements=[
            pb.DisagreementView(
                at_us=NOW - 30_000_000,
                author="anna",
                finding_id=disk.finding_id,
                rule=disk.rule,
                cause="loose cable",
                reason="the caller saw it",
            )
        ],
        notes=[pb.NoteView(at_us=NOW - 60_000_000, author="anna", text="router is old")],
    )


FACTS = [
    pb.FactView(
        target=1, fact="system.memory.total", value="8589934592", unit="By", measured_us=NOW, origin="probe"
    ),
    pb.FactView(target=1, fact="net.wifi.signal", unknown="declined", entity="wlan0"),
]

QUEUE = pb.ListQueueResponse(
    now_us=NOW,
    at_work=2,
    outages=[
        pb.OutageView(
            rule="net.dns.all",
            title=pb.Text(en="Name server is silent", de="Namensserver schweigt"),
            callers=7,
            since_us=NOW - 600_000_000,
            last_us=NOW,
            state="announced",
            agent="lea",
        )
    ],
    waiting=[
        pb.QueueEntry(
            call=pb.CallSummary(
                call_id=CALL,
                state="waiting",
                complaint=HOSTILE,
                customer_reference="K-7",
                top_cause_en="Disk is full",
                top_cause_de="Festplatte ist voll",
            ),
            wait=pb.WaitView(
                place=1,
                waited_us=120_000_000,
                expected_us=240_000_000,
                cost="0.42",
                currency="EUR",
                for_agent="lea",
                back_asked_us=NOW,
            ),
            link="connected",
        ),
        pb.QueueEntry(call=pb.CallSummary(call_id=OTHER, state="waiting"), wait=pb.WaitView(place=2)),
    ],
)
RECORDS = pb.ListRuleRecordsResponse(
    records=[
        pb.RuleRecordView(rule="net.a", right=12, wrong=18, prior=0.9, confidence=0.525),
        pb.RuleRecordView(rule="net.b", right=1, prior=0.8, confidence=0.8),
        pb.RuleRecordView(rule="net.c", prior=0.7, confidence=0.7),
    ],
    outside=[pb.OutsideCauseView(cause="loose\x1b cable", rule="net.a", calls=3)],
)

FIGURES = pb.GetFiguresResponse(
    first_day="2026-10-31",
    last_day="2026-11-29",
    least_group=5,
    repeat_days=14,
    calls=pb.NamedCount(name="calls", calls=31),
    outcomes=[pb.NamedCount(name="solved", calls=29), pb.NamedCount(name="technician", few=True)],
    spans=[
        pb.SpanFigure(name="waited", whole=pb.SpanGroup(not_known=31)),
        pb.SpanFigure(name="handled", whole=pb.SpanGroup(calls=31, median_s=312.4, p90_s=3700)),
        pb.SpanFigure(name="to_cause", whole=pb.SpanGroup(few=True, not_known=28)),
    ],
    shares=[
        pb.ShareFigure(
            name="first_call",
            whole=pb.ShareGroup(of=8, share=0.875, not_known=23),
            parts=[
                pb.NamedCount(name="kept", calls=7),
                pb.NamedCount(name="rang_again", few=True),
                pb.NamedCount(name="repeat"),
                pb.NamedCount(name="unknown", calls=23),
            ],
        ),
        pb.ShareFigure(name="verified_fixes", whole=pb.ShareGroup()),
    ],
    causes=[
        pb.CauseCount(rule="net.a", title=pb.Text(en="No line", de="Keine Leitung"), calls=9, share=0.45)
    ],
    other_causes=11,
    no_cause=11,
    rules=[
        pb.RulePrecision(rule="net.a", shown=20, right=7, wrong=3, precision=0.7),
        pb.RulePrecision(rule="net.b", shown=9, few=True),
    ],
    outside=[pb.OutsideCauseView(cause="loose\x1b cable", rule="net.a", calls=3)],
)


class FakeCollector(rpc.AgentServiceServicer):
    """Keeps calls in memory and does to them what the real collector would."""

    def __init__(self) -> None:
        self.calls = {CALL: sample_call()}
        self.asked: list[Any] = []
        self.watchers = 0
        self.proposals: list[tuple[str, int, bool]] = []
        self.language = ""
        self.code = pb.JoinCode(
            code="123456789012", address="host:7443", link="hotline://host:7443/1", expires_us=1
        )
        self._changed = asyncio.Condition()

    async def change(self, edit: Callable[[pb.CallView], object], call_id: str = CALL) -> None:
        async with self._changed:
            edit(self.calls[call_id])
            self.calls[call_id].version += 1
            self._changed.notify_all()

    async def Login(self, request: Any, context: Any) -> pb.LoginResponse:
        if (request.user, request.password) != ("anna", "right"):
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "name or password is wrong")
        return pb.LoginResponse(
            token=TOKEN, role="agent", expires_us=4_000_000_000_000_000, language=self.language
        )

    async def OpenCall(self, request: Any, context: Any) -> pb.OpenCallResponse:
        await self._known(request, context)
        return pb.OpenCallResponse(call_id=CALL, code=self.code)

    async def ListCalls(self, request: Any, context: Any) -> pb.ListCallsResponse:
        await self._known(request, context)
        shown = [c for c in self.calls.values() if request.include_closed or c.state != "closed"]
        return pb.ListCallsResponse(
            calls=[
                pb.CallSummary(
                    call_id=c.call_id,
                    state=c.state,
                    complaint=c.complaint,
                    opened_us=c.opened_us,
                    agent=c.agent,
                    top_cause_en="Name server does not answer",
                    top_cause_de="Namensserver antwortet nicht",
                )
                for c in shown
            ]
        )

    async def GetCall(self, request: Any, context: Any) -> pb.GetCallResponse:
        await self._known(request, context)
        return pb.GetCallResponse(call=self._view(await self._call(request, context), request.include_facts))

    async def WatchCall(self, request: Any, context: Any) -> AsyncIterator[pb.WatchCallResponse]:
        await self._known(request, context)
        call = await self._call(request, context)
        seen = -1
        self.watchers += 1
        try:
            while True:
                async with self._changed:
                    await self._changed.wait_for(lambda old=seen: call.version != old)
                    seen = call.version
                    view = self._view(call, request.include_facts)
                yield pb.WatchCallResponse(call=view)
                if view.state == "closed":
                    return
        finally:
            self.watchers -= 1

    async def AddCheck(self, request: Any, context: Any) -> pb.AddCheckResponse:
        await self._known(request, context)
        if ":" not in request.check:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{request.check!r} names no port\x1b[2J")
        return pb.AddCheckResponse()

    async def AddTarget(self, request: Any, context: Any) -> pb.AddTargetResponse:
        await self._known(request, context)
        return pb.AddTargetResponse(target=2)

    async def MeasureNow(self, request: Any, context: Any) -> pb.MeasureNowResponse:
        await self._known(request, context)
        return pb.MeasureNowResponse()

    async def AskPersonal(self, request: Any, context: Any) -> pb.AskPersonalResponse:
        await self._known(request, context)

        def edit(call: pb.CallView) -> None:
            call.targets[0].personal = "asked"

        await self.change(edit, request.call_id)
        return pb.AskPersonalResponse()

    async def AnswerQuestion(self, request: Any, context: Any) -> pb.AnswerQuestionResponse:
        await self._known(request, context)

        def edit(call: pb.CallView) -> None:
            call.questions[0].answer = request.value or "don't know"

        await self.change(edit, request.call_id)
        return pb.AnswerQuestionResponse()

    async def EnterFact(self, request: Any, context: Any) -> pb.EnterFactResponse:
        await self._known(request, context)
        return pb.EnterFactResponse()

    async def ConfirmWords(self, request: Any, context: Any) -> pb.ConfirmWordsResponse:
        await self._known(request, context)
        return pb.ConfirmWordsResponse(confirmed=request.words == "anker zebra")

    async def ProposeFix(self, request: Any, context: Any) -> pb.ProposeFixResponse:
        await self._known(request, context)
        self.proposals.append((request.finding_id, request.fix_index, request.owner_agreed))
        fix = pb.FixView(
            fix_id="f2f2f2f2f2f2",
            finding_id=request.finding_id,
            index=request.fix_index,
            state="proposed",
            title=pb.Text(en="Restart the router", de="Router neu starten"),
            steps=[pb.Text(en="Pull the plug.", de="Stecker ziehen.")],
            by="caller",
            undoable=True,
        )
        await self.change(lambda call: call.fixes.append(fix), request.call_id)
        return pb.ProposeFixResponse(fix_id=fix.fix_id)

    async def UpdateFix(self, request: Any, context: Any) -> pb.UpdateFixResponse:
        await self._known(request, context)
        state = {"done": "verifying", "undo": "undone"}[request.event]

        def edit(call: pb.CallView) -> None:
            next(fix for fix in call.fixes if fix.fix_id == request.fix_id).state = state

        await self.change(edit, request.call_id)
        return pb.UpdateFixResponse(state=state)

    async def AddNote(self, request: Any, context: Any) -> pb.AddNoteResponse:
        await self._known(request, context)
        note = pb.NoteView(at_us=NOW, author="anna", text=request.text)
        await self.change(lambda call: call.notes.append(note), request.call_id)
        return pb.AddNoteResponse()

    async def RequestAccess(self, request: Any, context: Any) -> pb.RequestAccessResponse:
        await self._known(request, context)
        return pb.RequestAccessResponse(until_us=NOW)

    async def ExportSubject(self, request: Any, context: Any) -> pb.ExportSubjectResponse:
        await self._known(request, context)
        return pb.ExportSubjectResponse(text=f"alles zu {request.call_id} ({request.lang})")

    async def EraseCall(self, request: Any, context: Any) -> pb.EraseCallResponse:
        await self._known(request, context)
        del self.calls[request.call_id]
        return pb.EraseCallResponse()

    async def RenewCode(self, request: Any, context: Any) -> pb.RenewCodeResponse:
        await self._known(request, context)
        return pb.RenewCodeResponse(code=self.code)

    async def CloseCall(self, request: Any, context: Any) -> pb.CloseCallResponse:
        await self._known(request, context)
        if request.outcome == "solved" and not request.caller_confirmed:
            await context.abort(
                grpc.StatusCode.FAILED_PRECONDITION, "not solved yet: the caller has not confirmed"
            )

        def edit(call: pb.CallView) -> None:
            call.state, call.outcome = "closed", request.outcome

        await self.change(edit, request.call_id)
        return pb.CloseCallResponse(state="closed")

    async def GetWrapUp(self, request: Any, context: Any) -> pb.GetWrapUpResponse:
        await self._known(request, context)
        return pb.GetWrapUpResponse(
            outcome=request.outcome or "second_level",
            ticket=f"ticket in {request.language}\n\x1b[31mred",
            summary="summary",
            lacking_words=[pb.Text(en="nothing bears it out", de="nichts belegt es")],
            in_force=[pb.FixView(fix_id="f1f1", title=pb.Text(en="Pause it", de="Anhalten"))],
            summary_edited=True,
        )

    async def SaveTexts(self, request: Any, context: Any) -> pb.SaveTextsResponse:
        await self._known(request, context)
        self.texts = (request.ticket, request.summary)
        return pb.SaveTextsResponse()

    async def ExportReport(self, request: Any, context: Any) -> Any:
        await self._known(request, context)
        yield pb.ExportReportResponse(name="call.txt", media_type="text/plain")
        yield pb.ExportReportResponse(chunk=f"report in {request.language} as ".encode())
        yield pb.ExportReportResponse(chunk=request.format.encode() + b"\n")

    async def ResendDeliveries(self, request: Any, context: Any) -> pb.ResendDeliveriesResponse:
        await self._known(request, context)
        return pb.ResendDeliveriesResponse(deliveries=2)

    async def CorrectComplaint(self, request: Any, context: Any) -> pb.CorrectComplaintResponse:
        await self._known(request, context)
        return pb.CorrectComplaintResponse(complaint=request.complaint)

    async def ListEarlierCalls(self, request: Any, context: Any) -> pb.ListEarlierCallsResponse:
        assert not context.done()
        if request.customer_reference == "off":
            return pb.ListEarlierCallsResponse()
        tried = pb.TriedView(title=pb.Text(en="Restart it", de="Neu starten"), state="verified")
        call = pb.EarlierCallView(call_id="c1", outcome="solved", closed_us=NOW, complaint="a\x1b[31mb")
        call.tried.append(tried)
        return pb.ListEarlierCallsResponse(recognised=True, calls=[call])

    async def Disagree(self, request: Any, context: Any) -> pb.DisagreeResponse:
        await self._known(request, context)
        return pb.DisagreeResponse()

    async def ListRuleRecords(self, request: Any, context: Any) -> pb.ListRuleRecordsResponse:
        await self._known(request, context)
        return RECORDS

    async def ListQueue(self, request: Any, context: Any) -> pb.ListQueueResponse:
        await self._known(request, context)
        return QUEUE

    async def TakeCall(self, request: Any, context: Any) -> pb.TakeCallResponse:
        await self._known(request, context)
        return pb.TakeCallResponse(call_id=request.call_id or CALL)

    async def TransferCall(self, request: Any, context: Any) -> pb.TransferCallResponse:
        await self._known(request, context)
        return pb.TransferCallResponse()

    async def CallBack(self, request: Any, context: Any) -> pb.CallBackResponse:
        await self._known(request, context)
        return pb.CallBackResponse(number="+4930123456")

    async def MarkOutage(self, request: Any, context: Any) -> pb.MarkOutageResponse:
        await self._known(request, context)
        return pb.MarkOutageResponse()

    async def GetFigures(self, request: Any, context: Any) -> pb.GetFiguresResponse:
        await self._known(request, context)
        return FIGURES if request.days != 1 else pb.GetFiguresResponse(first_day="x", last_day="x")

    async def _known(self, request: Any, context: Any) -> None:
        self.asked.append(request)
        if ("authorization", f"Bearer {TOKEN}") not in context.invocation_metadata():
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "the token is not valid")

    async def _call(self, request: Any, context: Any) -> pb.CallView:
        if request.call_id not in self.calls:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"there is no call {request.call_id}")
        return self.calls[request.call_id]

    def _view(self, call: pb.CallView, include_facts: bool) -> pb.CallView:
        view = pb.CallView()
        view.CopyFrom(call)
        if include_facts:
            view.facts.extend(FACTS)
        return view


@dataclass(frozen=True)
class Certificates:
    """A CA and a server certificate for localhost, as PEM."""

    ca: bytes
    key: bytes
    server: bytes

    @property
    def fingerprint(self) -> str:
        der = x509.load_pem_x509_certificate(self.ca).public_bytes(serialization.Encoding.DER)
        return hashlib.sha256(der).hexdigest()


@pytest.fixture(scope="session")
def certificates() -> Certificates:
    return make_certificates()


def make_certificates() -> Certificates:
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)

    def certificate(subject: str, key: Any, issuer: str, issuer_key: Any, ca: bool) -> x509.Certificate:
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + datetime.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(issuer_key, hashes.SHA256())
        )

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    return Certificates(
        certificate("Test CA", ca_key, "Test CA", ca_key, True).public_bytes(pem),
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        certificate("localhost", key, "Test CA", ca_key, False).public_bytes(pem),
    )


class Running:
    """A fake collector that listens; it can be stopped and started again on the same port."""

    def __init__(self, certificates: Certificates) -> None:
        self.state = FakeCollector()
        self.certificates = certificates
        self.port = 0
        self._server: Any = None

    async def start(self) -> None:
        self._server = grpc.aio.server()
        rpc.add_AgentServiceServicer_to_server(self.state, self._server)
        pair = [(self.certificates.key, self.certificates.server)]
        self.port = self._server.add_secure_port(f"127.0.0.1:{self.port}", grpc.ssl_server_credentials(pair))
        await self._server.start()

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.stop(None)
            self._server = None

    @property
    def place(self) -> str:
        return f"localhost:{self.port}"

    def login(self, token: str = TOKEN) -> Login:
        return Login(self.place, "anna", "agent", token, 4_000_000_000_000_000, self.certificates.ca.decode())


@pytest.fixture
async def collector(certificates: Certificates) -> AsyncIterator[Running]:
    running = Running(certificates)
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("HOTLINE_HOME", str(folder))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    for name in (
        "NO_COLOR",
        "FORCE_COLOR",
        "HOTLINE_PASSWORD",
        "HOTLINE_SERVER",
        "HOTLINE_USER",
        "HOTLINE_LANG",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "localhost,127.0.0.1")
    return folder


@pytest.fixture
def logged_in(home: Path, collector: Running) -> Running:
    credentials.save(home, collector.login())
    return collector


@pytest.fixture
def ca_page(certificates: Certificates) -> Iterator[int]:
    """Serve the CA certificate at /ca.pem; yields the port."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/ca.pem"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(certificates.ca if found else b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def sample() -> pb.CallView:
    call = sample_call()
    call.facts.extend(FACTS)
    return call


@pytest.fixture
def hostile() -> str:
    return HOSTILE


@pytest.fixture
def call_id() -> str:
    return CALL


@pytest.fixture
def other_certificates() -> Certificates:
    return make_certificates()
