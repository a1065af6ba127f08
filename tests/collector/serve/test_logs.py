"""Logs are one JSON object a line, and secrets do not get in."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hotline_collector.serve.logs import set_up_logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    out = io.StringIO()
    set_up_logs("info", "auto", out)
    yield out
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def test_both_ways_of_logging_give_json_with_the_call(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(call="c1"):
        structlog.get_logger("a").info("joined", token="geheim")
        logging.getLogger("b").warning("lost %s", "it")
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["event"], first["call"], first["token"]) == ("joined", "c1", "(not logged)")
    assert (second["event"], second["call"], second["level"]) == ("lost it", "c1", "warning")


def test_what_is_added_to_a_line_becomes_a_field_and_secrets_still_do_not_get_in(stream: io.StringIO) -> None:
    logging.getLogger("b").info("link up", extra={"call": "c1", "session": "s1", "code": "12345"})
    line = json.loads(stream.getvalue())
    assert (line["event"], line["call"], line["session"], line["code"]) == (
        "link up",
        "c1",
        "s1",
        "(not logged)",
    )
