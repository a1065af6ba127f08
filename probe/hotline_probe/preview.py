"""Shows what would be sent, without any connection."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import replace
from typing import TextIO

from hotline_proto.catalogue import Catalogue
from hotline_proto.facts import Events, Fact, SourceRun, UnknownReason

from hotline_probe.equipment import Equipment
from hotline_probe.terminal import harmless

PATIENCE = 20.0


async def take_preview(kit: Equipment) -> list[SourceRun]:
    """Run every source once, sending no packet, and return the runs as they would leave the machine.

    A source that does not end in time is left out.
    """
    kit.context.settings = replace(kit.context.settings, active=False)
    names = list(kit.sources)
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[SourceRun] = asyncio.Queue()
    runner = kit.runner(lambda run: _deliver(loop, arrived, run))
    runner.plan({})
    runner.start()
    runner.run_now(names)
    found: dict[str, SourceRun] = {}
    try:
        async with asyncio.timeout(PATIENCE):
            while len(found) < len(names):
                run = await arrived.get()
                found[run.source] = run
    except TimeoutError:
        pass
    finally:
        runner.stop()
    return [kit.redactor.redact(found[name]) for name in names if name in found]


def print_preview(runs: list[SourceRun], catalogue: Catalogue, out: TextIO, as_json: bool) -> None:
    """Print the facts, one a line: source, fact, entity, value."""
    for run in runs:
        for fact in run.facts:
            if as_json:
                out.write(json.dumps(_as_dict(run, fact), ensure_ascii=False) + "\n")
            else:
                unit = catalogue.facts[fact.name].unit
                where = f" [{harmless(fact.key)}]" if fact.key else ""
                out.write(f"{run.source:<12} {fact.name}{where} = {_shown(fact)} {unit}".rstrip() + "\n")
        if run.note:
            _print_note(run, out, as_json)


def _print_note(run: SourceRun, out: TextIO, as_json: bool) -> None:
    if as_json:
        body = {"source": run.source, "status": run.status.word, "note": run.note}
        out.write(json.dumps(body, ensure_ascii=False) + "\n")
    else:
        out.write(f"{run.source:<12} {run.status.word}: {harmless(run.note)}\n")


def _deliver(loop: asyncio.AbstractEventLoop, queue: asyncio.Queue[SourceRun], run: SourceRun) -> None:
    with contextlib.suppress(RuntimeError):  # a late source; the loop has ended
        loop.call_soon_threadsafe(queue.put_nowait, run)


def _shown(fact: Fact) -> str:
    match fact.value:
        case UnknownReason() as reason:
            return f"? ({reason.word})"
        case Events() as events:
            return f"{len(events)} events"
        case bool() as truth:
            return "true" if truth else "false"
        case float() as number:
            return f"{number:.6g}"
        case other:
            return harmless(str(other))


def _as_dict(run: SourceRun, fact: Fact) -> dict[str, object]:
    if isinstance(fact.value, UnknownReason):
        return {"source": run.source, "fact": fact.name, "entity": fact.key, "unknown": fact.value.word}
    return {"source": run.source, "fact": fact.name, "entity": fact.key, "value": fact.value}
