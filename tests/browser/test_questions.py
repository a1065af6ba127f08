"""A washing machine at the desk: no probe, from the first question to solved by the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Window

COMPLAINT = "Meine Waschmaschine zeigt einen Fehlercode"
NEIN, CODE, BOSCH, NORMAL, FINISHES, UNKNOWN = "2", "5", "2", "1", "6", "0"


def asked(window: Window) -> str:
    """Return the question that is asked now."""
    return window.page.locator("#questions article h3").first.inner_text()


def press(window: Window, key: str) -> None:
    """Press a key of the page and wait until the question is another one."""
    before = asked(window)
    # A page has no keys before it is all there.
    window.page.wait_for_load_state()
    window.page.keyboard.press(key)
    question = window.page.locator("#questions article h3").first
    expect(question).not_to_have_text(before)
    expect(question).to_be_in_viewport()


def answer_hazards(window: Window) -> list[str]:
    """Answer every question about safety with no and return them."""
    questions = []
    while "GEFAHR" in (question := asked(window)):
        expect(window.page.locator("#questions")).to_contain_text("Sicherheit zuerst:")
        questions.append(question)
        press(window, NEIN)
    return questions


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 720}, {"width": 360, "height": 720}])
def test_a_washing_machine_by_answers_alone(window: Callable[..., Window], viewport: dict[str, int]) -> None:
    mia = window("de", viewport=viewport)
    mia.sign_in()
    mia.open_call(COMPLAINT)
    page, say = mia.page, mia.page.locator("#say")
    expect(say).to_contain_text("Fragen Sie: ")
    expect(page.locator("main")).not_to_contain_text("Als Nächstes: Den Code vorlesen")
    expect(page.locator("#code-needed")).to_contain_text("falls der Anrufer einen Computer zur Hand hat")
    hazards = answer_hazards(mia)
    assert any("nass" in question for question in hazards) and len(hazards) >= 2

    assert "Display der Waschmaschine" in asked(mia)
    expect(page.locator("#questions article").first).to_contain_text("Schauen Sie oben auf das Bedienfeld")
    press(mia, CODE)
    assert "Marke" in asked(mia)
    press(mia, BOSCH)
    while "Buchstaben und Ziffern" not in asked(mia):
        press(mia, UNKNOWN)
    page.locator("#answer-1-text").focus()
    page.keyboard.type("e18")
    page.keyboard.press("Enter")

    expect(say).to_contain_text("Die Ursache ist: Wasser läuft nicht aus der Waschmaschine")
    # Where nothing more is asked the page is where it says so.
    expect(say).to_be_in_viewport()
    expect(page.locator("#causes")).to_contain_text("E18")
    assert mia.faults() == []
    assert mia.overflow() == 0
    if viewport["width"] > 1000:
        page.locator("#close-send").scroll_into_view_if_needed()
        expect(say).to_be_in_viewport()
    page.locator("h1").click()
    page.keyboard.press("p")
    expect(page.locator("#fixes")).to_contain_text("reinigen Sie es")
    page.keyboard.press("d")
    expect(say).to_contain_text("Fragen Sie: Was zeigt das Display der Waschmaschine?")
    expect(page.locator("#questions article h3").first).to_be_in_viewport()
    press(mia, NORMAL)
    expect(say).to_contain_text("An welcher Stelle bleibt die Waschmaschine stehen?")
    page.keyboard.press(FINISHES)
    expect(page.locator("#fixes")).to_contain_text("nachgewiesen")
    expect(say).to_contain_text("schließen Sie ab")

    page.keyboard.press("x")
    page.locator("#caller-confirmed").focus()
    page.keyboard.press("Space")
    page.locator("#close-send").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Abgeschlossen: gelöst")
    assert mia.faults() == []


def test_a_key_counts_while_the_page_is_exchanged(window: Callable[..., Window]) -> None:
    mia = window("de")
    mia.sign_in()
    mia.open_call(COMPLAINT)
    mia.page.wait_for_load_state()
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    mia.page.route("**/desk/keys.js", hold)
    hazards = []
    while "GEFAHR" in (question := asked(mia)):
        hazards.append(question)
        mia.page.keyboard.press(NEIN)
        expect(mia.page.locator("#questions article h3").first).not_to_have_text(question)
    assert len(set(hazards)) == len(hazards) >= 2
    assert "Display der Waschmaschine" in asked(mia)
    assert late == [], "the page has no keys until it has its script again"


def test_what_a_key_cannot_do_is_said_and_the_page_stays(window: Callable[..., Window]) -> None:
    mia = window("de")
    mia.sign_in()
    call_id = mia.open_call(COMPLAINT)
    mia.page.wait_for_load_state()
    mia.page.wait_for_function("source?.readyState === EventSource.OPEN")
    shown = mia.page.url
    # In one step, for the stream may bring the page as it was in between.
    mia.page.evaluate(
        """key => {
          document.querySelector("#answer-1-2").form.elements.key.value = "stale";
          document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        }""",
        NEIN,
    )
    expect(mia.page.get_by_role("alert")).to_be_visible()
    assert mia.page.url == shown and "GEFAHR" in asked(mia)
    assert [said for said in mia.said if "403" not in said] == []
    mia.said.clear()
    assert not any(question.answer for question in mia.desk.client().get_call(call_id).questions)
    assert mia.faults() == []


def test_a_corrected_answer_changes_the_cause_on_the_page(window: Callable[..., Window]) -> None:
    mia = window("de")
    mia.sign_in()
    call_id = mia.open_call(COMPLAINT)
    client = mia.desk.client()
    while (question := next(q for q in client.get_call(call_id).questions if not q.answer)).hazard:
        client.answer(call_id, question.question, "false")
    for name, value in (("display", "code"), ("brand", "lg"), ("code", "LE")):
        client.answer(call_id, f"appl.washer.{name}", value)
    say = mia.page.locator("#say")
    expect(say).to_contain_text("Trommel der Waschmaschine dreht sich nicht")

    brand = mia.page.locator("#questions .answers li", has_text="Von welcher Marke")
    brand.locator("summary").focus()
    mia.page.keyboard.press("Enter")
    brand.get_by_role("button", name="Samsung").focus()
    mia.page.keyboard.press("Enter")
    expect(say).to_contain_text("Wasser läuft aus der Waschmaschine")
    expect(mia.page.locator("#questions .answers")).to_contain_text("Samsung")
    assert mia.faults() == []
