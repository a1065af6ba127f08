"""The waiting room and the queue in real browsers: a caller with a real probe, and two agents after them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Window

Windows = Callable[..., Window]
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
_OPTIONS = {"runOnly": {"type": "tag", "values": _TAGS}, "resultTypes": ["violations"]}


def is_sound(window: Window) -> None:
    """Make sure that axe finds nothing in either appearance, and that the page fits on a phone."""
    for details in window.page.locator("details").all():
        details.evaluate("each => { each.open = true; }")
    for scheme in ("light", "dark"):
        window.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found: Any = Axe().run(window.page, options=_OPTIONS)
        assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found.response["violations"]] == []
    for width, height in ((360, 640), (1280, 720)):
        window.page.set_viewport_size({"width": width, "height": height})
        assert window.overflow() == 0


def enter(window: Window, complaint: str) -> None:
    """Go into the waiting room by the form of the start page."""
    window.open("/")
    window.page.fill("#complaint", complaint)
    window.page.click("#enter")
    expect(window.page.locator("#place")).to_be_visible()


def test_a_caller_waits_with_the_probe_and_one_of_two_agents_gets_the_answer_with_the_call(
    window: Windows, service: Any
) -> None:
    place = f"127.0.0.1:{service.port}"
    ann, mia, noa = window(), window(), window("de", java_script_enabled=False)
    for agent, name in ((mia, "mia"), (noa, "noa")):
        agent.sign_in(name)
        expect(agent.page.locator("#say")).to_have_text(re.compile("Nobody is waiting|Niemand wartet"))
    enter(ann, f"my program cannot reach {place}")
    expect(ann.page.locator("#place")).to_have_text("You are next.")
    is_sound(ann)
    with ann.page.context.expect_page() as opened:
        ann.page.click("#run")
    link = re.search(r'hotline://[^"\s]+', opened.value.locator("pre").last.inner_text())
    assert link is not None
    opened.value.close()
    # Nobody reloads anything: the card comes by itself, and then the cause.
    card = mia.page.locator("article.waits", has_text=place)
    expect(card).to_be_visible()
    probe = mia.desk.system.probe(link[0], "--check", place)
    expect(ann.page.locator("#now")).to_contain_text("Your computer is connected.")
    expect(card).to_contain_text("Computer: connected")
    assert probe.event("waiting", place=1)["text"].startswith("You are next in the queue.")
    expect(card).not_to_contain_text("none found so far")
    is_sound(mia)
    # Both press: the page without scripts has not heard of the other's click.
    noa.page.reload()
    mia.page.click("#take-next")
    expect(mia.page.locator("#wait")).to_be_visible()
    noa.page.locator("article.waits", has_text=place).locator("button[id^='take-']").click()
    expect(noa.page.get_by_role("alert")).to_have_text("Jemand war schneller: mia hat diesen Anruf.")
    noa.said.clear()  # The browser itself says that the page was answered with 409.
    expect(mia.page.locator("#causes article").first).to_be_visible()
    assert probe.event("agent")["agent"] == "mia" and probe.words
    expect(ann.page.locator("#place")).to_have_text("mia has your call now.")


def test_a_caller_who_waits_answers_the_questions_of_the_desk(window: Windows) -> None:
    ann = window("de")
    enter(ann, "Meine Waschmaschine zeigt einen Fehlercode")
    page, question = ann.page, ann.page.locator(".ask h2")
    is_sound(ann)
    while "Display der Waschmaschine" not in (asked := question.inner_text()):
        page.locator("#answer-2").click()
        expect(question).not_to_have_text(asked)
    page.get_by_role("button", name="Einen Code aus Buchstaben und Zahlen").click()
    expect(question).to_contain_text("Marke")
    page.get_by_role("button", name="LG").click()
    expect(question).not_to_contain_text("Marke")
    while "Buchstaben und Ziffern" not in (asked := question.inner_text()):
        page.locator("#answer-0").click()
        expect(question).not_to_have_text(asked)
    page.fill("#answer", "le")
    # What is typed stays when the page brings itself up to date.
    page.evaluate("look()")
    expect(page.locator("#answer")).to_have_value("le")
    is_sound(ann)
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_have_count(0)
    mia = window("de")
    mia.sign_in()
    card = mia.page.locator("article.waits", has_text="Fehlercode").first
    card.locator("button[id^='take-']").click()
    expect(mia.page.locator("#causes")).to_contain_text("Trommel der Waschmaschine dreht sich nicht")
    expect(mia.page.locator("#questions .answers")).to_contain_text("vom Anrufer")


@pytest.mark.parametrize("lang", ["en", "de"])
def test_a_caller_is_called_back_and_handed_over_by_keys_and_forms(window: Windows, lang: str) -> None:
    ann, mia, noa = window(lang), window(lang), window(lang)
    enter(ann, f"nothing works ({lang})")
    ann.page.click("#call-back")
    is_sound(ann)
    ann.page.fill("#number", "+49 30 123456")
    ann.page.keyboard.press("Enter")
    expect(ann.page.locator("#place")).to_have_text(re.compile("We will call you back|Wir rufen Sie zurück"))
    mia.sign_in()
    card = mia.page.locator("article.waits", has_text=f"nothing works ({lang})")
    card.locator("button[id^='back-']").click()
    expect(mia.page.locator("#wait .number")).to_have_text("+4930123456")
    is_sound(mia)
    mia.page.fill("#to-call", "noa")
    mia.page.fill("#pass-call", "nobody answered")
    mia.page.click("#transfer-send-call")
    expect(mia.page).to_have_url(re.compile("/desk$"))
    noa.sign_in("noa")
    expect(noa.page.locator("article.waits")).to_contain_text({"en": "for you", "de": "für Sie"}[lang])
    # The script shows the button when the keys work.
    expect(noa.page.locator("#keys-show")).to_be_visible()
    noa.page.keyboard.press("t")
    expect(noa.page.locator("#wait")).to_be_visible()
    expect(noa.page.locator("#timeline")).to_contain_text("nobody answered")
    expect(mia.page.locator("#say")).to_have_text(re.compile("Nobody is waiting|Niemand wartet"))
