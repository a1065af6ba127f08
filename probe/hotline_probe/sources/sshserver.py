"""Whom the SSH server lets in with a password, as far as its settings tell."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine

SETTINGS = "/etc/ssh/sshd_config"
_FOLDER = "/etc/ssh"
_MAX_FILES = 32
_MAX_LINES = 4096


@dataclass(frozen=True, slots=True)
class SshServer:
    """Its port, and whether it takes passwords at all and from root."""

    port: int
    password: bool
    root_password: bool


def parse_lines(text: str) -> Iterator[tuple[str, str]]:
    r"""Yield keyword in lower case and argument of each line of sshd_config(5), up to the first Match.

    >>> list(parse_lines("# x\nPort 22\nPasswordAuthentication=no\nMatch User git\nX11Forwarding no\n"))
    [('port', '22'), ('passwordauthentication', 'no')]
    """
    for line in text.splitlines()[:_MAX_LINES]:
        words = line.replace("=", " ", 1).split(None, 1)
        if not words or words[0].startswith("#"):
            continue
        if words[0].lower() == "match":
            return
        yield words[0].lower(), words[1].strip().strip('"') if len(words) > 1 else ""


def read_sshd(machine: Machine) -> SshServer:
    """Return what the settings say; of each keyword the first counts.

    Raises:
        SourceError: there is no SSH server, or its settings may not be read.
    """
    told: dict[str, str] = {}
    for key, value in _settings(machine, machine.read(SETTINGS)):
        told.setdefault(key, value)
    port = told.get("port", "22")
    # What asks by another name is the same question to whoever types (UsePAM, sshd_config(5)).
    asked = told.get("kbdinteractiveauthentication", told.get("challengeresponseauthentication", "yes"))
    password = "yes" in (told.get("passwordauthentication", "yes").lower(), asked.lower())
    password = password and "authenticationmethods" not in told
    named = {"allowusers", "allowgroups", "denyusers", "denygroups"} & told.keys()
    root = password and told.get("permitrootlogin", "").lower() == "yes" and not named
    return SshServer(int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 22, password, root)


def _settings(machine: Machine, text: str) -> Iterator[tuple[str, str]]:
    for key, value in parse_lines(text):
        if key == "include":
            for path in _included(machine, value):
                yield from parse_lines(machine.read(path))
        else:
            yield key, value


def _included(machine: Machine, value: str) -> list[str]:
    """Return the files that patterns such as /etc/ssh/sshd_config.d/*.conf stand for, in their order."""
    found = []
    for pattern in value.split():
        folder, _, name = (pattern if pattern.startswith("/") else f"{_FOLDER}/{pattern}").rpartition("/")
        try:
            names = machine.names(folder)
        except SourceError:
            continue
        found += [f"{folder}/{one}" for one in fnmatch.filter(names, name)]
    return found[:_MAX_FILES]
