"""The processes that read devices: real ones that behave in every way, and nothing of them is left."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from hotline_collector.calls.errors import CallError
from hotline_collector.devices import reading
from hotline_collector.devices.allowed import Allowed
from hotline_collector.devices.reach import A_MINUTE, OwnWay, Reach
from hotline_proto.v1 import probe_pb2 as pb

PATIENCE = 60.0
ADDRESS = "ssh://support@nas.example.org"
WAY = OwnWay("localhost", 7443, "127.0.0.1", "0" * 64)
# A reader that says so much and then goes on to read its orders.
SAYS = """
import json, os, sys, time
def say(state, trouble="", fingerprint=""):
    print(json.dumps({"state": state, "trouble": trouble, "fingerprint": fingerprint}), flush=True)
order = json.loads(sys.stdin.readline())
say("connecting")
"""
STAYS = SAYS + 'say("reading")\nsys.stdin.read()\n'
DEAF = SAYS + 'if os.fork():\n    say("reading")\ntime.sleep(3600)\n'


class Heard:
    """Hears the reports about devices."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[pb.DeviceReport] = asyncio.Queue()

    async def next(self) -> tuple[str, str]:
        async with asyncio.timeout(PATIENCE):
            report = await self.queue.get()
        return pb.DeviceState.Name(report.state).removeprefix("DEVICE_STATE_").lower(), report.trouble

    def __call__(self, report: pb.DeviceReport) -> None:
        self.queue.put_nowait(report)


# Servers that other tests have started and that stay for the next ones.
OTHERS: set[psutil.Process] = set()


@pytest.fixture
async def reach() -> AsyncIterator[Callable[..., Reach]]:
    """Make what reads by a program of the test."""
    OTHERS.clear()
    OTHERS.update(psutil.Process().children(recursive=True))
    made: list[Reach] = []

    def make(code: str = STAYS, most: int = 8, **login: Any) -> Reach:
        allowed = [Allowed(ADDRESS, agent=True, **login), Allowed("ssh://root@[::1]:2222", agent=True)]
        one = Reach(allowed, WAY, most, (sys.executable, "-c", code))
        made.append(one)
        return one

    yield make
    for one in made:
        await one.close()
    assert ours() == []


def ours() -> list[psutil.Process]:
    """Return the processes of this test that are left."""
    children = set(psutil.Process().children(recursive=True)) - OTHERS
    return [child for child in children if child.status() != psutil.STATUS_ZOMBIE]


async def gone(processes: list[psutil.Process]) -> None:
    left = await asyncio.to_thread(psutil.wait_procs, processes, PATIENCE)
    assert left[1] == []


async def test_a_device_is_read_until_its_call_ends(reach: Callable[..., Reach]) -> None:
    it, heard = reach(), Heard()
    it.prepare(ADDRESS).begin("call", "123", heard, 2)
    assert await heard.next() == ("connecting", "")
    assert await heard.next() == ("reading", "")
    assert it.reading == 1
    [process] = ours()
    it.end("another")
    assert it.reading == 1
    it.end("call")
    assert it.reading == 0
    await gone([process])
    assert heard.queue.empty()


async def test_secrets_and_the_code_go_by_standard_input_alone(
    reach: Callable[..., Reach], tmp_path: Path
) -> None:
    password, phrase, key = tmp_path / "password", tmp_path / "phrase", tmp_path / "key"
    password.write_text("open sesame\nsecond line\n")
    phrase.write_text("close sesame\r\n")
    key.write_text("a key")
    told = tmp_path / "told"
    code = SAYS + f"open({str(told)!r}, 'w').write(json.dumps(order))\nsay('failed', 'login_refused')\n"
    it, heard = reach(code, password_file=password, passphrase_file=phrase, key_file=key), Heard()
    it.prepare(ADDRESS).begin("call", "123", heard, 2)
    assert await heard.next() == ("connecting", "")
    assert await heard.next() == ("failed", "login_refused")
    order = json.loads(told.read_text())
    assert order == {
        "address": ADDRESS, "code": "123", "host": "localhost", "port": 7443, "at": "127.0.0.1",
        "proof": "0" * 64, "known_hosts": "", "fingerprint": "", "agent": True, "key_file": str(key),
        "passphrase": "close sesame", "password": "open sesame",
    }  # fmt: skip
    assert "sesame" not in repr(it.prepare(ADDRESS))


async def test_a_reader_gets_no_setting_of_the_collector(
    reach: Callable[..., Reach], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_ADMIN_PASSWORD", "not for a reader")
    it, heard = reach(), Heard()
    it.prepare(ADDRESS).begin("call", "123", heard, 2)
    await heard.next()
    [process] = ours()
    assert not [name for name in process.environ() if name.startswith("HOTLINE")]
    assert "123" not in " ".join(process.cmdline())


@pytest.mark.parametrize(
    ("rest", "last"),
    [
        ("", ("failed", "reader_failed")),
        ("sys.exit(3)", ("failed", "reader_failed")),
        ("os.kill(os.getpid(), 11)", ("failed", "reader_failed")),
        ("print('Segmentation fault', flush=True); time.sleep(3600)", ("failed", "reader_failed")),
        ("print('x' * 100000, flush=True); time.sleep(3600)", ("failed", "reader_failed")),
        ("sys.stdout.write('{'); sys.stdout.flush()", ("failed", "reader_failed")),
        ("say('connecting'); time.sleep(3600)", ("failed", "reader_failed")),
        ("say('reading'); sys.exit(0)", ("ended", "")),
        ("say('reading'); say('ended', 'ended'); time.sleep(3600)", ("ended", "ended")),
        ("say('failed', 'too_slow'); time.sleep(3600)", ("failed", "too_slow")),
    ],
)
async def test_however_a_reader_ends_one_state_tells_it(
    reach: Callable[..., Reach], rest: str, last: tuple[str, str]
) -> None:
    it, heard = reach(SAYS + rest), Heard()
    it.prepare(ADDRESS).begin("call", "123", heard, 2)
    states = [await heard.next(), await heard.next()]
    if states[-1] == ("reading", ""):
        states.append(await heard.next())
    assert states[-1] == last
    await asyncio.gather(*(each.done for each in it._readings.values()))
    await asyncio.sleep(0)
    assert (it.reading, ours()) == (0, [])


async def test_no_reader_can_be_started(reach: Callable[..., Reach]) -> None:
    heard = Heard()
    it = Reach([Allowed(ADDRESS, agent=True)], WAY, 8, ("/nowhere/python",))
    it.prepare(ADDRESS).begin("call", "123", heard, 2)
    assert await heard.next() == ("failed", "reader_failed")
    await it.close()


async def test_a_reader_that_does_not_get_on_is_ended(
    reach: Callable[..., Reach], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "START_S", 1.0)
    it, heard = reach(SAYS + "time.sleep(3600)"), Heard()
    it.prepare(ADDRESS).begin("call", "123", heard, 2)
    assert [await heard.next(), await heard.next()] == [("connecting", ""), ("failed", "reader_failed")]


async def test_a_forgotten_device_is_not_read_for_ever(
    reach: Callable[..., Reach], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "READING_S", 0.2)
    it, heard = reach(), Heard()
    it.prepare(ADDRESS).begin("call", "123", heard, 2)
    assert [await heard.next() for _ in range(3)][-1] == ("ended", "")


async def test_a_reader_that_does_not_listen_is_killed_with_all_it_has_started(
    reach: Callable[..., Reach], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "GRACE_S", 0.2)
    it, heard = reach(DEAF), Heard()
    it.prepare(ADDRESS).begin("call", "123", heard, 2)
    await heard.next()
    await heard.next()
    processes = ours()
    assert len(processes) == 2
    await it.close()
    await gone(processes)


async def test_asked_again_it_begins_anew(reach: Callable[..., Reach]) -> None:
    it, first, second = reach(), Heard(), Heard()
    it.prepare(ADDRESS).begin("call", "123", first, 2)
    await first.next()
    await first.next()
    [before] = ours()
    it.prepare(ADDRESS).begin("call", "456", second, 2)
    await second.next()
    assert await second.next() == ("reading", "")
    assert it.reading == 1
    await gone([before])
    assert first.queue.empty()


async def test_only_what_is_listed_and_not_too_many(reach: Callable[..., Reach]) -> None:
    it, heard = reach(most=1), Heard()
    for other in ("ssh://support@nas.example.org:2222", "ssh://root@nas.example.org", "ssh://support@nas"):
        with pytest.raises(CallError, match=r"devices\.allow.*ssh://support@nas\.example\.org"):
            it.prepare(other)
    it.prepare(ADDRESS).begin("call", "123", heard, 2)
    with pytest.raises(CallError, match=r"devices\.max_at_once"):
        it.prepare("ssh://root@[::1]:2222")
    it.end("call")
    for _ in range(A_MINUTE - 1):
        it.prepare(ADDRESS)
    with pytest.raises(CallError, match="within a minute"):
        it.prepare(ADDRESS)


@pytest.mark.parametrize("key", ["key_file", "passphrase_file", "password_file"])
async def test_a_file_that_cannot_be_read_is_named(
    reach: Callable[..., Reach], tmp_path: Path, key: str
) -> None:
    with pytest.raises(CallError, match=rf"{key} .*gone: No such file.*devices\.allow"):
        reach(**{key: tmp_path / "gone"}).prepare(ADDRESS)
    if key != "key_file":
        (tmp_path / "binary").write_bytes(b"\xff\xfe")
        with pytest.raises(CallError, match=f"{key} .*UTF-8"):
            reach(**{key: tmp_path / "binary"}).prepare(ADDRESS)


async def test_the_owners_word_is_passed_on(reach: Callable[..., Reach], tmp_path: Path) -> None:
    told = tmp_path / "told"
    code = SAYS + f"say('reading')\nopen({str(told)!r}, 'w').write(sys.stdin.readline())\nsay('ended')\n"
    it, heard = reach(code, actions=True), Heard()
    it.prepare(ADDRESS).begin("call", "123", heard, 2)
    await heard.next()
    assert await heard.next() == ("reading", "")
    it.agree("another", 2, "a")
    it.agree("call", 3, "b")
    it.agree("call", 2, "0197a3c2")
    assert await heard.next() == ("ended", "")
    assert json.loads(told.read_text()) == {"agreed": "0197a3c2"}
    assert [it.may_change(each) for each in (ADDRESS, "ssh://root@[::1]:2222", "ssh://x@y")] == [
        True,
        False,
        False,
    ]
