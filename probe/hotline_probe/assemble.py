"""Puts the parts of a real probe together."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hotline_proto.catalogue import load_wordless_catalogue
from hotline_proto.facts import SourceRun

from hotline_probe.actions.registry import Actions
from hotline_probe.devicekit import begin_device
from hotline_probe.devices import Devices
from hotline_probe.equipment import Equipment
from hotline_probe.face import Face
from hotline_probe.machine import LocalMachine
from hotline_probe.operatorlist import OperatorLists
from hotline_probe.options import Options
from hotline_probe.path import PathTracker
from hotline_probe.pseudonymkey import pseudonym_key
from hotline_probe.redact import Redactor
from hotline_probe.runner import Runner
from hotline_probe.seen import SeenEntities
from hotline_probe.source import Context, Settings
from hotline_probe.sources import all_sources


def assemble(options: Options, face: Face, salt: bytes = b"") -> Equipment:
    """Return what a session on this machine works with; `salt` is the call's, empty without a call."""
    # No packet measures the network before the operator's plan says so.
    catalogue, machine = load_wordless_catalogue(), LocalMachine()
    key = pseudonym_key(machine, salt)
    named, preset = options.checks, options.preset
    context = Context(machine, Settings(checks=named, own_checks=named, active=False))
    sources = [make() for make in all_sources()]
    seen = SeenEntities(catalogue)

    def runner(on_run: Callable[[SourceRun], None]) -> Runner:
        def take(run: SourceRun) -> None:
            seen.take(run)
            on_run(run)

        return Runner(sources, context, PathTracker(key), take)

    kit = Equipment(
        catalogue=catalogue,
        context=context,
        redactor=Redactor(catalogue, key, personal=False),
        performer=Actions(machine, catalogue, seen.keys),
        runner=runner,
        face=face,
        transcript=options.transcript,
        key=key,
        sources=tuple(source.name for source in sources),
        accepted=options.accepted,
        checks=named,
        lists=OperatorLists(preset.table_key, preset.host, salt) if preset else OperatorLists(),
    )
    kit.devices = lambda session, joined: Devices(
        face, session, partial(begin_device, kit, joined), options.means
    )
    return kit
