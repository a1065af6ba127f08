"""Signing in and out over HTTP, and everything that must not get in."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from typing import Any

import httpx
import pytest
from hotline_collector.api.access import MINIMUM_ROLE, allowed
from hotline_collector.security.browsers import IDLE_S, LIFETIME_S
from hotline_collector.web.words import WORDS

PASSWORD = "correct horse"


def cookie(page: httpx.Response, name: str) -> str:
    [found] = [line for line in page.headers.get_list("set-cookie") if line.startswith(f"{name}=")]
    return found


async def test_an_agent_signs_in_and_out(site: Any) -> None:
    async with site.browser() as mia:
        await mia.open("/desk")
        assert mia.page.url.path == "/desk/sign-in"
        await mia.send("/desk/sign-in", name="mia", password=PASSWORD)
        assert mia.page.status_code == 200
        assert "Account: mia" in mia.words()
        assert "correct horse" not in str(mia.client.cookies) + mia.page.text
        await mia.send("/desk/sign-out")
        assert mia.page.url.path == "/desk/sign-in"
        await mia.open("/desk/account")
        assert mia.page.url.path == "/desk/sign-in"
    trail = [(entry.actor, entry.action) for entry in await site.store.audit_trail()]
    assert trail == [("agent:mia", "desk.sign_in"), ("agent:mia", "desk.sign_out")]


async def test_a_session_is_a_strict_cookie_and_kept_as_a_keyed_hash(site: Any) -> None:
    async with site.browser() as mia:
        await mia.open("/desk/sign-in")
        form = {"key": mia.key(), "name": "mia", "password": PASSWORD}
        page = await mia.client.post("/desk/sign-in", data=form)
        line = cookie(page, "hotline")
        assert "HttpOnly" in line and "SameSite=strict" in line and f"Max-Age={LIFETIME_S}" in line
        assert "Secure" not in line
        token = mia.client.cookies["hotline"]
    plain = sqlite3.connect(site.store.path)
    [(mac, user)] = plain.execute("select mac, user from browser_sessions").fetchall()
    plain.close()
    assert (len(mac), user) == (32, "mia")
    assert token.encode() not in site.store.path.read_bytes()


@pytest.mark.parametrize("web_url", ["https://help.example.org"])
async def test_behind_tls_the_cookie_is_bound_to_it(site: Any) -> None:
    async with site.browser() as mia:
        await mia.open("/desk/sign-in")
        line = cookie(mia.page, "hotline_visit")
        assert "Secure" in line
        # The test speaks no TLS, so it brings along itself what a browser keeps for TLS only.
        kept = {"cookie": line.partition(";")[0]}
        form = {"key": mia.key(), "name": "mia", "password": PASSWORD}
        page = await mia.client.post("/desk/sign-in", data=form, headers=kept)
        line = cookie(page, "__Host-hotline")
        assert "Secure" in line and "Path=/" in line and "Domain" not in line


async def test_signing_in_again_ends_the_session_before_and_a_planted_one_is_not_taken(site: Any) -> None:
    async with site.browser() as mia:
        mia.client.cookies.set("hotline", "planted", domain="127.0.0.1")
        await mia.sign_in()
        first = mia.client.cookies["hotline"]
        assert first != "planted"
        await mia.sign_in()
        assert mia.client.cookies["hotline"] != first
        async with site.browser(cookies={"hotline": first}) as other:
            await other.open("/desk/account")
            assert other.page.url.path == "/desk/sign-in"


async def test_a_session_ends_when_nobody_uses_it_and_after_a_shift(site: Any) -> None:
    async with site.browser() as mia:
        await mia.sign_in()
        for _ in range(2):
            site.clock.pass_time(IDLE_S - 60)
            assert (await mia.open("/desk/account")).url.path == "/desk/account"
        site.clock.pass_time(IDLE_S)
        assert (await mia.open("/desk/account")).url.path == "/desk/sign-in"
        await mia.sign_in()
        for _ in range(LIFETIME_S // 1200 - 1):
            site.clock.pass_time(1200)
            assert (await mia.open("/desk/account")).url.path == "/desk/account"
        site.clock.pass_time(1200)
        assert (await mia.open("/desk/account")).url.path == "/desk/sign-in"


async def test_a_new_password_ends_every_session_of_the_account(site: Any) -> None:
    async with site.browser() as mia, site.browser() as lea:
        await mia.sign_in()
        await lea.sign_in("lea")
        await site.accounts.change_password("mia", "another password")
        assert (await mia.open("/desk/account")).url.path == "/desk/sign-in"
        assert (await lea.open("/desk/account")).url.path == "/desk/account"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("mia", "battery staple"),
        ("nobody", PASSWORD),
        ("mia", "x" * 3000),
        ("<script>alert(1)</script>", "zzz"),
    ],
)
async def test_a_wrong_name_or_password_says_no_more_than_that(site: Any, name: str, password: str) -> None:
    async with site.browser() as mia:
        page = await mia.sign_in(name, password)
        assert page.status_code == 401
        assert "Name or password is wrong." in mia.words()
        assert "hotline" not in mia.client.cookies
        assert "<script" not in page.text and password not in page.text


async def test_a_form_without_our_key_does_nothing(site: Any) -> None:
    async with site.browser() as mia:
        await mia.open("/desk/sign-in")
        for key in ("", "0" * 64, "é", mia.key()[:-1]):
            page = await mia.client.post(
                "/desk/sign-in", data={"key": key, "name": "mia", "password": PASSWORD}
            )
            assert page.status_code == 403 and "hotline" not in mia.client.cookies
        await mia.sign_in()
        mine = mia.key()
        async with site.browser() as lea:
            await lea.sign_in("lea")
            for key in ("", mine, "\udcff".encode("utf-8", "surrogatepass").decode("latin-1")):
                assert (await lea.send("/desk/account", key=key, theme="dark")).status_code == 403
                await lea.open("/desk/account")
                assert "data-theme" not in lea.page.text


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}],
)
async def test_another_site_cannot_send_our_forms(site: Any, headers: dict[str, str]) -> None:
    async with site.browser() as mia:
        await mia.sign_in()
        key = mia.key()
        page = await mia.client.post("/desk/account", data={"key": key, "theme": "dark"}, headers=headers)
        assert page.status_code == 403
        await mia.open("/desk/sign-in")
        form = {"key": mia.key(), "name": "lea", "password": PASSWORD}
        assert (await mia.client.post("/desk/sign-in", data=form, headers=headers)).status_code == 403


async def test_a_password_is_not_taken_in_clear_text_from_elsewhere(site: Any) -> None:
    async with site.browser(headers={"x-forwarded-for": "192.0.2.9"}) as far:
        await far.open("/desk")
        assert far.page.status_code == 403 and "https" in far.words() and "<form" not in far.page.text
        form = {"name": "mia", "password": PASSWORD}
        assert (await far.client.post("/desk/sign-in", data=form)).status_code == 403
        tls = {"x-forwarded-proto": "https"}
        page = await far.client.get("/desk/sign-in", headers=tls)
        assert page.status_code == 200 and "<form" in page.text


@pytest.mark.parametrize(
    "then", ["https://evil.example", "//evil.example", "/desk/../join", "/desk\r\nx: y", ""]
)
async def test_signing_in_leads_into_the_console_only(site: Any, then: str) -> None:
    async with site.browser() as mia:
        await mia.open("/desk/sign-in")
        form = {"key": mia.key(), "name": "mia", "password": PASSWORD, "next": then}
        page = await mia.client.post("/desk/sign-in", data=form)
        assert (page.status_code, page.headers["location"]) == (303, "/desk")


async def test_signing_in_leads_back_to_where_one_was(site: Any) -> None:
    async with site.browser() as mia:
        await mia.open("/desk/account?x=1")
        assert mia.page.url.params["next"] == "/desk/account?x=1"
        form = {"key": mia.key(), "name": "mia", "password": PASSWORD, "next": "/desk/account?x=1"}
        page = await mia.client.post("/desk/sign-in", data=form)
        assert page.headers["location"] == "/desk/account?x=1"


async def test_guesses_are_paced_and_nobody_waits_for_ever(site: Any) -> None:
    async def guess(client: httpx.AsyncClient, key: str) -> int:
        form = {"key": key, "name": "mia", "password": "guess"}
        return (await client.post("/desk/sign-in", data=form)).status_code

    async with site.browser() as attacker:
        await attacker.open("/desk/sign-in")
        loop = asyncio.get_running_loop()
        began = loop.time()
        codes = await asyncio.gather(*(guess(attacker.client, attacker.key()) for _ in range(60)))
        took = loop.time() - began
    assert set(codes) <= {401, 429}
    # The gate looks at 25 a second in all.
    assert codes.count(401) <= 25 * took + 2
    async with site.browser() as mia:
        assert (await mia.sign_in()).url.path == "/desk"


async def test_every_page_forbids_foreign_scripts_frames_and_guessing_types(site: Any) -> None:
    async with site.browser() as mia:
        pages = [await mia.open("/desk/sign-in"), await mia.sign_in(), await mia.open("/desk/nothing/here")]
        pages.append(await mia.open("/desk/desk.css"))
        for page in pages:
            policy = page.headers["content-security-policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy and page.headers["x-content-type-options"] == "nosniff"
            assert page.headers["referrer-policy"] == "no-referrer"
            assert "camera=()" in page.headers["permissions-policy"]
            assert page.headers["cache-control"] == "no-store"
            ours = re.sub(r'<script src="/desk/\w+\.js" defer></script>', "", page.text)
            assert " style=" not in ours and "<script" not in ours


async def test_what_is_not_there_is_a_page_in_the_readers_language(site: Any) -> None:
    async with site.browser() as mia:
        await mia.sign_in(lang="de")
        for path in ("/desk/nothing", "/desk/%3Cscript%3E", "/desk/sign-out"):
            page = await mia.open(path)
            assert page.status_code == 404
            assert '<html lang="de">' in page.text and "gibt es nicht" in mia.words()


async def test_language_and_appearance_are_chosen_and_kept(site: Any) -> None:
    async with site.browser() as mia:
        await mia.open("/desk/sign-in", **{"accept-language": "de"})
        assert '<html lang="de">' in mia.page.text
        await mia.sign_in()
        assert '<html lang="en">' in mia.page.text
        await mia.send("/desk/account", language="de", theme="dark")
        assert '<html lang="de" data-theme="dark">' in mia.page.text and "Abmelden" in mia.words()
        await mia.send("/desk/account", language="<b>", theme="<b>")
        assert '<html lang="de" data-theme="dark">' in mia.page.text


def test_both_languages_say_the_same_things() -> None:
    assert WORDS["de"].keys() == WORDS["en"].keys()


def test_roles_are_those_of_the_grpc_methods() -> None:
    assert allowed("lead", "ListRuleRecords") and allowed("admin", "OpenCall")
    assert not allowed("agent", "ListRuleRecords") and not allowed("stranger", "OpenCall")
    assert not allowed("admin", "NoSuchMethod") and "NoSuchMethod" not in MINIMUM_ROLE
