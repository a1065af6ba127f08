"""The real program as a process: starts on an empty folder, answers, ends on SIGTERM, starts again."""

from __future__ import annotations

import hashlib
import json
import signal
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from hotline_proto.joincode import new_code

from tests.first_account import PASSWORD, make_first_account

COMMAND = (sys.executable, "-c", "from hotline_collector.serve.cli import main; main()")


@contextmanager
def serving(folder: Path) -> Iterator[dict[str, Any]]:
    arguments = (
        "--data-dir",
        str(folder),
        "serve",
        "--host",
        "127.0.0.1",
        "--grpc-port",
        "0",
        "--web-port",
        "0",
    )
    with (folder.parent / "log").open("w") as log:
        process = subprocess.Popen(
            [*COMMAND, *arguments, "--json"], stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, (folder.parent / "log").read_text()
        yield json.loads(line)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def get(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.read()  # type: ignore[no-any-return]


def sign_in(port: int, name: str, password: str) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", follow_redirects=True, timeout=10) as browser:
        key = browser.get("/desk").text.split('name="key" value="')[1].split('"')[0]
        page = browser.post("/desk/sign-in", data={"key": key, "name": name, "password": password})
        assert page.status_code == 200 and f"Account: {name}" in page.text


def open_a_call_and_join_it(port: int, name: str, password: str) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=10) as client:
        login = client.post("/login", json={"user": name, "password": password})
        client.headers["authorization"] = f"Bearer {login.json()['token']}"
        opened = client.post("/calls", json={"complaint": "no internet"}).json()
        facts = {"facts": [{"fact": "operator.outage", "value": True, "origin": "noc"}]}
        assert client.post(f"/calls/{opened['call_id']}/facts", json=facts).status_code == 204
        view = client.get(f"/calls/{opened['call_id']}", params={"include_facts": True}).json()
        assert [fact["value"] for fact in view["facts"] if fact["fact"] == "operator.outage"] == ["true"]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as phone:
        joined = phone.post("/phone", data={"code": opened["code"]["code"]}, follow_redirects=True)
        assert (joined.status_code, joined.url.path) == (200, "/phone/call")


def run(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "--data-dir", str(folder), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_first_start_answers_and_second_start_keeps_everything(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with serving(folder) as first:
        web = first["web_port"]
        assert json.loads(get(web, "/healthz")) == {"status": "live"}
        assert json.loads(get(web, "/readyz")) == {"status": "ready"}
        assert b"hotline_journal_healthy 1.0" in get(web, "/metrics")
        assert b"Did you call us?" in get(web, "/")
        assert f"ca={first['fingerprint']}".encode() in get(web, f"/join/{new_code()}")
        der = ssl.PEM_cert_to_DER_cert(get(web, "/ca.pem").decode())
        assert hashlib.sha256(der).hexdigest() == first["fingerprint"]
        trusting = ssl.create_default_context(cadata=der)
        trusting.set_alpn_protocols(["h2"])
        with (
            socket.create_connection(("127.0.0.1", first["grpc_port"]), 10) as plain,
            trusting.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            assert secure.selected_alpn_protocol() == "h2"
        sign_in(web, "admin", make_first_account(first["set_up_link"], web))
        open_a_call_and_join_it(web, "admin", PASSWORD)
    for file in (
        folder / "hotline.db",
        folder / "tls" / "ca.key",
        folder / "joincodes.key",
        folder / "desk.key",
        folder / "phone.key",
    ):
        assert file.stat().st_mode & 0o077 == 0
    with serving(folder) as second:
        assert second["fingerprint"] == first["fingerprint"]
        assert second["set_up_link"] == ""
    assert "/desk/set-up/" not in (tmp_path / "log").read_text()


def test_a_second_start_before_the_link_is_used_prints_a_new_one(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with serving(folder) as first:
        link = first["set_up_link"]
        assert link.startswith(f"http://localhost:{first['web_port']}/desk/set-up/")
    secret = link.rpartition("/")[2]
    assert not any(secret.encode() in file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert run(folder, "user", "add", "mia", "--password-file", "-", stdin=f"{PASSWORD}\n").returncode == 0
    with serving(folder) as second:
        assert second["set_up_link"].rpartition("/")[2] not in ("", secret)
        old = f"http://localhost:{second['web_port']}/desk/set-up/{secret}"
        with httpx.Client(timeout=10) as browser:
            assert browser.get(old).status_code == 410
        make_first_account(second["set_up_link"], second["web_port"], "ada")
    assert run(folder, "user", "list").stdout == "ada\tadmin\nmia\tagent\n"
    assert "unbroken" in run(folder, "audit", "verify").stdout


def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as first:
        for what, taken in (("web ", first["web_port"]), ("", first["grpc_port"])):
            ports = {"web": "0", "grpc": "0"} | {what.strip() or "grpc": str(taken)}
            ports_set = ("--grpc-port", ports["grpc"], "--web-port", ports["web"])
            refused = run(tmp_path / "other", "serve", "--host", "127.0.0.1", *ports_set)
            assert (refused.returncode, refused.stdout) == (1, "")
            [line] = refused.stderr.splitlines()
            assert f"the {what}port {taken} on 127.0.0.1 cannot be used: Address already in use" in line


def test_a_second_collector_on_the_same_folder_is_one_clear_line(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    serve = ("serve", "--host", "127.0.0.1", "--grpc-port", "0", "--web-port", "0")
    with serving(folder) as first:
        holder = (folder / "lock").read_text().strip()
        refused = run(folder, *serve)
        assert json.loads(get(first["web_port"], "/readyz")) == {"status": "ready"}
    assert (refused.returncode, refused.stdout) == (1, "")
    [line] = refused.stderr.splitlines()
    assert line == (
        f"hotline-collector: another collector (process {holder}) runs on {folder}; "
        "stop it, or set another data_dir"
    )
    with serving(folder):
        assert (folder / "lock").read_text().strip() != holder
