"""The TLS step: an encrypted connection whose certificate proves the name."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from hotline_probe.checks.der import parse_issuer, parse_not_after
from hotline_probe.checks.limits import Deadline
from hotline_probe.checks.name import Endpoint
from hotline_probe.checks.tcp import connect
from hotline_probe.errors import SourceFailed

Told = TypeVar("Told")
# Leads a fresh connection to where encryption begins, within a deadline.
Prepare = Callable[[socket.socket, Deadline], None]

PATIENCE = 4.0
# Verification codes of OpenSSL's x509_vfy.h.
_WORDS = {
    9: "not_yet_valid",
    10: "expired",
    2: "unknown_ca",
    18: "unknown_ca",
    19: "unknown_ca",
    20: "unknown_ca",
    21: "unknown_ca",
    62: "name_mismatch",
    64: "name_mismatch",
}


# Virus scanners, firewalls and debugging proxies write this into the certificates that they make on the fly,
# according to their manuals.
_INTERCEPTORS = (
    *(
        "avast",
        "avg web/mail",
        "bitdefender",
        "eset ssl",
        "kaspersky",
        "sophos",
        "norton web",
        "netfilter sdk",
    ),
    *(
        "barracuda",
        "blue coat",
        "bluecoat",
        "check point",
        "cisco umbrella",
        "forcepoint",
        "fortigate",
        "fortinet",
    ),
    *("iboss", "lightspeed", "mcafee web gateway", "netskope", "palo alto", "securly", "skyhigh", "untangle"),
    *(
        "watchguard",
        "websense",
        "zscaler",
        "charles proxy",
        "fiddler",
        "mitmproxy",
        "portswigger",
        "superfish",
    ),
)


def is_interceptor(issuer: str) -> bool:
    """Tell whether a name of an authority is that of a program that looks into encrypted connections."""
    return any(word in issuer.lower() for word in _INTERCEPTORS)


class NoTls(OSError):
    """There is no trustworthy encryption; `word` is the catalogue's `check.tls_error`.

    `certificate` says that the server showed a certificate, though one that is not accepted.
    """

    def __init__(self, word: str, certificate: bool = False) -> None:
        super().__init__(word)
        self.word = word
        self.certificate = certificate


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a server showed: seconds until it expires and who issued it, None where it does not say."""

    expires_in: float | None = None
    issuer: str | None = None

    @property
    def intercepts(self) -> bool | None:
        """Whether a program that looks into encrypted connections issued it, as far as its name tells."""
        if self.issuer is None:
            return None
        return is_interceptor(self.issuer)


@dataclass(frozen=True, slots=True)
class Encrypted:
    """An encrypted connection and the server's certificate."""

    channel: ssl.SSLSocket
    certificate: Certificate


def encrypt(channel: socket.socket, host: str, context: ssl.SSLContext, deadline: Deadline) -> Encrypted:
    """Return the connection encrypted; the given one is used up in any case.

    Raises:
        NoTls: the server does not speak TLS, or its certificate is not good for the name.
        ConnectionResetError, BrokenPipeError: the connection was cut off.
    """
    try:
        secured = _shake_hands(channel, host, context, deadline)
    except ssl.SSLCertVerificationError as error:
        raise NoTls(_WORDS.get(error.verify_code, "other"), certificate=True) from error
    except TimeoutError as error:
        raise NoTls("other") from error
    except (ConnectionResetError, BrokenPipeError):
        raise
    except (OSError, ValueError) as error:
        # Servers without TLS answer in plain text or hang up.
        raise NoTls("protocol") from error
    return Encrypted(secured, _certificate(secured.getpeercert(binary_form=True)))


def refused_certificate(
    endpoint: Endpoint, host: str, deadline: Deadline, prepare: Prepare | None = None
) -> Certificate:
    """Return what can be told of a certificate that was not accepted, nothing if there is no encryption.

    Nothing is sent over this second connection but the handshake, after what `prepare` has to say.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        channel = connect([endpoint], deadline).channel
        if prepare is not None:
            _prepared(channel, prepare, deadline)
        with _shake_hands(channel, host, context, deadline) as secured:
            return _certificate(secured.getpeercert(binary_form=True))
    except (OSError, ValueError, EOFError, SourceFailed):
        return Certificate()


def _prepared(channel: socket.socket, prepare: Prepare, deadline: Deadline) -> None:
    try:
        prepare(channel, deadline)
    except BaseException:
        channel.close()
        raise


def _shake_hands(
    channel: socket.socket, host: str, context: ssl.SSLContext, deadline: Deadline
) -> ssl.SSLSocket:
    # The timeout of a socket bounds the whole handshake, not each packet (CPython's _ssl.c).
    with contextlib.ExitStack() as stack:
        stack.callback(channel.close)
        channel.settimeout(deadline.left(PATIENCE))
        _still_connected(channel)
        name = host.partition("%")[0].rstrip(".")
        secured = stack.enter_context(
            context.wrap_socket(channel, server_hostname=name, do_handshake_on_connect=False)
        )
        secured.do_handshake()
        stack.pop_all()
    return secured


def _still_connected(channel: socket.socket) -> None:
    """Notice what was cut off already: wrapping it would tell less and leak the socket (CPython's ssl.py).

    Raises:
        ConnectionResetError: it was.
    """
    try:
        channel.getpeername()
    except OSError as error:
        raise ConnectionResetError("the connection is gone") from error


def _certificate(shown: bytes | None) -> Certificate:
    end = _told(parse_not_after, shown)
    return Certificate(None if end is None else end - time.time(), _told(parse_issuer, shown))


def _told(parse: Callable[[bytes], Told], shown: bytes | None) -> Told | None:
    try:
        return parse(shown or b"")
    except SourceFailed:
        return None
