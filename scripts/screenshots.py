"""Takes the pictures of the desk in docs/: a real call with a real fault, in a real browser."""

from __future__ import annotations

import io
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import demo
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

DOCS = Path(__file__).resolve().parent.parent / "docs"
SIZE: ViewportSize = {"width": 1280, "height": 1160}
AGENT = "mia"
_COLOURS = 128
# So long the computer is watched before its service ends, so that the curves have something to show.
_WATCHED_MS = 60_000
_WAITING = ("The printer does not print any more", "My mail program asks for a password all the time")
_FLAGS = ("--disable-gpu", "--disable-background-networking", "--no-first-run")


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium."""
    program = shutil.which("chromium")
    if program is None:
        raise demo.DemoFailed("chromium is not installed (apt-get install chromium)")
    flags = [*_FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(_FLAGS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=flags)
        yield started
        started.close()


class Desk:
    """A running collector with one agent, who sits at its desk."""

    def __init__(self, programs: demo.Programs, started: Browser) -> None:
        self._browser = started
        self._programs = programs
        self._password = secrets.token_urlsafe(16)
        data = ("--data-dir", str(programs.folder / "data"))
        account = ("user", "add", AGENT, "--role", "agent", "--password-file", "-")
        command = [str(demo.BIN / "hotline-collector"), *data, *account]
        subprocess.run(command, input=self._password, text=True, check=True)
        collector = programs.start("hotline-collector", *data, *demo.SERVE)
        line = collector.stdout.readline() if collector.stdout else ""
        if not line:
            raise demo.DemoFailed("the collector did not start")
        self._home = f"http://{demo.HOST}:{json.loads(line)['web_port']}/desk"

    def window(self, scheme: Literal["light", "dark"]) -> Page:
        """Return a window in which the agent is signed in."""
        page = self._browser.new_page(viewport=SIZE, color_scheme=scheme, locale="en")
        page.goto(self._home)
        page.fill("#name", AGENT)
        page.fill("#password", self._password)
        page.click("main form button")
        page.wait_for_url("**/desk")
        return page

    def call(self, page: Page, place: str) -> None:
        """Open a call, let the caller join it, and wait until the service is seen to run."""
        page.fill("#complaint", demo.COMPLAINT)
        page.fill("#first_check", place)
        page.click("form[action='/desk/calls'] button")
        link = page.locator("code", has_text="hotline://").first.inner_text()
        told = ("--check", place, "--consent", "basic,personal", "--lang", "en")
        words = demo.Caller(self._programs.start("hotline-probe", link, *told)).read_words()
        page.fill("#words-read", words)
        page.click("#words-send")
        page.locator(".good").first.wait_for()

    def queue_up(self) -> None:
        """Have callers wait in the waiting room."""
        for complaint in _WAITING:
            page = self._browser.new_page(locale="en")
            page.goto(self._home.removesuffix("desk"))
            page.fill("#complaint", complaint)
            page.click("form[action='/wait'] button")
            page.wait_for_url("**/wait/**")
            page.close()

    def show_queue(self, page: Page) -> None:
        """Go to the first page of the desk."""
        page.goto(self._home)


def keep(page: Page, name: str) -> None:
    """Write a picture of what the window shows, with few colours, for it is mostly plain areas."""
    page.evaluate("scrollTo(0, 0)")
    taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    file = DOCS / name
    taken.quantize(_COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    print(f"wrote {file} ({file.stat().st_size // 1024} KiB)")


def main() -> int:
    """Play a call up to its first cause, let others wait, and take the pictures."""
    port = demo.free_port()
    with tempfile.TemporaryDirectory(prefix="hotline-demo-") as name, browser() as started:
        programs = demo.Programs(Path(name))
        try:
            desk = Desk(programs, started)
            light, dark = desk.window("light"), desk.window("dark")
            with demo.service(port):
                desk.call(light, f"{demo.HOST}:{port}")
                light.wait_for_timeout(_WATCHED_MS)
            dark.goto(light.url.partition("#")[0])
            for scheme, page in (("light", light), ("dark", dark)):
                page.get_by_text("is not running").first.wait_for()
                page.locator(".strip strong", has_text="unknown").first.wait_for(state="detached")
                keep(page, f"desk-{scheme}.png")
                page.goto(page.url.partition("#")[0] + "/wrap-up")
                keep(page, f"wrap-up-{scheme}.png")
            desk.queue_up()
            for scheme, page in (("light", light), ("dark", dark)):
                desk.show_queue(page)
                keep(page, f"queue-{scheme}.png")
        finally:
            programs.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
