"""Where a proxy is set on Windows: the user's Internet Settings, WinHTTP's, policies and the environment."""

from __future__ import annotations

import binascii
import struct

from hotline_probe.machine import Machine
from hotline_probe.sources.proxysettings import ProxySetting, from_variables, parse_proxy
from hotline_probe.sources.windows import shell
from hotline_probe.sources.windows.shell import Row, integer, text

_TIMEOUT = 6.0
_INTERNET = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
_POLICY = r"Software\Policies\Microsoft\Windows\CurrentVersion\Internet Settings"
_READ = (
    "function s($p){{$k=Get-ItemProperty -LiteralPath $p;"
    "@{{enable=$k.ProxyEnable;server=[string]$k.ProxyServer;script=[string]$k.AutoConfigURL}}}}"
    ";$c=(Get-ItemProperty -LiteralPath 'HKLM:\\{internet}\\Connections').WinHttpSettings"
    ";$r=@{{user=(s 'HKCU:\\{internet}');policy=(s 'HKLM:\\{policy}')"
    ";winhttp=$(if($c){{[BitConverter]::ToString($c)}})"
    ";https=[string]$env:https_proxy;http=[string]$env:http_proxy;all=[string]$env:all_proxy}}"
)
SCRIPT = _READ.format(internet=_INTERNET, policy=_POLICY)
# The value WinHttpSettings, which `netsh winhttp show proxy` prints in words: four numbers of 32 bits, the
# third says by its second bit that a proxy is set, the last how long its text is.
_HEAD = struct.Struct("<IIII")
_NAMED = 0x2


def read_windows_settings(machine: Machine) -> list[ProxySetting]:
    """Return every proxy that is set somewhere, the one that most programs use first.

    Raises:
        SourceError: PowerShell cannot tell.
    """
    return parse_settings(shell.ask(machine, SCRIPT, _TIMEOUT))


def parse_settings(told: Row) -> list[ProxySetting]:
    """Return the proxies in the answer to `SCRIPT`."""
    variables = {f"{name}_proxy": text(told, name) for name in ("https", "http", "all")}
    found = [
        _internet("policy", told.get("policy")),
        _internet("user", told.get("user")),
        from_variables("environment", variables),
        parse_winhttp(text(told, "winhttp")),
    ]
    return [setting for setting in found if setting is not None]


def server_for_pages(servers: str) -> tuple[str, int] | None:
    """Return host and port out of ProxyServer: one for all, or "http=a:80;https=b:443;socks=c:1080".

    >>> server_for_pages("proxy.example.net:3128"), server_for_pages("http=a.example:80;https=b.example:81")
    (('proxy.example.net', 3128), ('b.example', 81))
    """
    parts = [part.strip() for part in servers.replace(" ", ";").split(";") if part.strip()]
    by_kind = dict(part.lower().split("=", 1) for part in parts if "=" in part)
    plain = next((part for part in parts if "=" not in part), "")
    chosen = plain or next((by_kind[kind] for kind in ("https", "http", "socks") if by_kind.get(kind)), "")
    return parse_proxy(chosen) if chosen else None


def parse_winhttp(dashed: str) -> ProxySetting | None:
    """Return the proxy of services and updates from the bytes of WinHttpSettings, None if they go directly.

    >>> parse_winhttp("18-00-00-00-00-00-00-00-03-00-00-00-08-00-00-00-70-2E-65-78-3A-38-31-20").host
    'p.ex'
    """
    try:
        data = binascii.unhexlify(dashed.replace("-", ""))
        _, _, flags, length = _HEAD.unpack_from(data)
    except (ValueError, struct.error):
        return None
    servers = data[_HEAD.size : _HEAD.size + length].decode("ascii", "replace").strip()
    place = server_for_pages(servers) if flags & _NAMED else None
    return ProxySetting("winhttp", "manual", *place) if place else None


def _internet(name: str, told: object) -> ProxySetting | None:
    if not isinstance(told, dict):
        return None
    script = text(told, "script").strip()
    if script:  # comes before the server where both are set
        return ProxySetting(name, "script", script=script)
    place = server_for_pages(text(told, "server")) if integer(told, "enable") == 1 else None
    return ProxySetting(name, "manual", *place) if place else None
