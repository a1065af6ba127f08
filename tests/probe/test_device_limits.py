"""What is never read as a device, however it is spelt, and how many may be asked for."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from hotline_probe.deviceoptions import Means
from hotline_probe.devices import Devices
from hotline_probe.face import Question
from hotline_probe.texts import LANGUAGES
from hotline_proto.v1 import probe_pb2 as pb

pytest.importorskip("paramiko")

METADATA = (
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0xa9.0xfe.0xa9.0xfe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::a9fe:a9fe]",
    "[::ffff:0:a9fe:a9fe]",
    "[::169.254.169.254]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:4136:e378:8000:63bf:5601:5601]",
    "[fd00:ec2::254]",
    "[fd20:ce::254]",
    "[fd00:c1::a9fe:a9fe]",
    "[fe80::a9fe:a9fe]",
    "metadata.google.internal",
    "metadata.google.internal.",
    "100.100.100.200",
)
NO_HOST = ("0.0.0.0", "0", "[::]", "[::ffff:0.0.0.0]", "255.255.255.255", "224.0.0.1", "[ff02::1]")
HERE = (
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "127.255.255.254",
    "localhost",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::1]",
)
RANGES = ("192.168.1.0/24", "192.168.1.*", "192.168.1.1,192.168.1.2", "192.168.1.[1-9]", "fd00::/64")


class Caller:
    """A caller who says no, yes or nothing, and remembers what was asked."""

    interactive = True
    texts = LANGUAGES["en"]

    def __init__(self, says: bool | None) -> None:
        self.says = says
        self.asked: list[Question] = []

    async def ask_yes(self, question: Question, _patience: float) -> bool | None:
        self.asked.append(question)
        return self.says

    def event(self, *_: object, **__: object) -> None:
        """Nothing is read here."""


class Call:
    """The session of the caller's computer, with the two words confirmed; keeps what is sent."""

    def __init__(self) -> None:
        self.reports: list[pb.DeviceReport] = []

    def words_confirmed(self) -> bool:
        return True

    def post(self, frame: pb.ProbeFrame) -> int:
        self.reports.append(frame.device)
        return len(self.reports)


def devices(*named: str, says: bool | None = False) -> tuple[Devices, Caller, Call]:
    async def begin(*_: object) -> Any:
        raise AssertionError("nothing is read")

    caller, call = Caller(says), Call()
    return Devices(caller, call, begin, Means(named)), caller, call  # type: ignore[arg-type]


async def refused(host: str, *named: str) -> bool:
    """Tell whether a device is refused without a word to the caller."""
    some, caller, call = devices(*named)
    await some.request(pb.DeviceRequest(target=2, address=f"ssh://root@{host}", code="1"))
    states = [(report.state, report.trouble) for report in call.reports]
    if not caller.asked:
        assert states == [(pb.DEVICE_STATE_DECLINED, "not_allowed")]
    return not caller.asked


@pytest.mark.parametrize("host", [*METADATA, *NO_HOST, *HERE, *RANGES])
async def test_it_is_no_device(host: str) -> None:
    assert await refused(host)


@pytest.mark.parametrize("address", ["10.123.45.6", "fd00:1234::6"])
async def test_an_adapter_of_this_computer_is_no_device(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    card = [SimpleNamespace(family=family, address=address, netmask=None)]
    monkeypatch.setattr("psutil.net_if_addrs", lambda: {"eth0": card})
    host = f"[{address}]" if ":" in address else address
    assert await refused(host)
    resolving(monkeypatch, [address])
    assert await refused("nas.example.org")
    assert not await refused(host, f"ssh://root@{host}")


async def test_devices_of_a_home_are_asked_about() -> None:
    for host in ("192.168.1.1", "[fd00::1]", "10.0.0.1"):
        assert not await refused(host)


@pytest.mark.parametrize("host", HERE)
async def test_this_computer_is_asked_about_if_the_caller_typed_it(host: str) -> None:
    assert not await refused(host, f"ssh://root@{host}")


@pytest.mark.parametrize("host", [*METADATA, *NO_HOST])
async def test_metadata_is_none_even_if_the_caller_typed_it(host: str) -> None:
    assert await refused(host, f"ssh://root@{host}")


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: Sequence[str]) -> list[str]:
    """Let a name stand for these addresses, each time for the next; the last answer stays."""
    real, left, asked = socket.getaddrinfo, list(answers), []

    def look(host: str, port: Any, *others: Any, **named: Any) -> Any:
        if host != "nas.example.org":
            return real(host, port, *others, **named)
        asked.append(host)
        addresses = left.pop(0) if len(left) > 1 else left[0]
        return [entry for each in addresses for entry in real(each, port, type=socket.SOCK_STREAM)]

    monkeypatch.setattr(socket, "getaddrinfo", look)
    return asked


@pytest.mark.parametrize(
    "addresses",
    [
        ["169.254.169.254"],
        ["192.168.1.1", "169.254.169.254"],
        ["::ffff:169.254.169.254"],
        ["fd00:ec2::254"],
        ["127.0.0.1"],
        ["192.168.1.1", "::1"],
        ["0.0.0.0"],
    ],
)
async def test_a_name_is_what_it_stands_for(addresses: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolving(monkeypatch, addresses)
    assert await refused("nas.example.org") and asked


@pytest.mark.parametrize("then", ["169.254.169.254", "127.0.0.1", "::ffff:127.0.0.1"])
async def test_a_name_that_stands_for_another_address_a_moment_later(
    then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialled: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, place: dialled.append(place))
    resolving(monkeypatch, ["192.168.1.1"], ["192.168.1.1"], [then])
    some, caller, call = devices(says=True)
    await some.request(pb.DeviceRequest(target=2, address="ssh://root@nas.example.org", code="1"))
    assert len(caller.asked) == 1 and dialled == []
    last = call.reports[-1]
    assert (last.state, last.trouble) == (pb.DEVICE_STATE_DECLINED, "not_allowed")


async def test_a_user_that_looks_like_a_device_does_not_hide_the_device() -> None:
    some, caller, _ = devices()
    request = pb.DeviceRequest(target=2, address="ssh://admin@192.168.1.1@evil.example", code="1")
    await some.request(request)
    (asked,) = caller.asked
    assert "ssh://admin%40192.168.1.1@evil.example" in asked.about[0](caller.texts)
    assert "admin@192.168.1.1" not in asked.about[0](caller.texts)


async def test_ten_in_a_minute() -> None:
    some, caller, call = devices(*(f"ssh://root@10.0.0.{number}" for number in range(12)))
    for number in range(12):
        await some.request(pb.DeviceRequest(target=2, address=f"ssh://root@10.0.0.{number}", code="1"))
    assert len(caller.asked) == 10
    assert [report.trouble for report in call.reports][-2:] == ["not_allowed"] * 2


async def test_who_is_silent_has_not_said_no() -> None:
    some, caller, _ = devices(says=None)
    for number in range(5):
        await some.request(pb.DeviceRequest(target=2, address=f"ssh://root@10.0.0.{number}", code="1"))
    assert len(caller.asked) == 5


async def test_after_three_noes_nobody_is_asked_any_more_but_about_what_they_typed() -> None:
    some, caller, call = devices("ssh://root@10.0.0.9")
    for number in range(5):
        await some.request(pb.DeviceRequest(target=2, address=f"ssh://root@10.0.0.{number}", code="1"))
    assert len(caller.asked) == 3
    assert [report.trouble for report in call.reports if report.state == pb.DEVICE_STATE_DECLINED] == [
        *("", "", ""),
        *("not_allowed", "not_allowed"),
    ]
    await some.request(pb.DeviceRequest(target=2, address="ssh://root@10.0.0.9", code="1"))
    assert len(caller.asked) == 4


@pytest.mark.parametrize(
    ("change", "value"),
    [("address", "ssh://root@" + "a" * 300), ("code", "9" * 99), ("fingerprint", "SHA256:" + "a" * 42)],
)
async def test_what_no_collector_would_send(change: str, value: str) -> None:
    some, caller, call = devices()
    request = pb.DeviceRequest(target=2, address="ssh://root@10.0.0.1", code="1")
    setattr(request, change, value)
    await some.request(request)
    assert not caller.asked and call.reports[-1].trouble == "not_allowed"
