"""The mail step: greeting, what is offered, encryption; never a login."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Sequence

from hotline_proto.facts import FactValue, UnknownReason

from hotline_probe.checks import tcp, tls
from hotline_probe.checks.dialogue import Dialogue
from hotline_probe.checks.limits import Deadline
from hotline_probe.checks.mail import Offer, Protocol, Reply, is_masked
from hotline_probe.checks.name import Endpoint
from hotline_probe.checks.outcome import TLS_FACTS, Failed
from hotline_probe.checks.target import CheckTarget
from hotline_probe.errors import SourceFailed

# Postfix lets strangers wait for six seconds (postconf(5): postscreen_greet_wait); after two it is worth
# trying whether the port speaks TLS.
GREETING_PATIENCE, FIRST_PATIENCE = 6.5, 2.0
PAIR_PATIENCE = 1.5
OTHER_PATIENCE = 1.2
MAX_OTHERS = 2
# The ports of RFC 8314 first.
PORTS: dict[Protocol, tuple[int, ...]] = {"imap": (993, 143), "pop3": (995, 110), "smtp": (587, 465, 25)}
# RFC 5321, section 4.2.2: the server, or who stands in its way, does not know the extended hello.
_NO_EXTENSIONS = (500, 501, 502, 504)
_BROKEN = (OSError, EOFError, SourceFailed)
Encrypt = Callable[[socket.socket, tls.Prepare], socket.socket]


def open_port(target: CheckTarget, endpoints: Sequence[Endpoint], deadline: Deadline) -> int:
    """Return another usual port of a mail server that accepts a connection, 0 without one.

    Nothing is sent there. For servers in public or on this computer only: in the caller's own network a yes
    counts for one port.
    """
    if target.protocol is None:
        return 0
    others = [port for port in PORTS[target.protocol] if port != target.port][:MAX_OTHERS]
    for port in others:
        ends = [end.at(port) for end in endpoints[:1]]
        with contextlib.suppress(tcp.NoConnection):
            tcp.connect(ends, Deadline(min(deadline.rest(), OTHER_PATIENCE))).channel.close()
            return port
    return 0


def answers_plainly(target: CheckTarget, endpoint: Endpoint, deadline: Deadline) -> bool:
    """Tell whether a server greets in plain text on a port that should speak TLS."""
    if target.protocol is None:
        return False
    step = Deadline(min(deadline.rest(), PAIR_PATIENCE))
    try:
        with contextlib.closing(tcp.connect([endpoint], step).channel) as channel:
            reply, _ = Dialogue(channel, target.protocol, step).greeting(PAIR_PATIENCE)
    except _BROKEN:
        return False
    return reply.answer != "foreign"


class Untold(Exception):
    """Nobody can tell whether the encryption is to be trusted."""


class MailStep:
    """Talks to one server and writes down in `facts` what it says.

    `encrypt` makes an encrypted channel of a plain one, or raises `Failed` or `Untold`. It is given a
    function that leads a new connection to the same point.
    """

    def __init__(
        self,
        target: CheckTarget,
        endpoint: Endpoint,
        deadline: Deadline,
        facts: dict[str, FactValue],
        encrypt: Encrypt,
    ) -> None:
        self._target, self._endpoint, self._deadline = target, endpoint, deadline
        self._facts, self._encrypt = facts, encrypt
        self._protocol: Protocol = target.protocol or "smtp"

    def run(self, channel: socket.socket) -> None:
        """Go through the step over an open channel; the channel is left open.

        Raises:
            Failed: it did not pass.
            ConnectionResetError, BrokenPipeError: the connection was cut off before a greeting.
        """
        dialogue = Dialogue(channel, self._protocol, self._deadline)
        banner = self._greet(dialogue)
        offer = self._offer(dialogue)
        if self._target.encrypted:
            self._methods(offer)
        else:
            stripped = is_masked(banner[4:]) or (offer is not None and offer.stripped)
            self._upgrade(dialogue, offer, stripped)
        dialogue.leave()
        self._facts["mail_ok"] = True

    def _greet(self, dialogue: Dialogue) -> str:
        began = time.monotonic()
        try:
            try:
                reply, banner = dialogue.greeting(FIRST_PATIENCE)
            except TimeoutError:
                if not self._target.encrypted and self._answers_tls():
                    self._facts["mail_speaks"] = "tls"
                    raise
                reply, banner = dialogue.greeting(GREETING_PATIENCE - FIRST_PATIENCE)
        except (ConnectionResetError, BrokenPipeError):
            raise
        except _BROKEN as error:
            self._facts["mail_answer"] = _word(error)
            if self._facts["mail_speaks"] != "tls":
                self._facts["mail_speaks"] = "tls" if self._target.encrypted else "neither"
            raise self._failed() from error
        self._facts["mail_greeting_time"] = time.monotonic() - began
        self._facts["mail_speaks"] = "tls" if self._target.encrypted else "plain"
        self._judge(reply)
        return banner

    def _judge(self, reply: Reply) -> None:
        self._facts.update(mail_answer=reply.answer, mail_listed=reply.listed)
        if reply.code is not None:
            self._facts["mail_code"] = reply.code
        if reply.answer != "ready":
            raise self._failed()

    def _offer(self, dialogue: Dialogue) -> Offer | None:
        """Return what the server offers, None if it does not tell."""
        try:
            reply, offer = dialogue.offers()
        except _BROKEN as error:
            self._facts["mail_answer"] = _word(error)
            raise self._failed() from error
        if reply.answer == "ready":
            return offer
        if reply.answer != "foreign" and (self._protocol != "smtp" or reply.code in _NO_EXTENSIONS):
            return None
        self._judge(reply)
        return None

    def _upgrade(self, dialogue: Dialogue, offer: Offer | None, stripped: bool) -> None:
        if offer is not None:
            self._facts["mail_plain_login"] = offer.password
        if offer is None or not offer.starttls:
            self._facts["mail_starttls"] = "stripped" if stripped else "missing"
            self._methods(offer)
            self._facts.update(dict.fromkeys(TLS_FACTS, UnknownReason.UNSUPPORTED))
            if stripped:
                raise self._failed()
            return
        try:
            answer = dialogue.start_tls()
        except _BROKEN:
            answer = "foreign"
        self._facts["mail_starttls"] = "accepted" if answer == "ready" else "refused"
        if answer != "ready":
            raise self._failed()
        try:
            channel = self._encrypt(dialogue.channel, self._lead)
        except Failed:
            self._facts["mail_ok"] = False
            raise
        with contextlib.closing(channel) as secured:
            inner = Dialogue(secured, self._protocol, self._deadline)
            self._methods(self._offer(inner))
            inner.leave()

    def _lead(self, channel: socket.socket, deadline: Deadline) -> None:
        """Lead another connection to where the encryption begins."""
        dialogue = Dialogue(channel, self._protocol, deadline)
        dialogue.greeting(GREETING_PATIENCE)
        dialogue.offers()
        dialogue.start_tls()

    def _methods(self, offer: Offer | None) -> None:
        if offer is None:
            told: tuple[FactValue, FactValue] = (UnknownReason.UNSUPPORTED, UnknownReason.UNSUPPORTED)
        else:
            told = (" ".join(offer.methods), offer.password)
        self._facts.update(mail_methods=told[0], mail_password_login=told[1])

    def _answers_tls(self) -> bool:
        step = Deadline(min(self._deadline.rest(), PAIR_PATIENCE))
        return tls.refused_certificate(self._endpoint, self._target.host, step).issuer is not None

    def _failed(self) -> Failed:
        self._facts["mail_ok"] = False
        return Failed("mail")


def _word(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "none"
    return "foreign" if isinstance(error, SourceFailed) else "closed"
