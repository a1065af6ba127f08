"""Proxies of a captured Windows, and its hosts file."""

from __future__ import annotations

import socket
import struct
import threading

import pytest
from hotline_probe.errors import SourceFailed
from hotline_probe.source import Settings
from hotline_probe.sources.lookups import Lookups
from hotline_probe.sources.proxy import Proxy
from hotline_probe.sources.windows.proxy import SCRIPT, parse_settings, parse_winhttp
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

NOTHING = {"enable": 0, "server": "", "script": ""}
# What `netsh winhttp reset proxy` leaves behind.
DIRECT = "28-00-00-00-00-00-00-00-01-00-00-00-00-00-00-00-00-00-00-00"


def winhttp(servers: str, flags: int = 3) -> str:
    data = struct.pack("<IIII", 0x18, 0, flags, len(servers)) + servers.encode() + struct.pack("<I", 0)
    return "-".join(f"{byte:02X}" for byte in data)


def told(**kinds: object) -> dict[str, object]:
    return {"user": NOTHING, "policy": {}, "winhttp": DIRECT, "https": "", "http": "", "all": "", **kinds}


def test_nothing_is_set(tells, read) -> None:
    # A server stays in the registry when the proxy is switched off.
    tells(SCRIPT, told(user={"enable": 0, "server": "old.example.net:3128", "script": ""}))
    facts = read(Proxy())
    assert (facts["net.proxy.mode"], facts["net.proxy.host"], facts["net.proxy.agree"]) == ("none", "", True)
    assert facts["net.proxy.reachable"] is UnknownReason.UNSUPPORTED


def test_a_switched_on_one_that_nobody_listens_at(tells, read) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    tells(
        SCRIPT, told(user={"enable": 1, "server": f"http=127.0.0.1:1;https=127.0.0.1:{port}", "script": ""})
    )
    facts = read(Proxy())
    assert (facts["net.proxy.mode"], facts["net.proxy.host"]) == ("manual", "127.0.0.1")
    assert facts["net.proxy.reachable"] is False


def test_one_that_wants_a_login(tells, read) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            channel, _ = server.accept()
            with channel:
                channel.recv(4096)
                channel.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        place = f"127.0.0.1:{server.getsockname()[1]}"
        tells(SCRIPT, told(user={"enable": 1, "server": place, "script": ""}))
        facts = read(Proxy(), Settings(anchors=("anchor.example.org:443",)))
        thread.join(30)
    assert (facts["net.proxy.reachable"], facts["net.proxy.status"]) == (True, 407)


def test_a_script_comes_before_a_server(tells, read) -> None:
    user = {"enable": 1, "server": "p.example.net:3128", "script": "http://wpad.example.net/proxy.pac"}
    tells(SCRIPT, told(user=user))
    facts = read(Proxy(), Settings(active=False))
    assert (facts["net.proxy.mode"], facts["net.proxy.host"]) == ("script", "wpad.example.net")


def test_services_go_another_way_than_the_user(tells, read) -> None:
    user = {"enable": 1, "server": "new.example.net:3128", "script": ""}
    tells(SCRIPT, told(user=user, winhttp=winhttp("old.example.net:8080")))
    facts = read(Proxy(), Settings(active=False))
    assert (facts["net.proxy.host"], facts["net.proxy.agree"]) == ("new.example.net", False)


def test_an_administrator_comes_before_the_user(tells, read) -> None:
    policy = {"enable": 1, "server": "firm.example.net:3128", "script": ""}
    tells(SCRIPT, told(user={"enable": 1, "server": "own.example.net:1", "script": ""}, policy=policy))
    assert read(Proxy(), Settings(active=False))["net.proxy.host"] == "firm.example.net"


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (winhttp("proxy.example.net:3128"), ("proxy.example.net", 3128)),
        (winhttp("http=a.example:80;https=b.example:81"), ("b.example", 81)),
        (winhttp("proxy.example.net:3128", flags=1), None),
        (DIRECT, None),
        ("", None),
        ("18-00", None),
        ("no bytes", None),
    ],
)
def test_bytes_of_winhttp(value, place) -> None:
    found = parse_winhttp(value)
    assert (found and (found.host, found.port)) == place


def test_the_hosts_file(captured, read) -> None:
    captured.system = "windows"
    text = "\ufeff# Microsoft TCP/IP\r\n127.0.0.1 localhost\r\n10.0.0.9 bank.example.com\r\n"
    captured.put({"C:/Windows/System32/drivers/etc/hosts": text})
    assert read(Lookups(), Settings(active=False))["net.hosts.overrides"] == 1


def test_without_an_answer_it_is_not_said_that_there_is_none(captured, read) -> None:
    captured.system = "windows"
    captured.prints("powershell", "", code=1)
    with pytest.raises(SourceFailed):
        read(Proxy())


VALUES = st.none() | st.integers() | st.text(max_size=30) | st.booleans() | st.lists(st.text(max_size=3))
SETTINGS = st.dictionaries(st.sampled_from(["enable", "server", "script"]), VALUES)


@given(st.dictionaries(st.sampled_from(list(told())), VALUES | SETTINGS))
def test_whatever_is_told_settings_come_out(row) -> None:
    for setting in parse_settings(row):
        assert setting.mode in {"manual", "script"}


@given(st.binary(max_size=60))
def test_whatever_bytes_there_are(data) -> None:
    found = parse_winhttp("-".join(f"{byte:02X}" for byte in data))
    assert found is None or found.host
