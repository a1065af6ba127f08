"""Every page is among those that are looked at in a real browser."""

from __future__ import annotations

from typing import Any

from tests.browser.pages import NO_PAGES, PAGES, WITHOUT_SIGNING_IN


async def test_every_page_is_looked_at_in_a_real_browser(site: Any) -> None:
    routes = {route.path for route in site.console.routes if "GET" in (route.methods or ())}
    assert routes == {*PAGES, *WITHOUT_SIGNING_IN, *NO_PAGES}
