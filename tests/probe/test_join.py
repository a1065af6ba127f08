from __future__ import annotations

import asyncio
import contextlib
import hashlib
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc.aio
import pytest
from hotline_probe import reach
from hotline_probe.backoff import Backoff
from hotline_probe.errors import JoinRefused, LinkError, Untrusted
from hotline_probe.join import Joined, join
from hotline_probe.reach import Expectation, Route, Trust, Way, find_way, open_channel, plan_routes
from hotline_probe.texts import LANGUAGES
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.words import commit, two_words

DE, EN = LANGUAGES["de"], LANGUAGES["en"]
joining = sys.modules[join.__module__]


def routes(
    double: Any, host: str = "localhost", addresses: tuple[str, ...] = (), proxy: str = ""
) -> tuple[Route, ...]:
    return plan_routes(host, double.port, addresses, proxy)


def _no_names(real: Callable[..., Any], hang: float = 0.0) -> Callable[..., Any]:
    """Stand in for a dead name server, for names under .invalid only."""

    def lookup(host: Any, *rest: Any, **options: Any) -> Any:
        if str(host).endswith(".invalid"):
            time.sleep(hang)
            raise socket.gaierror(socket.EAI_AGAIN, "no name server")
        return real(host, *rest, **options)

    return lookup


class Proxy:
    """A CONNECT proxy that takes every name for this machine."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.tasks: set[asyncio.Task[Any]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head)
        writer.write(self.answer)
        if b" 200 " in self.answer:
            port = int(head.split()[1].rpartition(":")[2])
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", port)
            self.writers.append(up_writer)
            await asyncio.gather(self.pump(reader, up_writer), self.pump(up_reader, writer))
        writer.close()

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for writer in self.writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


@contextlib.asynccontextmanager
async def _proxy(answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> AsyncIterator[tuple[int, list[str]]]:
    proxy = Proxy(answer)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], proxy.asked
        await proxy.close()


async def way_to(double: Any, **places: Any) -> Way:
    return await find_way(routes(double, **places), Expectation(double.fingerprint), EN)


async def redeem(double: Any, way: Way, waits: list[float] | None = None) -> Joined:
    return await join(
        way,
        "000000000019",
        pb.ProbeInfo(version="1"),
        texts=EN,
        on_busy=(waits if waits is not None else []).append,
        on_sent=lambda _: None,
        backoff=Backoff(0.001, 0.002),
    )


async def test_the_fingerprint_of_the_link_is_enough(double: Any) -> None:
    joined = await redeem(double, await way_to(double))
    assert joined.token
    assert joined.agent == "Anna"
    assert joined.operator == "Example [31mSupport"
    assert double.joins[0].nonce_commitment == commit(joined.nonce)
    assert joined.words == two_words(double.fingerprint, joined.nonce, b"c" * 16)


async def test_a_wrong_fingerprint_stops_before_the_code_leaves(double: Any) -> None:
    wrong = Expectation(hashlib.sha256(b"another").hexdigest())
    with pytest.raises(Untrusted, match="not your call centre"):
        await find_way(routes(double), wrong, EN)
    assert not double.joins


async def test_a_ca_file_is_enough_and_its_root_is_what_the_words_depend_on(double: Any) -> None:
    expected = Expectation(ca=double.ca_pem.decode())
    way = await find_way(routes(double), expected, EN)
    assert way.trust.fingerprint == double.fingerprint
    assert (await redeem(double, way)).token


async def test_without_anything_only_public_authorities_count(double: Any) -> None:
    for texts, advice in ((EN, "; use the link"), (DE, "; nehmen Sie den Link")):
        with pytest.raises(Untrusted, match=advice):
            await find_way(routes(double), Expectation(), texts)
    assert not double.joins


async def test_a_certificate_for_another_name_is_refused(double: Any) -> None:
    expected = Expectation(ca=double.ca_pem.decode())
    with pytest.raises(Untrusted):
        await find_way((Route("other.invalid", double.port, "127.0.0.1"),), expected, EN)


async def test_a_dead_name_falls_back_to_the_addresses(double: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _no_names(socket.getaddrinfo))
    way = await way_to(double, host="collector.invalid", addresses=("127.0.0.1",))
    assert way.routes[0] == Route("collector.invalid", double.port, "127.0.0.1")
    assert (await redeem(double, way)).token


async def test_a_hanging_name_server_does_not_hold_up_the_addresses(
    double: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "STAGGER", 0.01)
    monkeypatch.setattr(socket, "getaddrinfo", _no_names(socket.getaddrinfo, hang=3.0))
    way = await asyncio.wait_for(way_to(double, host="collector.invalid", addresses=("127.0.0.1",)), 2.5)
    assert way.routes[0].address == "127.0.0.1"


async def test_the_address_behind_the_name_is_kept_for_later(double: Any) -> None:
    way = await way_to(double)
    assert Route("localhost", double.port, "127.0.0.1") in way.routes


async def test_an_impossible_name_is_no_crash() -> None:
    with pytest.raises(LinkError, match="name not found"):
        await find_way((Route("a" * 70 + "..b", 1),), Expectation(), EN)


async def test_nobody_there_is_one_sentence_with_every_way_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(LinkError) as caught:
            await find_way(plan_routes("127.0.0.1", port, ("::1",)), Expectation(), EN)
    assert f"127.0.0.1:{port} (connection refused)" in str(caught.value)
    assert f"[::1]:{port}" in str(caught.value)


async def test_through_a_proxy(double: Any) -> None:
    async with _proxy() as (port, asked):
        way = await way_to(double, host="collector.invalid", proxy=f"http://me:pass@127.0.0.1:{port}")
        asked.clear()
        assert (await redeem(double, way)).token
        assert f"CONNECT collector.invalid:{double.port}" in asked[0]
        assert "Basic bWU6cGFzcw==" in asked[0]


async def test_the_systems_proxy_is_the_second_way(double: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _no_names(socket.getaddrinfo))
    async with _proxy() as (port, _asked):
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
        way = await way_to(double, host="collector.invalid")
        assert way.routes[0].proxy
        assert [bool(route.proxy) for route in routes(double, host="collector.invalid")] == [False, True]
        assert (await redeem(double, way)).token


async def test_a_proxy_that_refuses_is_said_so(double: Any) -> None:
    async with _proxy(b"HTTP/1.1 403 Forbidden\r\n\r\n") as (port, _asked):
        with pytest.raises(LinkError, match=rf"via 127.0.0.1:{port} \(connection refused\)"):
            await way_to(double, proxy=f"http://127.0.0.1:{port}")


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(
    ("code", "field"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, "refused_mistyped"),
        (grpc.StatusCode.NOT_FOUND, "refused_unknown"),
        (grpc.StatusCode.FAILED_PRECONDITION, "refused_version"),
        (grpc.StatusCode.UNAVAILABLE, "refused_unavailable"),
        (grpc.StatusCode.INTERNAL, "refused_other"),
    ],
)
async def test_refusals_in_plain_words(
    double: Any, language: str, code: grpc.StatusCode, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = LANGUAGES[language]
    monkeypatch.setattr(joining, "_PATIENCE", {})
    double.refuse_join = [code] * 4
    way = await way_to(double)
    with pytest.raises(JoinRefused) as caught:
        await join(way, "1", pb.ProbeInfo(), texts=texts, on_busy=print, on_sent=lambda _: None)
    assert str(caught.value) == getattr(texts, field).format(code=code.name)


async def test_a_busy_collector_is_asked_again(double: Any) -> None:
    double.refuse_join = [grpc.StatusCode.RESOURCE_EXHAUSTED] * 3
    waits: list[float] = []
    assert (await redeem(double, await way_to(double), waits)).token
    assert len(waits) == 3
    assert all(0.0005 <= wait <= 0.002 for wait in waits)
    assert len({bytes(request.nonce_commitment) for request in double.joins}) == 1


async def test_a_collector_busy_for_too_long_ends_in_a_sentence(
    double: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(joining._PATIENCE, grpc.StatusCode.RESOURCE_EXHAUSTED, 0.0)
    double.refuse_join = [grpc.StatusCode.RESOURCE_EXHAUSTED] * 3
    with pytest.raises(JoinRefused, match="stayed busy"):
        await redeem(double, await way_to(double))


async def test_the_channel_trusts_that_one_authority_only(double: Any, stranger: Any) -> None:
    way = await way_to(double)
    trust = Trust(stranger.ca_pem, stranger.fingerprint)
    async with open_channel(way.routes[0], trust) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary("/hotline.v1.ProbeService/Join", None, None)(b"", timeout=5)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


def test_backoff_doubles_up_to_its_limit_and_begins_again() -> None:
    backoff = Backoff(0.5, 15.0)
    waits = [backoff.next() for _ in range(12)]
    assert all(low / 2 <= wait <= low for wait, low in zip(waits, (0.5, 1, 2, 4, 8, 15, 15), strict=False))
    backoff.reset()
    assert backoff.next() <= 0.5


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED])
async def test_a_collector_that_is_away_for_a_moment_is_asked_again(
    double: Any, code: grpc.StatusCode
) -> None:
    way = await way_to(double)
    double.refuse_join = [code] * 2 * len(way.routes)
    waits: list[float] = []
    assert (await redeem(double, way, waits)).token
    assert len(waits) == 2, "every way is tried before the next wait"


async def test_a_collector_that_stays_away_is_given_up(double: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    way = await way_to(double)
    double.refuse_join = [grpc.StatusCode.UNAVAILABLE] * 100_000
    monkeypatch.setitem(joining._PATIENCE, grpc.StatusCode.UNAVAILABLE, 0.05)
    waits: list[float] = []
    with pytest.raises(JoinRefused) as caught:
        await redeem(double, way, waits)
    assert str(caught.value) == EN.refused_unavailable
    assert waits
