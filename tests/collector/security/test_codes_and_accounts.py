"""Codes and accounts over the real store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hotline_collector.errors import AccountError, Busy, SecurityError
from hotline_collector.model.rows import CallRow
from hotline_collector.security.accounts import LOGIN_LIFETIME_S, LocalAccounts
from hotline_collector.security.joincodes import PacedCodes
from hotline_collector.security.paced import PacedAccounts
from hotline_collector.security.pacing import Gate, Pacer
from hotline_collector.security.passwords import Passwords
from hotline_collector.security.tokens import load_key
from hotline_collector.store.store import SqlStore
from hotline_proto.joincode import normalise_code

from tests.new_database import new_database


class Clock:
    at = 1_000_000

    def __call__(self) -> int:
        return self.at


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore(new_database(tmp_path / "a.db"))
    await store.start()
    await store.save([CallRow("c1", "created", "", "", "", "mia", 1, "0" * 64)])
    yield store
    await store.close()


def cheap() -> Passwords:
    return Passwords(memory_kib=64, passes=1)


async def test_a_code_works_once_and_ends(kept: SqlStore) -> None:
    clock = Clock()
    codes = PacedCodes(kept, b"k" * 32, Gate(Pacer(per_second=1000)), now=clock)
    first = await codes.issue("c1")
    assert normalise_code(first.code) == first.code
    assert await codes.redeem(first.code, "192.0.2.1", "p") == ("c1", 1)
    assert await codes.redeem(first.code, "192.0.2.1", "p") is None
    second = await codes.issue("c1")
    assert second.expires == clock.at + 600_000_000
    clock.at = second.expires
    assert await codes.redeem(second.code, "192.0.2.1", "p") is None


async def test_one_right_code_buys_good_standing_once(kept: SqlStore) -> None:
    seconds = 0.0
    codes = PacedCodes(kept, b"k" * 32, Gate(Pacer(per_second=100), lambda: seconds), now=Clock())
    code = (await codes.issue("c1")).code
    served: list[str] = []

    async def guess(address: str) -> None:
        assert await codes.look_up("000000000000", address) is None
        served.append(address)

    for _ in range(2):
        assert await codes.look_up(code, "192.0.2.66") == ("c1", 1)
        seconds += 1
    waits = asyncio.ensure_future(guess("192.0.2.1"))
    await waits
    tasks = [asyncio.ensure_future(guess(address)) for address in ("192.0.2.66", "192.0.2.7")]
    async with asyncio.timeout(30):
        while not all(task.done() for task in tasks):
            await asyncio.sleep(0)
            seconds += 0.02
    await asyncio.gather(*tasks)
    assert served == ["192.0.2.1", "192.0.2.7", "192.0.2.66"]


async def test_codes_are_not_in_the_file(kept: SqlStore) -> None:
    codes = PacedCodes(kept, b"k" * 32, Gate())
    code = (await codes.issue("c1")).code
    held = b"".join(file.read_bytes() for file in kept.path.parent.iterdir())
    assert code.encode() not in held


async def test_login(kept: SqlStore) -> None:
    clock = Clock()
    local = LocalAccounts(kept, cheap(), clock)
    accounts = PacedAccounts(local, Gate(Pacer(per_second=1000)), kept)
    await local.add("mia", "correct horse battery", "lead")
    assert await accounts.login("mia", "wrong horse!", "192.0.2.1") is None
    assert await accounts.login("nobody", "correct horse battery", "192.0.2.1") is None
    assert await accounts.login("../x\ud800", "\ud800", "192.0.2.1") is None
    granted = await accounts.login("mia", "correct horse battery", "192.0.2.1")
    assert granted is not None
    who = await accounts.who(granted.token)
    assert who is not None
    assert (who.name, who.role) == ("mia", "lead")
    assert await accounts.who(granted.token + "x") is None
    clock.at += LOGIN_LIFETIME_S * 1_000_000
    assert await accounts.who(granted.token) is None
    assert [(entry.actor, entry.action) for entry in await kept.audit_trail()] == [
        ("agent:mia", "agent.login")
    ]


async def test_without_a_password_or_disabled_nobody_gets_in(kept: SqlStore) -> None:
    local = LocalAccounts(kept, cheap())
    accounts = PacedAccounts(local, Gate(Pacer(per_second=1000)), kept)
    await local.add("robot", None, "agent")
    await local.add("mia", "correct horse battery", "agent")
    assert await accounts.login("robot", "", "192.0.2.1") is None
    assert await accounts.login("mia", "correct horse battery", "192.0.2.1")
    await kept.change_user("mia", disabled=True)
    assert await accounts.login("mia", "correct horse battery", "192.0.2.1") is None
    await kept.change_user("mia", disabled=False)
    assert await accounts.login("mia", "correct horse battery", "192.0.2.1")


async def test_guesses_of_passwords_and_of_codes_wait_at_one_gate(kept: SqlStore) -> None:
    seconds = 0.0
    gate = Gate(Pacer(per_second=10), lambda: seconds)
    codes = PacedCodes(kept, b"k" * 32, gate, now=Clock())
    accounts = PacedAccounts(LocalAccounts(kept, cheap()), gate, kept)
    assert await codes.look_up("000000000000", "192.0.2.1") is None
    guess = asyncio.ensure_future(accounts.login("mia", "guess", "192.0.2.2", "c1"))
    again = asyncio.ensure_future(accounts.login("mia", "guess", "192.0.2.2", "c1"))
    with pytest.raises(Busy):  # one attempt a connection
        await again
    assert not guess.done()
    async with asyncio.timeout(30):
        while not guess.done():
            seconds += 0.1
            await asyncio.sleep(0)
    assert guess.result() is None


@pytest.mark.parametrize(("name", "role"), [("Mia!", "agent"), ("", "agent"), ("mia", "boss")])
async def test_an_account_that_cannot_be(kept: SqlStore, name: str, role: str) -> None:
    with pytest.raises(AccountError):
        await LocalAccounts(kept, cheap()).add(name, "correct horse battery", role)


def test_the_key_is_made_once_and_must_be_whole(tmp_path: Path) -> None:
    file = tmp_path / "key"
    key = load_key(file, "codes end")
    assert load_key(file, "codes end") == key
    assert file.stat().st_mode & 0o077 == 0
    file.write_bytes(key[:5])
    with pytest.raises(SecurityError, match=r"damaged.*\(codes end\)"):
        load_key(file, "codes end")


async def test_each_target_has_a_code_of_its_own(kept: SqlStore) -> None:
    codes = PacedCodes(kept, b"k" * 32, Gate(Pacer(per_second=1000)), now=Clock())
    computer, old, device = await codes.issue("c1"), await codes.issue("c1", 2), await codes.issue("c1", 2)
    assert await codes.redeem(old.code, "192.0.2.1", "p") is None
    assert await codes.redeem(device.code, "192.0.2.1", "p") == ("c1", 2)
    assert await codes.redeem(computer.code, "192.0.2.1", "p") == ("c1", 1)
