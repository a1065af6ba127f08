"""dns.flush_cache: lets the computer forget which addresses names had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hotline_probe.actions.base import Performed, final
from hotline_probe.actions.commands import Argv, run_first
from hotline_probe.machine import LocalMachine

_PATIENCE = 10.0


class DnsFlushCache:
    """Empties the cache of names."""

    name = "dns.flush_cache"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:  # noqa: ARG002
        """Have whoever keeps the cache empty it."""
        if machine.system == "macos":
            from hotline_probe.actions.macos.system import flush_names  # noqa: PLC0415 - not needed elsewhere

            return flush_names(machine)
        program = run_first(machine, flushing(machine.system), _PATIENCE)
        return Performed(f"{program} has emptied the cache of names", final, undoable=False)


def flushing(system: str) -> Sequence[Argv]:
    """Return the programs that empty it: resolvectl(1), nscd(8), ipconfig."""
    match system:
        case "windows":
            return (("ipconfig", "/flushdns"),)
        case _:
            return (("resolvectl", "flush-caches"), ("nscd", "--invalidate=hosts"))
