"""Every source on this very machine: nothing but what the catalogue declares, in the declared form."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hotline_probe.errors import SourceError
from hotline_probe.machine import LocalMachine
from hotline_probe.source import Context, Settings, Source
from hotline_probe.sources import all_sources, platform_sources
from hotline_proto.catalogue import FactSpec, load_catalogue
from hotline_proto.facts import Events, Fact, FactValue, UnknownReason

CATALOGUE = load_catalogue()
TYPES: dict[str, type] = {"double": float, "int": int, "bool": bool, "text": str, "events": Events}
# Nothing was measured with active=False and no collector, so these wait for something else than a second run.
# Shares of packets wait for a hundred of them.
WAITING = {
    "time.offset",
    "time.reference",
    "net.interface.error_ratio",
    "net.interface.drop_ratio",
    "net.tcp.retransmit_ratio",
}
SOURCES = all_sources()
# What psutil tells stands in for Windows and macOS here.
PORTABLE = {
    "host",
    "cpu",
    "memory",
    "filesystems",
    "disks",
    "processes",
    "interfaces",
    "addresses",
    "lookups",
    "connections",
    "power",
}
# What the commands of macOS tell instead.
MACOS = {
    "interfaces",
    "addresses",
    "routes",
    "resolvers",
    "proxy",
    "wifi",
    "leases",
    "filesystems",
    "services",
    "logs",
    "memory",
    "power",
    "drives",
    "protection",
    "updates",
}


def run(source: Source, system: str = "") -> list[Fact]:
    try:
        return list(source.read(Context(LocalMachine(system=system), Settings(active=False))))
    except SourceError as error:
        assert str(error), "an error must say what is wrong"
        return []


def check(fact: Fact, source: str) -> None:
    assert isinstance(fact, Fact)
    spec = CATALOGUE.facts.get(fact.name)
    assert spec is not None and spec.source == source, f"{fact.name} is not declared for {source}"
    assert bool(fact.key) == bool(spec.entity), f"{fact.name}: key {fact.key!r}"
    assert len(fact.key) <= 128
    if not isinstance(fact.value, UnknownReason):
        check_value(spec, fact.value)


def check_value(spec: FactSpec, value: FactValue) -> None:
    assert type(value) is TYPES[spec.type], f"{spec.name} is {value!r}"
    if isinstance(value, Events):
        assert all(isinstance(age, float) and age >= 0 for age in value)
    if spec.values:
        assert value in spec.values, f"{spec.name} is {value!r}"
    if spec.unit == "1":
        assert isinstance(value, float) and 0 <= value <= 1, f"{spec.name} is {value!r}"


@pytest.mark.parametrize("make", SOURCES, ids=lambda make: make().name)
def test_this_machine(make: Callable[[], Source]) -> None:
    source = make()
    first = run(source)
    time.sleep(0.25)  # rates need two samples that are not taken in the same moment
    second = run(source)
    for fact in [*first, *second]:
        check(fact, source.name)
    entities = {fact.key for fact in first} & {fact.key for fact in second}
    waiting = [f.name for f in second if f.value is UnknownReason.PENDING and f.key in entities]
    assert set(waiting) <= WAITING


@pytest.mark.parametrize("make", SOURCES, ids=lambda make: make().name)
def test_a_fact_is_told_once(make: Callable[[], Source]) -> None:
    names = [(fact.name, fact.key) for fact in run(make())]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("make", "system"),
    [
        pytest.param(make, system, id=f"{make().name}-{system}")
        for make in SOURCES
        for system in ("macos", "windows")
        # There the system's own commands tell.
        if make().name in PORTABLE and not (system == "macos" and make().name in MACOS)
    ],
)
def test_what_psutil_tells(make: Callable[[], Source], system: str) -> None:
    source = make()
    first = run(source, system)
    time.sleep(0.25)
    second = run(source, system)
    assert first and second
    for fact in [*first, *second]:
        check(fact, source.name)
        assert system in CATALOGUE.facts[fact.name].platforms, f"{fact.name} is not for {system}"
    entities = {fact.key for fact in first} & {fact.key for fact in second}
    assert not [f for f in second if f.value is UnknownReason.PENDING and f.key in entities]


@pytest.mark.parametrize("mac", ["macbook", "imac"])
@pytest.mark.parametrize("make", SOURCES, ids=lambda make: make().name)
def test_what_a_mac_tells(make: Callable[[], Source], mac: str, request: pytest.FixtureRequest) -> None:
    source, machine = make(), request.getfixturevalue(mac)
    try:
        facts = list(source.read(Context(machine, Settings(active=False))))
    except SourceError as error:
        assert source.name not in MACOS, str(error)
        return
    assert len({(fact.name, fact.key) for fact in facts}) == len(facts)
    for fact in facts:
        check(fact, source.name)
        told = fact.value is not UnknownReason.UNSUPPORTED
        assert not told or "macos" in CATALOGUE.facts[fact.name].platforms, f"{fact.name} is not for macos"


def test_every_source_is_here() -> None:
    names = [make().name for make in SOURCES]
    assert len(names) == len(set(names))
    # What the operator's systems say and what a caller's phone measures comes from elsewhere.
    of_devices = {make().name for make in platform_sources()}
    assert set(names) | of_devices == CATALOGUE.sources.keys() - {"operator", "browser", "device"}
