"""What costs much is measured when it decides something, and only then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hotline_collector.rulepack.play import Player
from hotline_proto.catalogue import load_catalogue

from tests.shipped import shipped_rules
from tests.yaml_files import yaml_file

HEALTHY = yaml_file(Path(__file__).with_name("scenarios.yaml"))["healthy"]
CHECK = "https://example.org"


@pytest.mark.parametrize(
    ("changed", "source"),
    [
        (
            {"entities": {"check": {CHECK: {"tcp_error": "timeout", "failed_at": "tcp", "ok": False}}}},
            "trace",
        ),
        (
            {"facts": {"net.internet.rtt": "300 ms", "net.load.added_delay": {"unknown": "not_collected"}}},
            "load",
        ),
        ({"facts": {"ask.mail.error": "connection"}}, "mailprograms"),
    ],
)
def test_an_expensive_source_is_asked_for_by_the_fault(changed: Any, source: str, moment: Any) -> None:
    player = Player(shipped_rules(), load_catalogue())
    player.play([moment(HEALTHY)])
    assert source not in player.engine.follow_ups(1)
    player.play([moment(changed)])
    player.wait(5.0)
    assert source in player.engine.follow_ups(1)
