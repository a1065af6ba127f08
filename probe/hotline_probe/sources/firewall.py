"""Whether a firewall is meant to stand before this computer, and whether one does."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from hotline_proto.facts import FactValue, UnknownReason

from hotline_probe.errors import Denied, MissingTool, SourceError, SourceFailed
from hotline_probe.machine import Machine
from hotline_probe.sources.basics import exists, reason

_TIMEOUT = 3.0
_UFW = "/etc/ufw/ufw.conf"
_FIREWALLD_WANTED = "/etc/systemd/system/multi-user.target.wants/firewalld.service"
_ENABLED = re.compile(r"^ENABLED=[\"']?(\w+)", re.MULTILINE)
_REFUSING = ("drop", "reject")


@dataclass(frozen=True, slots=True)
class Firewall:
    """The program that is set up (ufw, firewalld, none), whether it should run, and whether one is on."""

    manager: str
    expected: bool
    enabled: FactValue


def parse_ruleset(text: str) -> bool:
    """Tell whether anything that comes in may be refused, from `nft -j list ruleset` (libnftables-json(5)).

    >>> parse_ruleset('{"nftables":[{"chain":{"name":"i","hook":"input","policy":"drop"}}]}')
    True

    Raises:
        SourceFailed: it is not such an object.
    """
    try:
        ruleset = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceFailed("nft did not print JSON") from error
    items = ruleset.get("nftables") if isinstance(ruleset, dict) else None
    if not isinstance(items, list):
        raise SourceFailed("nft did not print a list of rules")
    parts = [item for item in items if isinstance(item, dict)]
    chains = [item["chain"] for item in parts if isinstance(item.get("chain"), dict)]
    incoming = [chain for chain in chains if chain.get("hook") == "input"]
    if any(chain.get("policy") == "drop" for chain in incoming):
        return True
    return bool(incoming) and any(_refuses(item["rule"]) for item in parts if "rule" in item)


def _refuses(rule: object) -> bool:
    expressions = rule.get("expr") if isinstance(rule, dict) else None
    return any(
        isinstance(one, dict) and bool(set(_REFUSING) & one.keys())
        for one in (expressions if isinstance(expressions, list) else [])
    )


def parse_ufw(text: str) -> bool | None:
    r"""Return what ufw.conf says about being switched on (ufw(8)), None if it says nothing.

    >>> parse_ufw("# /etc/ufw/ufw.conf\nENABLED=no\nLOGLEVEL=low\n")
    False
    """
    match = _ENABLED.search(text)
    return match[1].lower() == "yes" if match else None


def read_firewall(machine: Machine, running: Collection[str]) -> Firewall:
    """Return the state of the firewall; `running` are the names of the programs that run."""
    manager, expected = next(_managers(machine, running), ("none", False))
    return Firewall(manager, expected, _enabled(machine, running, expected and manager == "firewalld"))


def _managers(machine: Machine, running: Collection[str]) -> Iterator[tuple[str, bool]]:
    wanted = exists(machine, _FIREWALLD_WANTED)
    if wanted or "firewalld" in running:
        yield "firewalld", wanted
    try:
        told = parse_ufw(machine.read(_UFW))
    except SourceError:
        return
    if told is not None:
        yield "ufw", told


def _enabled(machine: Machine, running: Collection[str], firewalld: bool) -> FactValue:
    try:
        result = machine.run(("nft", "-j", "list", "ruleset"), _TIMEOUT)
        if result.code != 0:
            raise Denied("the rules may not be read")
        if parse_ruleset(result.out):
            return True
    except SourceError as error:
        if "firewalld" in running:
            return True
        # Without rights only a firewall that is a program can be seen to be missing.
        return False if firewalld else reason(error if not isinstance(error, MissingTool) else Denied(""))
    # The older kind of rules is shown by another program.
    return UnknownReason.UNSUPPORTED if _old_rules(machine) else False


def _old_rules(machine: Machine) -> bool:
    try:
        return bool(machine.read("/proc/net/ip_tables_names").strip())
    except SourceError:
        return False
