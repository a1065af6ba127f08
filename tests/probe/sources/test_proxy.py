"""Where a proxy is set, and proxies that are dead, demand a login, refuse or work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hotline_probe.sources.proxy import Proxy
from hotline_probe.sources.proxysettings import (
    ProxySetting,
    from_variables,
    parse_environment,
    parse_gnome,
    parse_kde,
    parse_proxy,
)
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

GNOME = "gsettings list-recursively org.gnome.system.proxy"
GNOME_AUTO = """org.gnome.system.proxy autoconfig-url 'http://wpad.example/proxy.pac'
org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', '::1']
org.gnome.system.proxy mode 'auto'
org.gnome.system.proxy use-same-proxy true
org.gnome.system.proxy.http host ''
org.gnome.system.proxy.http port 8080
org.gnome.system.proxy.https host ''
org.gnome.system.proxy.https port 0
"""
KDE_MANUAL = "[$Version]\nupdate_info=a\n\n[Proxy Settings]\nProxyType=1\nhttpProxy=http://p.example 3128\n"
# Answers every connection the same, in the manner of a proxy or a server of scripts.
SERVER = """
import socket, sys
server = socket.create_server(("192.0.2.1", 3128))
print("ready", flush=True)
while True:
    channel, _ = server.accept()
    asked = channel.recv(4096)
    if not asked.startswith(sys.argv[1].encode()):
        channel.close()
        continue
    channel.sendall(sys.argv[2].encode().decode("unicode_escape").encode("latin-1"))
    channel.close()
"""


def test_nothing_is_set(captured: Any, read: Any) -> None:
    captured.put({"/etc/environment": "LANG=de_DE.UTF-8\n"})
    captured.prints(GNOME, "org.gnome.system.proxy mode 'none'\norg.gnome.system.proxy.http host 'old'\n")
    told = read(Proxy())
    assert (told["net.proxy.mode"], told["net.proxy.host"], told["net.proxy.agree"]) == ("none", "", True)
    assert told["net.proxy.reachable"] is UnknownReason.UNSUPPORTED


def test_the_desktop_against_the_environment(captured: Any, read: Any) -> None:
    captured.put(
        {
            "/proc/self/environ": "HOME=/home/anna\0https_proxy=http://127.0.0.1:9/\0",
            "/home/anna/.config/kioslaverc": KDE_MANUAL,
        }
    )
    told = read(Proxy())
    assert (told["net.proxy.mode"], told["net.proxy.host"]) == ("manual", "127.0.0.1")
    assert told["net.proxy.agree"] is False and told["net.proxy.reachable"] is False


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("HTTP/1.1 200 Connection established\\r\\n\\r\\n", 200),
        ("HTTP/1.1 407 Proxy Authentication Required\\r\\n\\r\\n", 407),
        ("SOCKS\\n", "unsupported"),
    ],
)
def test_what_a_proxy_does(wire: Any, answer: str, status: object) -> None:
    wire.serve(SERVER, "CONNECT 198.51.100.1:443 HTTP/1.1", answer)
    told = wire.look(
        Proxy, environment={"https_proxy": "http://192.0.2.1:3128"}, anchors=["198.51.100.1:443"]
    )
    assert (told["net.proxy.reachable"], told["net.proxy.status"]) == (True, status)


@pytest.mark.parametrize(
    "body", ["function FindProxyForURL(u, h) { return 'DIRECT'; }", "<html>moved</html>"]
)
def test_a_script(wire: Any, tmp_path: Path, body: str) -> None:
    wire.serve(SERVER, "GET /proxy.pac", f"HTTP/1.1 200 OK\\r\\n\\r\\n{body}")
    told_by_gnome = GNOME_AUTO.replace("wpad.example", "192.0.2.1:3128")
    (tmp_path / "gsettings").write_text(f"#!/bin/sh\ncat <<'END'\n{told_by_gnome}END\n")
    (tmp_path / "gsettings").chmod(0o755)
    told = wire.look(Proxy, path=str(tmp_path), environment={"XDG_RUNTIME_DIR": str(tmp_path)})
    assert told["net.proxy.mode"] == "script" and told["net.proxy.script_ok"] is ("Find" in body)


def test_what_desktops_write() -> None:
    assert parse_gnome(GNOME_AUTO) == ProxySetting("gnome", "script", script="http://wpad.example/proxy.pac")
    assert parse_kde(KDE_MANUAL) == ProxySetting("kde", "manual", "p.example", 3128)
    assert parse_kde("[Proxy Settings]\nProxyType=2\nProxy Config Script=http://x/y\n") == ProxySetting(
        "kde", "script", script="http://x/y"
    )
    assert parse_kde("[Proxy Settings]\nProxyType=0\nhttpProxy=http://p.example 3128\n") is None
    upper = {"HTTP_PROXY": "http://a:1", "ALL_PROXY": "socks5://b"}
    assert from_variables("x", upper) == ProxySetting("x", "manual", "a", 1)
    assert from_variables("x", {"ALL_PROXY": "socks5://b"}) == ProxySetting("x", "manual", "b", 1080)


@given(st.text(max_size=60))
def test_no_setting_is_a_crash(text: str) -> None:
    for line in (
        text,
        f"org.gnome.system.proxy mode {text}",
        f"[Proxy Settings]\nProxyType=1\nhttpProxy={text}",
    ):
        parse_gnome(line)
        parse_kde(line)
        from_variables("x", parse_environment(f"http_proxy={line}"))
    place = parse_proxy(text)
    assert place is None or (place[0] and 0 < place[1] < 65536)
