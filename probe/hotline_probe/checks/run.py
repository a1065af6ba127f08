"""Runs one check, step after step, until one does not pass."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterable, Iterator

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.checks import http, tcp, tls
from hotline_probe.checks.limits import Deadline
from hotline_probe.checks.mailstep import MailStep, Untold, answers_plainly, open_port
from hotline_probe.checks.name import Endpoint, NameFails, Names, NameTimeout
from hotline_probe.checks.outcome import HTTP_FACTS, MAIL_FACTS, SHORT_NAMES, TLS_FACTS, Failed, shown
from hotline_probe.checks.route import is_local, own_end
from hotline_probe.checks.target import CheckTarget
from hotline_probe.errors import SourceFailed
from hotline_probe.targets import forbidden, is_public

OVERALL = 10.0
NAME_PATIENCE = 4.0
# What a mail check keeps for trying other ports of a server that does not answer at the one named.
OTHERS_PATIENCE = 2.5


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


class _Check:
    def __init__(self, target: CheckTarget, context: ssl.SSLContext | None, names: Names, own: bool) -> None:
        self._target, self._context, self._names, self._own = target, context, names, own
        self.note = ""
        self._deadline = Deadline(OVERALL)
        self._facts: dict[str, FactValue] = dict.fromkeys(SHORT_NAMES, UnknownReason.NOT_COLLECTED)
        self._facts.update(kind=target.kind, port=target.port)
        self._facts.update(dict.fromkeys(_absent(target), UnknownReason.UNSUPPORTED))

    def run(self) -> dict[str, FactValue]:
        try:
            endpoints = self._route(self._name())
            if endpoints is None:
                return self._facts
            connection = self._connect(endpoints)
            if self._target.encrypted and self._context is None:
                connection.channel.close()
                raise Untold
            with contextlib.closing(self._channel(connection)) as channel:
                if self._target.web:
                    self._http(channel, endpoints)
                elif self._target.protocol is not None:
                    self._mail(channel, connection)
        except Untold:
            self._facts.update(dict.fromkeys(self._behind_trust(), UnknownReason.UNSUPPORTED))
        except Failed as failed:
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
            raise Failed("name") from error
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
            raise Failed("name")
        self._facts["local"] = any(is_local(endpoint, own) for endpoint, own in ways)
        ends = [(endpoint, own) for endpoint, own in ways if own is not None]
        self._facts["route_ok"] = bool(ends)
        if not ends:
            raise Failed("route")
        return [endpoint for endpoint, _ in ends]

    def _connect(self, endpoints: list[Endpoint]) -> tcp.Connection:
        reserve = OTHERS_PATIENCE if self._target.protocol else 0.0
        try:
            connection = tcp.connect(endpoints, Deadline(self._deadline.rest() - reserve))
        except tcp.NoConnection as error:
            self._facts.update(tcp_ok=False, tcp_error=error.word)
            if self._target.protocol is not None:
                self._facts["mail_other_port"] = self._other_port(endpoints)
            raise Failed("tcp") from error
        self._facts.update(tcp_ok=True, tcp_time=connection.seconds, tcp_error="none")
        return connection

    def _other_port(self, endpoints: list[Endpoint]) -> FactValue:
        if self._facts["local"] is not True and not all(is_public(end.host) for end in endpoints):
            return UnknownReason.DECLINED
        return open_port(self._target, endpoints, self._deadline)

    def _channel(self, connection: tcp.Connection) -> socket.socket:
        if self._context is None or not self._target.encrypted:
            return connection.channel
        try:
            return self._encrypt(connection.channel, connection.endpoint, self._context)
        except Failed:
            # A certificate that is not accepted proves TLS; else there may be another language on the port.
            proven = self._facts["tls_error"] not in ("protocol", "other")
            if self._target.protocol is not None:
                plain = not proven and answers_plainly(self._target, connection.endpoint, self._deadline)
                self._facts["mail_ok"] = False
                self._facts["mail_speaks"] = "plain" if plain else "tls" if proven else "neither"
            raise

    def _encrypt(
        self,
        channel: socket.socket,
        endpoint: Endpoint,
        context: ssl.SSLContext,
        prepare: tls.Prepare | None = None,
    ) -> socket.socket:
        host = self._target.host
        try:
            encrypted = tls.encrypt(channel, host, context, self._deadline)
        except tls.NoTls as error:
            certificate = tls.Certificate()
            if error.certificate:
                certificate = tls.refused_certificate(endpoint, host, self._deadline, prepare)
            self._facts.update(tls_ok=False, tls_error=error.word, **shown(certificate))
            raise Failed("tls") from error
        self._facts.update(tls_ok=True, tls_error="none", **shown(encrypted.certificate))
        return encrypted.channel

    def _mail(self, channel: socket.socket, connection: tcp.Connection) -> None:
        self._facts["mail_other_port"] = 0
        context = self._context

        def encrypt(plain: socket.socket, prepare: tls.Prepare) -> socket.socket:
            if context is None:
                raise Untold
            return self._encrypt(plain, connection.endpoint, context, prepare)

        MailStep(self._target, connection.endpoint, self._deadline, self._facts, encrypt).run(channel)

    def _behind_trust(self) -> tuple[str, ...]:
        """Return the facts that nobody can tell without certificates to trust."""
        mail = MAIL_FACTS if self._target.encrypted else ("mail_ok", "mail_methods", "mail_password_login")
        return (*TLS_FACTS, *(mail if self._target.protocol else ()), "ok", "failed_at")

    def _http(self, channel: socket.socket, endpoints: list[Endpoint]) -> None:
        try:
            answer = self._ask(channel, endpoints)
        except (ConnectionResetError, BrokenPipeError):
            raise
        except tcp.NoConnection as error:
            self._facts.update(tcp_ok=False, tcp_error=error.word)
            raise Failed("tcp") from error
        except (OSError, SourceFailed) as error:
            late = isinstance(error, TimeoutError)
            why = UnknownReason.TIMEOUT if late else UnknownReason.NOT_COLLECTED
            self._facts.update(http_ok=False, http_status=why, http_time=why)
            raise Failed("http") from error
        self._facts.update(http_ok=answer.ok, http_status=answer.status, http_time=answer.seconds)
        if not answer.ok:
            raise Failed("http")

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


def _absent(target: CheckTarget) -> tuple[str, ...]:
    """Return the facts of layers that a check does not have."""
    tls_facts = () if target.encrypted or target.protocol else TLS_FACTS
    http_facts = () if target.web else HTTP_FACTS
    if target.protocol is None:
        return (*tls_facts, *http_facts, *MAIL_FACTS)
    code = () if target.protocol == "smtp" else ("mail_code",)
    upgrade = ("mail_starttls", "mail_plain_login") if target.encrypted else ()
    return (*tls_facts, *http_facts, *code, *upgrade)
