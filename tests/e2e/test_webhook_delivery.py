"""A ticket system that is down when a call ends is told after the collector was killed and started again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import wait_for
from tests.receiver import SECRET, Receiver


@pytest.fixture
def tickets() -> Iterator[Receiver]:
    receiver = Receiver()
    receiver.start()
    yield receiver
    receiver.stop()


def test_a_call_reaches_the_ticket_system_across_a_restart(
    make_system: Callable[..., Any], tickets: Receiver, tmp_path: Path
) -> None:
    secret = tmp_path / "webhook.secret"
    secret.write_text(SECRET)
    system = make_system(
        {
            "HOTLINE_WEBHOOK__URL": f"http://127.0.0.1:{tickets.port}/hook",
            "HOTLINE_WEBHOOK__SECRET_FILE": str(secret),
            "HOTLINE_WEBHOOK__EVENTS": "call.closed,call.handed_over",
        }
    )
    system.start()
    system.log_in()
    tickets.stop()
    opened = system.agent_json("call", "open", "--complaint", "the printer is mute", "--customer", "K-7")
    closed = system.agent("call", "close", opened["call_id"], "technician", "--lang", "de")
    assert closed.returncode == 0, closed.stderr
    shown = system.agent_json("call", "show", opened["call_id"])["call"]
    assert {each["event"] for each in shown["deliveries"]} == {"call.closed", "call.handed_over"}
    system.kill()

    tickets.start()
    system.start()
    tickets.wait(lambda got: {each.headers["webhook-id"] for each in got} >= ids(shown))
    first = next(each for each in tickets.got if json.loads(each.body)["type"] == "call.closed")
    payload = json.loads(first.body)
    assert first.is_genuine() and first.path == "/hook"
    assert payload["data"]["page"].endswith(f"/desk/calls/{opened['call_id']}")
    report = payload["data"]["report"]
    assert (report["call"]["outcome"], report["call"]["customer_reference"]) == ("technician", "K-7")
    assert "Anliegen: the printer is mute" in report["ticket"]

    def arrived() -> bool:
        view = system.agent_json("call", "show", opened["call_id"])["call"]
        return [each["state"] for each in view["deliveries"]] == ["delivered"] * 2

    wait_for(arrived)
    status, body = system.web("/readyz")
    assert (status, json.loads(body)) == (200, {"status": "ready", "webhook": "0 waiting, 0 given up"})
    assert "hotline_webhook_waiting 0.0" in system.web("/metrics")[1]


def ids(shown: dict[str, Any]) -> set[str]:
    return {each["delivery_id"] for each in shown["deliveries"]}
