"""The queue on the command line."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hotline_collector.console.cli import hotline
from hotline_collector.console.queue_words import QUEUE_TEXTS
from hotline_collector.model.units import rough_span, whole_minutes
from hotline_proto.v1 import agent_pb2 as pb


async def run(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, hotline, list(words))


async def test_the_queue_is_told_next_first(logged_in: Any) -> None:
    result = await run("queue")
    assert result.exit_code == 0 and "\x1b" not in result.stdout and "\u202e" not in result.stdout
    lines = result.stdout.splitlines()
    assert lines[0].startswith("OUTAGE: 7 callers in 10 min: Name server is silent (net.dns.all)")
    assert "  1  0197a3c2-1" in lines[1] and "waits 2 min · about 4 min more" in lines[1]
    assert (
        "Disk is full" in lines[1] and "K-7 · for lea · wants to be called back · so far 0.42 EUR" in lines[2]
    )
    assert "not known yet how long" in lines[3] and lines[-1] == "Agents at work: 2."
    german = (await run("queue", "--lang", "de")).stdout
    assert "STÖRUNG: 7 Anrufer in 10 min" in german and "noch etwa 4 min" in german
    document = json.loads((await run("queue", "--json")).stdout)
    assert document["kind"] == "queue" and document["queue"]["at_work"] == 2
    waits = [entry["wait"]["expected_us"] for entry in document["queue"]["waiting"]]
    assert waits == [240_000_000, None]


async def test_a_call_tells_how_its_caller_waited(logged_in: Any, call_id: str) -> None:
    def waits(call: pb.CallView) -> None:
        call.wait.CopyFrom(pb.WaitView(place=2, waited_us=125_000_000, back_asked_us=1))

    def was_taken(call: pb.CallView) -> None:
        call.wait.CopyFrom(pb.WaitView(waited_us=125_000_000, number="+4930123456"))
        call.outages.add(rule="net.x", title=pb.Text(en="Line is down"), callers=4, since_us=call.now_us)

    assert "waited" not in (await run("call", "show")).stdout
    await logged_in.state.change(waits)
    shown = (await run("call", "show")).stdout
    assert "waits 2 min · not known yet how long · wants to be called back" in shown
    await logged_in.state.change(was_taken)
    shown = (await run("call", "show")).stdout
    assert "waited 2 min · Call +4930123456." in shown
    assert "OUTAGE: 4 callers in 1 min: Line is down (net.x)" in shown


async def test_taking_handing_over_and_calling_back_reach_the_collector(logged_in: Any, call_id: str) -> None:
    asked = logged_in.state.asked
    assert call_id in (await run("call", "take")).stdout
    assert asked[-1] == pb.TakeCallRequest()
    await run("call", "take", "0197a3c2")
    assert asked[-1] == pb.TakeCallRequest(call_id=call_id)
    result = await run("call", "transfer", "-", "--to", "lea", "--note", "knows printers")
    assert result.stdout == "The call waits again, for lea.\n"
    assert asked[-1] == pb.TransferCallRequest(call_id=call_id, to_agent="lea", note="knows printers")
    assert (await run("call", "call-back", "--lang", "de")).stdout == "Rufen Sie +4930123456 an.\n"
    await run("outage", "net.dns.all", "dismissed")
    assert asked[-1] == pb.MarkOutageRequest(rule="net.dns.all", state="dismissed")
    assert (await run("outage", "net.dns.all", "nonsense")).exit_code == 2


def test_both_languages_say_the_same_things() -> None:
    assert QUEUE_TEXTS["en"].keys() == QUEUE_TEXTS["de"].keys()


@pytest.mark.parametrize(
    ("seconds", "rough", "minutes"),
    [
        (0, "0 s", "1 min"),
        (19, "10 s", "1 min"),
        (60, "1 min", "1 min"),
        (119, "1 min", "2 min"),
        (3700, "1 h 1 min", "1 h 2 min"),
    ],
)
def test_times_on_the_queue_do_not_change_every_second(seconds: float, rough: str, minutes: str) -> None:
    assert (rough_span(seconds, "en"), whole_minutes(seconds, "en")) == (rough, minutes)
