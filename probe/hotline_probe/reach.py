"""Ways to the collector, and the proof that it is the right one.

gRPC in Python can neither pin a fingerprint nor say which certificate it saw. So a plain TLS handshake
on the very port that gRPC will use comes first: it fetches the certificates that the collector sends,
finds the authority to trust among them, and shows at once which way works. gRPC is then given exactly
that one authority as its root.
"""

from __future__ import annotations

import _ssl
import asyncio
import base64
import hashlib
import os
import socket
import ssl
import sys
import urllib.parse
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc.aio

from hotline_probe.errors import LinkError, Untrusted
from hotline_probe.texts import Texts
from hotline_probe.threads import in_thread

CONTACT_TIMEOUT = 6.0
STAGGER = 2.0
MAX_INCOMING = 64 * 1024
_MAX_PROXY_ANSWER = 8192
# No authority of the system has signed it: self-signed, or its issuer unknown (OpenSSL's x509_vfy.h).
_NO_PUBLIC_AUTHORITY = (18, 19, 20, 21)


@dataclass(frozen=True, slots=True)
class Route:
    """One way to the collector: by its name, by a numeric address, or through a proxy (http://host:port)."""

    host: str
    port: int
    address: str = ""
    proxy: str = ""

    @property
    def label(self) -> str:
        """The way as the caller reads it."""
        place = _joined(self.address or self.host, self.port)
        return f"{place} via {_proxy_place(self.proxy)[0]}" if self.proxy else place


@dataclass(frozen=True, slots=True)
class Expectation:
    """What proves the collector: a CA's fingerprint (SHA-256 of its DER, hex), or a CA file's PEM text.

    With neither, only the public authorities of the system count.
    """

    fingerprint: str = ""
    ca: str = ""


@dataclass(frozen=True, slots=True)
class Trust:
    """The one authority that is trusted from now on."""

    pem: bytes
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Way:
    """The routes, the working one first, and the trusted authority."""

    routes: tuple[Route, ...]
    trust: Trust


def plan_routes(host: str, port: int, addresses: Sequence[str], proxy: str = "") -> tuple[Route, ...]:
    """Return the ways in the order of preference: name, addresses, the system's proxy.

    With `proxy` given, it is the only way.
    """
    if proxy:
        return (Route(host, port, proxy=proxy),)
    routes = [Route(host, port), *(Route(host, port, address) for address in addresses if address != host)]
    system = _system_proxy(host)
    if system:
        routes.append(Route(host, port, proxy=system))
    return tuple(routes)


def _system_proxy(host: str) -> str:
    if sys.platform == "linux" and not any(name.lower() == "https_proxy" for name in os.environ):
        return ""  # only the environment can name one there, and the module below costs a megabyte
    import urllib.request  # noqa: PLC0415

    system = urllib.request.getproxies().get("https", "")
    return "" if urllib.request.proxy_bypass(host) else system


def is_authority(pem: str) -> bool:
    """Tell whether a text holds certificates that can be trusted as authorities."""
    try:
        return bool(pem) and bool(ssl.create_default_context(cadata=pem).get_ca_certs())
    except (ssl.SSLError, ValueError):
        return False


async def find_way(routes: Sequence[Route], expected: Expectation, texts: Texts) -> Way:
    """Try the routes, each a moment after the one before, and return the first that leads to the collector.

    Raises:
        Untrusted: somebody answers, but nobody who can prove to be the collector.
        LinkError: nobody answers; the message tells what was tried.
    """
    waiting = deque(routes)
    running: dict[asyncio.Task[tuple[Trust, str]], Route] = {}
    failures: dict[Route, LinkError] = {}
    try:
        while waiting or running:
            if waiting:
                route = waiting.popleft()
                running[asyncio.create_task(_contact(route, expected, texts))] = route
            done, _ = await asyncio.wait(
                running, timeout=STAGGER if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                route = running.pop(task)
                try:
                    trust, peer = task.result()
                except LinkError as error:
                    failures[route] = error
                else:
                    return Way(_reordered(routes, route, peer), trust)
    finally:
        for task in running:
            task.cancel()
    untrusted = next((error for error in failures.values() if isinstance(error, Untrusted)), None)
    if untrusted is not None:
        raise untrusted
    tried = "; ".join(f"{route.label} ({failures[route]})" for route in routes)
    raise LinkError(texts.unreachable.format(tried=tried))


def open_channel(route: Route, trust: Trust) -> grpc.aio.Channel:
    """Return a channel over one route that trusts one authority only."""
    options: list[tuple[str, Any]] = [
        ("grpc.max_receive_message_length", MAX_INCOMING),
        # Keeps the NAT of a home router open; the collector allows pings every 10 s.
        ("grpc.keepalive_time_ms", 20_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
        # Each attempt is a fresh one: gRPC would otherwise share connections and their back-off.
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.enable_http_proxy", 1 if route.proxy else 0),
    ]
    if route.proxy:
        options.append(("grpc.http_proxy", route.proxy))
    if route.address:
        options.append(("grpc.ssl_target_name_override", route.host))
    return grpc.aio.secure_channel(
        _joined(route.address or route.host, route.port),
        grpc.ssl_channel_credentials(trust.pem),
        options=options,
    )


def _reordered(routes: Sequence[Route], first: Route, peer: str) -> tuple[Route, ...]:
    # The address behind the name is kept: the resolver may die during the call.
    extra = () if first.proxy or first.address or not peer else (Route(first.host, first.port, peer),)
    return tuple(dict.fromkeys((first, *extra, *routes)))


async def _contact(route: Route, expected: Expectation, texts: Texts) -> tuple[Trust, str]:
    try:
        async with asyncio.timeout(CONTACT_TIMEOUT):
            return await in_thread(partial(_handshake, route, expected, texts), "contact")
    except TimeoutError as error:
        raise LinkError(texts.reason_timeout) from error


def _handshake(route: Route, expected: Expectation, texts: Texts) -> tuple[Trust, str]:
    context = _context(expected)
    try:
        with _connect(route) as plain:
            peer = str(plain.getpeername()[0])
            with context.wrap_socket(plain, server_hostname=route.host) as connection:
                chain = _chain(connection, verified=not expected.fingerprint)
    except ssl.SSLCertVerificationError as error:
        # A collector with a certificate of its own is only known by its link or its CA file.
        own = error.verify_code in _NO_PUBLIC_AUTHORITY and not expected.ca
        sentence = texts.untrusted_own if own else texts.untrusted
        raise Untrusted(sentence.format(place=route.label, detail=error.verify_message)) from error
    except OSError as error:
        raise LinkError(_reason(error, texts)) from error
    except ValueError as error:  # not a possible host name
        raise LinkError(texts.reason_name) from error
    return _trusted(chain, expected, route, texts), peer


def _context(expected: Expectation) -> ssl.SSLContext:
    if expected.fingerprint:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context = ssl.create_default_context(cadata=expected.ca or None)
    # gRPC servers hang up on clients that do not offer HTTP/2.
    context.set_alpn_protocols(["h2"])
    return context


def _trusted(chain: list[bytes], expected: Expectation, route: Route, texts: Texts) -> Trust:
    if expected.fingerprint:
        found = [der for der in chain if hashlib.sha256(der).hexdigest() == expected.fingerprint.lower()]
    else:
        found = chain[-1:]
    if not found:
        raise Untrusted(texts.wrong_fingerprint.format(place=route.label))
    return Trust(ssl.DER_cert_to_PEM_cert(found[0]).encode(), hashlib.sha256(found[0]).hexdigest())


def _chain(connection: ssl.SSLSocket, verified: bool) -> list[bytes]:
    name = "get_verified_chain" if verified else "get_unverified_chain"
    if public := getattr(connection, name, None):  # since Python 3.13
        return list(public())
    private = getattr(connection._sslobj, name)  # type: ignore[attr-defined]
    return [certificate.public_bytes(_ssl.ENCODING_DER) for certificate in private() or ()]


def _connect(route: Route) -> socket.socket:
    if not route.proxy:
        return socket.create_connection((route.address or route.host, route.port), CONTACT_TIMEOUT)
    (host, port), authorization = _proxy_place(route.proxy)[1:]
    connection = socket.create_connection((host, port), CONTACT_TIMEOUT)
    try:
        _ask_proxy(connection, _joined(route.host, route.port), authorization)
    except BaseException:
        connection.close()
        raise
    return connection


def _ask_proxy(connection: socket.socket, place: str, authorization: str) -> None:
    # RFC 9110, 9.3.6: the tunnel begins right behind the empty line of a 2xx answer.
    extra = f"Proxy-Authorization: Basic {authorization}\r\n" if authorization else ""
    connection.sendall(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n{extra}\r\n".encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte or len(answer) > _MAX_PROXY_ANSWER:
            raise ConnectionResetError("the proxy hung up")
        answer += byte
    status = answer.split(b" ", 2)[1:2]
    if not status or not status[0].startswith(b"2"):
        raise ConnectionRefusedError("the proxy refused")


def _proxy_place(proxy: str) -> tuple[str, tuple[str, int], str]:
    parts = urllib.parse.urlsplit(proxy if "://" in proxy else "http://" + proxy)
    host, port = parts.hostname or "", parts.port or 3128
    user = (
        f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        if parts.username
        else ""
    )
    return _joined(host, port), (host, port), base64.b64encode(user.encode()).decode() if user else ""


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _reason(error: OSError, texts: Texts) -> str:
    match error:
        case socket.gaierror():
            return texts.reason_name
        case ConnectionRefusedError():
            return texts.reason_refused
        case TimeoutError():
            return texts.reason_timeout
        case ssl.SSLError() | ConnectionError():
            return texts.reason_broken
        case _:
            return texts.reason_unreachable
