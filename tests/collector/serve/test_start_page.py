"""The pages for callers, asked for as a browser does."""

from __future__ import annotations

import asyncio
import hashlib
import html
from pathlib import Path

import httpx
import pytest
from hotline_collector.serve.caller_pages import CallerFacts, CallerPages
from hotline_collector.serve.downloads import find_builds
from hotline_collector.serve.web import build_app
from hotline_collector.web.language import choose_lang
from hotline_proto.joincode import parse_target
from prometheus_client import CollectorRegistry

CODE = "378010907425"
PRINT = "ab" * 32


def get(path: str, facts: CallerFacts, **headers: str) -> httpx.Response:
    async def ready() -> str:
        return ""

    async def ask() -> httpx.Response:
        app = build_app(CallerPages(facts), b"", CollectorRegistry(), ready)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


def facts(builds: Path | None = None) -> CallerFacts:
    return CallerFacts("A & B", "help.example.org", 7443, PRINT, ("192.0.2.7",), find_builds(builds))


@pytest.fixture
def builds(tmp_path: Path) -> Path:
    for name in (
        "hotline-probe-windows-amd64.exe",
        "hotline-probe-linux-x86_64",
        "hotline-probe.pyz",
        "notes.txt",
    ):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "hotline-probe-linux-link").symlink_to("/etc/passwd")
    return tmp_path


def test_the_start_page_asks_who_called_whom_and_for_the_code() -> None:
    page = get("/", facts())
    assert page.status_code == 200
    assert "A &amp; B: remote help" in page.text
    assert "Did you call us?" in page.text
    assert 'name="code"' in page.text
    assert "script" not in page.headers["content-security-policy"]


def test_without_a_waiting_room_nobody_queues_up() -> None:
    assert "/wait" not in get("/", facts()).text
    for path in ("/wait", "/wait/x", "/wait.js"):
        assert get(path, facts()).status_code == 404


def test_the_language_is_the_browsers_until_somebody_chooses() -> None:
    german = get("/", facts(), **{"accept-language": "de-AT,de;q=0.9,en;q=0.8"})
    assert '<html lang="de">' in german.text and "Haben Sie uns angerufen?" in german.text
    chosen = get("/?lang=en", facts(), **{"accept-language": "de"})
    assert '<html lang="en">' in chosen.text


@pytest.mark.parametrize(
    ("asked", "accepted", "lang"),
    [
        ("", "", "en"),
        ("", "fr, de;q=0.5", "de"),
        ("", "en;q=0.2, de;q=0.9", "de"),
        ("", "de;q=0, en;q=0.1", "en"),
        ("", "de;q=x,;;,\x00", "en"),
        ("de", "en", "de"),
        ("<b>", "de", "de"),
    ],
)
def test_a_language_is_found_in_any_header(asked: str, accepted: str, lang: str) -> None:
    assert choose_lang(asked, accepted) == lang


@pytest.mark.parametrize("path", [f"/join/{CODE}", "/join?code=378+010-907.425"])
def test_a_code_is_filled_in(path: str) -> None:
    page = get(path, facts())
    link = html.unescape(page.text.split('<pre>hotline-probe "')[1].split('"</pre>')[0])
    target = parse_target(link)
    assert (target.code, target.host, target.port) == (CODE, "help.example.org", 7443)
    assert (target.ca_fingerprint, target.addresses) == (PRINT, ("192.0.2.7",))


@pytest.mark.parametrize("code", ["378010907421", "1", "%3Cscript%3Ealert(1)%3C/script%3E", "9" * 4000])
def test_a_wrong_code_is_asked_for_again(code: str) -> None:
    page = get(f"/join?code={code}", facts())
    assert page.status_code == 400
    assert "compare it once more" in page.text
    assert "<script" not in page.text and len(page.text) < 4000


def test_builds_are_offered_with_digest_and_what_the_system_says(builds: Path) -> None:
    page = get(f"/join/{CODE}", facts(builds)).text
    order = [page.index(name) for name in ("windows-amd64.exe", "linux-x86_64", "hotline-probe.pyz")]
    assert order == sorted(order)
    assert "<h2>1. Get the program</h2>" in page
    assert "“Windows protected your PC”" in page
    assert hashlib.sha256(b"hotline-probe.pyz").hexdigest() in page
    assert "chmod +x hotline-probe-linux-x86_64" in page
    assert "notes.txt" not in page and "linux-link" not in page


def test_only_builds_can_be_downloaded(builds: Path) -> None:
    got = get("/download/hotline-probe.pyz", facts(builds))
    assert (got.status_code, got.content) == (200, b"hotline-probe.pyz")
    assert got.headers["content-disposition"] == 'attachment; filename="hotline-probe.pyz"'
    for other in ("notes.txt", "hotline-probe-linux-link", "..%2Fsecret", "%2Fetc%2Fpasswd"):
        assert get(f"/download/{other}", facts(builds)).status_code == 404
