"""Makes the first account of a collector: behind the link that it prints, or before it starts."""

from __future__ import annotations

import asyncio
import re
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

from hotline_collector.security.accounts import LocalAccounts
from hotline_collector.security.passwords import Passwords
from hotline_collector.store.store import SqlStore

PASSWORD = "an account for tests only"
_KEY = re.compile(r'name="key" value="([0-9a-f]{64})"')


def make_first_account(link: str, web_port: int, name: str = "admin", password: str = PASSWORD) -> str:
    """Make it as the browser page does, on this machine wherever the link leads to; return its password."""
    # The page may be meant for https with a proxy in front; then the cookies are, too.
    jar = CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https")))
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar)
    )
    place = f"http://127.0.0.1:{web_port}{urllib.parse.urlsplit(link).path}"
    with opener.open(place, timeout=30) as page:
        found = _KEY.search(page.read().decode())
    assert found, "the set-up page has no form"
    fields = {"key": found[1], "name": name, "password": password, "again": password, "language": "en"}
    with opener.open(place, urllib.parse.urlencode(fields).encode(), timeout=30) as page:
        assert page.url.endswith("/desk"), page.url
    return password


def keep_first_account(data: Path, name: str = "admin", password: str = PASSWORD) -> str:
    """Make it as `hotline-collector user add` does, before the collector starts; return its password.

    Its hash costs next to nothing: at the usual one a processor works 0.2 s, at every login, too.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def keep() -> None:
        store = SqlStore(data / "hotline.db")
        await store.start()
        try:
            await LocalAccounts(store, Passwords(memory_kib=64, passes=1)).add(name, password, "admin")
        finally:
            await store.close()

    # The thread of a test may have a loop that runs.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, keep()).result()
    return password
