"""Checks of mail servers against a real one on loopback that speaks IMAP, POP3 and SMTP, with TLS."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hotline_probe.checks import mailstep
from hotline_probe.checks.dialogue import Dialogue
from hotline_probe.checks.limits import Deadline
from hotline_probe.checks.mail import Protocol, is_masked, parse_greeting, parse_offer
from hotline_probe.errors import SourceFailed
from hotline_probe.machine import LocalMachine
from hotline_probe.source import Context, Settings
from hotline_probe.sources.checks import Checks
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import FactValue, UnknownReason
from hypothesis import given
from hypothesis import strategies as st

NOT_COLLECTED, UNSUPPORTED = UnknownReason.NOT_COLLECTED, UnknownReason.UNSUPPORTED
CATALOGUE = load_catalogue()
TYPES: dict[str, type] = {"double": float, "int": int, "bool": bool, "text": str}
PROTOCOLS: tuple[Protocol, ...] = ("imap", "pop3", "smtp")
DAY = datetime.timedelta(days=1)
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Raw = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class MailServer:
    """Speaks one protocol; `commands` are what clients said, those in TLS behind a star.

    `upgrade` is how the server takes the wish for encryption: yes, no (not offered), refuse, or break.
    """

    protocol: Protocol
    context: ssl.SSLContext | None = None
    implicit: bool = False
    greeting: bytes = b""
    upgrade: str = "yes"
    plain_login: bool = False
    methods: tuple[str, ...] = ("PLAIN", "XOAUTH2")
    extended: bool = True
    raw: Raw | None = None
    commands: list[str] = field(default_factory=list)
    visitors: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visitors.append(writer)
        try:
            with contextlib.suppress(OSError, ValueError):  # it left, or said more than a line may have
                await (self.raw or self.talk)(reader, writer)
        finally:
            writer.close()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        usual = {
            "imap": b"* OK ready\r\n",
            "pop3": b"+OK ready\r\n",
            "smtp": b"220-mx.example\r\n220 ESMTP\r\n",
        }
        writer.write(self.greeting or usual[self.protocol])
        secured = self.implicit
        while line := (await reader.readline()).decode().strip():
            self.commands.append(("*" if secured else "") + line)
            tag, _, command = line.partition(" ") if self.protocol == "imap" else ("", "", line)
            word = command.split()[0]
            if word in ("STARTTLS", "STLS"):
                if self.upgrade != "yes":
                    writer.write(
                        {"imap": f"{tag} NO\r\n", "pop3": "-ERR\r\n"}.get(
                            self.protocol, "454 no\r\n"
                        ).encode()
                    )
                    continue
                writer.write(
                    {"imap": f"{tag} OK\r\n", "pop3": "+OK\r\n"}.get(self.protocol, "220 go\r\n").encode()
                )
                await writer.drain()
                assert self.context is not None
                await writer.start_tls(self.context)
                secured = True
            elif word in ("LOGOUT", "QUIT"):
                return
            else:
                writer.write(self._offer(tag, secured).encode())

    def _offer(self, tag: str, secured: bool) -> str:
        methods = self.methods if secured or self.plain_login else ()
        upgrade = not secured and self.upgrade in ("yes", "refuse")
        if not self.extended:
            return {"pop3": "-ERR what?\r\n", "smtp": "502 5.5.1 what?\r\n"}.get(
                self.protocol, f"{tag} BAD what?\r\n"
            )
        if self.protocol == "imap":
            words = [
                "IMAP4rev1",
                *(["STARTTLS"] if upgrade else []),
                *(f"AUTH={method}" for method in methods),
            ]
            words += [] if "PLAIN" in methods else ["LOGINDISABLED"]
            return f"* CAPABILITY {' '.join(words)}\r\n{tag} OK done\r\n"
        if self.protocol == "pop3":
            rows = [
                "+OK",
                *(["STLS"] if upgrade else []),
                *([f"SASL {' '.join(methods)}"] if methods else []),
                ".",
            ]
            return "".join(f"{row}\r\n" for row in rows)
        rows = [
            "mx.example",
            *(["STARTTLS"] if upgrade else []),
            *([f"AUTH {' '.join(methods)}"] if methods else []),
        ]
        rows += ["XXXXXXXA"] if self.upgrade == "masked" else []
        return "".join(f"250-{row}\r\n" for row in rows) + "250 SIZE 1000\r\n"


@pytest.fixture
def start() -> Iterator[Callable[[MailServer], int]]:
    """Start mail servers on loopback and return their ports."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    servers: list[asyncio.Server] = []
    visited: list[MailServer] = []

    def begin(server: MailServer) -> int:
        visited.append(server)
        opening = asyncio.start_server(
            server.serve, "127.0.0.1", 0, ssl=server.context if server.implicit else None, limit=1 << 16
        )
        listening = asyncio.run_coroutine_threadsafe(opening, loop).result(10)
        servers.append(listening)
        return int(listening.sockets[0].getsockname()[1])

    async def end() -> None:
        for server in servers:
            server.close()
        # A connection taken last still becomes a visit: ends when none is left, and none came of the last.
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            abort()
            await asyncio.wait(others, timeout=0.05)
        abort()

    def abort() -> None:
        for visitor in [visitor for server in visited for visitor in server.visitors]:
            visitor.transport.abort()

    yield begin
    asyncio.run_coroutine_threadsafe(end(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def check(text: str, trust: ssl.SSLContext | None = None, own: bool = True) -> dict[str, FactValue]:
    """Return the facts of a check by short name, having held them against the catalogue."""
    settings = Settings(checks=(text,), own_checks=(text,) if own else (), active=False)
    facts = list(Checks(trust).read(Context(LocalMachine(), settings)))
    assert {fact.name for fact in facts} == {fact.name for fact in CATALOGUE.facts_of_source["checks"]}
    for fact in facts:
        spec = CATALOGUE.facts[fact.name]
        if not isinstance(fact.value, UnknownReason):
            assert type(fact.value) is TYPES[spec.type], fact
            assert not spec.values or fact.value in spec.values, fact
    return {fact.name.removeprefix("check."): fact.value for fact in facts}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_server_that_encrypts_when_asked(start, authority, protocol: Protocol) -> None:
    server = MailServer(protocol, authority.issue())
    facts = check(f"{protocol}://127.0.0.1:{start(server)}", authority.trust)
    assert facts["ok"] is True and facts["mail_ok"] is True and facts["failed_at"] == "none", facts
    assert (
        facts["mail_answer"] == "ready" and facts["mail_starttls"] == "accepted" and facts["tls_ok"] is True
    )
    assert facts["mail_speaks"] == "plain" and facts["mail_other_port"] == 0 and facts["mail_listed"] is False
    assert facts["mail_plain_login"] is False and facts["mail_password_login"] is True
    assert facts["mail_methods"] == ("LOGIN PLAIN XOAUTH2" if protocol == "imap" else "PLAIN XOAUTH2")
    assert facts["tls_issuer"] == f"CA {authority.folder.name}"
    assert facts["mail_code"] == (220 if protocol == "smtp" else UNSUPPORTED)
    assert facts["http_ok"] is UNSUPPORTED and facts["kind"] == protocol


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_server_that_encrypts_from_the_beginning(start, authority, protocol: Protocol) -> None:
    server = MailServer(protocol, authority.issue(), implicit=True, methods=("XOAUTH2", "OAUTHBEARER"))
    port = start(server)
    facts = check(f"{protocol}s://127.0.0.1:{port}", authority.trust)
    assert facts["ok"] is True and facts["mail_ok"] is True and facts["mail_speaks"] == "tls", facts
    assert facts["mail_methods"] == "OAUTHBEARER XOAUTH2" and facts["mail_password_login"] is False
    assert facts["mail_starttls"] is UNSUPPORTED and facts["mail_plain_login"] is UNSUPPORTED


def test_nobody_logs_in_and_no_name_is_told(start, authority) -> None:
    said = []
    for protocol in PROTOCOLS:
        server = MailServer(protocol, authority.issue())
        check(f"{protocol}://127.0.0.1:{start(server)}", authority.trust)
        said += [command.removeprefix("*").split(" ")[-1] for command in server.commands]
    assert set(said) <= {"CAPABILITY", "STARTTLS", "CAPA", "STLS", "[127.0.0.1]", "QUIT", "LOGOUT"}


def test_a_mail_server_is_not_asked_every_two_seconds(start, authority, monkeypatch) -> None:
    server = MailServer("smtp", authority.issue())
    text = f"smtp://127.0.0.1:{start(server)}"
    source, context = (
        Checks(authority.trust),
        Context(LocalMachine(), Settings(checks=(text,), own_checks=(text,))),
    )
    first, second = list(source.read(context)), list(source.read(context))
    assert first == second and len(server.visitors) == 1
    monkeypatch.setattr("hotline_probe.sources.checks.MAIL_EVERY", 0.0)
    list(source.read(context))
    assert len(server.visitors) == 2
    context.settings.checks = ()
    assert not list(source.read(context)) and not source._kept


@pytest.mark.parametrize(
    ("protocol", "greeting", "answer", "code", "listed"),
    [
        ("smtp", b"421 4.3.2 too many connections\r\n", "busy", 421, False),
        ("smtp", b"521 does not accept mail\r\n", "refused", 521, False),
        ("smtp", b"554-5.7.1 no\r\n554 blocked using zen.spamhaus.org\r\n", "refused", 554, True),
        ("imap", b"* BYE [UNAVAILABLE] later\r\n", "busy", None, False),
        ("imap", b"* BYE go away\r\n", "refused", None, False),
        ("pop3", b"-ERR [SYS/TEMP] later\r\n", "busy", None, False),
        ("pop3", b"-ERR your address has a poor reputation\r\n", "refused", None, True),
        ("smtp", b"* OK IMAP4 here\r\n", "foreign", None, False),
        ("imap", b"SSH-2.0-OpenSSH_9.2\r\n", "foreign", None, False),
    ],
)
def test_a_server_that_does_not_want_us(
    start, protocol: Protocol, greeting: bytes, answer: str, code: int | None, listed: bool
) -> None:
    facts = check(f"{protocol}://127.0.0.1:{start(MailServer(protocol, greeting=greeting))}")
    assert facts["failed_at"] == "mail" and facts["ok"] is False and facts["mail_ok"] is False
    assert facts["mail_answer"] == answer and facts["mail_listed"] is listed
    assert facts["mail_code"] == (code if code else NOT_COLLECTED if protocol == "smtp" else UNSUPPORTED)
    assert facts["tcp_ok"] is True and facts["mail_starttls"] is NOT_COLLECTED


async def refuse_hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mx\r\n")
    await reader.readline()
    writer.write(b"550 5.7.1 dynamic address in a block list\r\n")


def test_a_server_that_turns_away_after_the_hello(start) -> None:
    facts = check(f"smtp://127.0.0.1:{start(MailServer('smtp', raw=refuse_hello))}")
    assert facts["mail_answer"] == "refused" and facts["mail_code"] == 550 and facts["mail_listed"] is True


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(("upgrade", "word"), [("no", "missing"), ("refuse", "refused")])
def test_encryption_that_is_not_to_be_had(start, protocol: Protocol, upgrade: str, word: str) -> None:
    server = MailServer(protocol, upgrade=upgrade, plain_login=True)
    facts = check(f"{protocol}://127.0.0.1:{start(server)}")
    assert facts["mail_starttls"] == word and facts["mail_plain_login"] is True
    assert facts["ok"] is (word == "missing") and facts["mail_ok"] is (word == "missing")
    assert facts["failed_at"] == ("none" if word == "missing" else "mail")
    assert facts["tls_ok"] is (UNSUPPORTED if word == "missing" else NOT_COLLECTED)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_server_that_does_not_tell_what_it_can(start, protocol: Protocol) -> None:
    facts = check(f"{protocol}://127.0.0.1:{start(MailServer(protocol, extended=False))}")
    assert facts["mail_starttls"] == "missing" and facts["mail_answer"] == "ready"
    assert facts["mail_password_login"] is UNSUPPORTED and facts["mail_methods"] is UNSUPPORTED


@pytest.mark.parametrize(
    "server",
    [
        MailServer("smtp", upgrade="masked"),
        MailServer("smtp", upgrade="no", greeting=b"220 ******************2******\r\n"),
    ],
)
def test_a_firewall_that_takes_the_encryption_away(start, server: MailServer) -> None:
    facts = check(f"smtp://127.0.0.1:{start(server)}")
    assert facts["mail_starttls"] == "stripped" and facts["failed_at"] == "mail" and facts["mail_ok"] is False


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_certificate_that_is_wrong_after_starttls(start, authority, protocol: Protocol) -> None:
    server = MailServer(protocol, authority.issue("other.example.org"))
    facts = check(f"{protocol}://127.0.0.1:{start(server)}", authority.trust)
    assert facts["failed_at"] == "tls" and facts["tls_error"] == "name_mismatch" and facts["mail_ok"] is False
    assert facts["tls_issuer"] == f"CA {authority.folder.name}", "the second look goes through STARTTLS too"
    assert facts["mail_starttls"] == "accepted" and facts["mail_methods"] is NOT_COLLECTED


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_plain_text_on_a_port_that_speaks_tls(start, authority, monkeypatch, protocol: Protocol) -> None:
    monkeypatch.setattr(mailstep, "FIRST_PATIENCE", 0.3)
    server = MailServer(protocol, authority.issue(), implicit=True)
    facts = check(f"{protocol}://127.0.0.1:{start(server)}", authority.trust)
    assert facts["failed_at"] == "mail" and facts["mail_answer"] == "none" and facts["mail_speaks"] == "tls"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_tls_on_a_port_that_begins_in_plain_text(start, authority, protocol: Protocol) -> None:
    server = MailServer(protocol, authority.issue())
    facts = check(f"{protocol}s://127.0.0.1:{start(server)}", authority.trust)
    assert (
        facts["failed_at"] == "tls" and facts["tls_error"] == "protocol" and facts["mail_speaks"] == "plain"
    )


def test_a_port_that_speaks_something_else(start, authority) -> None:
    server = MailServer("imap", greeting=b"SSH-2.0-OpenSSH_9.2\r\n")
    facts = check(f"imaps://127.0.0.1:{start(server)}", authority.trust)
    assert facts["tls_error"] == "protocol" and facts["mail_speaks"] == "neither"


def test_an_expired_certificate_proves_tls(start, authority) -> None:
    now = datetime.datetime.now(datetime.UTC)
    server = MailServer("imap", authority.issue(begin=now - 3 * DAY, end=now - DAY), implicit=True)
    facts = check(f"imaps://127.0.0.1:{start(server)}", authority.trust)
    assert facts["tls_error"] == "expired" and facts["mail_speaks"] == "tls" and facts["mail_ok"] is False


def test_a_slow_greeting(start, authority, monkeypatch) -> None:
    monkeypatch.setattr(mailstep, "FIRST_PATIENCE", 0.1)
    asked_twice = threading.Event()
    visits = []

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visits.append(1)
        if len(visits) > 1:  # the look whether the port speaks TLS
            asked_twice.set()
            return
        await asyncio.to_thread(asked_twice.wait, 10)
        await MailServer("smtp", upgrade="no").talk(reader, writer)

    facts = check(f"smtp://127.0.0.1:{start(MailServer('smtp', raw=slow))}", authority.trust)
    assert facts["mail_answer"] == "ready" and facts["mail_speaks"] == "plain"
    assert isinstance(facts["mail_greeting_time"], float) and facts["mail_greeting_time"] >= 0.1


async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def keep_silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def megabytes(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for _ in range(64):
        writer.write(b"220 " + b"x" * 65536)
        await writer.drain()


async def endless_lines(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for _ in range(100_000):
        writer.write(b"220-x\r\n")
        await writer.drain()


async def nothing_but_zeros(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\0" * 2000 + b"\r\n")
    await reader.read()


async def binary(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(bytes(range(255, -1, -1)) + b"\n")
    await reader.read()


async def one_byte_at_a_time(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for _ in range(100_000):
        writer.write(b"2")
        await writer.drain()
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        (hang_up, "closed"),
        (keep_silent, "none"),
        (megabytes, "foreign"),
        (nothing_but_zeros, "foreign"),
        (binary, "foreign"),
        (one_byte_at_a_time, "none"),
    ],
)
def test_strange_greetings(start, monkeypatch, protocol: Protocol, raw: Raw, answer: str) -> None:
    monkeypatch.setattr(mailstep, "FIRST_PATIENCE", 0.4)
    monkeypatch.setattr(mailstep, "GREETING_PATIENCE", 0.6)
    monkeypatch.setattr(mailstep, "PAIR_PATIENCE", 0.3)
    facts = check(f"{protocol}://127.0.0.1:{start(MailServer(protocol, raw=raw))}")
    assert facts["failed_at"] == "mail" and facts["mail_answer"] == answer and facts["mail_ok"] is False
    assert facts["mail_greeting_time"] is NOT_COLLECTED or answer == "foreign"
    assert facts["mail_speaks"] == "neither" or answer == "foreign"


def test_a_greeting_without_end(start) -> None:
    facts = check(f"smtp://127.0.0.1:{start(MailServer('smtp', raw=endless_lines))}")
    assert facts["mail_answer"] == "foreign"


async def lost_in_the_middle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"* OK ready\r\n")
    await reader.readline()


def test_a_server_that_hangs_up_when_asked(start) -> None:
    facts = check(f"imap://127.0.0.1:{start(MailServer('imap', raw=lost_in_the_middle))}")
    assert (
        facts["failed_at"] == "mail" and facts["mail_answer"] == "closed" and facts["mail_speaks"] == "plain"
    )


async def inject(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mx\r\n")
    await reader.readline()
    writer.write(b"250-mx\r\n250 STARTTLS\r\n")
    await reader.readline()
    writer.write(b"220 go\r\n250-mx\r\n250 AUTH PLAIN\r\n")  # what follows comes from somebody on the way
    await reader.read()


def test_plain_text_behind_the_upgrade_is_never_believed(start, authority) -> None:
    facts = check(f"smtp://127.0.0.1:{start(MailServer('smtp', raw=inject))}", authority.trust)
    assert facts["tls_ok"] is False and facts["mail_methods"] is NOT_COLLECTED and facts["mail_ok"] is False


def test_another_port_of_the_server(start, closed_port: int, monkeypatch) -> None:
    other = start(MailServer("smtp"))
    monkeypatch.setattr(mailstep, "PORTS", {"smtp": (closed_port, other)})
    facts = check(f"smtp://127.0.0.1:{closed_port}")
    assert (
        facts["failed_at"] == "tcp" and facts["tcp_error"] == "refused" and facts["mail_other_port"] == other
    )
    assert facts["mail_ok"] is NOT_COLLECTED and facts["mail_answer"] is NOT_COLLECTED
    monkeypatch.setattr(mailstep, "PORTS", {"smtp": (closed_port,)})
    assert check(f"smtp://127.0.0.1:{closed_port}")["mail_other_port"] == 0


def test_a_yes_for_a_port_in_the_own_network_is_for_that_port_alone(monkeypatch) -> None:
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.168.178.1", 25))
    refused = ConnectionRefusedError(111, "refused")

    def refuse(*_: Any, **__: Any) -> None:
        raise refused

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [entry])
    monkeypatch.setattr("hotline_probe.checks.tcp._open", refuse)
    monkeypatch.setattr("hotline_probe.checks.run.own_end", lambda _: "192.168.178.20")
    facts = check("smtp://mail.example.org")
    assert facts["tcp_error"] == "refused" and facts["mail_other_port"] is UnknownReason.DECLINED


def test_without_certificates_to_trust(start, authority, monkeypatch) -> None:
    monkeypatch.setattr("hotline_probe.sources.checks.system_trust", lambda: None)
    plain = check(f"smtp://127.0.0.1:{start(MailServer('smtp', authority.issue()))}")
    assert plain["mail_starttls"] == "accepted" and plain["mail_answer"] == "ready"
    assert plain["ok"] is UNSUPPORTED and plain["tls_ok"] is UNSUPPORTED and plain["mail_ok"] is UNSUPPORTED
    port = start(MailServer("smtp", authority.issue(), implicit=True))
    secured = check(f"smtps://127.0.0.1:{port}")
    assert secured["ok"] is UNSUPPORTED and secured["mail_answer"] is UNSUPPORTED


# The parsers by themselves.


@given(st.sampled_from(PROTOCOLS), st.text(max_size=200))
def test_any_line_is_an_answer(protocol: Protocol, line: str) -> None:
    reply = parse_greeting(protocol, line)
    assert reply.code is None or 200 <= reply.code <= 599
    assert isinstance(is_masked(line), bool)


@given(st.sampled_from(PROTOCOLS), st.lists(st.text(max_size=100), max_size=10))
def test_any_lines_are_an_offer(protocol: Protocol, lines: list[str]) -> None:
    offer = parse_offer(protocol, [*lines, "250 AUTH PLAIN", "* CAPABILITY AUTH=PLAIN", "SASL PLAIN"])
    assert len(" ".join(offer.methods)) <= 16 * 21 and list(offer.methods) == sorted(offer.methods)


@given(st.sampled_from(PROTOCOLS), st.binary(max_size=6000))
def test_any_bytes_may_come_from_a_server(protocol: Protocol, sent: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(sent)
        theirs.shutdown(socket.SHUT_WR)
        dialogue = Dialogue(ours, protocol, Deadline(5))
        with contextlib.suppress(EOFError, SourceFailed):
            dialogue.greeting(5)
            dialogue.offers()
            dialogue.start_tls()
