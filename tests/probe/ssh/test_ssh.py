"""Machines behind real SSH servers: knowing them, logging in, reading them, and what hostile ones do."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import shutil
import socket
import subprocess
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import paramiko
import psutil
import pytest
from hotline_probe.errors import Denied, MissingTool, SourceFailed, Unsupported, UsageError
from hotline_probe.ssh import connect as connecting
from hotline_probe.ssh import machine as machines
from hotline_probe.ssh.address import parse_address, parse_fingerprint
from hotline_probe.ssh.connect import connect
from hotline_probe.ssh.errors import HostKeyChanged, HostKeyUnknown, SshError, SshTrouble
from hotline_probe.ssh.hostkeys import HostKeys, fingerprint_of
from hotline_probe.ssh.login import Login
from hotline_probe.ssh.machine import SshMachine
from hotline_probe.terminal import HarmlessLog
from hotline_proto.ssh_address import SshAddress
from hypothesis import given
from hypothesis import strategies as st

from tests.probe.ssh.servers import PASSWORD, USER, Server, make_host_key, needs, start

Started = Callable[..., Server]


@contextlib.contextmanager
def machine_of(server: Server, login: Login | None = None) -> Iterator[SshMachine]:
    machine = SshMachine(connect(server.address, server.keys(), login or Login(key_file=server.key_file)))
    try:
        yield machine
    finally:
        machine.close()


def trouble(address: SshAddress, keys: HostKeys, login: Login) -> SshTrouble:
    with pytest.raises(SshError) as caught:
        connect(address, keys, login)
    assert PASSWORD not in str(caught.value)
    return caught.value.trouble


def end_sessions(server: Server) -> None:
    for process in psutil.Process(server.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def test_a_machine_is_read_like_the_own_one(start_openssh: Started) -> None:
    with machine_of(start_openssh()) as machine:
        assert machine.system == "linux"
        assert machine.read("/proc/meminfo").startswith("MemTotal:")
        assert "meminfo" in machine.names("/proc")
        assert machine.link("/proc/self/root") == "/"
        use, own = machine.filesystem("/"), os.statvfs("/")
        assert use.total == own.f_blocks * own.f_frsize and 0 < use.available <= use.free <= use.total
        assert use.inodes == own.f_files
        printed = machine.run(("printf", "%s", "a b; $(id) 'c'"), 5.0)
        assert printed.out == "a b; $(id) 'c'" and printed.code == 0
        failed = machine.run(("sh", "-c", "echo wrong >&2; exit 3"), 5.0)
        assert (failed.code, failed.err) == (3, "wrong\n")


def test_what_cannot_be_read_says_why(start_openssh: Started) -> None:
    with machine_of(start_openssh()) as machine:
        with pytest.raises(Unsupported):
            machine.read("/no/such/file")
        with pytest.raises(Denied):
            machine.read("/etc/shadow")
        with pytest.raises(MissingTool):
            machine.run(("no-such-program",), 5.0)
        for path in ("relative", "/etc/../etc/passwd", "/a b", "/$(id)", "/a\nb", "/;id"):
            with pytest.raises(Unsupported):
                machine.read(path)


def test_a_program_that_takes_too_long_or_prints_too_much(start_openssh: Started, monkeypatch) -> None:
    monkeypatch.setattr(machines, "MAX_OUTPUT", 100_000)
    with machine_of(start_openssh()) as machine:
        began = time.monotonic()
        with pytest.raises(SourceFailed, match=r"longer than 0\.5 s"):
            machine.run(("sleep", "30"), 0.5)
        assert time.monotonic() - began < 10
        with pytest.raises(SourceFailed, match="printed more than"):
            machine.run(("head", "-c", "5000000", "/dev/zero"), 20.0)
        assert machine.read("/proc/loadavg"), "the connection goes on"


def test_many_at_once_are_within_the_servers_limit(start_openssh: Started) -> None:
    with machine_of(start_openssh("MaxSessions 3")) as machine:
        answers: list[str] = []
        threads = [
            threading.Thread(target=lambda: answers.append(machine.read("/proc/version"))) for _ in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert len(answers) == 12 and len(set(answers)) == 1


def test_a_server_that_allows_no_session(start_openssh: Started) -> None:
    with machine_of(start_openssh("MaxSessions 0")) as machine, pytest.raises(SourceFailed):
        machine.read("/proc/version")


def test_a_server_that_dies_in_the_middle(start_openssh: Started) -> None:
    server = start_openssh()
    with machine_of(server) as machine:
        threading.Timer(0.3, end_sessions, (server,)).start()
        with pytest.raises(SourceFailed, match="connection ended"):
            machine.run(("sleep", "30"), 20.0)
        assert not machine.alive
        with pytest.raises(SourceFailed):
            machine.read("/proc/version")


def test_logins(start_openssh: Started) -> None:
    server = start_openssh()
    keys = server.keys()
    for login in (Login(password=PASSWORD), Login(key_file=server.locked_key_file, passphrase="open sesame")):
        with machine_of(server, login) as machine:
            assert machine.run(("id", "-un"), 5.0).out == f"{USER}\n"
        assert PASSWORD not in repr(login) and "sesame" not in repr(login)
    assert trouble(server.address, keys, Login(password="wrong")) is SshTrouble.LOGIN_REFUSED
    assert trouble(server.address, keys, Login()) is SshTrouble.LOGIN_REFUSED
    locked = server.locked_key_file
    assert trouble(server.address, keys, Login(key_file=locked)) is SshTrouble.KEY_LOCKED
    assert trouble(server.address, keys, Login(key_file=locked, passphrase="no")) is SshTrouble.KEY_LOCKED
    nothing = Login(key_file=Path("/no/such/key"))
    assert trouble(server.address, keys, nothing) is SshTrouble.KEY_UNREADABLE
    assert trouble(server.address, keys, Login(key_file=server.known_hosts)) is SshTrouble.KEY_UNREADABLE


def test_a_key_of_the_agent(start_openssh: Started, monkeypatch, tmp_path: Path) -> None:
    needs("ssh-agent", "ssh-add")
    server, place = start_openssh(), str(tmp_path / "agent")
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", place], stdout=subprocess.DEVNULL)
    try:
        monkeypatch.setenv("SSH_AUTH_SOCK", place)
        while not Path(place).exists():
            assert agent.poll() is None
        subprocess.run(["ssh-add", "-q", str(server.key_file)], check=True, stderr=subprocess.DEVNULL)
        with machine_of(server, Login(agent=True)) as machine:
            assert machine.system == "linux"
    finally:
        agent.terminate()
        agent.wait(10)


def test_an_unknown_machine_is_shown_to_a_human(start_openssh: Started) -> None:
    server = start_openssh()
    with pytest.raises(HostKeyUnknown) as caught:
        connect(server.address, HostKeys(), Login(password=PASSWORD))
    assert caught.value.fingerprint == server.fingerprint and server.fingerprint in str(caught.value)
    pinned = HostKeys(pinned={server.fingerprint})
    connect(server.address, pinned, Login(password=PASSWORD)).close()


def test_another_key_stops_everything(start_openssh: Started, tmp_path: Path) -> None:
    server = start_openssh()
    other = make_host_key(tmp_path, "ecdsa").with_suffix(".pub").read_text()
    known = tmp_path / "known"
    known.write_text(f"{server.address.known_as} {other}")
    for keys in (HostKeys(files=(known,)), HostKeys(pinned={"SHA256:" + "A" * 43})):
        with pytest.raises(HostKeyChanged) as caught:
            connect(server.address, keys, Login(password=PASSWORD))
        assert caught.value.fingerprint == server.fingerprint


def test_hashed_names_and_damaged_lines(start_openssh: Started, tmp_path: Path) -> None:
    server = start_openssh()
    known = tmp_path / "known"
    known.write_bytes(server.known_hosts.read_bytes())
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(known)], check=True, capture_output=True)
    assert b"127.0.0.1" not in known.read_bytes()
    known.write_bytes(b"\xff\xfe\n# remark\n@revoked x y z\nhost ssh-rsa !!!\n" + known.read_bytes())
    connect(server.address, HostKeys(files=(known,)), Login(key_file=server.key_file)).close()


def test_dropbear(users: Path, tmp_path: Path, free_port: int) -> None:
    needs("dropbear", "dropbearkey")
    key = tmp_path / "key"
    subprocess.run(["dropbearkey", "-t", "ed25519", "-f", str(key)], check=True, capture_output=True)
    told = subprocess.run(["dropbearkey", "-y", "-f", str(key)], check=True, capture_output=True).stdout
    public = next(line for line in told.decode().splitlines() if line.startswith("ssh-"))
    argv = [str(shutil.which("dropbear")), "-F", "-E", "-r", str(key), "-p", f"127.0.0.1:{free_port}"]
    argv += ["-P", str(tmp_path / "pid")]
    server = start(users, argv, free_port, f"[127.0.0.1]:{free_port}", " ".join(public.split()[:2]))
    try:
        for login in (Login(key_file=server.key_file), Login(password=PASSWORD)):
            with machine_of(server, login) as machine:
                assert machine.read("/proc/meminfo").startswith("MemTotal:") and machine.names("/proc")
                with pytest.raises(SourceFailed, match="longer than"):
                    machine.run(("sleep", "30"), 0.5)
                assert machine.run(("id", "-un"), 5.0).out == f"{USER}\n"
    finally:
        server.process.terminate()
        server.process.wait(10)


# Servers that no honest program would be: what they do is written by hand.


@contextlib.contextmanager
def listening(behave: Callable[[socket.socket], None]) -> Iterator[SshAddress]:
    """Let somebody who connects meet a behaviour; its connections end with the block."""
    taken: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                visitor, _ = listener.accept()
            except OSError:
                return
            taken.append(visitor)
            with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
                behave(visitor)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield SshAddress("root", "127.0.0.1", int(listener.getsockname()[1]))
        listener.shutdown(socket.SHUT_RDWR)
        for visitor in taken:
            visitor.close()
    thread.join(20)


def _flood(visitor: socket.socket) -> None:
    while True:
        visitor.sendall(b"x" * 65536)


def _drip(visitor: socket.socket) -> None:
    while True:
        visitor.sendall(b"x\r\n")
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("behave", "expected"),
    [
        (lambda visitor: visitor.close(), {SshTrouble.NO_SSH}),
        (lambda visitor: visitor.sendall(b"220 mail.example\r\n" * 200), {SshTrouble.NO_SSH}),
        (lambda visitor: visitor.sendall(b"SSH-1.5-old\r\n"), {SshTrouble.NO_SSH, SshTrouble.TOO_OLD}),
        (lambda visitor: visitor.sendall(b"SSH-2.0-x\r\n" + b"\xff" * 5000), {SshTrouble.NO_SSH}),
        (_flood, {SshTrouble.NO_SSH}),
        (_drip, {SshTrouble.NO_SSH, SshTrouble.TOO_SLOW}),
        (lambda _: None, {SshTrouble.TOO_SLOW}),
    ],
    ids=["hangs up", "mail", "old", "garbage", "flood", "drip", "silent"],
)
def test_strange_servers(behave, expected: set[SshTrouble], monkeypatch) -> None:
    monkeypatch.setattr(connecting, "HANDSHAKE_S", 1.0)
    with listening(behave) as address:
        began = time.monotonic()
        assert trouble(address, HostKeys(), Login(password=PASSWORD)) in expected
        assert time.monotonic() - began < 20


def test_what_a_server_says_of_itself_rules_no_terminal() -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(HarmlessLog("%(message)s"))
    log = logging.getLogger("paramiko")
    log.addHandler(handler)
    level = log.level
    log.setLevel(logging.INFO)
    name = "SSH-1.99-\x1b]0;owned\x07\x1b[2J\u202eYour bank's PIN: \x9b31m\r\n".encode()
    try:
        with listening(lambda visitor: visitor.sendall(name)) as address:
            trouble(address, HostKeys(), Login(password=PASSWORD))
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
    said = written.getvalue()
    assert "owned" in said and PASSWORD not in said
    assert not [c for c in said if c != "\n" and unicodedata.category(c)[0] == "C"]


def test_nobody_listens(free_port: int) -> None:
    address = SshAddress("root", "127.0.0.1", free_port)
    assert trouble(address, HostKeys(), Login()) is SshTrouble.UNREACHABLE
    assert trouble(SshAddress("root", "host.invalid"), HostKeys(), Login()) is SshTrouble.UNREACHABLE


class _Asking(paramiko.ServerInterface):
    """Logs in by questions of its own."""

    def __init__(self, questions: list[tuple[str, bool]]) -> None:
        self.questions = questions
        self.heard: list[str] = []

    def get_allowed_auths(self, _username: str) -> str:
        return "keyboard-interactive"

    def check_auth_interactive(self, _username: str, _submethods: object) -> paramiko.InteractiveQuery:
        query = paramiko.InteractiveQuery("login", "")
        for prompt, echo in self.questions:
            query.add_prompt(prompt, echo)
        return query

    def check_auth_interactive_response(self, responses: list[str]) -> int:
        self.heard += responses
        return paramiko.AUTH_SUCCESSFUL if responses == [PASSWORD] else paramiko.AUTH_FAILED


@pytest.mark.parametrize(
    ("questions", "enters"),
    [
        ([("Password: ", False)], True),
        ([("Password: ", True)], False),
        ([("Password: ", False), ("Your bank's PIN: ", False)], False),
    ],
)
def test_the_machines_questions(questions: list[tuple[str, bool]], enters: bool) -> None:
    key, asking = paramiko.RSAKey.generate(2048), _Asking(questions)

    def behave(visitor: socket.socket) -> None:
        transport = paramiko.Transport(visitor)
        transport.add_server_key(key)
        transport.start_server(server=asking)
        transport.accept(5)
        transport.close()

    with listening(behave) as address:
        keys, login = HostKeys(pinned={fingerprint_of(key)}), Login(password=PASSWORD)
        if enters:
            connect(address, keys, login).close()
        else:
            assert trouble(address, keys, login) is SshTrouble.LOGIN_REFUSED
    assert (PASSWORD in asking.heard) is enters


# What humans type.


@pytest.mark.parametrize(
    "text",
    [
        "", "router", "ssh://", "ssh://root@", "http://root@router", "ssh://root:pw@router",
        "ssh://root@router/etc", "ssh://root@10.0.0.0/24", "ssh://root@router:0", "ssh://root@router:70000",
        "ssh://-oProxyCommand=x@router", "ssh://root@rou ter", "ssh://ro%20ot@router", "ssh://root@[::1",
        "ssh://root@a,b", "ssh://root@router#x", "ssh://root@router?x",
        "ssh://root@fritz.b\u043ex", "ssh://root@192.168.1.1\u2024evil", "ssh://root@\u05d0\u05d1.evil",
        "ssh://root@\uff11\uff19\uff12.168.1.1", "ssh://root@r\u00f6uter", "ssh://root@$(id)", "ssh://root@;id",
        "ssh://root@fe80::1%eth0", "ssh://ro$(id)@router", "ssh://%0aroot@router", "ssh://root@router%00",
    ],
)  # fmt: skip
def test_no_address(text: str) -> None:
    with pytest.raises(UsageError):
        parse_address(text)


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_a_usage_error(text: str) -> None:
    for typed in (text, f"ssh://{text}", f"ssh://root@{text}"):
        with contextlib.suppress(UsageError):
            assert parse_address(str(parse_address(typed))) == parse_address(typed)
    with contextlib.suppress(UsageError):
        assert parse_fingerprint(text).startswith("SHA256:")


@given(st.text(max_size=300))
def test_any_output_of_df_is_sizes_or_a_typed_error(text: str) -> None:
    with contextlib.suppress(SourceFailed):
        assert all(number >= 0 for number in machines._df(text))
