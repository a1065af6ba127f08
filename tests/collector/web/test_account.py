"""One's own account: taste in every browser, the password, and where one is signed in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hotline_collector.model.accounts import TokenRow
from hotline_collector.security.browsers import IDLE_S
from hotline_collector.web.device import device_of
from hotline_collector.web.moments import moment

PASSWORD = "correct horse"
NEW = "three unrelated words"
FIREFOX = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


def changed(**fields: str) -> dict[str, str]:
    return {"old": PASSWORD, "password": NEW, "again": NEW} | fields


async def test_taste_belongs_to_the_account_and_not_to_the_browser(site: Any) -> None:
    async with site.browser() as mia, site.browser() as elsewhere, site.browser() as lea:
        await mia.sign_in()
        await mia.open("/desk/account")
        await mia.send("/desk/account", language="de", theme="dark")
        assert "Gespeichert." in mia.words()
        await elsewhere.sign_in(lang="en")
        assert '<html lang="de" data-theme="dark">' in elsewhere.page.text
        assert '<html lang="en">' in (await elsewhere.open("/desk?lang=en")).text.replace(
            ' data-theme="dark"', ""
        )
        await lea.sign_in("lea")
        assert '<html lang="en">' in lea.page.text
        # The sign-in page of the browser in which it was chosen speaks it, too.
        await mia.send("/desk/sign-out")
        assert '<html lang="de" data-theme="dark">' in mia.page.text
    row = await site.store.user("mia")
    assert (row.language, row.appearance) == ("de", "dark")


async def test_a_new_password_needs_the_old_one_and_ends_other_sessions(site: Any) -> None:
    await site.store.add_token(TokenRow(b"login", "mia", site.clock.now(), site.clock.now() + 10**9))
    async with site.browser() as mia, site.browser() as other:
        await other.sign_in()
        await mia.sign_in()
        await mia.open("/desk/account")
        page = await mia.send("/desk/account/password", **changed(old="battery staple"))
        assert page.status_code == 403 and "present password is wrong" in mia.words()
        assert (await other.open("/desk/account")).url.path == "/desk/account"
        await mia.send("/desk/account/password", **changed())
        assert mia.page.url.path == "/desk/account" and "password is changed" in mia.words()
        assert (await other.open("/desk/account")).url.path == "/desk/sign-in"
        assert await site.store.tokens(site.clock.now(), "mia") == []
        assert (await other.sign_in()).status_code == 401
        assert (await other.sign_in("mia", NEW)).url.path == "/desk"
    actions = [entry.action for entry in await site.store.audit_trail()]
    assert actions.count("user.passwd") == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"again": "another thing"}, "differ"),
        ({"password": "q7!x", "again": "q7!x"}, "too short"),
        ({"password": "mia mia mia mia!", "again": "mia mia mia mia!"}, "made of the name"),
        ({"password": "Hotline.mia.2026", "again": "Hotline.mia.2026"}, "made of the name"),
    ],
)
async def test_a_new_password_that_is_not_taken_says_why(
    site: Any, fields: dict[str, str], said: str
) -> None:
    async with site.browser() as mia:
        await mia.sign_in()
        await mia.open("/desk/account")
        page = await mia.send("/desk/account/password", **changed(**fields))
        assert page.status_code == 400 and said in mia.words()
        assert fields.get("password", NEW) not in page.text and PASSWORD not in page.text
    async with site.browser() as again:
        assert (await again.sign_in()).url.path == "/desk"


async def test_sessions_are_listed_and_ended_one_by_one_and_all_at_once(site: Any) -> None:
    await site.store.add_token(TokenRow(b"login", "mia", site.clock.now(), site.clock.now() + 10**12))
    await site.store.add_token(
        TokenRow(b"api", "mia", site.clock.now(), site.clock.now() + 10**12, "tickets")
    )
    async with site.browser(headers=FIREFOX) as mia, site.browser() as other, site.browser() as third:
        await other.sign_in()
        await third.sign_in()
        await mia.sign_in()
        await mia.open("/desk/account")
        assert "Firefox, Linux (this one)" in mia.words() and "hotline (command line)" in mia.words()
        ids = re.findall(r'name="session" value="([0-9a-f]+)"', mia.page.text)
        assert len(ids) == 3 and b"login".hex() in ids
        mac = site.doors.browsers.mac(other.client.cookies["hotline"]).hex()
        await mia.send("/desk/account/end", session=mac)
        assert "Signed out there." in mia.words()
        assert (await other.open("/desk/account")).url.path == "/desk/sign-in"
        assert (await third.open("/desk/account")).url.path == "/desk/account"
        page = await mia.send("/desk/account/end", session=mac)
        assert page.status_code == 400 and "ended already" in mia.words()
        await mia.open("/desk/account")
        await mia.send("/desk/account/end-others")
        assert (await third.open("/desk/account")).url.path == "/desk/sign-in"
        assert [row.name for row in await site.store.tokens(site.clock.now(), "mia")] == ["tickets"]
        assert "Sign out everywhere else" not in mia.words()


async def test_nobody_ends_the_session_of_somebody_else(site: Any) -> None:
    async with site.browser() as mia, site.browser() as lea:
        await mia.sign_in()
        await lea.sign_in("lea")
        await lea.open("/desk/account")
        mac = site.doors.browsers.mac(mia.client.cookies["hotline"]).hex()
        for session in (mac, "", "zz", "00", b"x".hex()):
            assert (await lea.send("/desk/account/end", session=session)).status_code == 400
            await lea.open("/desk/account")
        await lea.send("/desk/account/end-others")
        assert (await mia.open("/desk/account")).url.path == "/desk/account"


async def test_a_session_that_idled_out_is_not_listed(site: Any) -> None:
    async with site.browser() as mia, site.browser() as other:
        await other.sign_in()
        site.clock.pass_time(IDLE_S)
        await mia.sign_in()
        await mia.open("/desk/account")
        assert mia.page.text.count('name="session"') == 0


async def test_a_disabled_account_is_out_at_once(site: Any) -> None:
    async with site.browser() as mia:
        await mia.sign_in()
        await site.store.change_user("mia", disabled=True)
        assert (await mia.open("/desk")).url.path == "/desk/sign-in"
        assert (await mia.sign_in()).status_code == 401


@pytest.mark.parametrize(
    ("says", "device"),
    [
        (FIREFOX["user-agent"], "Firefox, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari, iPhone",
        ),
        ("curl/8.0", ""),
        ("", ""),
        ("<script>" * 1000, ""),
    ],
)
def test_a_browser_is_known_by_two_words(says: str, device: str) -> None:
    assert device_of(says) == device


def test_times_are_said_in_the_readers_form() -> None:
    at = 1_764_425_100_000_000
    assert moment(at, "de") == "29.11.2025, 14:05 UTC"
    assert moment(at, "en") == "29 Nov 2025, 14:05 UTC"
