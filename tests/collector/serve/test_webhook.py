"""Messages to a ticket system arrive once it works, signed, and go nowhere else; against a real server."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hotline_collector.bus.local import LocalBus
from hotline_collector.calls.clock import SteadyClock
from hotline_collector.calls.tickets import TOPIC
from hotline_collector.errors import ConfigError
from hotline_collector.model.rows import CallRow, DeliveryRow
from hotline_collector.security.authority import own_identity
from hotline_collector.security.webhooks import read_secret, signed_headers
from hotline_collector.serve.configload import load
from hotline_collector.serve.webhook import Patience, Receiver, WebhookSender
from hotline_collector.serve.webhook_target import Unreachable, fault_of, place_of
from hotline_collector.store.store import SqlStore

from tests.new_database import new_database
from tests.receiver import KEY, SECRET
from tests.receiver import Receiver as Server

QUICK = Patience(attempts=6, first_s=0.02, longest_s=0.2, answer_s=10.0)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore(new_database(tmp_path / "a.db"))
    await store.start()
    await store.save([CallRow("c1", "closed", "", "", "", "mia", 1, "0" * 64, closed=2)])
    yield store
    await store.close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.stop()


def message(number: int = 1, at: int = 1) -> DeliveryRow:
    return DeliveryRow(f"m{number}", "c1", "call.closed", json.dumps({"n": number, "ü": "ß"}), at, at)


@asynccontextmanager
async def sending(store: SqlStore, url: str, patience: Patience = QUICK, **more: Any) -> AsyncIterator[Any]:
    trusted = more.pop("trusted", None) or ssl.create_default_context()
    bus = LocalBus()
    receiver = Receiver(url, KEY, trusted, **more)
    sender = WebhookSender(receiver, store, bus, SteadyClock(), patience)
    sender.bus = bus  # type: ignore[attr-defined]
    task = asyncio.create_task(sender.run())
    try:
        yield sender
        assert not task.done(), task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(done: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not done():  # noqa: ASYNC110 - the sender tells nobody when it is done
            await asyncio.sleep(0.02)


async def settled(store: SqlStore, number: int = 1) -> list[DeliveryRow]:
    async with asyncio.timeout(30):
        while True:
            rows = await store.deliveries("c1")
            if sum(row.state != "waiting" for row in rows) >= number:
                return rows
            await asyncio.sleep(0.02)


async def test_a_message_arrives_signed_and_is_forgotten(store: SqlStore, server: Server) -> None:
    async with sending(store, f"http://127.0.0.1:{server.port}/hook?x=1") as sender:
        await store.save([message()])
        sender.bus.publish(TOPIC)
        [row] = await settled(store)
        [got] = server.got
        assert (row.state, row.attempts, row.detail, row.payload) == ("delivered", 1, "", "")
        assert got.path == "/hook?x=1" and got.is_genuine() and not got.is_genuine(b"x" * 32)
        assert (got.headers["webhook-id"], got.headers["content-type"]) == ("m1", "application/json")
        assert json.loads(got.body) == {"n": 1, "ü": "ß"}
        await until(lambda: sender.counts == {"delivered": 1})
        assert sender.health() == {"webhook": "0 waiting, 0 given up"}


async def test_a_server_that_fails_gets_it_once_it_works(store: SqlStore, server: Server) -> None:
    server.answers = [500, "drop", 429, 404, 302]
    await store.save([message()])
    async with sending(store, f"http://127.0.0.1:{server.port}/"):
        [row] = await settled(store)
    assert (row.state, row.attempts) == ("delivered", 6)
    assert [m.headers["webhook-id"] for m in server.got] == ["m1"] * 6
    # Nobody followed the redirect.
    assert {m.path for m in server.got} == {"/"} and all(m.is_genuine() for m in server.got)


async def test_a_slow_server_costs_the_time_of_an_answer(store: SqlStore, server: Server) -> None:
    server.answers = ["hang"]
    await store.save([message()])
    patience = Patience(attempts=5, first_s=0.02, longest_s=0.1, answer_s=1.0)
    async with sending(store, f"http://127.0.0.1:{server.port}/", patience):
        [row] = await settled(store)
    assert row.state == "delivered" and row.attempts >= 2


async def test_nobody_listening_is_tried_until_the_bound(store: SqlStore, server: Server) -> None:
    server.stop()
    await store.save([message()])
    async with sending(store, f"http://127.0.0.1:{server.port}/") as sender:
        [row] = await settled(store)
        assert (row.state, row.attempts) == ("failed", 6) and row.detail and row.payload
        await until(lambda: sender.counts == {"failed": 1})
        assert sender.health()["webhook"].startswith("0 waiting, 1 given up; ")


async def test_gone_ends_at_once_and_a_refused_message_holds_up_no_other(
    store: SqlStore, server: Server
) -> None:
    server.answers = [410, 400]
    await store.save([message(1), message(2, 2), message(3, 3)])
    async with sending(store, f"http://127.0.0.1:{server.port}/"):
        rows = {row.id: row for row in await settled(store, 3)}
    assert (rows["m1"].state, rows["m1"].detail) == ("failed", "the receiver answered 410")
    assert (rows["m2"].state, rows["m2"].attempts) == ("delivered", 2)
    assert [m.headers["webhook-id"] for m in server.got] == ["m1", "m2", "m3", "m2"]


async def test_what_waited_is_sent_after_a_restart(store: SqlStore, server: Server) -> None:
    server.answers = ["hang"]
    await store.save([message()])
    async with sending(store, f"http://127.0.0.1:{server.port}/"):
        await asyncio.to_thread(server.wait, len)
    # The first sender died while it waited for the answer: nobody knows whether it arrived.
    [row] = await store.deliveries("c1")
    assert (row.state, row.attempts) == ("waiting", 0)
    async with sending(store, f"http://127.0.0.1:{server.port}/"):
        await settled(store)
    assert [m.headers["webhook-id"] for m in server.got] == ["m1", "m1"]


async def test_a_message_whose_call_was_erased_comes_to_rest(store: SqlStore, server: Server) -> None:
    server.answers = ["hang"]
    await store.save([message()])
    async with sending(store, f"http://127.0.0.1:{server.port}/", Patience(9, 0.02, 0.1, 1.0)) as sender:
        await asyncio.to_thread(server.wait, len)
        assert await store.prune(10) == 1
        # The answer does not come in time, and there is nothing left to keep that in.
        await until(lambda: sender.fault and not sender.counts)
    assert await store.next_delivery() is None


async def test_a_certificate_must_be_right(store: SqlStore, tmp_path: Path) -> None:
    own = own_identity(tmp_path / "tls", ("127.0.0.1",))
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    await asyncio.to_thread(chain.write_bytes, own.chain_pem)
    await asyncio.to_thread(key.write_bytes, own.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    server = Server(tls=context)
    server.start()
    try:
        await store.save([message()])
        url = f"https://127.0.0.1:{server.port}/"
        async with sending(store, url, Patience(1, 0.02, 0.1, 10.0)):
            [row] = await settled(store)
        assert row.state == "failed" and "CERTIFICATE_VERIFY_FAILED" in row.detail and not server.got
        await store.save([message()])
        async with sending(store, url, trusted=ssl.create_default_context(cadata=own.ca_pem.decode())):
            [row] = await settled(store)
        assert row.state == "delivered" and server.got[0].is_genuine()
        await store.save([message()])
        wrong = f"https://localhost:{server.port}/"
        trusted = ssl.create_default_context(cadata=own.ca_pem.decode())
        async with sending(store, wrong, Patience(1, 0.02, 0.1, 10.0), trusted=trusted):
            [row] = await settled(store)
        assert row.state == "failed" and "localhost" in row.detail
    finally:
        server.stop()


async def test_a_name_leads_to_no_private_address(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    leads: dict[str, list[str]] = {
        "inside.example": ["10.1.2.3"],
        "meta.example": ["169.254.169.254"],
        "here.example": ["127.0.0.1"],
        "mapped.example": ["::ffff:192.168.1.1"],
        "both.example": ["1.1.1.1", "fd00::1"],
        "outside.example": ["2606:4700::1111"],
    }

    async def resolve(host: str, port: int, **_: Any) -> list[Any]:
        return [(0, 0, 0, "", (address, port)) for address in leads[host]]

    monkeypatch.setattr(loop, "getaddrinfo", resolve)
    for host in list(leads)[:-1]:
        with pytest.raises(Unreachable, match=r"private address .* set webhook.private_network"):
            await place_of(f"https://{host}/x", private=False)
    place = await place_of("https://outside.example/x?y", private=False)
    assert (place.url, place.host, place.name) == (
        "https://[2606:4700::1111]:443/x?y",
        "outside.example",
        "outside.example",
    )
    place = await place_of("https://inside.example:8443/", private=True)
    assert (place.url, place.host) == ("https://10.1.2.3:8443/", "inside.example:8443")
    # A number is the operator's own word.
    assert (await place_of("https://10.1.2.3/", private=False)).name == "10.1.2.3"
    monkeypatch.undo()
    with pytest.raises(Unreachable, match="does not resolve"):
        await place_of("https://nothing.invalid/", private=False)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://tickets.example.org/hotline?x=1", ""),
        ("http://127.0.0.1:9/", ""),
        ("http://[::1]/", ""),
        ("http://localhost/", ""),
        ("http://tickets.example.org/", "begins with https://"),
        ("http://127.0.0.1.example.org/", "begins with https://"),
        ("http://10.0.0.1/", "begins with https://"),
        ("https://u:p@tickets.example.org/", "no name, password or fragment"),
        ("https://tickets.example.org/#x", "no name, password or fragment"),
        ("ftp://tickets.example.org/", "no address of a web server"),
        ("https://:443/", "no address of a web server"),
        ("https://a:99999/", "no address of a web server"),
        ("https://[::1/", "no address of a web server"),
    ],
)
def test_which_addresses_can_be_set(url: str, why: str) -> None:
    fault = fault_of(url)
    assert (why in fault) if why else not fault


def test_the_signature_is_that_of_the_specification() -> None:
    # The example of the specification's reference libraries.
    key = read_only(b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed_headers(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def read_only(text: bytes) -> bytes:
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        file.write(text + b"\n")
        file.flush()
        return read_secret(Path(file.name))


@pytest.mark.parametrize(
    "text", [b"", b"hello", b"whsec_", b"whsec_AAAA", b"whsec_!!!!", b"\xff", SECRET[6:].encode()]
)
def test_what_is_no_secret_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="is no secret: it is whsec_"):
        read_only(text)


def test_the_configuration_is_checked_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET)
    environ = {"HOTLINE_WEBHOOK__URL": "https://t.example.org/", "HOTLINE_WEBHOOK__SECRET_FILE": str(file)}
    config = load(None, {**environ, "HOTLINE_WEBHOOK__EVENTS": "call.closed, call.handed_over"}, {}).config
    assert config.webhook.events == ("call.closed", "call.handed_over")
    for change, words in (
        ({"HOTLINE_WEBHOOK__URL": "http://t.example.org/"}, "begins with https://"),
        ({"HOTLINE_WEBHOOK__SECRET_FILE": str(tmp_path / "none")}, "No such file"),
        ({"HOTLINE_WEBHOOK__EVENTS": "call.opened"}, "Input should be"),
        ({"HOTLINE_WEBHOOK__CA_FILE": str(tmp_path / "none")}, "there is no file"),
    ):
        with pytest.raises(ConfigError) as caught:
            load(None, {**environ, **change}, {})
        assert words in str(caught.value)
    with pytest.raises(ConfigError, match="secret_file is missing"):
        load(None, {"HOTLINE_WEBHOOK__URL": "https://t.example.org/"}, {})


async def test_the_example_for_receivers_is_right(store: SqlStore, server: Server) -> None:
    await store.save([message()])
    async with sending(store, f"http://127.0.0.1:{server.port}/"):
        await settled(store)
    text = await asyncio.to_thread((Path(__file__).parents[3] / "docs" / "webhook.md").read_text)
    names: dict[str, Any] = {}
    exec(text.split("```python\n")[1].split("```")[0], names)
    [got] = server.got
    assert names["is_genuine"](SECRET, got.headers, got.body)
    assert not names["is_genuine"](SECRET, got.headers, got.body + b" ")
    assert not names["is_genuine"]("whsec_AAAA", got.headers, got.body)
    assert not names["is_genuine"](SECRET, {**got.headers, "webhook-timestamp": "1"}, got.body)


def test_patience_doubles_up_to_its_bound() -> None:
    patience = Patience()
    for failed, whole in ((1, 5.0), (2, 10.0), (8, 640.0), (20, 3600.0), (10_000, 3600.0)):
        assert all(whole / 2 <= patience.delay_s(failed) <= whole for _ in range(20))
