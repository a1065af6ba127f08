"""The first minutes of a new operator: from the link that the collector prints to the desk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.e2e.conftest import STARTING, Process, System, wait_for

Windows = Callable[..., Window]
_COLLECTOR = "from hotline_collector.serve.cli import main; main()"
PASSWORD = "rain over the harbour"


def test_the_printed_link_makes_the_first_account_once(window: Windows, tmp_path: Path) -> None:
    system = System(tmp_path)
    arguments = ["--data-dir", str(system.data), "serve", "--host", "127.0.0.1", "--json"]
    arguments += ["--grpc-port", "0", "--web-port", "0"]
    collector = Process(_COLLECTOR, arguments, tmp_path / "collector", system.environ)
    try:
        wait_for(collector.lines, STARTING, collector.log.read_text)
        link = str(collector.lines()[0]["set_up_link"])
        ada = window("de")
        ada.page.goto(link)
        expect(ada.page.locator("html")).to_have_attribute("lang", "de")
        assert ada.faults() == []
        ada.page.fill("#name", "ada")
        for field in ada.page.locator("input[type=password]").all():
            field.fill(PASSWORD)
        ada.page.click("main form button")
        expect(ada.page.get_by_role("heading", level=1)).to_have_text("Warteschlange")
        assert ada.faults() == []
        other: Any = window()
        other.page.goto(link)
        expect(other.page.locator("input[type=password]")).to_have_count(0)
        other.said.clear()
        # The queue is live; it would complain about the collector's end.
        ada.page.goto("about:blank")
    finally:
        collector.stop()
