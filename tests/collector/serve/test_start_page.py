"""The start page says what works: the code alone only where the certificate is a public one."""

from __future__ import annotations

import pytest
from hotline_collector.serve.web import Page, build_app
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response


async def start_page(ca_pem: bytes) -> str:
    async def ready() -> str:
        return ""

    app = build_app(Page("A & B", "help.example.org", 7443, ca_pem), CollectorRegistry(), ready)
    endpoint = next(route.endpoint for route in app.routes if route.path == "/")  # type: ignore[attr-defined]
    answer: Response = await endpoint(Request({"type": "http", "method": "GET", "headers": []}))
    return bytes(answer.body).decode()


@pytest.mark.parametrize(
    ("ca_pem", "told", "untold"),
    [
        (b"", "hotline-probe CODE@help.example.org:7443", "LINK"),
        (b"-----BEGIN CERTIFICATE-----", 'hotline-probe "LINK"', "CODE@"),
    ],
    ids=["public", "own"],
)
async def test_the_page_names_the_way_that_works(ca_pem: bytes, told: str, untold: str) -> None:
    page = await start_page(ca_pem)
    assert told in page and untold not in page
    assert "A &amp; B: remote help" in page
