"""An agent who knows nothing but what the first lines of a call's page say, and a caller on the phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Window
from tests.e2e.conftest import Probe, wait_for

MAX_STEPS = 40
_FIRST_LINE = """() => {
  const say = document.querySelector("#say"), step = document.querySelector(".next a");
  return say && [say.textContent, step ? step.textContent : "", step ? step.hash : ""];
}"""


@dataclass
class Caller:
    """Somebody on the phone: starts what is read out, reads their screen aloud, does the steps they hear."""

    window: Window
    does_steps: Callable[[], None]
    check: str = ""
    probe: Probe | None = None

    def hears_code(self, link: str) -> None:
        """Start the probe with the link, once."""
        if self.probe is None:
            checks = ("--check", self.check) if self.check else ()
            self.probe = self.window.desk.system.probe(link, *checks)

    def reads_words(self) -> str:
        """Return the two words on the caller's screen."""
        assert self.probe is not None
        return self.probe.words


def first_line(window: Window) -> tuple[str, str, str]:
    """Return what to say now, what to do next, and the id of the place where it is done."""
    # At one go, for the page goes on meanwhile; while another one is loaded there is none.
    said, step, href = wait_for(lambda: window.page.evaluate(_FIRST_LINE))
    return said.strip(), step, href.removeprefix("#")


def follow(window: Window, caller: Caller) -> list[str]:
    """Do what the first lines say until there is nothing left to do; return the steps taken."""
    taken: list[str] = []
    while len(taken) < MAX_STEPS:
        line = first_line(window)
        if not line[1]:
            return taken
        window.page.click(".next a")
        if first_line(window) != line:
            continue
        place = window.page.locator(f"#{line[2]}")
        expect(place).to_be_in_viewport()
        taken.append(line[1])
        act(window, caller, line[2], place)
        wait_for(partial(changed, window, line), 30, lambda: (taken, words_on(window)[:2000]))
    raise AssertionError(taken)


def changed(window: Window, line: tuple[str, str, str]) -> bool:
    """Tell whether the first lines have changed."""
    return first_line(window) != line


def act(window: Window, caller: Caller, section: str, place: Locator) -> None:
    """Use the first control at a place, as somebody would who sees the page for the first time."""
    if section == "code":
        caller.hears_code(window.link())
    elif section == "words":
        place.get_by_role("textbox").fill(caller.reads_words())
        place.get_by_role("button").first.click()
    elif section == "fixes":
        done = place.locator("button[value=done]")
        if done.count():
            assert place.locator("ol > li").first.inner_text()
            caller.does_steps()
            done.first.click()
    elif section == "close":
        place.get_by_role("checkbox").check()
        place.get_by_role("button").click()
    elif section in ("causes", "questions"):
        place.get_by_role("button").first.click()


def words_on(window: Window) -> str:
    """Return all that can be read on the page."""
    return " ".join(window.page.locator("body").inner_text().split())


def stands(window: Window, look: Callable[[], Any]) -> Any:
    """Return what `look` finds on the page, once it is there."""
    return wait_for(look, 30, lambda: words_on(window)[:3000])
