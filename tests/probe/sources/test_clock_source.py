"""The clock against real time servers on loopback."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hotline_probe.errors import SourceFailed
from hotline_probe.source import Settings
from hotline_probe.sources.clock import Clock
from hotline_probe.sources.sntp import KissOfDeath, parse_answer, split_server
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

UNIX = 2_208_988_800
PACKET = struct.Struct("!BBbb II4s QQQQ")


def answer(
    question: bytes, ahead: float, flags: int = 0x24, stratum: int = 2, cookie: int | None = None
) -> bytes:
    originate = PACKET.unpack(question)[10] if cookie is None else cookie
    stamp = int((time.time() + UNIX + ahead) * 2**32) % 2**64
    return PACKET.pack(flags, stratum, 0, -20, 0, 0, b"RATE", 0, originate, stamp, stamp)


Reply = Callable[[bytes], bytes]


@pytest.fixture
def serve() -> Iterator[Callable[[Reply], str]]:
    """Start time servers that answer as told; return host:port."""
    servers: list[tuple[socket.socket, threading.Thread]] = []

    def loop(channel: socket.socket, reply: Reply) -> None:
        while True:
            question, peer = channel.recvfrom(512)
            if not question:
                return
            channel.sendto(reply(question), peer)

    def start(reply: Reply) -> str:
        channel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        channel.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=loop, args=(channel, reply))
        thread.start()
        servers.append((channel, thread))
        return f"127.0.0.1:{channel.getsockname()[1]}"

    yield start
    for channel, thread in servers:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", channel.getsockname())
        thread.join()
        channel.close()


def test_a_lost_answer_is_asked_for_once_more(serve: Any, read: Any) -> None:
    questions: list[bytes] = []

    def reply(question: bytes) -> bytes:
        questions.append(question)
        return b"" if len(questions) == 1 else answer(question, 3600.0)

    facts = read(Clock(), Settings(ntp_servers=(serve(reply),)))
    assert facts["time.offset"] == pytest.approx(-3600.0, abs=1.0)
    assert len(questions) == 2


@pytest.mark.parametrize("ahead", [0.0, 3600.0, -86400.0, 600_000_000.0])
def test_offset_is_this_clock_minus_the_true_time(serve: Any, read: Any, ahead: float) -> None:
    server = serve(lambda question: answer(question, ahead))
    facts = read(Clock(), Settings(ntp_servers=(server,)))
    assert facts["time.offset"] == pytest.approx(-ahead, abs=1.0)
    assert facts["time.reference"] == "ntp"


def test_the_second_server_is_asked(serve: Any, read: Any) -> None:
    unsynchronised = serve(lambda question: answer(question, 50, flags=0xE4))
    good = serve(lambda question: answer(question, 7))
    facts = read(Clock(), Settings(ntp_servers=(unsynchronised, good)))
    assert facts["time.offset"] == pytest.approx(-7, abs=1.0)


def test_a_server_that_refuses_is_left_alone(serve: Any, read: Any) -> None:
    asked: list[bytes] = []

    def refuse(question: bytes) -> bytes:
        asked.append(question)
        return answer(question, 0, stratum=0)

    source, settings = Clock(), Settings(ntp_servers=(serve(refuse),), collector_offset=1.5)
    for _ in range(3):
        facts = read(source, settings)
    assert len(asked) == 1
    assert (facts["time.offset"], facts["time.reference"]) == (1.5, "collector")


def test_no_server_is_asked_twice_within_a_moment(serve: Any, read: Any) -> None:
    asked: list[bytes] = []

    def reply(question: bytes) -> bytes:
        asked.append(question)
        return answer(question, 9)

    source, settings = Clock(), Settings(ntp_servers=(serve(reply),))
    offsets = [read(source, settings)["time.offset"] for _ in range(3)]
    assert len(asked) == 1
    assert offsets == pytest.approx([-9] * 3, abs=1.0)


def test_an_inactive_probe_sends_nothing(serve: Any, read: Any) -> None:
    asked: list[bytes] = []

    def reply(question: bytes) -> bytes:
        asked.append(question)
        return answer(question, 0)

    facts = read(Clock(), Settings(ntp_servers=(serve(reply),), active=False))
    assert not asked
    assert facts["time.offset"] is UnknownReason.PENDING


def test_an_answer_to_somebody_else_is_no_answer(serve: Any, read: Any) -> None:
    server = serve(lambda question: answer(question, 5, cookie=1234))
    assert read(Clock(), Settings(ntp_servers=(server,)))["time.offset"] is UnknownReason.PENDING


@given(st.binary(max_size=80), st.integers(0, 2**64 - 1))
def test_any_packet_is_an_answer_or_refused(packet: bytes, cookie: int) -> None:
    try:
        assert abs(parse_answer(packet, cookie).sent) < 2**33
    except SourceFailed as error:
        assert str(error)


@given(st.binary(min_size=48, max_size=48), st.integers(1, 2**64 - 1))
def test_right_cookies_get_through_to_the_checks(packet: bytes, cookie: int) -> None:
    packet = b"\x24" + packet[1:24] + struct.pack("!Q", cookie) + packet[32:]
    try:
        found = parse_answer(packet, cookie)
    except SourceFailed as error:
        assert isinstance(error, KissOfDeath) == (packet[1] == 0)
    else:
        assert 0 < packet[1] < 16 and found.root_distance <= 1.5


@given(st.text(max_size=40))
def test_any_server_name_is_split_or_refused(text: str) -> None:
    try:
        _, port = split_server(text)
        assert 0 < port < 65536
    except SourceFailed as error:
        assert repr(text) in str(error)
