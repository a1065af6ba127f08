"""From an admin's page to somebody who works at the desk, and back, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Window

Windows = Callable[..., Window]
NEW = "three unrelated words"


def test_an_account_is_made_used_and_disabled(window: Windows) -> None:
    ada, eva = window(), window("de")
    ada.sign_in("ada")
    ada.page.get_by_role("link", name="Administration").click()
    ada.page.get_by_role("link", name="Accounts").click()
    ada.page.get_by_label("Name", exact=True).fill("eva")
    ada.page.get_by_role("button", name="Add the account").click()
    link = ada.page.locator("#secret").inner_text()
    eva.open(link.removeprefix(ada.desk.url.replace("127.0.0.1", "localhost")).removeprefix(ada.desk.url))
    expect(eva.page.locator("#name")).to_have_value("eva")
    eva.page.fill("#password", "too short")
    eva.page.fill("#again", "too short")
    eva.page.keyboard.press("Enter")
    expect(eva.page.get_by_role("alert")).to_contain_text("mindestens 15 Zeichen")
    eva.said.clear()  # the browser itself says that the page was answered with 400
    eva.page.fill("#password", NEW)
    eva.page.fill("#again", NEW)
    eva.page.keyboard.press("Enter")
    expect(eva.page).to_have_url(re.compile("/desk$"))
    eva.page.get_by_role("link", name="Konto: eva").click()
    eva.page.get_by_label("Sprache", exact=True).select_option("de")
    eva.page.get_by_label("Aussehen", exact=True).select_option("dark")
    eva.page.get_by_role("button", name="Speichern").click()
    expect(eva.page.get_by_role("status")).to_have_text("Gespeichert.")
    other = window("en")
    other.sign_in("eva", NEW)
    expect(other.page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(other.page.locator("html")).to_have_attribute("lang", "de")
    ada.open("/desk/admin/users/eva")
    ada.page.get_by_role("button", name="Disable the account").click()
    expect(ada.page.get_by_role("status")).to_contain_text("signed out everywhere")
    eva.page.reload()
    expect(eva.page).to_have_url(re.compile("/desk/sign-in"))


def test_the_audit_trail_is_searched_and_checked(window: Windows) -> None:
    ada = window()
    ada.sign_in("ada")
    ada.page.get_by_role("link", name="Administration").click()
    ada.page.get_by_role("link", name="Audit trail").click()
    ada.page.get_by_role("button", name="Check the chain").click()
    expect(ada.page.get_by_role("status")).to_contain_text("The chain is unbroken")
    ada.page.get_by_label("Who", exact=True).fill("ada")
    ada.page.get_by_label("Action begins with").fill("audit.")
    ada.page.keyboard.press("Enter")
    rows = ada.page.locator("tbody tr")
    expect(rows.first).to_contain_text("audit.look")
    expect(rows.filter(has_text="audit.verify").first).to_be_visible()
    expect(rows.filter(has_text="desk.sign_in")).to_have_count(0)
