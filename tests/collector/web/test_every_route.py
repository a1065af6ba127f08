"""Every route there is, asked by nobody and by an admin: what browsers obey is always there."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from starlette.routing import Route

_POLICY = {
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}
_PARAMETER = re.compile(r"\{[^}]*\}")


def paths(site: Any, method: str) -> list[str]:
    found = []
    for route in site.app.routes:
        assert isinstance(route, Route), f"{route} is not walked here"
        if method in (route.methods or ()):
            found.append(_PARAMETER.sub("x1", route.path))
    return sorted(set(found))


async def begun(client: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    """Return an answer; of a stream, which does not end by itself, only how it begins."""
    async with client.stream(method, path, follow_redirects=False) as answer:
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            await answer.aread()
    return answer


def check_headers(path: str, answer: Any) -> None:
    headers = answer.headers
    policy = {part.strip() for part in headers["content-security-policy"].split(";")}
    assert policy >= _POLICY, path
    assert not re.search(r"unsafe|data:|blob:|http|\*", headers["content-security-policy"]), path
    assert headers["x-content-type-options"] == "nosniff", path
    assert headers["cache-control"] == "no-store", path
    assert headers["referrer-policy"] == "no-referrer", path
    assert headers["cross-origin-opener-policy"] == "same-origin", path
    assert headers["cross-origin-resource-policy"] == "same-origin", path
    assert "camera=()" in headers["permissions-policy"], path
    assert "server" not in headers and "access-control-allow-origin" not in headers, path
    for cookie in headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie and "SameSite=strict" in cookie, (path, cookie)
        assert "Domain" not in cookie, (path, cookie)
    if headers.get("content-type", "").startswith("text/html"):
        assert not re.search(r"\sstyle=|\son\w+=|<script(?! src=\"/desk/)|javascript:", answer.text), path


@pytest.mark.parametrize("name", ["", "ada"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_every_answer_carries_what_browsers_obey(site: Any, name: str, method: str) -> None:
    async with site.browser() as browser:
        if name:
            await browser.sign_in(name)
        walked = paths(site, "GET" if method == "DELETE" else method)
        assert len(walked) > 10
        for path in [*walked, "/nothing/here", "/desk/%00", "/desk/nothing"]:
            answer = await begun(browser.client, method, path)
            assert answer.status_code < 500, (path, answer.status_code)
            check_headers(path, answer)


@pytest.mark.parametrize("web_url", ["https://help.example.org"])
async def test_behind_tls_every_cookie_is_for_tls_only(site: Any) -> None:
    token = await site.doors.browsers.begin("ada")
    async with site.browser(headers={"cookie": f"__Host-hotline={token}"}) as ada:
        seen = []
        for path in paths(site, "GET"):
            answer = await begun(ada.client, "GET", path)
            seen += answer.headers.get_list("set-cookie")
        await ada.open("/desk/account")
        answer = await ada.client.post(
            "/desk/account", data={"key": ada.key(), "language": "de", "theme": "dark"}
        )
        seen += answer.headers.get_list("set-cookie")
        answer = await ada.client.post("/desk/sign-out", data={"key": ada.key()})
        seen += answer.headers.get_list("set-cookie")
    assert len(seen) >= 4
    assert all("Secure" in cookie for cookie in seen)


async def test_only_what_nobody_signs_in_for_is_shown_to_nobody(site: Any) -> None:
    """Whatever is under /desk leads to the sign-in page, but for what is needed to get in."""
    open_to_all = {"/desk/sign-in", "/desk/set-up/x1"}
    async with site.browser() as nobody:
        for path in paths(site, "GET"):
            if not path.startswith("/desk") or path in open_to_all or path.endswith((".css", ".js")):
                continue
            answer = await nobody.client.get(path)
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/desk/sign-in?next="), path
        for path in paths(site, "POST"):
            if path.startswith("/desk") and path not in open_to_all:
                assert (await nobody.client.post(path)).status_code == 303, path


async def test_no_form_of_another_site_does_anything(site: Any) -> None:
    """Whatever is sent to /desk needs the key of this very browser, and comes from a page of ours."""
    async with site.browser() as ada:
        await ada.sign_in("ada")
        await ada.open("/desk/account")
        key, walked = ada.key(), [path for path in paths(site, "POST") if path.startswith("/desk")]
        assert len(walked) > 20
        for path in walked:
            # Who is not signed in yet has no key of a session; these two refuse by what stands in them.
            if path in {"/desk/sign-in", "/desk/set-up/x1"}:
                continue
            for data, headers in (
                ({}, {}),
                ({"key": "0" * 64}, {}),
                ({"key": key}, {"sec-fetch-site": "cross-site"}),
                ({"key": key}, {"sec-fetch-site": "same-site"}),
                ({"key": key}, {"origin": "https://evil.example"}),
            ):
                answer = await ada.client.post(path, data=data, headers=headers)
                assert answer.status_code == 403, (path, data.keys(), headers)
        assert (await ada.open("/desk/account")).status_code == 200
