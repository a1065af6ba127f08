"""Shortage of processor, memory and disk as the kernel's pressure stall information (PSI) tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hotline_proto.facts import Fact

from hotline_probe.errors import Denied, SourceError, Unsupported
from hotline_probe.source import Context
from hotline_probe.sources.basics import reason, unknown

# Kinds of waiting that have a fact; "full" makes no sense for the processor (kernel, accounting/psi.rst).
RESOURCES = {"cpu": ("some",), "memory": ("some", "full"), "io": ("some", "full")}
_LINE = re.compile(r"^(some|full) avg10=(\d{1,3}\.\d{1,4}) ", re.MULTILINE | re.ASCII)


def parse_pressure(text: str) -> dict[str, float]:
    """Return the shares of the last 10 s in which some or all tasks waited, 0 to 1.

    Source: Documentation/accounting/psi.rst.

    >>> parse_pressure("some avg10=2.50 avg60=0.65 avg300=0.94 total=12296194\\n"
    ...                "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\\n")
    {'some': 0.025, 'full': 0.0}
    """
    return {match[1]: min(float(match[2]) / 100, 1.0) for match in _LINE.finditer(text)}


class Pressure:
    """Reads /proc/pressure."""

    name = "pressure"

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the shares of the last 10 s.

        Raises:
            Unsupported: the kernel keeps no such figures.
        """
        if context.machine.system != "linux":
            raise Unsupported("only Linux tells how long programs wait for processor, memory and disk")
        failures: list[SourceError] = []
        for resource, kinds in RESOURCES.items():
            names = {kind: f"system.pressure.{resource}.{kind}" for kind in kinds}
            try:
                shares = parse_pressure(context.machine.read(f"/proc/pressure/{resource}"))
            except SourceError as error:
                failures.append(error)
                if len(failures) == len(RESOURCES):
                    break
                yield from unknown(names.values(), reason(error))
                continue
            for kind, name in names.items():
                yield (
                    Fact(name, shares[kind])
                    if kind in shares
                    else next(unknown([name], reason(Unsupported())))
                )
        if len(failures) == len(RESOURCES):
            denied = next((error for error in failures if isinstance(error, Denied)), None)
            raise denied or Unsupported("the kernel keeps no pressure figures: it needs CONFIG_PSI and psi=1")
