"""Looks at this machine twice and judges it by the decision table; sends no reading to anybody."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hotline_proto.facts import SourceRun
from hotline_proto.joincode import JoinTarget

from hotline_probe.equipment import Equipment, SourceRunner
from hotline_probe.local.judge import LocalCause, causes, findings, known_false, spoken
from hotline_probe.local.table import DecisionTable
from hotline_probe.local.world import LocalWorld
from hotline_probe.preset import Preset
from hotline_probe.source import Settings

# Rates need two readings, and what is only a blink should not be called a fault.
BETWEEN_LOOKS = 2.0
# What is usually looked at more seldom (in seconds) tells no rates and is not worth waiting for again.
SELDOM = 15.0
PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The causes, most pressing first, and the digits that tell the result to an agent."""

    causes: tuple[LocalCause, ...]
    digits: str
    sources: int


def measuring_points(settings: Settings, preset: Preset | None, target: JoinTarget | None) -> Settings:
    """Return settings that measure towards the operator and nobody else.

    Without an operator's build or a code with an address there is nothing to measure towards; then only
    the local network is looked at.
    """
    anchors, names, clocks = list(settings.anchors), list(settings.known_names), list(settings.ntp_servers)
    portals = list(settings.portal_urls)
    if preset is not None:
        anchors += preset.anchors
        names += preset.known_names
        clocks += preset.ntp_servers
        portals += preset.portal_urls
    if target is not None and target.host:
        names.append(target.host)
        anchors += [_place(address, target.port) for address in target.addresses]
    return replace(
        settings,
        anchors=tuple(dict.fromkeys(anchors)),
        known_names=tuple(dict.fromkeys(names)),
        ntp_servers=tuple(dict.fromkeys(clocks)),
        portal_urls=tuple(dict.fromkeys(portals)),
        active=bool(anchors or names),
    )


async def diagnose(kit: Equipment, table: DecisionTable, on_source: Callable[[str], None]) -> Diagnosis:
    """Run every source, those with rates twice, and judge; `on_source` hears the name of each that ran."""
    world = LocalWorld(kit.catalogue)
    arrived: asyncio.Queue[SourceRun] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def deliver(run: SourceRun) -> None:
        with contextlib.suppress(RuntimeError):  # a late source; the loop has ended
            loop.call_soon_threadsafe(arrived.put_nowait, run)

    runner = kit.runner(deliver)
    runner.plan({})
    runner.start()
    try:
        await _look(runner, arrived, kit.sources, world, on_source)
        denied = known_false(table, world)
        await asyncio.sleep(BETWEEN_LOOKS)
        specs = kit.catalogue.sources
        often = [name for name in kit.sources if 0 < specs[name].interval < SELDOM]
        await _look(runner, arrived, often, world, lambda _name: None)
    finally:
        runner.stop()
    found = [finding for finding in findings(table, world) if finding.name not in denied]
    named = causes(found, world, kit.catalogue)
    return Diagnosis(tuple(named), spoken(table, world), len(list(world.sources)))


async def _look(
    runner: SourceRunner,
    arrived: asyncio.Queue[SourceRun],
    sources: Sequence[str],
    world: LocalWorld,
    on_source: Callable[[str], None],
) -> None:
    """Run every source once; one that does not end in time is left out."""
    runner.run_now(list(sources))
    waiting = set(sources)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while waiting:
                run = await arrived.get()
                world.take(run)
                waiting.discard(run.source)
                on_source(run.source)


def _place(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
