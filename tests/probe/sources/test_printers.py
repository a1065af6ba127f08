"""Printers: the IPP codec, a print server that speaks it on its socket and over TCP, and CUPS itself."""

from __future__ import annotations

import contextlib
import http.server
import shutil
import socket
import socketserver
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hotline_probe.checks.limits import Deadline
from hotline_probe.errors import Denied, SourceFailed, Unsupported
from hotline_probe.source import Settings
from hotline_probe.sources import ipp
from hotline_probe.sources.cups import Place, ask_server, split_device, split_reasons
from hotline_probe.sources.printers import Printers
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_800_000_000
Attribute = tuple[str, int, Sequence[bytes]]
TEXT, NAME = 0x41, 0x42
PERSONAL = {"printer.name", "printer.host"}


def number(value: int) -> bytes:
    return struct.pack(">i", value)


def attribute(name: str, kind: int, values: Sequence[bytes]) -> bytes:
    out = b""
    for place, value in enumerate(values):
        label = name.encode() if place == 0 else b""
        out += struct.pack(">BH", kind, len(label)) + label + struct.pack(">H", len(value)) + value
    return out


def answer(groups: Sequence[tuple[int, Sequence[Attribute]]], status: int = 0) -> bytes:
    head = struct.pack(">BBHI", 2, 0, status, 1) + b"\x01" + attribute("attributes-charset", 0x47, [b"utf-8"])
    return (
        head
        + b"".join(bytes((tag,)) + b"".join(attribute(*one) for one in group) for tag, group in groups)
        + b"\x03"
    )


def printer(
    name: str, uri: str = "usb://X/Y", state: int = 3, reasons: str = "none", accepts: bool = True
) -> list[Attribute]:
    return [
        ("printer-name", NAME, [name.encode()]),
        ("device-uri", ipp.URI, [uri.encode()]),
        ("printer-state", ipp.ENUM, [number(state)]),
        ("printer-state-reasons", ipp.KEYWORD, [reason.encode() for reason in reasons.split()]),
        ("printer-is-accepting-jobs", ipp.BOOLEAN, [bytes((accepts,))]),
    ]


def job(
    name: str, age: int = 0, state: int = 3, hold: str = "no-hold", reasons: str = "none"
) -> list[Attribute]:
    return [
        ("job-printer-uri", ipp.URI, [f"ipp://localhost/printers/{name}".encode()]),
        ("job-state", ipp.ENUM, [number(state)]),
        ("job-state-reasons", ipp.KEYWORD, [reasons.encode()]),
        ("job-hold-until", ipp.KEYWORD, [hold.encode()]),
        ("job-printer-up-time", ipp.INTEGER, [number(NOW)]),
        ("time-at-creation", ipp.INTEGER, [number(NOW - age)]),
    ]


class Server:
    """Answers by operation; `asked` are the questions, parsed as the codec parses answers."""

    def __init__(self) -> None:
        self.printers: list[list[Attribute]] = []
        self.jobs: list[list[Attribute]] = []
        self.default = ""
        self.status = 200
        self.raw: bytes | None = None
        self.asked: list[ipp.Answer] = []

    def reply(self, question: bytes) -> bytes:
        self.asked.append(ipp.parse_answer(question))
        if self.raw is not None:
            return self.raw
        operation = int.from_bytes(question[2:4], "big")
        if operation == ipp.GET_JOBS:
            return answer([(ipp.JOB, one) for one in self.jobs])
        if operation == ipp.CUPS_GET_DEFAULT:
            default: list[Attribute] = [("printer-name", NAME, [self.default.encode()])]
            return answer([(ipp.PRINTER, default)]) if self.default else answer([], ipp.NOT_FOUND)
        assert operation == ipp.CUPS_GET_PRINTERS
        return answer([(ipp.PRINTER, one) for one in self.printers])


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture(params=["socket", "tcp"])
def place(request: pytest.FixtureRequest, tmp_path: Path, server: Server) -> Iterator[Place]:
    """Where the server listens: on a socket of the file system, or over TCP."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/ipp" and self.path == "/"
            body = server.reply(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(server.status)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

        def address_string(self) -> str:
            return "there"

    class Local(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
        daemon_threads = True

    listening: socketserver.BaseServer
    where: Place
    if request.param == "socket":
        where = str(tmp_path / "s")
        listening = Local(where, Handler)
    else:
        listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        where = ("127.0.0.1", int(listening.server_port))
    thread = threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield where
    listening.shutdown()
    thread.join(10)
    listening.server_close()


def test_what_a_print_server_tells(read, server: Server, place: Place) -> None:
    server.printers = [
        printer(
            "Frau_Mueller", "hp:/usb/LaserJet", 5, "media-empty-error paused toner-low-warning", accepts=False
        ),
        printer("Drucker_im_Flur", "ipp://drucker.invalid/ipp", 4, "connecting-to-device cover-open-report"),
        printer("PDF", "cups-pdf:/"),
    ]
    server.jobs = [
        job("Frau_Mueller", 700),
        job("Frau_Mueller", 60, state=4, hold="indefinite"),
        job("Frau_Mueller", 90, state=4, hold="auth-info-required"),
        job("Frau_Mueller", 9000, state=9),
    ]
    server.default = "PDF"
    told = read(Printers([place]), Settings(active=False))
    assert told["print.server.state"] == "running" and told["print.printer_count"] == 3
    first = {name.removesuffix("[1]"): value for name, value in told.items() if name.endswith("[1]")}
    assert first == {
        "printer.name": "Frau_Mueller",
        "printer.default": False,
        "printer.wanted": True,
        "printer.state": "stopped",
        "printer.accepting": False,
        "printer.connection": "usb",
        "printer.host": UnknownReason.UNSUPPORTED,
        "printer.port": "not_tried",
        "printer.paper_empty": True,
        "printer.paper_jam": False,
        "printer.cover_open": False,
        "printer.supply_empty": False,
        "printer.supply_low": True,
        "printer.offline": False,
        "printer.connecting": False,
        "printer.driver_broken": False,
        "printer.reasons": "media-empty paused toner-low",
        "printer.jobs": 1,
        "printer.jobs_held": 1,
        "printer.jobs_need_login": 1,
        "printer.oldest_job": 700.0,
    }
    assert told["printer.connecting[2]"] is True and told["printer.cover_open[2]"] is False, "it prints on"
    assert told["printer.host[2]"] == "drucker.invalid" and told["printer.wanted[2]"] is False
    assert told["printer.wanted[3]"] is True and told["printer.connection[3]"] == "virtual"
    said = {name for asked in server.asked for group in asked.groups for name in group.attributes}
    assert said == {
        "attributes-charset",
        "attributes-natural-language",
        "requested-attributes",
        "printer-uri",
    }


def test_a_printer_keeps_its_number_when_others_come_and_go(read, server: Server, place: Place) -> None:
    source = Printers([place])
    server.printers = [printer("a"), printer("b")]
    read(source)
    server.printers = [printer("b"), printer("c")]
    told = read(source)
    assert (told["printer.name[2]"], told["printer.name[3]"]) == ("b", "c") and "printer.name[1]" not in told


def test_names_of_printers_are_personal() -> None:
    facts = load_catalogue().facts_of_source["printers"]
    assert {fact.name for fact in facts if fact.sensitivity == "personal"} == PERSONAL


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


def test_only_a_printer_with_a_fault_or_jobs_is_knocked_at(
    read, server: Server, place: Place, listener: int
) -> None:
    uri = f"socket://127.0.0.1:{listener}"
    server.printers = [
        printer("idle", uri),
        printer("waiting", uri),
        printer("gone", "socket://127.0.0.1:1", 5, "paused"),
        printer("nowhere", f"socket://{'a' * 64}.invalid", 3, "offline-error"),
        printer("cloud", "ipp://169.254.169.254/", 5, "paused"),
    ]
    server.jobs = [job("waiting")]
    told = read(Printers([place]))
    ports = [told[f"printer.port[{key}]"] for key in "12345"]
    assert ports == ["not_tried", "open", "shut", "shut", UnknownReason.DECLINED]
    quiet = read(Printers([place]), Settings(active=False))
    assert quiet["printer.port[2]"] == "not_tried"


def test_without_a_print_server(read, captured, tmp_path: Path) -> None:
    nowhere = [str(tmp_path / "nothing"), ("127.0.0.1", 1)]
    told = read(Printers(nowhere))
    assert told == {"print.server.state": "absent", "print.printer_count": UnknownReason.UNSUPPORTED}
    captured.put({"/etc/cups/printers.conf": "", "/etc/cups/client.conf": "ServerName /run/cups/cups.sock\n"})
    assert read(Printers(nowhere))["print.server.state"] == "stopped"
    captured.put({"/etc/cups/client.conf": "# old\nServerName print.example.org\n"})
    with pytest.raises(Unsupported):
        read(Printers(nowhere))


@pytest.mark.parametrize(
    ("status", "raw", "error"),
    [
        (403, b"", Denied),
        (500, b"", SourceFailed),
        (200, b"", SourceFailed),
        (200, b"<html>", SourceFailed),
        (200, answer([], 0x0401), SourceFailed),
        (200, answer([(ipp.PRINTER, printer("x"))])[:-9], SourceFailed),
    ],
)
def test_a_server_that_answers_something_else(
    read, server: Server, place: Place, status: int, raw: bytes, error: type[Exception]
) -> None:
    server.status, server.raw = status, raw
    with pytest.raises(error):
        read(Printers([place]))


def test_a_server_that_is_silent(read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline_probe.sources.printers.SERVER_PATIENCE", 0.3)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        listening.listen()
        with pytest.raises(SourceFailed, match="in time"):
            read(Printers([str(tmp_path / "s")]))


def test_a_server_that_is_overrun_is_not_taken_for_one_that_is_gone(read, tmp_path: Path, captured) -> None:
    captured.put({"/etc/cups/printers.conf": ""})
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket(socket.AF_UNIX))
        listening.bind(str(tmp_path / "s"))
        listening.listen(0)
        while True:  # fill its queue
            waiting = stack.enter_context(socket.socket(socket.AF_UNIX))
            waiting.setblocking(False)
            if waiting.connect_ex(str(tmp_path / "s")):
                break
        with pytest.raises(SourceFailed):
            read(Printers([str(tmp_path / "s")]))


# The codec.

words = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=30)
values = (
    st.tuples(st.just(ipp.KEYWORD), words, words.map(str.encode)).map(
        lambda drawn: (drawn[0], drawn[1], drawn[1].encode())
    )
    | st.integers(-(2**31), 2**31 - 1).map(lambda drawn: (ipp.INTEGER, drawn, number(drawn)))
    | st.booleans().map(lambda drawn: (ipp.BOOLEAN, drawn, bytes((drawn,))))
    | words.map(
        lambda drawn: (0x35, drawn, b"\0\2de" + struct.pack(">H", len(drawn.encode())) + drawn.encode())
    )
    | st.binary(max_size=9).map(lambda drawn: (0x31, None, drawn))
)


@given(st.dictionaries(words, st.lists(values, min_size=1, max_size=3), max_size=5))
def test_every_answer_is_understood(told: dict[str, list[tuple[int, ipp.Value, bytes]]]) -> None:
    sent: list[Attribute] = []
    for name, several in told.items():
        sent += [(name if place == 0 else "", kind, [raw]) for place, (kind, _, raw) in enumerate(several)]
    parsed = ipp.parse_answer(answer([(ipp.PRINTER, sent), (ipp.JOB, [])]))
    assert next(iter(parsed.of(ipp.PRINTER))) == {
        name: tuple(one[1] for one in several) for name, several in told.items()
    }
    assert list(parsed.of(ipp.JOB)) == [{}]


GOOD = answer([(ipp.PRINTER, printer("Flur", "ipp://x.example", 4, "none paused"))])


@given(st.binary(max_size=200), st.integers(0, len(GOOD)), st.binary(max_size=8))
def test_any_bytes_may_come(junk: bytes, where: int, damage: bytes) -> None:
    for data in (junk, GOOD[:8] + junk, GOOD[:where] + damage + GOOD[where + len(damage) :]):
        with contextlib.suppress(SourceFailed):
            assert isinstance(ipp.parse_answer(data).ok, bool)
    if where < len(GOOD):
        with pytest.raises(SourceFailed):
            ipp.parse_answer(GOOD[:where])


def test_what_is_in_a_collection_is_left_out() -> None:
    inner: list[Attribute] = [
        ("media-col", 0x34, [b""]),
        ("", 0x4A, [b"printer-name"]),
        ("", 0x34, [b""]),
        ("", NAME, [b"hidden"]),
        ("", 0x37, [b""]),
        ("", 0x37, [b""]),
        ("printer-name", NAME, [b"seen"]),
    ]
    assert next(iter(ipp.parse_answer(answer([(ipp.PRINTER, inner)])).of(ipp.PRINTER))) == {
        "printer-name": ("seen",)
    }


def test_too_many_values_are_refused() -> None:
    flood: list[Attribute] = [("x", ipp.BOOLEAN, [b"\1"] * (ipp.MAX_VALUES + 1))]
    with pytest.raises(SourceFailed, match="too many"):
        ipp.parse_answer(answer([(ipp.PRINTER, flood)]))


@given(st.text(max_size=80), st.lists(st.text(max_size=40), max_size=5))
def test_any_text_may_be_a_device_or_a_reason(uri: str, reasons: list[str]) -> None:
    for text in (uri, f"socket://{uri}", f"hp:/net/x?ip={uri}"):
        connection, host, port = split_device(text)
        assert 0 <= port < 65536 and (host == "" or connection == "network")
    errors, hints = split_reasons(reasons)
    assert all(reason.isascii() for reason in errors | hints)


# The real thing.

CONFIG = """LogLevel error
Listen {folder}/s
Browsing Off
DefaultAuthType None
<Location />
Order allow,deny
</Location>
<Policy default>
<Limit All>
Order deny,allow
</Limit>
</Policy>
"""
FILES = """SystemGroup root
ServerRoot {folder}/root
RequestRoot {folder}/spool
TempDir {folder}/spool
CacheDir {folder}/cache
StateDir {folder}/state
ServerBin {folder}/bin
DataDir {folder}/data
DocumentRoot {folder}/data
ErrorLog {folder}/log
AccessLog {folder}/access
PageLog {folder}/page
"""
SET_UP = """<DefaultPrinter Frau_Mueller>
DeviceURI socket://192.0.2.7
State Stopped
Reason media-empty-error
Reason toner-low-warning
Accepting Yes
</DefaultPrinter>
<Printer Keller>
DeviceURI lpd://192.0.2.8/q
State Idle
Accepting No
</Printer>
"""


@pytest.fixture
def cups(tmp_path: Path) -> Iterator[str]:
    """The socket of a print server of CUPS with two printers."""
    program = shutil.which("cupsd", path="/usr/sbin:/usr/local/sbin") or shutil.which("cupsd")
    if program is None:
        pytest.skip("cupsd is not installed")
    for folder in ("root", "spool", "cache", "state", "bin/backend", "bin/filter", "data/mime"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "root" / "printers.conf").write_text(SET_UP)
    (tmp_path / "cupsd.conf").write_text(CONFIG.format(folder=tmp_path))
    (tmp_path / "files.conf").write_text(FILES.format(folder=tmp_path))
    types = "application/octet-stream application/vnd.cups-raw 0 -\n"
    (tmp_path / "data/mime/mime.types").write_text("application/octet-stream\n")
    (tmp_path / "data/mime/mime.convs").write_text(types)
    argv = [program, "-f", "-c", str(tmp_path / "cupsd.conf"), "-s", str(tmp_path / "files.conf")]
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as process:
        try:
            yield str(tmp_path / "s")
        finally:
            process.terminate()


def until(ready: Callable[[], bool], process: str) -> None:
    end = Deadline(20)
    while not ready():
        assert end.rest() > 0, f"{process} is not ready"
        threading.Event().wait(0.05)


def test_cups_itself(read, cups: str) -> None:
    def listens() -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as channel:
            channel.connect(cups)
            return True
        return False

    until(listens, "cupsd")
    user = ("requesting-user-name", NAME, ("somebody",))
    target = ("printer-uri", ipp.URI, ("ipp://localhost/printers/Frau_Mueller",))
    document = ipp.question(0x0002, ("job-id",), target, user) + b"a page"
    head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\n"
    head += f"Content-Length: {len(document)}\r\n\r\n"
    with socket.socket(socket.AF_UNIX) as channel:
        channel.settimeout(10)
        channel.connect(cups)
        channel.sendall(head.encode() + document)
        assert b"200 OK" in channel.recv(4096)
    until(lambda: len(ask_server([cups], Deadline(10)).jobs) == 1, "the job")
    told = read(Printers([cups]), Settings(active=False))
    assert told["printer.name[1]"] == "Frau_Mueller" and told["printer.default[1]"] is True
    assert told["printer.state[1]"] == "stopped" and told["printer.paper_empty[1]"] is True
    assert told["printer.supply_low[1]"] is True and told["printer.jobs[1]"] == 1
    age = told["printer.oldest_job[1]"]
    assert isinstance(age, float) and 0 <= age < 60
    assert told["printer.host[1]"] == "192.0.2.7" and told["printer.accepting[2]"] is False
