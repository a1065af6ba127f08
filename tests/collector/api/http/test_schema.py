"""The API keeps to its own description, whatever is sent: generated requests, valid and broken."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from typing import Any

import httpx
import pytest
import schemathesis
from hotline_collector.api.http.app import description
from hotline_collector.api.http.shapes import plain
from hotline_proto.v1 import agent_pb2 as pb
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

# A value that fits the description may still not fit the call: no such fact, no such plan.
_NOT_MEANT = [positive_data_acceptance]
# What is too large is refused as such (413), before anybody looks at what else is wrong with it.
_REFUSALS = "400 401 403 404 405 406 409 413 415 422 428 429 5xx".split()
_CONFIG = SchemathesisConfig.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": _REFUSALS}}}
)
_EXAMPLES = settings(
    max_examples=8,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def ask_everything(url: str, token: str) -> set[str]:
    """Send generated requests to every operation and return the operations that were asked."""
    headers = {"Authorization": f"Bearer {token}"}
    schema: Any = schemathesis.openapi.from_url(f"{url}/openapi.json", config=_CONFIG)
    asked = set()
    with httpx.Client(base_url=url, headers=headers, timeout=30) as client:
        for result in schema.get_all_operations():
            operation = result.ok()
            call_id = client.post("/calls", json={"complaint": "no internet"}).json()["call_id"]
            if operation.path.endswith("/events"):
                client.post(f"/calls/{call_id}/close", json={"outcome": "abandoned"})
            for mode in GenerationMode:
                ask(operation, mode, call_id, headers)
            asked.add(operation.definition.raw["operationId"])
    return asked


def ask(operation: Any, mode: GenerationMode, call_id: str, headers: dict[str, str]) -> None:
    @_EXAMPLES
    @given(case=operation.as_strategy(generation_mode=mode))
    def keeps_its_word(case: Any) -> None:
        if mode is GenerationMode.POSITIVE and "call_id" in case.path_parameters:
            case.path_parameters["call_id"] = call_id
        case.call_and_validate(headers=headers, excluded_checks=_NOT_MEANT, timeout=30)

    keeps_its_word()


@pytest.mark.slow
async def test_the_api_is_what_it_says(served: Any) -> None:
    asked = await asyncio.to_thread(ask_everything, served.url, served.tokens["lea"])
    paths = description()["paths"].values()
    assert asked == {operation["operationId"] for path in paths for operation in path.values()}


def test_commands_that_do_not_serve_import_none_of_it() -> None:
    code = (
        "import sys, hotline_collector.serve.cli, hotline_collector.console.cli\n"
        "print(*(name for name in sys.modules if name.startswith(('fastapi', 'hotline_collector.api'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_description_is_whole() -> None:
    document = description()
    text = json.dumps(document)
    named = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert named <= set(document["components"]["schemas"])
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["summary"] and operation["description"] and operation["tags"]
            assert {"401", "429", "500", "503"} <= set(operation["responses"])
    view = document["components"]["schemas"]["CallView"]
    assert view["properties"]["state"]["description"] == "created, waiting, active, closed."
    assert plain(pb.CallView(version=2**53)).keys() == set(view["required"])
