"""A call from its code to the proof: by what the screen says alone, and by keys alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, Window
from tests.browser.following import Caller, first_line, follow, words_on
from tests.e2e.conftest import wait_for

Windows = Callable[..., Window]
_FOCUS = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), look = getComputedStyle(at);
  const drawn = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0;
  const seen = at.matches(":focus-visible") && drawn;
  const inside = box.bottom > 0 && box.top < innerHeight && box.width > 0;
  return { name: at.nodeName, id: at.id, text: at.textContent.trim(), seen, inside };
}"""


@pytest.mark.parametrize(
    ("lang", "steps", "end"),
    [
        (
            "en",
            [
                "Read out the code",
                "Enter the two words",
                "Propose a fix",
                "Read out the steps",
                "Close the call",
            ],
            "Closed: solved",
        ),
        (
            "de",
            [
                "Den Code vorlesen",
                "Die zwei Wörter",
                "Eine Abhilfe",
                "Die Schritte vorlesen",
                "Den Anruf abschl",
            ],
            "Abgeschlossen: gelöst",
        ),
    ],
)
def test_a_new_user_solves_a_call(
    window: Windows, service: Any, lang: str, steps: list[str], end: str
) -> None:
    place = f"127.0.0.1:{service.port}"
    mia = window(lang)
    mia.sign_in()
    mia.open_call(f"my program cannot reach {place}")
    taken = follow(mia, Caller(mia, service.start, place))
    waits = ("Watch", "Zusehen")
    assert [
        step
        for step, taken_ in zip(steps, [t for t in taken if not t.startswith(waits)], strict=True)
        if not taken_.startswith(step)
    ] == [], taken
    assert end in words_on(mia)


class Keys:
    """A keyboard and nothing else; every key leaves the focus where it can be seen."""

    def __init__(self, window: Window) -> None:
        self.window = window

    def press(self, key: str) -> None:
        """Press a key; a page has none of its own before it is all there."""
        self.window.page.wait_for_load_state()
        self.window.page.keyboard.press(key)

    def focus(self) -> dict[str, Any]:
        """Return what has the focus, which must be visible unless nothing has it."""
        at: dict[str, Any] = self.window.page.evaluate(_FOCUS)
        assert at["name"] == "BODY" or (at["seen"] and at["inside"]), at
        return at

    def to(self, wanted: Callable[[dict[str, Any]], bool]) -> None:
        """Press Tab until something has the focus."""
        for _ in range(120):
            self.press("Tab")
            if wanted(self.focus()):
                return
        raise AssertionError(words_on(self.window))

    def fill(self, field: str, text: str) -> None:
        """Go to a field and type."""
        self.to(lambda at: at["id"] == field)
        self.window.page.keyboard.type(text)


def test_the_keyboard_is_enough(window: Windows, service: Any) -> None:
    place = f"127.0.0.1:{service.port}"
    mia = window()
    keys = Keys(mia)
    mia.open("/desk")
    keys.fill("name", "mia")
    keys.fill("password", PASSWORD)
    keys.press("Enter")
    expect(mia.page.get_by_role("heading", level=1)).to_have_text("Queue")
    keys.fill("complaint", f"my program cannot reach {place}")
    keys.to(lambda at: at["text"] == "Open the call")
    keys.press("Enter")
    expect(mia.page.locator(".next a")).to_have_text("Read out the code")

    keys.press("?")
    expect(mia.page.locator("#keys")).to_be_visible()
    keys.press("Escape")
    expect(mia.page.locator("#keys")).to_be_hidden()

    caller = Caller(mia, service.start, place)
    caller.hears_code(mia.link())
    words = caller.reads_words()
    expect(mia.page.locator("#words-read")).to_be_visible()
    keys.press("w")
    assert keys.focus()["id"] == "words-read"
    mia.page.keyboard.type(words)
    keys.press("Enter")
    expect(mia.page.locator(".next a")).to_have_text("Propose a fix")

    # By the link to the next step, as somebody would who does not know the keys yet.
    keys.to(lambda at: at["text"] == "Propose a fix")
    keys.press("Enter")
    keys.to(lambda at: at["text"] == "Propose")
    keys.press("Enter")
    expect(mia.page.locator(".next a")).to_have_text("Read out the steps and say when they are done")
    service.start()
    keys.press("d")
    expect(mia.page.locator("#fixes .state")).to_contain_text("verified")

    keys.press("n")
    mia.page.keyboard.type("went well")
    keys.to(lambda at: at["id"] == "note-send")
    keys.press("Enter")
    expect(mia.page.locator("#timeline")).to_contain_text("went well")
    wait_for(lambda: first_line(mia)[1] == "Close the call")
    keys.to(lambda at: at["id"] == "caller-confirmed")
    keys.press("Space")
    keys.to(lambda at: at["id"] == "close-send")
    keys.press("Enter")
    expect(mia.page.locator("#say")).to_contain_text("The call is closed.")


def test_typing_survives_what_arrives(window: Windows, desk: Any) -> None:
    mia = window()
    mia.sign_in()
    call = desk.follow(mia.open_call("everything is slow"))
    keys = Keys(mia)
    keys.press("n")
    mia.page.keyboard.type("half a sen")
    keys.press("ArrowLeft")
    for number in range(5):
        call.client.add_note(call.id, f"arrived {number}")
        expect(mia.page.locator("#timeline")).to_contain_text(f"arrived {number}")
        assert keys.focus()["id"] == "note-text"
    mia.page.keyboard.type("X")
    expect(mia.page.locator("#note-text")).to_have_value("half a seXn")
    keys.press("Tab")
    before = keys.focus()
    for wanted in ("Read out the code", "Make a new code", "note-send", "check"):
        keys.to(lambda at, wanted=wanted: wanted in (at["id"], at["text"]))  # type: ignore[misc]
        before = keys.focus()
        call.client.add_note(call.id, f"while at {wanted}")
        expect(mia.page.locator("#timeline")).to_contain_text(f"while at {wanted}")
        assert keys.focus()["text"] == before["text"], "a control without a name keeps the focus, too"
