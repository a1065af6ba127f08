"""Signing in and out, language and appearance, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, Window

Windows = Callable[..., Window]


@pytest.mark.parametrize(
    ("lang", "wrong", "calls"),
    [
        ("en", "Name or password is wrong.", "Queue"),
        ("de", "Name oder Passwort ist falsch.", "Warteschlange"),
    ],
)
def test_a_wrong_password_and_then_the_right_one(window: Windows, lang: str, wrong: str, calls: str) -> None:
    mia = window(lang)
    mia.open("/desk")
    expect(mia.page).to_have_url(re.compile("/desk/sign-in"))
    expect(mia.page.locator("html")).to_have_attribute("lang", lang)
    mia.page.fill("#name", "mia")
    mia.page.fill("#password", "wrong")
    mia.page.keyboard.press("Enter")
    expect(mia.page.get_by_role("alert")).to_have_text(wrong)
    expect(mia.page.locator("#name")).to_have_value("mia")
    expect(mia.page.locator("#password")).to_have_value("")
    # The browser itself says that the page was answered with 401.
    assert [said for said in mia.said if "401" not in said] == []
    mia.said.clear()
    mia.page.fill("#password", PASSWORD)
    mia.page.keyboard.press("Enter")
    expect(mia.page).to_have_url(re.compile("/desk$"))
    expect(mia.page.get_by_role("heading", level=1)).to_have_text(calls)


def test_signing_out_ends_it_for_every_page(window: Windows) -> None:
    mia = window()
    mia.sign_in()
    other = mia.page.context.new_page()
    other.goto(mia.desk.url + "/desk/account")
    mia.page.get_by_role("button", name="Sign out").click()
    expect(mia.page).to_have_url(re.compile("/desk/sign-in"))
    other.reload()
    expect(other).to_have_url(re.compile("/desk/sign-in"))
    mia.page.go_back()
    mia.page.reload()
    expect(mia.page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_language_and_appearance_are_chosen_and_kept(window: Windows) -> None:
    mia = window(color_scheme="light")
    mia.sign_in()
    seen = {}
    for lang, theme, heading in (
        ("de", "dark", "Konto"),
        ("en", "light", "Account"),
        ("en", "auto", "Account"),
    ):
        mia.open("/desk/account")
        mia.page.select_option("#language", lang)
        mia.page.select_option("#theme", theme)
        mia.page.click("main form button")
        expect(mia.page.get_by_role("heading", level=1)).to_have_text(heading)
        expect(mia.page.locator("html")).to_have_attribute("lang", lang)
        mia.open("/desk")
        expect(mia.page.locator("html")).to_have_attribute("lang", lang)
        seen[theme] = paper(mia)
    assert seen["auto"] == seen["light"] != seen["dark"]
    mia.page.emulate_media(color_scheme="dark")
    assert paper(mia) == seen["dark"], "as the system has it"


def paper(window: Window) -> str:
    """Return the colour of the page."""
    return str(window.page.evaluate("getComputedStyle(document.body).backgroundColor"))
