"""Parsers of scutil(8): the name servers and the proxy that macOS uses."""

from __future__ import annotations

import ipaddress
import re

from hotline_probe.errors import SourceFailed
from hotline_probe.machine import Machine
from hotline_probe.sources.macos.commands import ask
from hotline_probe.sources.proxysettings import ProxySetting

TIMEOUT = 2.0
MAX_SERVERS = 64
_SERVER = re.compile(r"^[ \t]*nameserver\[\d{1,3}\] : (\S{2,64})$", re.MULTILINE | re.ASCII)
_ENTRY = re.compile(r"^ {2}(\w{1,64}) : (.{0,1024})$", re.MULTILINE | re.ASCII)
# What follows is for sockets bound to one adapter, and names the same servers again.
_SCOPED = "DNS configuration (for scoped queries)"
# Applies to all names; others are for one domain (a VPN's own) or for the neighbourhood (mdns).
_ONLY_FOR = re.compile(r"^[ \t]*(?:domain|options) +: ", re.MULTILINE)
_HOST = re.compile(r"[\w.-]{1,253}|[0-9a-fA-F:]{2,39}", re.ASCII)
_KINDS = ("HTTPS", "HTTP", "SOCKS")
_PORTS = {"HTTPS": 443, "HTTP": 80, "SOCKS": 1080}


def parse_dns(text: str) -> list[str]:
    r"""Return the name servers that any name is asked of, from `scutil --dns`, in order, each once.

    >>> parse_dns("DNS configuration\n\nresolver #1\n  nameserver[0] : fe80::1%en0\n  flags    : Request A\n")
    ['fe80::1%en0']

    Raises:
        SourceFailed: it is no such list.
    """
    if not text.lstrip().startswith("DNS configuration") and "No DNS configuration" not in text:
        raise SourceFailed("scutil did not print the name servers")
    found = []
    for block in text.partition(_SCOPED)[0].split("resolver #")[1:]:
        if _ONLY_FOR.search(block):
            continue
        for server in _SERVER.findall(block)[:MAX_SERVERS]:
            try:
                found.append(str(ipaddress.ip_address(server)))
            except ValueError:
                continue
    return list(dict.fromkeys(found))


def parse_proxy(text: str) -> list[ProxySetting]:
    r"""Return the proxy in `scutil --proxy` that web pages are fetched through, none if none is set.

    >>> parse_proxy("<dictionary> {\n  HTTPSEnable : 1\n  HTTPSPort : 3128\n  HTTPSProxy : p.example\n}\n")
    [ProxySetting(name='macos', mode='manual', host='p.example', port=3128, script='')]

    Raises:
        SourceFailed: it is no such dictionary.
    """
    if not text.startswith("<dictionary> {"):
        raise SourceFailed("scutil did not print the proxies")
    # What stands deeper is for one adapter; it repeats names of the top.
    told = dict(reversed(_ENTRY.findall(text)))
    if told.get("ProxyAutoConfigEnable") == "1" or told.get("ProxyAutoDiscoveryEnable") == "1":
        return [ProxySetting("macos", "script", script=told.get("ProxyAutoConfigURLString", ""))]
    for kind in _KINDS:
        host, port = told.get(f"{kind}Proxy", ""), told.get(f"{kind}Port", str(_PORTS[kind]))
        if told.get(f"{kind}Enable") == "1" and _HOST.fullmatch(host) and re.fullmatch(r"[0-9]{1,5}", port):
            return [ProxySetting("macos", "manual", host, int(port))]
    return []


def name_servers(machine: Machine) -> list[str]:
    """Return the name servers of a Mac; raises like `ask` and `parse_dns`."""
    return parse_dns(ask(machine, ("scutil", "--dns"), TIMEOUT))


def proxies(machine: Machine) -> list[ProxySetting]:
    """Return the proxy of a Mac; raises like `ask` and `parse_proxy`."""
    return parse_proxy(ask(machine, ("scutil", "--proxy"), TIMEOUT))
