"""From the picture on a screen without network, over a phone, to the cause on the agent's screen."""

from __future__ import annotations

import datetime as dt
import html
import os
import pty
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hotline_probe.local.table import load_table
from hotline_proto.joincode import new_code, parse_target
from hotline_proto.spoken import spoken_result

from tests.e2e.conftest import System, running
from tests.e2e.test_local_mode import dead_gateway, run
from tests.pictures import read_picture, seen_in

__all__ = ["dead_gateway"]


def certificate(folder: Path) -> Path:
    """Make a certificate of localhost; key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "web.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


class Front:
    """What an operator puts before the pages: ends TLS and hands on every byte."""

    def __init__(self, folder: Path) -> None:
        self.file = certificate(folder)
        self.target = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self._server.getsockname()[1]}"
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(self.file)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Serve no more."""
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        try:
            with (
                self._tls.wrap_socket(plain, server_side=True) as outer,
                socket.create_connection(("127.0.0.1", self.target), timeout=10) as inner,
            ):
                back = threading.Thread(target=_copy, args=(inner, outer), daemon=True)
                back.start()
                _copy(outer, inner)
                back.join(5)
        except OSError:
            return


def _copy(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        return


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, httpx.Client]]:
    """A collector whose pages are reached by https, and a phone's browser."""
    folder = tmp_path_factory.mktemp("picture")
    front = Front(folder)
    trust = ssl.create_default_context(cafile=front.file)
    with (
        running(System(folder, {"HOTLINE_PUBLIC__WEB_URL": front.url})) as system,
        httpx.Client(verify=trust, trust_env=False, base_url=front.url, timeout=60) as phone,
    ):
        front.target = system.started["web_port"]
        yield system, phone
    front.close()


def press(phone: httpx.Client, page: httpx.Response, **headers: str) -> httpx.Response:
    """Press the button of a page, as a browser does."""
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
    (action,) = re.findall(r'<form action="([^"]+)" method="post">', page.text)
    form = {name: html.unescape(value) for name, value in fields}
    return phone.post(action, data=form, headers={"sec-fetch-site": "same-origin", **headers})


def some_digits() -> str:
    return spoken_result([None], load_table().number)


def digits_of(text: str) -> str:
    return re.sub(r"\s", "", text)


def facts_of(system: Any, call: Any) -> list[str]:
    return [item.fact for item in call.view(facts=True).facts]


@pytest.mark.root
def test_the_picture_leads_to_the_cause_in_the_call(
    desk: tuple[Any, httpx.Client], dead_gateway: tuple[str, ...]
) -> None:
    system, phone = desk
    call = system.open("kein Internet")
    assert parse_target(call.link).web == str(phone.base_url).rstrip("/")
    code, events = run("--consent", "basic", call.link, inside=dead_gateway)
    assert code == 3
    [first, *_] = [event for event in events if event["event"] == "local_cause"]
    [picture] = [event for event in events if event["event"] == "local_picture"]
    address = read_picture(picture["modules"])
    assert address == picture["address"]
    [digits] = [event["digits"] for event in events if event["event"] == "local_digits"]

    page = phone.get(address, headers={"accept-language": "de"})
    assert page.status_code == 200
    assert digits in page.text and "Senden" in page.text
    assert call.view().targets == [] or not call.view().causes, "looking at the page sends nothing"
    sent = press(phone, page)
    assert (sent.status_code, "Danke" in sent.text) == (200, True)
    assert call.finding(first["rule"]).rule == "net.gateway.unreachable"
    assert call.view().causes[0].rule == first["rule"]

    probe = system.probe(call.link)  # the network is back: the same code still opens the call
    probe.event("joined")
    again = press(phone, page)
    assert (again.status_code, digits in again.text) == (404, True), "used up now, but still to be read out"


@pytest.mark.root
def test_a_real_terminal_shows_a_picture_that_a_phone_can_read(
    desk: tuple[Any, httpx.Client], dead_gateway: tuple[str, ...]
) -> None:
    system, _ = desk
    call = system.open()
    screen = "\n".join(on_terminal(dead_gateway, call.link))
    assert read_picture(seen_in(screen)).startswith(f"{parse_target(call.link).web}/r/{call.code}/")
    bare = "\n".join(on_terminal(dead_gateway, call.link, "--no-picture"))
    assert seen_in(bare) == []
    assert re.search(r"(\d{4} ){5}\d{4}", bare)


def on_terminal(inside: tuple[str, ...], *words: str) -> list[str]:
    """Run the probe at a terminal of 80 columns and return the lines that it shows."""
    ours, theirs = pty.openpty()
    command = [
        *inside,
        "env",
        "COLUMNS=80",
        "TERM=xterm",
        "LC_ALL=C.UTF-8",
        sys.executable,
        "-m",
        "hotline_probe",
    ]
    process = subprocess.Popen(
        [*command, "--consent", "basic", *words], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
    )

    os.close(theirs)
    shown = b""
    try:
        while data := os.read(ours, 65536):
            shown += data
    except OSError:  # the other end is closed
        pass
    finally:
        os.close(ours)
    assert process.wait(60) == 3
    return shown.decode().splitlines()


def test_without_a_code_the_page_shows_the_digits_to_read_out(desk: tuple[Any, httpx.Client]) -> None:
    _, phone = desk
    page = phone.get(f"/r/{digits_of(some_digits())}?lang=en")
    assert page.status_code == 200
    assert f'<p class="digits">{some_digits()}</p>' in page.text
    assert "<form" not in page.text and "<script" not in page.text
    assert "Read these numbers to our agent" in page.text


HOSTILE = [
    "/r/1", "/r/" + "9" * 24, "/r/" + "0" * 5000, "/r/%3Cscript%3E", "/r/378010907425/%00",
    "/r/378010907425/" + "1" * 24, "/r/%F0%9F%98%80/%D9%A1%D9%A2", "/r/{{7*7}}", "/r/x/y",
]  # fmt: skip


@pytest.mark.parametrize("path", HOSTILE)
def test_a_damaged_address_gets_one_clear_sentence(desk: tuple[Any, httpx.Client], path: str) -> None:
    _, phone = desk
    page = phone.get(path, headers={"accept-language": "en"})
    assert page.status_code in (400, 404)
    assert "<script>" not in page.text and "Traceback" not in page.text
    if page.status_code == 400:
        assert page.text.count('role="alert"') == 1
        assert "This address is damaged" in page.text


def test_only_our_own_page_can_send_and_only_with_a_right_code(desk: tuple[Any, httpx.Client]) -> None:
    system, phone = desk
    call = system.open()
    page = phone.get(f"/r/{call.code}/{digits_of(some_digits())}?lang=en")
    assert press(phone, page, **{"sec-fetch-site": "cross-site"}).status_code == 400
    plain = {"code": call.code, "digits": some_digits()}
    assert phone.post("/r", data=plain, headers={"origin": "https://evil.example"}).status_code == 400
    assert phone.get("/r").status_code in (404, 405)
    for body in (b"", b"\xff\xfe", b"code=1", b"digits=" + b"9" * 5000, b"a=1&" * 500, b"{}"):
        assert phone.post("/r", content=body).status_code == 400
    assert facts_of(system, call) == []
    wrong = phone.post("/r", data=plain | {"code": new_code()})
    assert (wrong.status_code, "not valid any more" in wrong.text, some_digits() in wrong.text) == (
        404,
        True,
        True,
    )
    mistyped = phone.post("/r", data=plain | {"code": "123"})
    assert mistyped.status_code == 404
    assert press(phone, page).status_code == 200
    assert (
        phone.post("/r", data=plain, headers={"origin": str(phone.base_url).rstrip("/")}).status_code == 200
    )


def test_guessing_here_is_as_slow_as_guessing_at_the_door(desk: tuple[Any, httpx.Client]) -> None:
    _, phone = desk
    started = time.monotonic()
    for _ in range(40):
        assert phone.post("/r", data={"code": new_code(), "digits": some_digits()}).status_code == 404
    assert time.monotonic() - started >= 39 / 25 * 0.95, "25 looks a second in all"
