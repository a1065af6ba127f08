"""Real servers on loopback: TCP that accepts, refuses or is silent, TLS with certificates of every kind."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Serve = Callable[[socket.socket], None]
NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """A CA that signs certificates into a folder."""

    folder: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def issue(
        self,
        name: str = "127.0.0.1",
        begin: datetime.datetime | None = None,
        end: datetime.datetime | None = None,
    ) -> ssl.SSLContext:
        """Return a server's context with a new certificate; by itself a day before and after now."""
        # Of this moment, not of when the tests were loaded: a whole run takes longer than they allow for.
        now = datetime.datetime.now(datetime.UTC)
        begin, end = begin or now - DAY, end or now + DAY
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            san: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            san = x509.DNSName(name)
        leaf = (
            x509.CertificateBuilder()
            .subject_name(_name("server"))
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
            .add_extension(x509.SubjectAlternativeName([san]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
            .sign(self.key, hashes.SHA256())
        )
        file = self.folder / f"{leaf.serial_number}.pem"
        pem = serialization.Encoding.PEM
        private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(private + leaf.public_bytes(pem))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    @property
    def pem(self) -> bytes:
        """The CA's certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def serve_itself(self) -> ssl.SSLContext:
        """Return a server's context that shows the CA's own certificate."""
        private = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = self.folder / "itself.pem"
        file.write_bytes(private + self.pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    @property
    def trust(self) -> ssl.SSLContext:
        """Return a client's context that trusts this CA alone."""
        return ssl.create_default_context(cadata=self.pem.decode())


def make_authority(folder: Path) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"CA {folder.name}")
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - 2 * DAY)
        .not_valid_after(NOW + 2 * DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(folder, certificate, key)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("stranger"))


@pytest.fixture
def server() -> Iterator[Callable[..., int]]:
    """Start a server and return its port; each connection is served by a thread, over TLS with a context."""
    with contextlib.ExitStack() as stack:

        def start(serve: Serve, context: ssl.SSLContext | None = None) -> int:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            port = int(listener.getsockname()[1])
            thread = threading.Thread(target=accept, args=(listener, serve, context), daemon=True)
            thread.start()
            stack.callback(thread.join, 5)
            # close() alone does not wake a thread that waits in accept().
            stack.callback(listener.shutdown, socket.SHUT_RDWR)
            return port

        yield start


def accept(listener: socket.socket, serve: Serve, context: ssl.SSLContext | None) -> None:
    workers = []
    with contextlib.suppress(OSError):
        while True:
            channel, _ = listener.accept()
            worker = threading.Thread(target=handle, args=(channel, serve, context), daemon=True)
            worker.start()
            workers.append(worker)
    for worker in workers:
        worker.join(5)


def handle(channel: socket.socket, serve: Serve, context: ssl.SSLContext | None) -> None:
    channel.settimeout(5)
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
        stack.callback(channel.close)
        if context is not None:
            channel = stack.enter_context(context.wrap_socket(channel, server_side=True))
        serve(channel)


def hold(channel: socket.socket) -> None:
    """Accept, and say nothing until the other side leaves."""
    while channel.recv(4096):
        pass


def answering(answer: bytes) -> Serve:
    """Wait for a whole question, then give the same answer to everybody."""

    def serve(channel: socket.socket) -> None:
        asked = b""
        while b"\r\n\r\n" not in asked:
            part = channel.recv(4096)
            if not part:
                return
            asked += part
        channel.sendall(answer)

    return serve


def dripping(beginning: bytes, drop: bytes, pause: float) -> Serve:
    """Answer for ever, a little at a time."""

    def serve(channel: socket.socket) -> None:
        leaving = threading.Event()
        channel.sendall(beginning)
        while not leaving.wait(pause):
            channel.sendall(drop)

    return serve


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port whose queue is full, so that the kernel drops every further connection request."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield int(listener.getsockname()[1])


class Helpers:
    """Ways for a server to behave; a fixture, because test modules cannot import each other."""

    hold = staticmethod(hold)
    answering = staticmethod(answering)
    dripping = staticmethod(dripping)


@pytest.fixture(scope="session")
def helpers() -> Helpers:
    return Helpers()
