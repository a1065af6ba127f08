"""Makes the first account behind the set-up link that a collector prints, as its browser page does."""

from __future__ import annotations

import re
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar, DefaultCookiePolicy

PASSWORD = "an account for tests only"
_KEY = re.compile(r'name="key" value="([0-9a-f]{64})"')


def make_first_account(link: str, web_port: int, name: str = "admin", password: str = PASSWORD) -> str:
    """Make it on this machine, wherever the link leads to, and return its password."""
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
