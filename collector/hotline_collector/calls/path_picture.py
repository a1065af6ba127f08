"""The way from the caller's computer to the service, part by part: what works, and where it breaks.

Pure: facts and findings in, parts out. A part is good only if something was measured that proves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from hotline_proto.facts import FactValue, UnknownReason

from hotline_collector.model.rule import Text

# The facts that are looked at: of the computer itself, and of each of its entities.
FACTS = (
    "net.interface.type",
    "net.interface.physical",
    "net.interface.carrier",
    "net.interface.in_use",
    "net.interfaces.connected",
    "net.route.default",
    "net.gateway.reachable",
    "net.internet.reachable",
    "net.portal.status",
    "router.wan.status",
    "line.sync",
    "operator.outage",
    "net.dns.lookup.ok",
    "check.ok",
    "system.cpu.utilization",
)
_BY_ENTITY = {
    "interface": "link",
    "radio": "link",
    "resolver": "names",
    "lease": "router",
    "address": "router",
    "check": "service",
}
# The longest prefix of a rule's id decides; what begins with none of them is about the computer or not
# about the way at all.
_BY_RULE = {
    "net.adapter": "link",
    "net.interface": "link",
    "net.link": "link",
    "net.wifi": "link",
    "router.wifi": "link",
    "net.": "computer",
    "net.address": "router",
    "net.dhcp": "router",
    "net.gateway": "router",
    "net.lan": "router",
    "net.lease": "router",
    "net.route": "router",
    "net.router": "router",
    "router.": "router",
    "fibre.": "provider",
    "net.ipv4": "provider",
    "net.ipv6": "provider",
    "net.path": "provider",
    "net.port": "provider",
    "net.portal": "provider",
    "net.wan": "provider",
    "router.address": "provider",
    "router.internet": "provider",
    "router.line": "provider",
    "net.dns": "names",
    "check.": "service",
    "mail.": "service",
    "tls.": "service",
    "pc.": "computer",
    "sec.": "computer",
    "sto.": "computer",
    "svc.": "computer",
    "sys.": "computer",
    "time.": "computer",
}
_WIRES = {"wifi": "wifi", "ethernet": "cable"}
_LINE_UP, _LINE_DOWN = frozenset({"connected"}), frozenset({"disconnected", "unconfigured"})


class PartState(StrEnum):
    """How a part of the way stands, best first."""

    GOOD = "good"
    UNKNOWN = "unknown"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Part:
    """One part; `reason` is a word for faces to translate, `title` that of the finding that says so instead.

    `broken` marks the first part of the network that is bad. `detail` says what it is here.
    """

    name: str
    state: PartState
    reason: str = ""
    title: Text | None = None
    detail: str = ""
    broken: bool = False


class Fault(NamedTuple):
    """An active finding: its rule, the kind of its entity, how severe it is and what it is called."""

    rule: str
    entity_kind: str
    severity: str
    title: Text


Known = Mapping[str, Mapping[str, FactValue]]
"""Values by fact and key of the entity, which is empty for the computer itself."""


def path_picture(known: Known, faults: Iterable[Fault], service: str = "") -> list[Part]:
    """Return the parts of the way in order; `service` is the check that the complaint is about."""
    measured = [
        _computer(known),
        _link(known),
        _router(known),
        _provider(known),
        _names(known),
        _service(known, service),
    ]
    if measured[3].state is PartState.GOOD:
        measured[1:3] = [_passed(part) for part in measured[1:3]]
    worst = _worst(faults)
    parts = [_with_fault(part, worst.get(part.name)) for part in measured]
    for index, part in enumerate(parts):
        if index and part.state is PartState.BAD:
            parts[index] = replace(part, broken=True)
            break
    return parts


def part_of(rule: str, entity_kind: str) -> str:
    """Return the part that a finding is about, empty if it is not about the way."""
    by_entity = _BY_ENTITY.get(entity_kind, "")
    if by_entity:
        return by_entity
    prefix = max((each for each in _BY_RULE if rule.startswith(each)), key=len, default="")
    return _BY_RULE.get(prefix, "")


# ---- what facts say ----------------------------------------------------------------------------------
def _value(known: Known, fact: str) -> FactValue | None:
    value = known.get(fact, {}).get("")
    return None if isinstance(value, UnknownReason) else value


def _part(name: str, value: FactValue | None, reason: str, detail: str = "") -> Part:
    if value is True:
        return Part(name, PartState.GOOD, "works", detail=detail)
    if value is False:
        return Part(name, PartState.BAD, reason, detail=detail)
    return Part(name, PartState.UNKNOWN, "not_measured", detail=detail)


def _computer(known: Known) -> Part:
    answers = isinstance(_value(known, "system.cpu.utilization"), float)
    return _part("computer", answers or None, "")


def _link(known: Known) -> Part:
    carriers = known.get("net.interface.carrier", {})
    used = [key for key, value in known.get("net.interface.in_use", {}).items() if value is True]
    kinds = known.get("net.interface.type", {})
    real = [key for key, value in known.get("net.interface.physical", {}).items() if value is True]
    key = next((key for key in used if key in real), next(iter(used), ""))
    if key:
        return _part("link", carriers.get(key), "no_signal", _WIRES.get(str(kinds.get(key)), ""))
    connected = _value(known, "net.interfaces.connected")
    if isinstance(connected, bool) or not isinstance(connected, int):
        return _part("link", None, "")
    names = {_WIRES.get(str(kinds.get(each)), "") for each in real if carriers.get(each) is True}
    return _part("link", connected > 0, "no_signal", names.pop() if len(names) == 1 else "")


def _router(known: Known) -> Part:
    if _value(known, "net.route.default") is False:
        return Part("router", PartState.BAD, "no_way")
    return _part("router", _value(known, "net.gateway.reachable"), "no_answer")


def _provider(known: Known) -> Part:
    if _value(known, "operator.outage") is True:
        return Part("provider", PartState.BAD, "outage")
    if _value(known, "net.portal.status") == "portal":
        return Part("provider", PartState.BAD, "portal")
    reached = _value(known, "net.internet.reachable")
    if isinstance(reached, bool):
        return _part("provider", reached, "no_answer")
    status = _value(known, "router.wan.status")
    if status in _LINE_DOWN or _value(known, "line.sync") is False:
        return Part("provider", PartState.BAD, "line_down")
    return _part("provider", status in _LINE_UP or None, "")


def _names(known: Known) -> Part:
    return _part("names", _value(known, "net.dns.lookup.ok"), "no_names")


def _service(known: Known, service: str) -> Part:
    checks = known.get("check.ok", {})
    if service and isinstance(checks.get(service), bool):
        part = _part("service", checks[service], "check_failed", service)
        if part.state is PartState.BAD or not any(value is False for value in checks.values()):
            return part
        return replace(part, state=PartState.DOUBTFUL, reason="other_failed")
    told = {key: value for key, value in checks.items() if isinstance(value, bool)}
    if service or not told:
        return Part("service", PartState.UNKNOWN, "not_measured" if service else "no_check", detail=service)
    failed = [key for key, value in told.items() if not value]
    return _part("service", not failed, "check_failed", failed[0] if failed else next(iter(told)))


def _passed(part: Part) -> Part:
    """Return a part through which something beyond it was reached: whatever it does not answer, it works."""
    if part.state is PartState.BAD:
        return replace(part, state=PartState.DOUBTFUL, reason="silent")
    return part


# ---- what findings say -------------------------------------------------------------------------------
def _worst(faults: Iterable[Fault]) -> dict[str, Fault]:
    """Return the worst fault of each part; among equals the first."""
    worst: dict[str, Fault] = {}
    for fault in faults:
        if fault.severity not in ("critical", "warning"):
            continue
        name = part_of(fault.rule, fault.entity_kind)
        if name and (name not in worst or fault.severity == "critical" != worst[name].severity):
            worst[name] = fault
    return worst


def _with_fault(part: Part, fault: Fault | None) -> Part:
    if fault is None:
        return part
    # One of several may be out of order while what matters is measured to work.
    spared = part.state is PartState.GOOD and bool(fault.entity_kind)
    bad = part.state is PartState.BAD or (fault.severity == "critical" and not spared)
    return replace(part, state=PartState.BAD if bad else PartState.DOUBTFUL, reason="", title=fault.title)
