"""Whole checks against real servers."""

from __future__ import annotations

import datetime
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from hotline_probe.checks import http, name, outcome, route, run, tcp, tls, truststore
from hotline_probe.errors import SourceFailed
from hotline_probe.machine import LocalMachine
from hotline_probe.source import Context, Settings
from hotline_probe.sources import checks as source
from hotline_probe.sources.checks import Checks
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import FactValue, UnknownReason

NOT_COLLECTED, UNSUPPORTED = UnknownReason.NOT_COLLECTED, UnknownReason.UNSUPPORTED
CATALOGUE = load_catalogue()
TYPES: dict[str, type] = {"double": float, "int": int, "bool": bool, "text": str}
DAY = datetime.timedelta(days=1)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def check(text: str, trust: Any = None) -> dict[str, FactValue]:
    """Return the facts of a check by short name, having held them against the catalogue."""
    settings = Settings(checks=(text,), own_checks=(text,), active=False)
    facts = list(Checks(trust).read(Context(LocalMachine(), settings)))
    assert {fact.key for fact in facts} == {text}
    assert {fact.name for fact in facts} == {fact.name for fact in CATALOGUE.facts_of_source["checks"]}
    for fact in facts:
        spec = CATALOGUE.facts[fact.name]
        if not isinstance(fact.value, UnknownReason):
            assert type(fact.value) is TYPES[spec.type], fact
            assert not spec.values or fact.value in spec.values, fact
    return {fact.name.removeprefix("check."): fact.value for fact in facts}


def test_a_service_that_accepts(server, helpers) -> None:
    facts = check(f"127.0.0.1:{server(helpers.hold)}")
    assert facts["ok"] is True and facts["failed_at"] == "none" and facts["kind"] == "tcp"
    assert facts["local"] is True and facts["name_ok"] is True and facts["address_count"] == 1
    assert facts["route_ok"] is True and facts["tcp_ok"] is True and facts["tcp_error"] == "none"
    assert facts["tls_ok"] is UNSUPPORTED and facts["http_ok"] is UNSUPPORTED


def test_a_service_that_is_not_listening(closed_port: int) -> None:
    facts = check(f"127.0.0.1:{closed_port}")
    assert facts["ok"] is False and facts["failed_at"] == "tcp" and facts["tcp_error"] == "refused"
    assert facts["tcp_ok"] is False and facts["tcp_time"] is NOT_COLLECTED


def test_a_service_that_is_silent(silent_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "PER_ADDRESS", 0.2)
    facts = check(f"https://127.0.0.1:{silent_port}/")
    assert facts["failed_at"] == "tcp" and facts["tcp_error"] == "timeout"
    assert facts["tls_ok"] is NOT_COLLECTED and facts["http_ok"] is NOT_COLLECTED


def test_a_name_that_cannot_exist() -> None:
    facts = check(f"{'a' * 64}.invalid:80")
    assert facts["failed_at"] == "name" and facts["name_ok"] is False and facts["address_count"] == 0
    assert facts["tcp_ok"] is NOT_COLLECTED and facts["local"] is NOT_COLLECTED


def test_a_resolver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, asked = threading.Event(), []

    def hang(*_: object, **__: object) -> list[object]:
        asked.append(1)
        go_on.wait(10)
        return []

    monkeypatch.setattr(run, "NAME_PATIENCE", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", hang)
    hanging = Checks()
    context = Context(LocalMachine(), Settings(checks=("mail.example.org:25",)))
    for _ in range(3):
        facts = {fact.name: fact.value for fact in hanging.read(context)}
        assert facts["check.name_time"] is UnknownReason.TIMEOUT and facts["check.failed_at"] == "name"
    go_on.set()
    assert len(asked) == 1, "a lookup that still runs is not started again"


def test_a_name_that_points_to_a_metadata_service_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 80))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [entry])
    facts = check("innocent.example.org:80")
    assert facts["name_ok"] is True and facts["tcp_ok"] is NOT_COLLECTED
    assert facts["ok"] is UnknownReason.DECLINED and facts["failed_at"] is UnknownReason.DECLINED


@pytest.mark.parametrize("text", ["", "no-port", "a:b:c", "ftp://x.example", "169.254.169.254:80", "x" * 400])
def test_what_cannot_be_checked(text: str) -> None:
    facts = check(text)
    assert facts["ok"] is False and facts["failed_at"] == "name" and facts["kind"] is NOT_COLLECTED


def test_a_page(server, helpers) -> None:
    facts = check(f"http://127.0.0.1:{server(helpers.answering(OK))}/index.html?q=ä")
    assert facts["ok"] is True and facts["http_status"] == 200 and facts["http_ok"] is True
    assert isinstance(facts["http_time"], float) and facts["tls_ok"] is UNSUPPORTED


@pytest.mark.parametrize("status", [404, 500])
def test_a_page_that_fails(server, helpers, status: int) -> None:
    port = server(helpers.answering(b"HTTP/1.1 %d X\r\n\r\n" % status))
    facts = check(f"http://127.0.0.1:{port}")
    assert facts["failed_at"] == "http" and facts["http_status"] == status and facts["http_ok"] is False


def test_a_server_that_only_knows_get(server) -> None:
    def serve(channel: socket.socket) -> None:
        asked = channel.recv(4096)
        channel.sendall(OK if asked.startswith(b"GET ") else b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")

    facts = check(f"http://127.0.0.1:{server(serve)}")
    assert facts["ok"] is True and facts["http_status"] == 200


@pytest.mark.parametrize("answer", [b"220 mail ready\r\n", b"\0" * 5000, b"", b"HTTP/1.1 abc\r\n", b"HTTP/1"])
def test_an_answer_that_is_not_http(server, helpers, answer: bytes) -> None:
    facts = check(f"http://127.0.0.1:{server(helpers.answering(answer))}")
    assert (
        facts["failed_at"] == "http" and facts["http_ok"] is False and facts["http_status"] is NOT_COLLECTED
    )


def test_a_header_without_end(server, helpers) -> None:
    endless = helpers.dripping(b"HTTP/1.1 100 Continue\r\n", b"X: " + b"y" * 5000 + b"\r\n", 0.001)
    facts = check(f"http://127.0.0.1:{server(endless)}")
    assert facts["failed_at"] == "http" and facts["http_status"] is NOT_COLLECTED


def test_a_server_that_drips(server, helpers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "PATIENCE", 0.3)
    began = time.monotonic()
    facts = check(f"http://127.0.0.1:{server(helpers.dripping(b'HTTP/1.1 2', b'0', 0.01))}")
    assert facts["failed_at"] == "http" and facts["http_status"] is UnknownReason.TIMEOUT
    assert time.monotonic() - began < 5


def test_a_trusted_page(server, helpers, authority) -> None:
    port = server(helpers.answering(OK), authority.issue())
    facts = check(f"https://127.0.0.1:{port}", authority.trust)
    assert facts["ok"] is True and facts["tls_ok"] is True and facts["tls_error"] == "none"
    assert facts["tls_expires_in"] == pytest.approx(DAY.total_seconds(), abs=600)
    assert facts["tls_issuer"] == f"CA {authority.folder.name}" and facts["tls_intercepted"] is False


Wrong = Callable[[Any, Any, datetime.datetime], Any]


@pytest.mark.parametrize(
    ("issue", "word", "days"),
    [
        (lambda ours, _, now: ours.issue(begin=now - 3 * DAY, end=now - 2 * DAY), "expired", -2),
        (lambda ours, _, now: ours.issue(begin=now + DAY, end=now + 3 * DAY), "not_yet_valid", 3),
        (lambda ours, _, now: ours.issue("other.example.org", now - DAY), "name_mismatch", 1),
        (lambda _, theirs, now: theirs.issue("127.0.0.1", now - DAY), "unknown_ca", 1),
    ],
)
def test_a_certificate_that_is_wrong(
    server, helpers, authority, stranger, issue: Wrong, word: str, days: int
) -> None:
    context = issue(authority, stranger, datetime.datetime.now(datetime.UTC))
    port = server(helpers.answering(OK), context)
    facts = check(f"https://127.0.0.1:{port}", authority.trust)
    assert facts["failed_at"] == "tls" and facts["tls_ok"] is False and facts["tls_error"] == word
    assert facts["tls_expires_in"] == pytest.approx(days * DAY.total_seconds(), abs=600)
    assert str(facts["tls_issuer"]).startswith("CA ")
    assert facts["http_ok"] is NOT_COLLECTED


def test_plain_text_on_a_port_for_tls(server, helpers) -> None:
    def greet(channel: socket.socket) -> None:
        channel.sendall(b"* OK IMAP4 ready\r\n")
        helpers.hold(channel)

    facts = check(f"https://127.0.0.1:{server(greet)}")
    assert facts["failed_at"] == "tls" and facts["tls_error"] == "protocol"
    assert facts["tls_expires_in"] is UNSUPPORTED


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("late", [True, False])
def test_a_server_that_cuts_every_connection_off(server, scheme: str, late: bool) -> None:
    def cut(channel: socket.socket) -> None:
        if late:
            channel.recv(4096)
        # Closing without lingering resets the connection (socket(7)).
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    facts = check(f"{scheme}://127.0.0.1:{server(cut)}")
    assert (facts["failed_at"], facts["tcp_ok"], facts["tcp_error"]) == ("tcp", False, "reset")
    assert facts["ok"] is False
    assert facts["http_ok"] is NOT_COLLECTED
    assert facts["tls_error"] is (NOT_COLLECTED if scheme == "https" else UNSUPPORTED)


def test_a_server_that_never_shakes_hands(server, helpers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "PATIENCE", 0.2)
    facts = check(f"https://127.0.0.1:{server(helpers.hold)}")
    assert facts["failed_at"] == "tls" and facts["tls_error"] == "other"


def test_checks_do_not_wait_for_each_other(server, helpers, closed_port: int) -> None:
    texts = tuple(f"127.0.0.1:{port}" for port in (server(helpers.hold), closed_port))
    settings = Settings(checks=(*texts, texts[0], "nonsense"), own_checks=texts)
    facts = list(Checks().read(Context(LocalMachine(), settings)))
    verdicts = {fact.key: fact.value for fact in facts if fact.name == "check.ok"}
    assert verdicts == {texts[0]: True, texts[1]: False, "nonsense": False}
    assert len({(fact.name, fact.key) for fact in facts}) == len(facts)


def test_the_first_address_that_accepts_counts(server, helpers, closed_port: int) -> None:
    names = name.Names()
    dead = names.look_up("127.0.0.1", closed_port, 1.0).endpoints
    good = names.look_up("127.0.0.1", server(helpers.hold), 1.0).endpoints
    connection = tcp.connect([*dead, *good], run.Deadline(5))
    connection.channel.close()
    assert connection.endpoint == good[0]


@pytest.mark.parametrize(
    "host", ["127.0.0.53", "127.255.0.1", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:127.9.9.9]"]
)
def test_every_loopback_address_is_this_computer(host: str, closed_port: int) -> None:
    assert check(f"{host}:{closed_port}")["local"] is True


def test_every_own_address_is_this_computer() -> None:
    entries = [entry for adapter in psutil.net_if_addrs().values() for entry in adapter]
    own = [entry.address for entry in entries if entry.family in {socket.AF_INET, socket.AF_INET6}]
    assert "127.0.0.1" in own
    for address in own:
        for endpoint in name.Names().look_up(address, 9, 1.0).endpoints:
            assert route.is_local(endpoint, route.own_end(endpoint)), address  # no packet leaves
    (elsewhere,) = name.Names().look_up("192.0.2.123", 9, 1.0).endpoints
    assert not route.is_local(elsewhere, route.own_end(elsewhere))


def verdicts(texts: tuple[str, ...], reader: Checks) -> dict[str, FactValue]:
    context = Context(LocalMachine(), Settings(checks=texts, own_checks=texts))
    return {fact.key: fact.value for fact in reader.read(context) if fact.name == "check.ok"}


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "OVERALL", 0.2)
    monkeypatch.setattr(source, "BEGIN_WITHIN", 0.1)
    monkeypatch.setattr(source, "GRACE", 0.1)


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Make checks whose name begins with "stuck" hang, as a system call without an end does."""
    go_on, begun, real = threading.Event(), list[str](), source.run_check

    def hang(target: Any, *rest: Any) -> Any:
        if target.host.startswith("stuck"):
            begun.append(target.text)
            go_on.wait(20)
        return real(target, *rest)

    monkeypatch.setattr(source, "run_check", hang)
    monkeypatch.setattr(socket, "getaddrinfo", failing)
    yield begun
    go_on.set()


def failing(*_: object, **__: object) -> list[object]:
    raise socket.gaierror(socket.EAI_NONAME, "no such name")


@pytest.mark.usefixtures("in_a_hurry")
def test_a_check_without_end_is_a_timeout_and_holds_nobody_up(stuck: list[str]) -> None:
    reader, texts = Checks(), ("stuck.example:1", "good.example:1")
    for _ in range(2):
        began = time.monotonic()
        assert verdicts(texts, reader) == {texts[0]: UnknownReason.TIMEOUT, texts[1]: False}
        assert time.monotonic() - began < 5
    assert stuck == [texts[0]], "a check that still hangs is not begun again"


@pytest.mark.usefixtures("in_a_hurry")
def test_at_most_eight_at_once_and_all_within_one_time(stuck: list[str]) -> None:
    reader, texts = Checks(), tuple(f"stuck{number}.example:1" for number in range(20))
    began = time.monotonic()
    for _ in range(2):
        assert verdicts(texts, reader) == dict.fromkeys(texts, UnknownReason.TIMEOUT)
    assert time.monotonic() - began < 5
    assert len(stuck) == source.AT_ONCE


def test_the_common_time_is_below_the_sources_own() -> None:
    assert CATALOGUE.sources["checks"].timeout - 1 > source.BEGIN_WITHIN + source.OVERALL + source.GRACE


def test_many_checks_all_end(closed_port: int) -> None:
    texts = tuple(f"127.0.0.{number}:{closed_port}" for number in range(1, 33))
    assert verdicts(texts, Checks()) == dict.fromkeys(texts, False)


def test_a_check_that_goes_wrong_in_itself_is_said_so(
    closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = source.run_check

    def fail(target: Any, *rest: Any) -> Any:
        if target.host == "127.0.0.1":
            raise ZeroDivisionError("oh")
        return real(target, *rest)

    monkeypatch.setattr(source, "run_check", fail)
    texts = (f"127.0.0.1:{closed_port}", f"127.0.0.2:{closed_port}")
    found: dict[str, FactValue] = {}
    context = Context(LocalMachine(), Settings(checks=texts, own_checks=texts))
    with pytest.raises(SourceFailed, match=r"127\.0\.0\.1:.*ZeroDivisionError"):
        for fact in Checks().read(context):
            found |= {fact.key: fact.value} if fact.name == "check.ok" else {}
    assert found == {texts[0]: NOT_COLLECTED, texts[1]: False}


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "192.168.1.1", "::1", "::ffff:10.0.0.1", "fd00::1"]
)
def test_a_public_name_that_leads_home_is_not_followed(
    address: str, server, helpers, monkeypatch: pytest.MonkeyPatch
) -> None:
    touched: list[bytes] = []
    port = server(lambda channel: touched.append(channel.recv(10)))
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    place = (address, port, 0, 0) if ":" in address else (address, port)
    entry = (family, socket.SOCK_STREAM, 6, "", place)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [entry])
    text = f"http://innocent.example.org:{port}"
    found: dict[str, FactValue] = {}
    with pytest.raises(SourceFailed, match="own network"):
        for fact in Checks().read(Context(LocalMachine(), Settings(checks=(text,)))):
            found[fact.name.removeprefix("check.")] = fact.value
    assert found["failed_at"] == "name" and found["ok"] is False and found["tcp_ok"] is NOT_COLLECTED
    assert not touched


def test_a_public_name_that_leads_to_a_public_address_at_home_is_not_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = SimpleNamespace(family=socket.AF_INET, address="93.184.216.34", netmask="255.255.255.0")
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {"eth0": [held]})
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.99", 1))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [entry])
    with pytest.raises(SourceFailed, match="own network"):
        list(Checks().read(Context(LocalMachine(), Settings(checks=("innocent.example.org:1",)))))


def test_what_the_caller_named_may_lead_home(server, helpers, monkeypatch: pytest.MonkeyPatch) -> None:
    port = server(helpers.hold)
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [entry])
    assert check(f"intranet.example.org:{port}")["ok"] is True


def test_a_certificate_that_signed_itself(server, helpers, authority, stranger) -> None:
    port = server(helpers.answering(OK), stranger.serve_itself())
    facts = check(f"https://127.0.0.1:{port}", authority.trust)
    assert facts["failed_at"] == "tls" and facts["tls_error"] == "unknown_ca"


def test_without_any_authority_nothing_is_said_about_encryption(
    server, helpers, authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = server(helpers.answering(OK), authority.issue())
    monkeypatch.setattr(source, "system_trust", lambda: None)
    facts = check(f"https://127.0.0.1:{port}")
    assert facts["tcp_ok"] is True and facts["http_ok"] is NOT_COLLECTED
    assert {facts[short] for short in (*outcome.TLS_FACTS, "ok", "failed_at")} == {UNSUPPORTED}


def test_the_authorities_are_found_where_other_systems_keep_them(
    authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / "absent"))
    assert truststore.system_trust(()) is None
    (tmp_path / "empty.pem").write_text("")
    assert truststore.system_trust([str(tmp_path / "absent.pem"), str(tmp_path / "empty.pem")]) is None
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(authority.pem)
    trust = truststore.system_trust([str(bundle)])
    assert trust is not None and trust.verify_mode is ssl.CERT_REQUIRED and trust.check_hostname
    assert len(trust.get_ca_certs()) == 1


def test_a_folder_of_authorities_counts(authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "absent"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    (tmp_path / "0a1b2c3d.0").write_bytes(authority.pem)
    assert truststore.system_trust(()) is not None
