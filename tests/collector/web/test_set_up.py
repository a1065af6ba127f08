"""The pages behind links that work once: the first account, and a password of one's own."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from hotline_collector.security.links import LIFETIME_S

NEW = "three unrelated words"


def without_admins(site: Any) -> None:
    raw = sqlite3.connect(site.store.path)
    raw.execute("delete from users where role = 'admin'")
    raw.commit()
    raw.close()


def form(**fields: str) -> dict[str, str]:
    return {"name": "eva", "password": NEW, "again": NEW, "language": "de"} | fields


async def test_the_first_account_is_made_once_and_signed_in(site: Any) -> None:
    without_admins(site)
    path = f"/desk/set-up/{await site.doors.links.issue()}"
    async with site.browser() as eva, site.browser() as late:
        await eva.open(path)
        assert eva.page.status_code == 200 and "Make the first account" in eva.words()
        assert 'autocomplete="new-password"' in eva.page.text and "<script" not in eva.page.text
        await late.open(path)
        await eva.send(path, **form())
        assert eva.page.url.path == "/desk" and "Konto: eva" in eva.words()
        page = await late.send(path, **form(name="max"))
        assert page.status_code == 410 and "does not work any more" in late.words()
        assert (await late.open(path)).status_code == 410
    row = await site.store.user("eva")
    assert (row.role, row.language) == ("admin", "de")
    trail = [(entry.actor, entry.action) for entry in await site.store.audit_trail()]
    assert trail == [("agent:eva", "user.add"), ("agent:eva", "desk.sign_in")]
    async with site.browser() as eva:
        assert (await eva.sign_in("eva", NEW)).url.path == "/desk"


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"again": "another thing"}, 400, "differ"),
        ({"password": "q7!x", "again": "q7!x"}, 400, "too short"),
        ({"password": "x" * 300, "again": "x" * 300}, 400, "too long"),
        ({"password": "eva-" * 9, "again": "eva-" * 9}, 400, "repeats"),
        ({"password": "eva-hotline-2026", "again": "eva-hotline-2026"}, 400, "made of the name"),
        ({"password": "", "again": ""}, 400, "too short"),
        ({"name": "Eva <script>"}, 409, "Small letters"),
        ({"name": "mia"}, 409, "taken"),
        ({"name": ""}, 409, "taken"),
        ({"key": "0" * 64}, 403, "run out"),
    ],
)
async def test_what_cannot_be_is_said_and_the_link_stays(
    site: Any, fields: dict[str, str], status: int, said: str
) -> None:
    without_admins(site)
    path = f"/desk/set-up/{await site.doors.links.issue()}"
    async with site.browser() as eva:
        await eva.open(path)
        page = await eva.send(path, **form(**fields))
        assert (page.status_code, said in eva.words()) == (status, True), eva.words()
        assert "<script" not in page.text
        assert not fields.get("password") or fields["password"] not in page.text
        assert (await eva.send(path, **form())).url.path == "/desk"


async def test_a_link_ends_with_its_time_and_with_a_newer_one(site: Any) -> None:
    without_admins(site)
    first, second = await site.doors.links.issue(), await site.doors.links.issue()
    async with site.browser() as eva:
        assert (await eva.open(f"/desk/set-up/{first}")).status_code == 410
        await eva.open(f"/desk/set-up/{second}")
        site.clock.pass_time(LIFETIME_S)
        assert (await eva.send(f"/desk/set-up/{second}", **form())).status_code == 410
        assert (await eva.open("/desk/set-up/" + "x" * 5000)).status_code == 410
    assert await site.store.user("eva") is None


async def test_the_first_link_is_worth_nothing_once_there_is_an_admin(site: Any) -> None:
    path = f"/desk/set-up/{await site.doors.links.issue()}"
    async with site.browser() as eva:
        await eva.open(path)
        assert (await eva.send(path, **form())).status_code == 410
    assert await site.store.user("eva") is None


async def test_a_link_of_an_account_sets_its_password_and_ends_its_sessions(site: Any) -> None:
    path = f"/desk/set-up/{await site.doors.links.issue('mia')}"
    async with site.browser() as thief, site.browser() as mia:
        await thief.sign_in()
        await mia.open(path, **{"accept-language": "de"})
        assert "Passwort wählen" in mia.words() and 'value="mia" readonly' in mia.page.text
        await mia.send(path, **form(name="ada"))
        assert mia.page.url.path == "/desk" and "Account: mia" in mia.words()
        assert (await thief.open("/desk")).url.path == "/desk/sign-in"
        assert (await thief.sign_in()).status_code == 401
    assert (await site.store.user("mia")).role == "agent"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_over_an_unprotected_connection_there_is_no_form(site: Any, method: str) -> None:
    path = f"/desk/set-up/{await site.doors.links.issue('mia')}"
    async with site.browser(headers={"x-forwarded-for": "192.0.2.9"}) as far:
        page = await far.client.request(method, path)
        assert page.status_code == 403 and "<form" not in page.text and "set-cookie" not in page.headers


async def test_what_is_kept_of_a_link_does_not_open_it(site: Any) -> None:
    token = await site.doors.links.issue("mia")
    raw = sqlite3.connect(site.store.path)
    [(mac,)] = raw.execute("select mac from one_time_links").fetchall()
    raw.close()
    assert len(mac) == 32 and token.encode() not in site.store.path.read_bytes()
    async with site.browser() as mia:
        assert (await mia.open(f"/desk/set-up/{mac.hex()}")).status_code == 410
