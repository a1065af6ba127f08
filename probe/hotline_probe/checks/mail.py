"""What mail servers say: greetings, what they offer, and how they answer; IMAP, POP3 and SMTP."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Protocol = Literal["imap", "pop3", "smtp"]
Answer = Literal["ready", "busy", "refused", "foreign"]

# What takes a password: RFC 4616, 2195, 2831, 5802 and 7677, and the commands of old. A ticket of Kerberos or
# the token of RFC 7628 is none.
_PASSWORD = re.compile(r"PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|NTLM|SCRAM-[A-Z0-9-]+|APOP|USER")
_METHOD = re.compile(r"[A-Z0-9_-]{1,20}", re.ASCII)
MAX_METHODS = 16
_SMTP = re.compile(r"([2-5]\d\d)(?:[ -]|$)", re.ASCII)
_IMAP = re.compile(r"\* (OK|PREAUTH|BYE)(?: \[([A-Z]+)[ \]])?", re.ASCII | re.IGNORECASE)
_POP3 = re.compile(r"(\+OK|-ERR)(?: \[([A-Z/]+)\])?", re.ASCII | re.IGNORECASE)
# RFC 5530 (IMAP) and RFC 3206 (POP3): a fault of the system that passes, not a decision about the caller.
_PASSING = frozenset({"UNAVAILABLE", "SERVERBUG", "SYS/TEMP"})
# Firewalls that look into SMTP overwrite what they do not want to be used (Cisco ASA, "mask-banner" and
# "ehlo-reply-parameter others").
_MASKED = re.compile(r"X{4,}[A-Z]?|\*{5,}.*")
# How receivers word that an address is on a list of senders of junk (RFC 5782), or is a private customer's.
_LISTED = re.compile(
    r"\b(?:dnsbl|rbl|block ?list(?:ed)?|black ?list(?:ed)?|spamhaus|spamcop|barracuda|sorbs|uceprotect"
    r"|(?:poor|bad|low) reputation|dynamic (?:ip|address)\w*|generic (?:ptr|hostname|reverse dns))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """How a server answers; `code` is SMTP's, `listed` says that it finds the caller's address on a list."""

    answer: Answer
    code: int | None = None
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What a server offers before a login; `methods` are ways to log in, sorted.

    `stripped` says that somebody on the way has overwritten what the server offers.
    """

    starttls: bool = False
    methods: tuple[str, ...] = ()
    stripped: bool = False

    @property
    def password(self) -> bool:
        """Whether a password is taken."""
        return any(_PASSWORD.fullmatch(method) for method in self.methods)


def parse_greeting(protocol: Protocol, line: str) -> Reply:
    """Return what the first line of a server, or its line about a command, means.

    RFC 3501 section 7.1, RFC 1939 section 4, RFC 5321 sections 3.1 and 4.2.

    >>> parse_greeting("smtp", "421 mx.example.org too busy")
    Reply(answer='busy', code=421, listed=False)
    >>> parse_greeting("smtp", "554 5.7.1 Service unavailable; blocked using zen.spamhaus.org").listed
    True
    >>> parse_greeting("imap", "* BYE [UNAVAILABLE] later").answer, parse_greeting("pop3", "+OK").answer
    ('busy', 'ready')
    >>> parse_greeting("imap", "220 smtp.example.org ESMTP").answer
    'foreign'
    """
    if protocol == "smtp":
        return _smtp(line)
    match = (_IMAP if protocol == "imap" else _POP3).match(line)
    if not match:
        return Reply("foreign")
    if match[1].upper() in ("OK", "PREAUTH", "+OK"):
        return Reply("ready")
    passing = (match[2] or "").upper() in _PASSING
    return Reply("busy" if passing else "refused", listed=_is_listed(line))


def _smtp(line: str) -> Reply:
    match = _SMTP.match(line)
    if not match:
        return Reply("foreign")
    code = int(match[1])
    if code < 400:
        return Reply("ready" if code < 300 else "foreign", code)
    return Reply("busy" if code < 500 else "refused", code, _is_listed(line))


def _is_listed(line: str) -> bool:
    return bool(_LISTED.search(line))


def parse_offer(protocol: Protocol, lines: Iterable[str]) -> Offer:
    """Return what a server offers, from its answer to CAPABILITY, CAPA (RFC 2449) or EHLO.

    >>> parse_offer("imap", ["* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED"])
    Offer(starttls=True, methods=(), stripped=False)
    >>> parse_offer("pop3", ["+OK", "STLS", "USER", "SASL PLAIN XOAUTH2"]).methods
    ('PLAIN', 'USER', 'XOAUTH2')
    >>> parse_offer("smtp", ["250-mx.example.org", "250-XXXXXXXA", "250 AUTH LOGIN"])
    Offer(starttls=False, methods=('LOGIN',), stripped=True)
    """
    if protocol == "imap":
        words = [word for line in lines if line.upper().startswith("* CAPABILITY ") for word in line.split()]
        return _imap_offer({word.upper() for word in words})
    told = [line[4:] if protocol == "smtp" else line for line in lines]
    rows = [row.upper().replace("AUTH=", "AUTH ").split() for row in told[1:] if row.strip()]
    word, tls = ("AUTH", "STARTTLS") if protocol == "smtp" else ("SASL", "STLS")
    methods = {method for row in rows if row[0] == word for method in row[1:]}
    methods |= {"USER"} if protocol == "pop3" and ["USER"] in rows else set()
    return Offer([tls] in rows, _methods(methods), any(is_masked(" ".join(row)) for row in rows))


def _imap_offer(words: set[str]) -> Offer:
    methods = {word.removeprefix("AUTH=") for word in words if word.startswith("AUTH=")}
    # RFC 3501, section 6.2.3: the command LOGIN is there unless it is said to be switched off.
    methods |= {"LOGIN"} if words and "LOGINDISABLED" not in words else set()
    return Offer("STARTTLS" in words, _methods(methods))


def is_masked(text: str) -> bool:
    """Tell whether a firewall has overwritten a line.

    >>> is_masked("XXXXXXXA"), is_masked("****************2******"), is_masked("XCLIENT")
    (True, True, False)
    """
    return bool(_MASKED.fullmatch(text.strip()))


def _methods(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(word for word in words if _METHOD.fullmatch(word))[:MAX_METHODS])
