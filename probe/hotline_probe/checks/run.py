"""Runs one check, step after step, until one does not pass."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterable, Iterator

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.checks import http, tcp, tls
from hotline_probe.checks.limits import Deadline
from hotline_probe.checks.name import Endpoint, NameFails, Names, NameTimeout
from hotline_probe.checks.route import is_local, own_end
from hotline_probe.checks.target import CheckTarget
from hotline_probe.errors import SourceFailed
from hotline_probe.targets import forbidden, is_public

OVERALL = 10.0
NAME_PATIENCE = 4.0
TLS_FACTS = ("tls_ok", "tls_error", "tls_expires_in", "tls_issuer", "tls_intercepted")
HTTP_FACTS = ("http_ok", "http_status", "http_time")
SHORT_NAMES = (
    *("kind", "local", "name_ok", "name_time", "address_count", "route_ok"),
    *("tcp_ok", "tcp_time", "tcp_error", *TLS_FACTS, *HTTP_FACTS, "ok", "failed_at"),
)


def run_check(
    target: CheckTarget, context: ssl.SSLContext | None, names: Names, own: bool
) -> tuple[list[Fact], str]:
    """Return every fact of a check, and a note about what was refused.

    Facts behind the step that fails are not_collected; those of layers that the check does not have, or
    that cannot be verified because `context` is missing, are unsupported. With `own` the check may lead
    into the caller's own network. Takes little more than `OVERALL` seconds.
    """
    check = _Check(target, context, names, own)
    facts = check.run()
    return [Fact(f"check.{short}", facts[short], target.text) for short in SHORT_NAMES], check.note


def failed_parse(text: str) -> Iterator[Fact]:
    """Yield the facts of a check that names nothing that can be checked."""
    facts: dict[str, FactValue] = dict.fromkeys(SHORT_NAMES, UnknownReason.NOT_COLLECTED)
    facts.update(name_ok=False, ok=False, failed_at="name")
    return (Fact(f"check.{short}", facts[short], text) for short in SHORT_NAMES)


class _Failed(Exception):
    """A step did not pass; its argument names it."""


class _Check:
    def __init__(self, target: CheckTarget, context: ssl.SSLContext | None, names: Names, own: bool) -> None:
        self._target, self._context, self._names, self._own = target, context, names, own
        self.note = ""
        self._deadline = Deadline(OVERALL)
        self._facts: dict[str, FactValue] = dict.fromkeys(SHORT_NAMES, UnknownReason.NOT_COLLECTED)
        self._facts["kind"] = target.kind
        absent = (*(() if target.encrypted else TLS_FACTS), *(() if target.web else HTTP_FACTS))
        self._facts.update(dict.fromkeys(absent, UnknownReason.UNSUPPORTED))

    def run(self) -> dict[str, FactValue]:
        try:
            endpoints = self._route(self._name())
            if endpoints is None:
                return self._facts
            channel = self._open(endpoints)
            if channel is None:
                return self._facts
            with contextlib.closing(channel):
                if self._target.web:
                    self._http(channel, endpoints)
        except _Failed as failed:
            self._facts.update(ok=False, failed_at=str(failed))
        except (ConnectionResetError, BrokenPipeError):
            # Somebody on the way, or the server itself, cuts off what was accepted.
            self._facts.update(tcp_ok=False, tcp_error="reset", ok=False, failed_at="tcp")
        else:
            self._facts.update(ok=True, failed_at="none")
        return self._facts

    def _name(self) -> tuple[Endpoint, ...]:
        try:
            patience = self._deadline.left(NAME_PATIENCE)
            found = self._names.look_up(self._target.host, self._target.port, patience)
        except (NameFails, NameTimeout) as error:
            late = isinstance(error, NameTimeout)
            time = UnknownReason.TIMEOUT if late else UnknownReason.NOT_COLLECTED
            self._facts.update(name_ok=False, name_time=time, address_count=0)
            raise _Failed("name") from error
        self._facts.update(name_ok=True, name_time=found.seconds, address_count=len(found.endpoints))
        return found.endpoints

    def _route(self, endpoints: Iterable[Endpoint]) -> list[Endpoint] | None:
        """Return the endpoints that can be reached, None if all are such that must not be checked.

        A public name may point to a metadata service by now, though the caller agreed to another address;
        or into the caller's own network, which takes a yes of its own (DNS rebinding).
        """
        fit = [endpoint for endpoint in endpoints if not forbidden(endpoint.host)]
        if not fit:
            self._facts.update(dict.fromkeys(("route_ok", "ok", "failed_at"), UnknownReason.DECLINED))
            return None
        ways = [(endpoint, own_end(endpoint)) for endpoint in fit]
        if not self._own:
            ways = [(end, own) for end, own in ways if is_public(end.host) and not is_local(end, own)]
        if not ways:
            self._facts["route_ok"] = UnknownReason.DECLINED
            self.note = f"{self._target.text} leads into the caller's own network without their yes"
            raise _Failed("name")
        self._facts["local"] = any(is_local(endpoint, own) for endpoint, own in ways)
        ends = [(endpoint, own) for endpoint, own in ways if own is not None]
        self._facts["route_ok"] = bool(ends)
        if not ends:
            raise _Failed("route")
        return [endpoint for endpoint, _ in ends]

    def _open(self, endpoints: list[Endpoint]) -> socket.socket | None:
        """Return an open channel, None if nobody can tell whether its encryption is to be trusted."""
        try:
            connection = tcp.connect(endpoints, self._deadline)
        except tcp.NoConnection as error:
            self._facts.update(tcp_ok=False, tcp_error=error.word)
            raise _Failed("tcp") from error
        self._facts.update(tcp_ok=True, tcp_time=connection.seconds, tcp_error="none")
        if not self._target.encrypted:
            return connection.channel
        if self._context is None:
            connection.channel.close()
            self._facts.update(dict.fromkeys((*TLS_FACTS, "ok", "failed_at"), UnknownReason.UNSUPPORTED))
            return None
        return self._encrypt(connection, self._context)

    def _encrypt(self, connection: tcp.Connection, context: ssl.SSLContext) -> socket.socket:
        host = self._target.host
        try:
            encrypted = tls.encrypt(connection.channel, host, context, self._deadline)
        except tls.NoTls as error:
            shown = tls.Certificate()
            if error.certificate:
                shown = tls.refused_certificate(connection.endpoint, host, self._deadline)
            self._facts.update(tls_ok=False, tls_error=error.word, **_shown(shown))
            raise _Failed("tls") from error
        self._facts.update(tls_ok=True, tls_error="none", **_shown(encrypted.certificate))
        return encrypted.channel

    def _http(self, channel: socket.socket, endpoints: list[Endpoint]) -> None:
        try:
            answer = self._ask(channel, endpoints)
        except (ConnectionResetError, BrokenPipeError):
            raise
        except tcp.NoConnection as error:
            self._facts.update(tcp_ok=False, tcp_error=error.word)
            raise _Failed("tcp") from error
        except (OSError, SourceFailed) as error:
            late = isinstance(error, TimeoutError)
            why = UnknownReason.TIMEOUT if late else UnknownReason.NOT_COLLECTED
            self._facts.update(http_ok=False, http_status=why, http_time=why)
            raise _Failed("http") from error
        self._facts.update(http_ok=answer.ok, http_status=answer.status, http_time=answer.seconds)
        if not answer.ok:
            raise _Failed("http")

    def _ask(self, channel: socket.socket, endpoints: list[Endpoint]) -> http.Answer:
        """Ask without the page first; servers that dislike that are asked for the page itself."""
        try:
            answer = http.ask(channel, self._target, "HEAD", self._deadline)
            if answer.ok:
                return answer
        except (ConnectionError, SourceFailed):
            pass
        connection = tcp.connect(endpoints, self._deadline)
        channel = connection.channel
        if self._context is not None and self._target.encrypted:
            secured = tls.encrypt(channel, self._target.host, self._context, self._deadline)
            channel = secured.channel
        with contextlib.closing(channel):
            return http.ask(channel, self._target, "GET", self._deadline)


def _shown(certificate: tls.Certificate) -> dict[str, FactValue]:
    told = (certificate.expires_in, certificate.issuer, certificate.intercepts)
    values = (UnknownReason.UNSUPPORTED if value is None else value for value in told)
    return dict(zip(TLS_FACTS[2:], values, strict=True))
