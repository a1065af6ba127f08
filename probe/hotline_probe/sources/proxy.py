"""The proxy that is set, and what it really does."""

from __future__ import annotations

import contextlib
import re
import socket
import urllib.parse
from collections.abc import Iterator, Sequence

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.checks import tcp
from hotline_probe.checks.fetch import fetch
from hotline_probe.checks.limits import Deadline
from hotline_probe.checks.name import Names
from hotline_probe.errors import SourceFailed, Unsupported
from hotline_probe.source import NOT_MEASURED, Context
from hotline_probe.sources.basics import unknown
from hotline_probe.sources.ping import split_anchor
from hotline_probe.sources.proxysettings import ProxySetting, read_settings

# All of it below the source's timeout of 12 s, with the settings' 6 s.
PATIENCE = 4.5
MAX_SCRIPT = 64 * 1024
_MAX_ANSWER = 8192
MEASURED = ("net.proxy.reachable", "net.proxy.status", "net.proxy.script_ok")
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)")


class Proxy:
    """Reads what is set, connects to it, and asks it for the operator's measuring point."""

    name = "proxy"

    def __init__(self) -> None:
        self._names = Names()

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the setting and what it does; without a proxy the rest is unsupported.

        Raises:
            Unsupported: neither on Linux nor on Windows nor on macOS.
            SourceError: the settings cannot be read.
        """
        if context.machine.system not in {"linux", "windows", "macos"}:
            raise Unsupported("the proxy's settings are read on Linux, Windows and macOS only")
        settings = read_settings(context.machine)
        setting = settings[0] if settings else ProxySetting("", "none")
        yield Fact("net.proxy.mode", setting.mode)
        yield Fact("net.proxy.host", setting.host or _host_of(setting.script))
        yield Fact("net.proxy.agree", len({(one.mode, one.host, one.port) for one in settings}) <= 1)
        if not context.settings.active:
            yield from unknown(MEASURED, NOT_MEASURED)
            return
        yield from self._measure(setting, context.settings.anchors)

    def _measure(self, setting: ProxySetting, anchors: Sequence[str]) -> Iterator[Fact]:
        reachable: FactValue = UnknownReason.UNSUPPORTED
        status: FactValue = UnknownReason.UNSUPPORTED
        script: FactValue = UnknownReason.UNSUPPORTED
        if setting.mode == "manual":
            reachable, status = self._through(setting, anchors)
        elif setting.script.startswith("http://"):
            script = self._script(setting.script)
        yield from map(Fact, MEASURED, (reachable, status, script))

    def _through(self, setting: ProxySetting, anchors: Sequence[str]) -> tuple[FactValue, FactValue]:
        """Return whether the proxy accepts a connection, and its answer to CONNECT (RFC 9110, 9.3.6)."""
        deadline = Deadline(PATIENCE)
        try:
            channel = self._open(setting.host, setting.port, deadline)
        except (SourceFailed, OSError):
            return False, UnknownReason.UNREACHABLE
        anchor = next((anchor for anchor in anchors if split_anchor(anchor)), "")
        with contextlib.closing(channel):
            if not anchor:
                return True, NOT_MEASURED
            try:
                return True, _connect(channel, anchor, deadline)
            except TimeoutError:
                return True, UnknownReason.TIMEOUT
            except OSError:
                return True, UnknownReason.UNREACHABLE

    def _script(self, url: str) -> bool:
        """Tell whether the script with the rules for proxies can be had."""
        deadline = Deadline(PATIENCE)
        try:
            parts = urllib.parse.urlsplit(url)
            path = urllib.parse.quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
            host, port = parts.hostname or "", parts.port or 80
            with contextlib.closing(self._open(host, port, deadline)) as channel:
                page = fetch(channel, path, host, deadline, most=MAX_SCRIPT)
        except (SourceFailed, OSError, ValueError):
            return False
        return page.status == 200 and b"FindProxyForURL" in page.body

    def _open(self, host: str, port: int, deadline: Deadline) -> socket.socket:
        found = self._names.look_up(host, port, deadline.left(PATIENCE))
        return tcp.connect(found.endpoints, deadline).channel


def _host_of(script: str) -> str:
    try:
        return urllib.parse.urlsplit(script).hostname or ""
    except ValueError:
        return ""


def _connect(channel: socket.socket, anchor: str, deadline: Deadline) -> FactValue:
    channel.settimeout(deadline.left(PATIENCE))
    channel.sendall(f"CONNECT {anchor} HTTP/1.1\r\nHost: {anchor}\r\n\r\n".encode("ascii", "replace"))
    received = b""
    while b"\n" not in received and len(received) < _MAX_ANSWER:
        channel.settimeout(deadline.left(PATIENCE))
        part = channel.recv(4096)
        if not part:
            break
        received += part
    match = _STATUS.match(received)
    # What answers otherwise is no HTTP proxy, or one for SOCKS.
    return int(match[1]) if match else UnknownReason.UNSUPPORTED
