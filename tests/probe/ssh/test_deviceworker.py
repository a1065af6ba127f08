"""The process that reads one device for a collector: what it says, and that it always ends."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from hotline_probe.deviceorder import Order
from hotline_probe.deviceworker import Worker

from tests.played.fritzbox import fritzbox
from tests.probe.ssh.servers import PASSWORD, Server, make_host_key

PATIENCE = 60.0
# Nobody listens there: who gets so far has logged in.
NOWHERE = {"host": "127.0.0.1", "port": 9, "at": "127.0.0.1", "proof": "0" * 64, "code": "0"}
LOGGED_IN = {"state": "failed", "trouble": "reader_failed", "fingerprint": ""}

Work = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def work() -> Iterator[Work]:
    """Start the worker with an order; its input stays open."""
    running: list[subprocess.Popen[bytes]] = []

    def start(line: bytes) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "hotline_probe.deviceworker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        running.append(process)
        assert process.stdin is not None
        process.stdin.write(line)
        process.stdin.flush()
        return process

    yield start
    for process in running:
        process.kill()
        with process:
            pass


def told(process: subprocess.Popen[bytes]) -> list[dict[str, Any]]:
    """Return all that it says until it ends by itself."""
    assert process.stdout is not None
    lines = [json.loads(line) for line in process.stdout.read().splitlines()]
    process.wait(PATIENCE)
    assert process.stderr is not None
    assert process.stderr.read() == b""
    return lines


@pytest.fixture
def last(work: Work) -> Callable[..., dict[str, Any]]:
    """Read a server with some means and return the last thing that is said."""

    def read(server: Server, **means: Any) -> dict[str, Any]:
        order = {"address": str(server.address), "known_hosts": str(server.known_hosts), **NOWHERE, **means}
        first, *_, end = told(work(json.dumps(order).encode() + b"\n"))
        assert first["state"] == "connecting"
        assert PASSWORD not in str(end)
        return end

    return read


def failed(trouble: str, fingerprint: str = "") -> dict[str, str]:
    return {"state": "failed", "trouble": trouble, "fingerprint": fingerprint}


@pytest.mark.root
def test_each_way_to_log_in(start_openssh: Callable[..., Server], last: Callable[..., Any]) -> None:
    server = start_openssh()
    locked = str(server.locked_key_file)
    assert last(server, password=PASSWORD) == LOGGED_IN
    assert last(server, key_file=str(server.key_file)) == LOGGED_IN
    assert last(server, key_file=locked, passphrase="open sesame") == LOGGED_IN
    assert last(server, key_file=locked, passphrase="close sesame") == failed("key_locked")
    assert last(server, key_file="/nowhere/key") == failed("key_unreadable")
    assert last(server, password="wrong horse battery staple") == failed("login_refused")


@pytest.mark.root
def test_a_host_key_is_known_or_pinned_and_nothing_else(
    start_openssh: Callable[..., Server], last: Callable[..., Any], tmp_path: Path
) -> None:
    other = make_host_key(tmp_path, "rsa")
    server = start_openssh(f"HostKey {other}")
    known = tmp_path / "known"
    means = {"password": PASSWORD, "known_hosts": str(known)}
    assert last(server, **means) == failed("host_key_unknown", server.fingerprint)
    assert last(server, **means, fingerprint=server.fingerprint) == LOGGED_IN
    # The machine shows another of its keys first.
    known.write_text(f"{server.address.known_as} {other.with_suffix('.pub').read_text()}")
    assert last(server, **means) == LOGGED_IN
    shown = subprocess.run(["ssh-keygen", "-lf", str(other)], capture_output=True, text=True, check=True)
    assert last(server, **means, fingerprint=shown.stdout.split()[1]) == LOGGED_IN
    # What is pinned counts alone.
    wrong = "SHA256:" + "A" * 43
    assert last(server, **means, fingerprint=wrong) == failed("host_key_changed", server.fingerprint)


def test_metadata_is_never_read(work: Work) -> None:
    order = NOWHERE | {"address": "ssh://root@169.254.169.254"}
    assert told(work(json.dumps(order).encode() + b"\n"))[-1] == failed("forbidden")


def test_a_fritzbox_is_read_without_ssh(work: Work, free_port: int) -> None:
    # Nobody listens at the port; who is recognised gets so far as to look for the collector.
    order = NOWHERE | {"address": f"ssh://support@127.0.0.54:{free_port}", "agent": True}
    line = json.dumps(order).encode() + b"\n"
    assert told(work(line))[-1] == failed("unreachable")
    with fritzbox("127.0.0.54"):
        assert told(work(line))[-1] == LOGGED_IN


async def test_a_name_that_leads_to_metadata_a_moment_later(monkeypatch: pytest.MonkeyPatch) -> None:
    real, dialled, says = socket.getaddrinfo, list[object](), list[str]()
    left = ["192.168.1.1", "169.254.169.254"]

    def look(host: str, port: Any, *others: Any, **named: Any) -> Any:
        return real(left.pop(0) if host == "nas.example.org" else host, port, *others, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look)
    monkeypatch.setattr(socket.socket, "connect", lambda _self, place: dialled.append(place))
    order = Order(**NOWHERE | {"address": "ssh://root@nas.example.org"})
    await Worker(order, lambda state, trouble="", *_: says.append(f"{state} {trouble}")).run()
    assert (says, dialled, left) == (["connecting ", "failed forbidden"], [], [])


@pytest.mark.parametrize("line", [b"[]\n", b'{"address": 1}\n', b"\xff\n"])
def test_an_order_that_is_none(work: Work, line: bytes) -> None:
    assert told(work(line)) == [failed("reader_failed")]


@pytest.mark.root
def test_the_end_of_its_input_ends_it(work: Work, start_openssh: Callable[..., Server]) -> None:
    # The system takes the connection, the server does not.
    server = start_openssh()
    server.process.send_signal(signal.SIGSTOP)
    try:
        order = NOWHERE | {"address": str(server.address), "password": PASSWORD}
        process = work(json.dumps(order).encode() + b"\n")
        assert process.stdout is not None
        assert process.stdin is not None
        assert json.loads(process.stdout.readline())["state"] == "connecting"
        # It writes no file, and leaves no dump of what it knows.
        watched = psutil.Process(process.pid)
        assert watched.rlimit(psutil.RLIMIT_FSIZE) == watched.rlimit(psutil.RLIMIT_CORE) == (0, 0)
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
        assert process.stdout.read() == b""
    finally:
        server.process.send_signal(signal.SIGCONT)
