"""The admin's pages: accounts, tokens for programs, the audit trail and the state of the collector."""

from __future__ import annotations

import html
import re
import sqlite3
from datetime import UTC, datetime
from typing import Any

import pytest
from hotline_collector.model.accounts import TokenRow

NEW = "three unrelated words"
PAGES = (
    "/desk/admin",
    "/desk/admin/users",
    "/desk/admin/tokens",
    "/desk/admin/audit",
    "/desk/admin/users/mia",
)


async def trail(site: Any, prefix: str) -> list[tuple[str, str]]:
    return [(e.action, e.detail) for e in await site.store.audit_trail() if e.action.startswith(prefix)]


def secret(browser: Any) -> str:
    found = re.search(r'<code id="secret">([^<]+)</code>', browser.page.text)
    assert found, browser.words()
    return html.unescape(found[1])


async def test_only_admins_see_and_do_anything_here(site: Any) -> None:
    async with site.browser() as lea:
        await lea.sign_in("lea")
        assert "Administration" not in lea.words()
        for path in PAGES:
            assert (await lea.open(path)).status_code == 403, path
        await lea.open("/desk/account")
        key = lea.key()
        for path in (
            "/desk/admin/users",
            "/desk/admin/users/lea/role",
            "/desk/admin/users/mia/link",
            "/desk/admin/users/mia/disable",
            "/desk/admin/users/mia/end",
            "/desk/admin/tokens",
            "/desk/admin/tokens/revoke",
            "/desk/admin/audit/verify",
        ):
            page = await lea.client.post(path, data={"key": key, "role": "admin", "name": "x"})
            assert page.status_code == 403, path
    async with site.browser() as nobody:
        for path in PAGES:
            assert (await nobody.open(path)).url.path == "/desk/sign-in"
    assert [row.name for row in await site.store.users()] == ["ada", "lea", "mia"]


async def test_an_account_is_added_and_its_owner_chooses_the_password(site: Any) -> None:
    async with site.browser() as ada, site.browser() as eva:
        await ada.sign_in("ada")
        await ada.open("/desk/admin/users")
        assert "mia" in ada.words() and "can sign in" in ada.words()
        await ada.send("/desk/admin/users", name="eva", role="lead")
        link = secret(ada)
        assert link.startswith(f"{site.url}/desk/set-up/") and "not shown again" in ada.words()
        await ada.open("/desk/admin/users")
        assert "no password yet" in ada.words() and link not in ada.page.text
        path = link.removeprefix(site.url)
        await eva.open(path)
        await eva.send(path, password=NEW, again=NEW)
        assert "Account: eva" in eva.words()
    assert (await site.store.user("eva")).role == "lead"
    assert await trail(site, "user.") == [
        ("user.add", "eva: lead"),
        ("user.link", "eva"),
        ("user.passwd", "eva: by a link"),
    ]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "mia"}, "exists"),
        ({"name": "<b>Eva"}, "cannot be a name"),
        ({"name": ""}, "cannot be a name"),
        ({"role": "boss"}, "no role"),
        ({"role": ""}, "no role"),
    ],
)
async def test_an_account_that_cannot_be_says_why(site: Any, fields: dict[str, str], said: str) -> None:
    async with site.browser() as ada:
        await ada.sign_in("ada")
        await ada.open("/desk/admin/users")
        page = await ada.send("/desk/admin/users", **({"name": "eva", "role": "agent"} | fields))
        assert page.status_code == 400 and said in ada.words() and "<b>" not in page.text
    assert len(await site.store.users()) == 3


async def test_roles_change_at_once_and_the_last_admin_stays(site: Any) -> None:
    async with site.browser() as ada, site.browser() as mia:
        await ada.sign_in("ada")
        await mia.sign_in()
        await ada.open("/desk/admin/users/ada")
        for act, fields in (("role", {"role": "agent"}), ("disable", {})):
            page = await ada.send(f"/desk/admin/users/ada/{act}", **fields)
            assert page.status_code == 409 and "last account that may administer" in ada.words()
        await ada.open("/desk/admin/users/mia")
        await ada.send("/desk/admin/users/mia/role", role="admin")
        assert "The role is changed." in ada.words()
        assert (await mia.open("/desk/admin/users/ada")).status_code == 200
        await mia.send("/desk/admin/users/ada/role", role="agent")
        assert (await ada.open("/desk/admin")).status_code == 403
    assert await trail(site, "user.") == [("user.role", "mia: admin"), ("user.role", "ada: agent")]


async def test_disabling_and_enabling_and_ending_sessions(site: Any) -> None:
    async with site.browser() as ada, site.browser() as mia:
        await ada.sign_in("ada")
        await mia.sign_in()
        await ada.open("/desk/admin/users/mia")
        await ada.send("/desk/admin/users/mia/end")
        assert (await mia.open("/desk")).url.path == "/desk/sign-in"
        await mia.sign_in()
        await ada.send("/desk/admin/users/mia/disable")
        assert "disabled" in ada.words()
        assert (await mia.open("/desk")).url.path == "/desk/sign-in"
        page = await ada.send("/desk/admin/users/mia/link")
        assert page.status_code == 400 and "is disabled" in ada.words()
        await ada.open("/desk/admin/users/mia")
        await ada.send("/desk/admin/users/mia/enable")
        assert (await mia.sign_in()).url.path == "/desk"
        page = await ada.client.post("/desk/admin/users/nobody/disable", data={"key": ada.key()})
        assert page.status_code == 400 and "no account" in page.text
        assert (await ada.open("/desk/admin/users/nobody")).status_code == 400
    actions = [action for action, _ in await trail(site, "user.")]
    assert actions == ["user.sessions_end", "user.disable", "user.enable"]


async def test_a_reset_link_leaves_the_old_password_until_it_is_used(site: Any) -> None:
    async with site.browser() as ada, site.browser() as mia:
        await ada.sign_in("ada")
        await ada.open("/desk/admin/users/mia")
        await ada.send("/desk/admin/users/mia/link")
        path = secret(ada).removeprefix(site.url)
        assert (await mia.sign_in()).url.path == "/desk"
        await mia.open(path)
        await mia.send(path, password=NEW, again=NEW)
        assert mia.page.url.path == "/desk"
        assert (await mia.sign_in()).status_code == 401
        assert (await mia.sign_in("mia", NEW)).url.path == "/desk"


@pytest.mark.parametrize("web_url", ["https://help.example.org"])
async def test_behind_tls_links_lead_to_where_agents_are(site: Any) -> None:
    token = await site.doors.browsers.begin("ada")
    async with site.browser(headers={"cookie": f"__Host-hotline={token}"}) as ada:
        await ada.open("/desk/admin/users/mia")
        await ada.send("/desk/admin/users/mia/link")
        assert secret(ada).startswith("https://help.example.org/desk/set-up/")


async def test_a_token_for_a_program_is_shown_once_works_and_is_revoked(site: Any) -> None:
    async with site.browser() as ada:
        await ada.sign_in("ada")
        await ada.open("/desk/admin/users")
        await ada.send("/desk/admin/users", name="tickets", role="agent", program="yes")
        assert ada.page.url.path == "/desk/admin/users/tickets" and "no password yet" in ada.words()
        await ada.open("/desk/admin/tokens?user=tickets")
        await ada.send("/desk/admin/tokens", token_name="our <b>tickets</b>", user="tickets", days="90")
        token = secret(ada)
        assert "<b>tickets" not in ada.page.text
        who = await site.doors.accounts.who(token)
        assert (who.name, who.role) == ("tickets", "agent")
        await ada.open("/desk/admin/tokens")
        assert "our <b>tickets</b>" in ada.words() and token not in ada.page.text
        assert token.encode() not in site.store.path.read_bytes()
        digest = re.search(r'name="token" value="([0-9a-f]{64})"', ada.page.text)
        assert digest
        await ada.send("/desk/admin/tokens/revoke", token=digest[1])
        assert "revoked" in ada.words() and await site.doors.accounts.who(token) is None
        page = await ada.send("/desk/admin/tokens/revoke", token=digest[1])
        assert page.status_code == 400 and "no token" in ada.words()
    assert await trail(site, "token.") == [
        ("token.add", "tickets: our <b>tickets</b>, 90 days"),
        ("token.revoke", "tickets: our <b>tickets</b>"),
    ]


@pytest.mark.parametrize(
    "fields",
    [{"token_name": ""}, {"token_name": "a\nb"}, {"user": "nobody"}, {"days": "36500"}, {"days": "x"}],
)
async def test_a_token_that_cannot_be_is_not_made(site: Any, fields: dict[str, str]) -> None:
    async with site.browser() as ada:
        await ada.sign_in("ada")
        await ada.open("/desk/admin/tokens")
        given = {"token_name": "tickets", "user": "mia", "days": "30"} | fields
        page = await ada.send("/desk/admin/tokens", **given)
        assert page.status_code == 400 and "cannot be made" in ada.words()
    assert await site.store.tokens(site.clock.now()) == []


async def test_a_login_of_the_command_line_is_no_token_for_programs(site: Any) -> None:
    now = site.clock.now()
    await site.store.add_token(TokenRow(b"login", "mia", now, now + 10**12))
    async with site.browser() as ada:
        await ada.sign_in("ada")
        await ada.open("/desk/admin/tokens")
        assert "There is no token." in ada.words()
        page = await ada.send("/desk/admin/tokens/revoke", token=b"login".hex())
        assert page.status_code == 400


async def test_the_audit_trail_is_filtered_and_paged(site: Any) -> None:
    for number in range(120):
        await site.store.audit(
            "agent:mia", "call.look", f"c{number % 3}", f"detail {number} <script>\x1b[31m"
        )
    await site.store.audit("operator", "user.add", "", "x: agent")
    async with site.browser() as ada:
        await ada.sign_in("ada")
        await ada.open("/desk/admin/audit?actor=mia")
        assert ada.page.text.count('<th scope="row">') == 100
        assert "<script>" not in ada.page.text and "\x1b" not in ada.page.text
        assert "detail 119" in ada.words() and "detail 19 " not in ada.words()
        older = re.search(r'href="([^"]+before=\d+)"', ada.page.text)
        assert older
        await ada.open(html.unescape(older[1]))
        assert ada.page.text.count('<th scope="row">') == 20 and "detail 19 " in ada.words()
        await ada.open("/desk/admin/audit?action=user.&actor=operator")
        assert ada.page.text.count('<th scope="row">') == 1 and "x: agent" in ada.words()
        await ada.open("/desk/admin/audit?call=c2&day=2001-01-01")
        assert "no such entry" in ada.words()
        await ada.open(f"/desk/admin/audit?call=c2&day={datetime.now(UTC).date()}")
        assert ada.page.text.count('<th scope="row">') == 40
        await ada.open("/desk/admin/audit?action=%25")
        assert "no such entry" in ada.words()
        for bad in ("day=yesterday", "day=9999-12-31", "day=%3Cb%3E", "before=-1", f"before={'9' * 30}"):
            assert (await ada.open(f"/desk/admin/audit?{bad}")).status_code == 400, bad
    assert ("audit.look", "actor mia") in await trail(site, "audit.")


async def test_the_chain_is_checked_and_a_break_is_seen(site: Any) -> None:
    for number in range(5):
        await site.store.audit("agent:mia", "call.look", "c1", f"detail {number}")
    async with site.browser() as ada:
        await ada.sign_in("ada")
        await ada.open("/desk/admin/audit")
        await ada.send("/desk/admin/audit/verify")
        assert "The chain is unbroken: 7 entries." in ada.words()
        assert (await site.store.verify_chain()).entries == 8
        raw = sqlite3.connect(site.store.path)
        raw.executescript(
            "DROP TRIGGER audit_keeps; DROP TRIGGER audit_stays;"
            "UPDATE audit SET actor = 'agent:eve' WHERE seq = 3;"
        )
        raw.close()
        await ada.open("/desk/admin/audit")
        await ada.send("/desk/admin/audit/verify")
        assert "broken at entry 3" in ada.words() and "was changed" in ada.words()
    assert [detail for action, detail in await trail(site, "audit.verify")] == [
        "7 entries, unbroken",
        "broken at 3",
    ]


async def test_the_state_says_what_runs_and_what_is_wrong(site: Any) -> None:
    async with site.browser() as ada:
        await ada.sign_in("ada", lang="de")
        await ada.open("/desk/admin")
        words = ada.words()
        assert "Bereit Ja." in words and "30 Tage" in words and "abgeschaltet" in words
        assert site.world.manager.rules.pack.digest in words and "Nur noch" not in words
        object.__setattr__(site.operation, "certificate_ends", site.clock.now() + 5 * 86_400_000_000)
        site.operation.journal.reason = "disk <full>"
        await ada.open("/desk/admin")
        assert "Nur noch 4 T" in ada.words() and "disk <full>" in ada.words()
        assert "<full>" not in ada.page.text
