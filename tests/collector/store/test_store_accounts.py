"""Accounts as rows: the last admin stays, disabling ends everything, links work once."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from hotline_collector.errors import AccountError, LastAdmin
from hotline_collector.model.accounts import BrowserRow, LinkRow, TokenRow, UserRow
from hotline_collector.store.store import SqlStore
from sqlalchemy import create_engine

from tests.new_database import new_database


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore(new_database(tmp_path / "hotline.db"))
    await store.start()
    for name, role in (("ada", "admin"), ("mia", "agent")):
        await store.add_user(UserRow(name, "h", role, 1))
        await store.add_browser(BrowserRow(f"{name}1".encode(), name, 1, 1, "Firefox, Linux"), 0, 0)
        await store.add_browser(BrowserRow(f"{name}2".encode(), name, 1, 2), 0, 0)
        await store.add_token(TokenRow(f"{name}-login".encode(), name, 1, 100))
        await store.add_token(TokenRow(f"{name}-api".encode(), name, 2, 100, "tickets"))
    yield store
    await store.close()


async def test_the_last_admin_who_can_sign_in_stays(store: SqlStore) -> None:
    await store.add_user(UserRow("eve", "", "admin", 1))
    for change in ({"role": "lead"}, {"disabled": True}):
        with pytest.raises(LastAdmin, match="ada is the last admin"):
            await store.change_user("ada", **change)  # type: ignore[arg-type]
    assert await store.user("ada") == UserRow("ada", "h", "admin", 1)
    assert len(await store.browsers("ada")) == 2
    await store.set_password("eve", "h")
    assert await store.change_user("ada", role="lead")
    with pytest.raises(LastAdmin):
        await store.change_user("eve", disabled=True)
    assert not await store.change_user("nobody", role="admin")


async def test_two_admins_who_degrade_each_other_at_once_leave_one(store: SqlStore) -> None:
    await store.change_user("mia", role="admin")
    both = (store.change_user("ada", role="agent"), store.change_user("mia", role="agent"))
    done = await asyncio.gather(*both, return_exceptions=True)
    assert {type(each) for each in done} == {LastAdmin, bool}
    assert [row.role for row in await store.users()].count("admin") == 1


async def test_disabling_ends_logins_tokens_and_links(store: SqlStore) -> None:
    await store.put_link(LinkRow(b"l", "mia", 100), 1)
    assert await store.token_user(b"mia-api", 50)
    assert await store.change_user("mia", disabled=True)
    assert await store.browsers("mia") == [] and await store.tokens(1, "mia") == []
    assert await store.link(b"l", 1) is None
    await store.add_token(TokenRow(b"late", "mia", 3, 100))
    assert await store.token_user(b"late", 50) is None
    assert len(await store.browsers("ada")) == 2 and len(await store.tokens(1)) == 3


async def test_a_new_password_ends_logins_but_this_one_and_tokens_for_programs(store: SqlStore) -> None:
    await store.put_link(LinkRow(b"l", "mia", 100), 1)
    assert await store.set_password("mia", "h2", b"mia2")
    assert [row.mac for row in await store.browsers("mia")] == [b"mia2"]
    assert [row.name for row in await store.tokens(1, "mia")] == ["tickets"]
    assert await store.link(b"l", 1) is None
    await store.drop_logins("ada")
    assert await store.browsers("ada") == [] and len(await store.tokens(1, "ada")) == 1
    assert await store.drop_token(b"ada-api") and not await store.drop_token(b"ada-api")


async def test_a_link_works_once_and_a_new_one_ends_it(store: SqlStore) -> None:
    await store.put_link(LinkRow(b"old", "mia", 100), 1)
    await store.put_link(LinkRow(b"new", "mia", 100), 1)
    assert await store.link(b"old", 50) is None and await store.link(b"new", 100) is None
    assert await store.use_link(b"old", 50, "x") is None
    got = await asyncio.gather(*(store.use_link(b"new", 50, "h3") for _ in range(8)))
    assert (got.count("mia"), got.count(None)) == (1, 7)
    assert (await store.user("mia")) == UserRow("mia", "h3", "agent", 1)
    assert await store.browsers("mia") == []


async def test_the_first_link_makes_one_admin(store: SqlStore) -> None:
    await store.put_link(LinkRow(b"f", "", 100), 1)
    assert await store.use_link(b"f", 50, "h") is None
    eve = UserRow("eve", "h", "admin", 1, "de")
    assert not await store.use_first_link(b"f", 50, eve)  # there is an admin
    raw = sqlite3.connect(store.path)
    raw.execute("update users set role = 'lead'")
    raw.commit()
    raw.close()
    await store.put_link(LinkRow(b"f", "", 100), 1)
    with pytest.raises(AccountError, match="exists already"):
        await store.use_first_link(b"f", 50, UserRow("mia", "h", "admin", 1))
    assert not await store.use_first_link(b"f", 100, eve)
    got = await asyncio.gather(*(store.use_first_link(b"f", 50, eve) for _ in range(4)))
    assert got.count(True) == 1
    assert await store.user("eve") == eve


async def test_accounts_of_before_keep_their_logins(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    config = Config()
    config.set_main_option("script_location", "hotline_collector.store:migrations")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
    engine.dispose()
    raw = sqlite3.connect(path)
    raw.execute("insert into users values ('mia', 'h', 'agent', 1)")
    raw.execute("insert into agent_tokens values (x'01', 'mia', 1, 100)")
    raw.execute("insert into browser_sessions values (x'02', 'mia', 1, 1)")
    raw.commit()
    raw.close()
    store = SqlStore(path)
    await store.start()
    assert await store.token_user(b"\x01", 50) == UserRow("mia", "h", "agent", 1)
    assert await store.browser(b"\x02") == BrowserRow(b"\x02", "mia", 1, 1)
    await store.close()
