"""Servers for which this user's mail program is set up; names of accounts and passwords are never taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from hotline_proto.facts import Fact

from hotline_probe.errors import Unsupported
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources.basics import names_in, text_of
from hotline_probe.sources.proxysettings import parse_environment

Kind = Literal["imap", "pop3", "smtp"]
Encryption = Literal["none", "starttls", "tls"]
# Thunderbird of the distribution, as a snap and as a flatpak.
_THUNDERBIRD = (
    ".thunderbird",
    "snap/thunderbird/common/.thunderbird",
    ".var/app/org.mozilla.Thunderbird/.thunderbird",
)
_EVOLUTION = (".config/evolution/sources", ".var/app/org.gnome.Evolution/config/evolution/sources")
MAX_FILES, MAX_SERVERS, MAX_SIZE = 64, 32, 2 * 1024 * 1024
_PREF = re.compile(
    r'^user_pref\("mail\.(server\.server|smtpserver\.smtp)(\d{1,4})\.'
    r'(type|hostname|port|socketType|try_ssl)", "?([A-Za-z0-9._:-]{0,253})"?\);\s*$',
    re.MULTILINE | re.ASCII,
)
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?", re.ASCII)
# MailNews' nsMsgSocketType and Camel's CamelNetworkSecurityMethod.
_SOCKET_TYPES: dict[str, Encryption] = {"0": "none", "1": "starttls", "2": "starttls", "3": "tls"}
_METHODS: dict[str, Encryption] = {
    "none": "none",
    "starttls-on-standard-port": "starttls",
    "ssl-on-alternate-port": "tls",
}
_KINDS: dict[str, Kind] = {"imap": "imap", "imapx": "imap", "pop3": "pop3", "pop": "pop3", "smtp": "smtp"}
# RFC 8314: where TLS begins at once, and where it is asked for.
_AT_ONCE = frozenset({993, 995, 465})
_LATER = frozenset({143, 110, 587, 25})
_PORTS: dict[tuple[Kind, bool], int] = {
    ("imap", True): 993,
    ("imap", False): 143,
    ("pop3", True): 995,
    ("pop3", False): 110,
    ("smtp", True): 465,
    ("smtp", False): 587,
}


@dataclass(frozen=True, slots=True)
class MailServer:
    """One server as a mail program is told to use it."""

    program: str
    kind: Kind
    host: str
    port: int
    encryption: Encryption

    @property
    def fits(self) -> bool:
        """Whether port and encryption belong together, as far as the port is a usual one."""
        return not (self.port in _LATER if self.encryption == "tls" else self.port in _AT_ONCE)

    @property
    def check(self) -> str:
        """What to have checked in order to try this server."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.kind}{'s' if self.encryption == 'tls' else ''}://{host}:{self.port}"


class MailPrograms:
    """Reads the settings of Thunderbird and Evolution, on demand only; servers get numbers as keys."""

    name = "mailprograms"

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the servers of this user's mail programs, each once.

        Raises:
            Unsupported: not on Linux, or this user has no home.
        """
        variables = parse_environment(text_of(context.machine, "/proc/self/environ").replace("\0", "\n"))
        home = variables.get("HOME", "")
        if context.machine.system != "linux" or not home.startswith("/"):
            raise Unsupported("mail programs are looked for in a home on Linux only")
        found = dict.fromkeys([*_thunderbird(context.machine, home), *_evolution(context.machine, home)])
        yield Fact("mail.program.server_count", len(found))
        for number, server in enumerate(list(found)[:MAX_SERVERS], start=1):
            key = str(number)
            yield Fact("mail.server.program", server.program, key)
            yield Fact("mail.server.kind", server.kind, key)
            yield Fact("mail.server.host", server.host, key)
            yield Fact("mail.server.port", server.port, key)
            yield Fact("mail.server.encryption", server.encryption, key)
            yield Fact("mail.server.fits", server.fits, key)
            yield Fact("mail.server.check", server.check, key)


def parse_prefs(text: str) -> list[MailServer]:
    """Return the servers in Thunderbird's prefs.js; nothing else of it is looked at.

    >>> parse_prefs('user_pref("mail.server.server2.type", "imap");\\n'
    ...             'user_pref("mail.server.server2.hostname", "imap.example.org");\\n'
    ...             'user_pref("mail.server.server2.socketType", 3);\\n'
    ...             'user_pref("mail.server.server2.userName", "somebody");\\n')
    [MailServer(program='thunderbird', kind='imap', host='imap.example.org', port=993, encryption='tls')]
    """
    servers: dict[str, dict[str, str]] = {}
    for group, number, key, value in _PREF.findall(text[:MAX_SIZE]):
        settings = servers.setdefault(group + number, {"type": "smtp"} if group.startswith("smtp") else {})
        settings[key] = value
    found = []
    for settings in servers.values():
        encryption = _SOCKET_TYPES.get(settings.get("socketType", settings.get("try_ssl", "0")), "none")
        found.append(_server("thunderbird", settings.get("type", ""), settings, encryption))
    return [server for server in found if server is not None]


def parse_source(text: str) -> MailServer | None:
    """Return the server in one of Evolution's source files, None if it is none of mail.

    >>> parse_source("[Mail Transport]\\nBackendName=smtp\\n[Authentication]\\nHost=mail.example.org\\n"
    ...              "Port=587\\nUser=somebody\\n[Security]\\nMethod=starttls-on-standard-port\\n")
    MailServer(program='evolution', kind='smtp', host='mail.example.org', port=587, encryption='starttls')
    """
    sections: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    for line in text[:MAX_SIZE].splitlines():
        if line.startswith("[") and line.endswith("]"):
            current = sections.setdefault(line[1:-1], {})
        elif "=" in line:
            key, _, value = line.partition("=")
            if key in ("BackendName", "Host", "Port", "Method"):
                current[key] = value
    mail = sections.get("Mail Account") or sections.get("Mail Transport") or {}
    login = sections.get("Authentication", {})
    encryption = _METHODS.get(sections.get("Security", {}).get("Method", ""), "none")
    settings = {"hostname": login.get("Host", ""), "port": login.get("Port", "")}
    return _server("evolution", mail.get("BackendName", ""), settings, encryption)


def _server(
    program: str, kind: str, settings: Mapping[str, str], encryption: Encryption
) -> MailServer | None:
    known, host = _KINDS.get(kind), settings.get("hostname", "")
    if known is None or not _HOST.fullmatch(host):
        return None
    text = settings.get("port", "")
    port = int(text) if re.fullmatch(r"[0-9]{1,5}", text) else 0
    usual = _PORTS[known, encryption == "tls"]
    return MailServer(program, known, host, port if 0 < port < 65536 else usual, encryption)


def _thunderbird(machine: Machine, home: str) -> Iterator[MailServer]:
    for folder in _THUNDERBIRD:
        for profile in names_in(machine, f"{home}/{folder}")[:MAX_FILES]:
            yield from parse_prefs(text_of(machine, f"{home}/{folder}/{profile}/prefs.js"))


def _evolution(machine: Machine, home: str) -> Iterator[MailServer]:
    for folder in _EVOLUTION:
        for name in names_in(machine, f"{home}/{folder}")[:MAX_FILES]:
            if not name.endswith(".source"):
                continue
            server = parse_source(text_of(machine, f"{home}/{folder}/{name}"))
            if server is not None:
                yield server
