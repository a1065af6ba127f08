"""What programs are told about a proxy: environment, GNOME, KDE; Windows' registry; scutil(8) of macOS."""

from __future__ import annotations

import configparser
import os
import re
import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine
from hotline_probe.sources.basics import text_of

Mode = Literal["none", "manual", "script"]
_VARIABLES = ("https_proxy", "http_proxy", "all_proxy")
_GNOME = ("gsettings", "list-recursively", "org.gnome.system.proxy")
_GNOME_LINE = re.compile(r"^org\.gnome\.system\.proxy(\.\w+)? ([\w-]+) (.*)$", re.MULTILINE)
# pam_systemd(8) sets it for the time of a login.
_SESSION = "XDG_RUNTIME_DIR"
_TIMEOUT = 2.0
_DEFAULT_PORT = 8080


@dataclass(frozen=True, slots=True)
class ProxySetting:
    """One setting: a proxy's host and port, or the address of a script; `name` tells where it was made."""

    name: str
    mode: Mode
    host: str = ""
    port: int = 0
    script: str = ""


def parse_proxy(text: str) -> tuple[str, int] | None:
    """Return host and port of a proxy's address, None if it is none.

    >>> parse_proxy("http://user:secret@proxy.example.net:3128/"), parse_proxy("proxy.example.net")
    (('proxy.example.net', 3128), ('proxy.example.net', 8080))
    """
    try:
        parts = urllib.parse.urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or not host.isascii() or not host.isprintable():
        return None
    return host, port or {"https": 443, "socks5": 1080, "socks": 1080}.get(parts.scheme, _DEFAULT_PORT)


def from_variables(name: str, variables: Mapping[str, str]) -> ProxySetting | None:
    """Return the proxy for encrypted pages that variables name in either case, None without one."""
    lower = {key.lower(): value.strip() for key, value in variables.items()}
    found = (parse_proxy(lower[key]) for key in _VARIABLES if lower.get(key))
    place = next((one for one in found if one is not None), None)
    return ProxySetting(name, "manual", *place) if place else None


def parse_environment(text: str) -> dict[str, str]:
    r"""Return the variables of /etc/environment (pam_env(8)).

    >>> parse_environment("# a\nexport https_proxy=\"http://p.example:3128\"\nLANG=C\n")
    {'https_proxy': 'http://p.example:3128', 'LANG': 'C'}
    """
    found = {}
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            found[name.strip()] = value.strip().strip("\"'")
    return found


def parse_gnome(text: str) -> ProxySetting | None:
    r"""Return the proxy in what `gsettings list-recursively org.gnome.system.proxy` prints, None without.

    >>> parse_gnome("org.gnome.system.proxy mode 'manual'\norg.gnome.system.proxy.https host 'p.example'\n"
    ...             "org.gnome.system.proxy.https port 3128\n")
    ProxySetting(name='gnome', mode='manual', host='p.example', port=3128, script='')
    """
    told = {f"{part.lstrip('.')}/{key}": value.strip("'") for part, key, value in _GNOME_LINE.findall(text)}
    mode = told.get("/mode", "none")
    if mode == "auto":
        return ProxySetting("gnome", "script", script=told.get("/autoconfig-url", ""))
    if mode != "manual":
        return None
    for kind in ("https", "http", "socks"):
        port = told.get(f"{kind}/port", "")
        if told.get(f"{kind}/host") and re.fullmatch(r"[0-9]{1,5}", port):
            return ProxySetting("gnome", "manual", told[f"{kind}/host"], int(port))
    return None


def parse_kde(text: str) -> ProxySetting | None:
    r"""Return the proxy in KDE's kioslaverc, None without one.

    >>> parse_kde("[Proxy Settings]\nProxyType=1\nhttpsProxy=http://p.example 3128\n")
    ProxySetting(name='kde', mode='manual', host='p.example', port=3128, script='')
    """
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",))
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    if not parser.has_section("Proxy Settings"):
        return None
    told = dict(parser.items("Proxy Settings"))
    if told.get("proxytype") in ("2", "3"):
        script = told.get("proxy config script", "") if told["proxytype"] == "2" else ""
        return ProxySetting("kde", "script", script=script)
    if told.get("proxytype") != "1":
        return None
    places = (told.get(key, "").replace(" ", ":") for key in ("httpsproxy", "httpproxy", "socksproxy"))
    place = next((found for text in places if text and (found := parse_proxy(text))), None)
    return ProxySetting("kde", "manual", *place) if place else None


def read_settings(machine: Machine) -> list[ProxySetting]:
    """Return every proxy that is set somewhere, the one that most programs use first.

    Raises:
        SourceError: it is a Windows machine whose PowerShell, or a Mac whose scutil, cannot tell.
    """
    if machine.system == "windows":
        from hotline_probe.sources.windows.proxy import read_windows_settings  # noqa: PLC0415 - imports us

        return read_windows_settings(machine)
    if machine.system == "macos":
        from hotline_probe.sources.macos import scutil  # noqa: PLC0415 - it imports this module

        return scutil.proxies(machine)
    # environ(5) as the probe was started with it, on whatever machine that is.
    variables = parse_environment(text_of(machine, "/proc/self/environ").replace("\0", "\n"))
    home = variables.get("HOME", "")
    found: Iterable[ProxySetting | None] = (
        from_variables("environment", variables),
        from_variables("etc", parse_environment(text_of(machine, "/etc/environment"))),
        _from_gnome(machine),
        parse_kde(text_of(machine, f"{home}/.config/kioslaverc")) if home.startswith("/") else None,
    )
    return [setting for setting in found if setting is not None]


def _from_gnome(machine: Machine) -> ProxySetting | None:
    if not os.environ.get(_SESSION):
        # Nobody is logged in to a desktop, and gsettings would leave a cache in the home folder.
        return None
    try:
        result = machine.run(_GNOME, _TIMEOUT)
    except SourceError:
        return None
    return parse_gnome(result.out) if result.code == 0 else None
