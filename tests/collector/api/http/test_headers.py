"""Whatever the HTTP API answers carries what browsers obey, so that no page can make use of it."""

from __future__ import annotations

import re
from typing import Any

import pytest


@pytest.mark.parametrize("user", ["", "ada"])
async def test_every_operation_carries_what_browsers_obey(served: Any, user: str) -> None:
    async with served.client(user) as client:
        document = (await client.get("/openapi.json")).json()
        walked = [
            (method.upper(), re.sub(r"\{[^}]*\}", "x1", path))
            for path, item in document["paths"].items()
            for method in item
            if method in ("get", "post", "put", "patch", "delete")
        ]
        assert len(walked) > 10
        for method, path in [*walked, ("GET", "/nothing"), ("GET", "/openapi.json")]:
            async with client.stream(method, path) as answer:
                headers = answer.headers
            assert answer.status_code < 500, (method, path, answer.status_code)
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy, path
            assert "unsafe" not in policy, path
            assert headers["x-content-type-options"] == "nosniff", path
            assert headers["cache-control"] == "no-store", path
            assert "set-cookie" not in headers and "access-control-allow-origin" not in headers, path
