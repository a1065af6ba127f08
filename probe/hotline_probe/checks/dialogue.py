"""A talk with a mail server, line by line, bounded in bytes and time; it ends before any login."""

from __future__ import annotations

import contextlib
import socket

from hotline_probe.checks.limits import Deadline
from hotline_probe.checks.mail import Answer, Offer, Protocol, Reply, parse_greeting, parse_offer
from hotline_probe.errors import SourceFailed

# RFC 5321 section 4.5.3.1.5 and RFC 2449 section 4 allow 512; IMAP has many capabilities in one line.
MAX_LINE = 4096
MAX_LINES = 64
PATIENCE = 3.0
# RFC 5321, section 4.1.3. Mail programs say this too, so that no name of the computer is given away.
HELLO = "EHLO [127.0.0.1]"


class Dialogue:
    """Speaks one protocol over an open channel, encrypted or not."""

    def __init__(self, channel: socket.socket, protocol: Protocol, deadline: Deadline) -> None:
        self.channel = channel
        self._protocol: Protocol = protocol
        self._deadline = deadline
        self._received = b""
        self._tag = 0

    def greeting(self, patience: float) -> tuple[Reply, str]:
        """Return what the server says to a newcomer, and its first line.

        What was read before a time-out is kept, so that one may wait again.

        Raises:
            TimeoutError: no whole greeting came in time.
            EOFError: the server hung up without one.
            SourceFailed: its first line does not end.
            OSError: the connection broke.
        """
        wait = Deadline(self._deadline.left(patience))
        first = line = self._line(wait)
        for _ in range(MAX_LINES):
            if self._protocol != "smtp" or line[3:4] != "-":
                return parse_greeting(self._protocol, line), first
            line = self._line(wait)
        raise SourceFailed("the greeting does not end")

    def offers(self) -> tuple[Reply, Offer]:
        """Ask what the server offers and return how it takes the question, and the offer.

        Raises: like `greeting`.
        """
        question = {"imap": "CAPABILITY", "pop3": "CAPA", "smtp": HELLO}[self._protocol]
        lines = self._ask(question, more=self._protocol == "pop3")
        reply = self._reply(lines)
        return reply, parse_offer(self._protocol, lines) if reply.answer == "ready" else Offer()

    def start_tls(self) -> Answer:
        """Ask for encryption and return how the server takes it (RFC 3207, RFC 2595).

        What came in plain text after the answer is thrown away: it may be anybody's.

        Raises: like `greeting`.
        """
        answer = self._reply(self._ask("STLS" if self._protocol == "pop3" else "STARTTLS")).answer
        self._received = b""
        return answer

    def leave(self) -> None:
        """Say goodbye, without waiting for an answer."""
        with contextlib.suppress(OSError):
            self._say("LOGOUT" if self._protocol == "imap" else "QUIT")

    def _reply(self, lines: list[str]) -> Reply:
        last = lines[-1]
        if self._protocol != "imap":
            return parse_greeting(self._protocol, last if self._protocol == "smtp" else lines[0])
        if last.startswith("* "):
            return parse_greeting("imap", last)
        word = last.partition(" ")[2][:3].upper().strip()
        return Reply("ready" if word == "OK" else "refused" if word in ("NO", "BAD") else "foreign")

    def _ask(self, command: str, more: bool = False) -> list[str]:
        """Return the lines of an answer; `more` says that after +OK others follow up to a single dot."""
        self._say(command)
        wait = Deadline(self._deadline.left(PATIENCE))
        lines: list[str] = []
        for _ in range(MAX_LINES):
            line = self._line(wait)
            if more and lines and line == ".":
                return lines
            lines.append(line)
            if self._is_last(line, more and lines[0].startswith("+OK")):
                return lines
        raise SourceFailed("the answer does not end")

    def _is_last(self, line: str, more: bool) -> bool:
        if self._protocol == "smtp":
            return line[3:4] != "-"
        if self._protocol == "pop3":
            return not more
        return not line.startswith("* ") or line[2:5].upper() == "BYE"

    def _say(self, command: str) -> None:
        self._tag += 1
        text = f"h{self._tag} {command}" if self._protocol == "imap" else command
        self.channel.settimeout(self._deadline.left(PATIENCE))
        self.channel.sendall(f"{text}\r\n".encode("ascii"))

    def _line(self, wait: Deadline) -> str:
        while b"\n" not in self._received:
            if len(self._received) >= MAX_LINE:
                raise SourceFailed("the line does not end")
            self.channel.settimeout(wait.left(PATIENCE * 10))
            part = self.channel.recv(MAX_LINE)
            if not part:
                raise EOFError("the server hung up")
            self._received += part
        line, _, self._received = self._received.partition(b"\n")
        if len(line) > MAX_LINE:
            raise SourceFailed("the line does not end")
        return line.rstrip(b"\r").decode("utf-8", "replace")
