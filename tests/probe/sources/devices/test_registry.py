"""The sources of devices as a whole."""

from __future__ import annotations

import time

import pytest
from hotline_probe.errors import Unsupported
from hotline_probe.machine import LocalMachine
from hotline_probe.source import Context, Source
from hotline_probe.sources import all_sources, device_sources, platform_sources
from hotline_proto.catalogue import load_catalogue

SOURCES = [make() for make in platform_sources()]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: type(source).__name__)
def test_the_catalogue_knows_it(source: Source) -> None:
    spec = load_catalogue().sources[source.name]
    assert "linux" in spec.platforms and spec.interval >= 30 and spec.cost != "cheap"


def test_the_catalogue_says_what_a_device_has() -> None:
    told = {name: spec.devices for name, spec in load_catalogue().sources.items() if spec.devices}
    on_computers = {make().name for make in all_sources()}
    read = {make().name for make in device_sources()}
    # How the device is reached is what the collector enters.
    assert told == {name: "also" if name in on_computers else "only" for name in read} | {"device": "only"}


def test_only_what_is_meant_to_takes_the_place_of_another() -> None:
    assert {source.name for source in SOURCES} & {make().name for make in all_sources()} == {"homerouter"}


@pytest.mark.parametrize("system", ["windows", "macos", "linux"])
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: type(source).__name__)
def test_on_a_computer_it_rests_at_once(source: Source, system: str, tmp_path: object) -> None:
    context = Context(LocalMachine(str(tmp_path), system))
    started = time.thread_time()
    with pytest.raises(Unsupported):
        list(source.read(context))
    assert time.thread_time() - started < 0.05
