"""Services of OpenWrt as its procd keeps them (openwrt.org, procd; service/instance.c)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.machine import Machine
from hotline_probe.sources.devices.ubus import call, inside, number

MAX_SERVICES = 50
# A service has the name of its file in /etc/init.d.
NAME = re.compile(r"(?![-.])[A-Za-z0-9_.-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Service:
    """A service: whether all that procd should keep running runs, and how the one that does not has ended."""

    runs: bool
    exit_code: int | None = None


def read_services(told: Mapping[str, Any]) -> dict[str, Service]:
    """Return the services of `ubus call service list` that procd is to keep running; others just end.

    >>> read_services({"uhttpd": {"instances": {"a": {"running": False, "respawn": {"retry": 5}}}}})
    {'uhttpd': Service(runs=False, exit_code=None)}
    """
    found = {}
    for name in told:
        instances = inside(inside(told, name), "instances")
        kept = [inside(instances, each) for each in instances]
        kept = [each for each in kept if inside(each, "respawn")]
        if not kept or not NAME.fullmatch(name):
            continue
        down = [each for each in kept if each.get("running") is not True]
        code = number(down[0], "exit_code", 0, 255) if down else None
        found[name] = Service(not down, None if code is None else int(code))
    return found


class ProcdServices:
    """Tells what no longer runs; a service stays in the list after it recovered, so that this can be seen."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}

    def facts(self, machine: Machine) -> Iterator[Fact]:
        """Yield how many services are down, and those that are or were.

        Raises:
            SourceError: procd cannot be asked.
        """
        services = read_services(call(machine, "service", "list"))
        failed = [name for name, service in services.items() if not service.runs]
        self._known = {name: None for name in self._known if name in services}
        self._known |= dict.fromkeys(failed)
        self._known = dict.fromkeys(list(self._known)[-MAX_SERVICES:])
        yield Fact("system.service.manager", "procd")
        yield Fact("system.service.failed_count", len(failed))
        for name in self._known:
            yield from _facts(name, services[name])


def _facts(name: str, service: Service) -> Iterator[Fact]:
    code = service.exit_code
    yield Fact("service.state", "active" if service.runs else "failed", name)
    yield Fact("service.result", UnknownReason.UNSUPPORTED, name)
    yield Fact("service.restarts", UnknownReason.UNSUPPORTED, name)
    yield Fact("service.exit_code", UnknownReason.UNSUPPORTED if code is None else code, name)
