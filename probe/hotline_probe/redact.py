"""The redaction stage: stands in the way of every byte that leaves the machine."""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
from collections.abc import Collection
from dataclasses import replace

from hotline_proto.catalogue import Catalogue, FactSpec
from hotline_proto.facts import Fact, FactValue, NetworkPath, SourceRun, UnknownReason

from hotline_probe.addressbook import parse_address
from hotline_probe.pseudonyms import Pseudonyms
from hotline_probe.scrub import Scrubber

# Programs are pseudonymised alike wherever they are named, so that they can be recognised.
_KINDS = {"host.name": "host", "process.name": "program", "net.connections.top_owner": "program"}
_MAX_CACHED = 4096
MAX_PASSWD = 1024 * 1024
MAX_LOGINS = 200
# UID_MIN and UID_MAX of login.defs(5); 60000 and above belong to nobody and to containers.
_HUMAN = range(1000, 60_000)


class Redactor:
    """Lets pass what the caller allowed.

    `key` is the call's key for pseudonyms. `personal` says whether personal values may pass in the clear;
    it may be set at any time and holds from the next run on. `users` and `hosts` are the caller's own
    names, by default those of this login and this machine. Not for use from several threads at once.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        key: bytes,
        personal: bool,
        *,
        users: Collection[str] | None = None,
        hosts: Collection[str] | None = None,
    ) -> None:
        self.personal = personal
        self._catalogue = catalogue
        self._pseudonyms = Pseudonyms(key)
        self._scrubber = Scrubber(
            self._pseudonyms,
            own_users() if users is None else users,
            own_hosts() if hosts is None else hosts,
        )
        self._cache: dict[tuple[str, bool], str] = {}

    def redact(self, run: SourceRun) -> SourceRun:
        """Return the run as it may leave the machine; redacting it again changes nothing."""
        facts = [redacted for fact in run.facts if (redacted := self._fact(fact)) is not None]
        path = self._path(run.path) if run.path is not None else None
        return replace(run, facts=tuple(facts), path=path, note=self._text(run.note))

    def reveal(self, pseudonym: str) -> str:
        """Return what a pseudonym, or a text that holds some, stands for.

        Raises:
            LookupError: it was not made here, or stands for several things.
        """
        return self._pseudonyms.reveal(pseudonym)

    def _fact(self, fact: Fact) -> Fact | None:
        spec = self._catalogue.facts.get(fact.name)
        if spec is None or spec.sensitivity == "secret":
            return None
        return Fact(fact.name, self._value(spec, fact.value), self._text(fact.key))

    def _value(self, spec: FactSpec, value: FactValue) -> FactValue:
        if isinstance(value, UnknownReason):
            return value
        hidden = spec.sensitivity == "personal" and not self.personal
        if isinstance(value, str):
            if value in spec.values:
                return value
            return self._pseudonym(spec, value) if hidden else self._text(value)
        return UnknownReason.DECLINED if hidden else value

    def _pseudonym(self, spec: FactSpec, value: str) -> str:
        if not value or self._pseudonyms.is_token(value):
            return value
        address = parse_address(value)
        if address is not None:
            return self._pseudonyms.address(address)
        return self._pseudonyms.token(_KINDS.get(spec.name, "value"), value)

    def _path(self, path: NetworkPath) -> NetworkPath:
        # The path is an identity, not an address: its gateway is a pseudonym whatever the consent.
        address = parse_address(path.gateway)
        gateway = (
            self._text(path.gateway) if address is None else self._pseudonyms.token("path", str(address))
        )
        return NetworkPath(self._text(path.interface), gateway)

    def _text(self, text: str) -> str:
        if not text:
            return text
        personal = self.personal
        known = self._cache.get((text, personal))
        if known is not None:
            return known
        scrubbed = self._scrubber.scrub(text, personal)
        if scrubbed != text:
            self._pseudonyms.remember(scrubbed, text)
        if len(self._cache) >= _MAX_CACHED:
            self._cache.clear()
        self._cache[text, personal] = scrubbed
        return scrubbed


def own_users() -> set[str]:
    """Return the names under which people log in on this machine, and the full name of the caller."""
    names = {os.environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME", "SUDO_USER")}
    with contextlib.suppress(OSError, KeyError):  # a user without a name
        names.add(getpass.getuser())
    with contextlib.suppress(ImportError, KeyError):  # Windows has no such module
        import pwd  # noqa: PLC0415

        names.add(pwd.getpwuid(os.getuid()).pw_gecos.partition(",")[0].strip())
    with contextlib.suppress(OSError), open("/etc/passwd", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
        names |= human_logins(file.read(MAX_PASSWD))
    return names - {""}


def human_logins(passwd: str) -> set[str]:
    r"""Return the names of people in a passwd(5) file; systems give them numbers from 1000 on.

    >>> human_logins("root:x:0:0::/root:/bin/sh\notto:x:1000:1000:Otto:/home/otto:/bin/sh\n")
    {'otto'}
    """
    rows = [line.split(":") for line in passwd.splitlines()]
    people = [row[0] for row in rows if len(row) == 7 and row[2].isdecimal() and int(row[2][:9]) in _HUMAN]
    return set(people[:MAX_LOGINS])


def own_hosts() -> set[str]:
    """Return the names of this machine, with and without its domain."""
    name = socket.gethostname()
    return {name, name.partition(".")[0]} - {""}
