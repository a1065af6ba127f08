"""The examples in the documentation of sources, checks and actions are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import hotline_probe.actions
import hotline_probe.checks
import hotline_probe.sources
import hotline_probe.sources.devices
import hotline_probe.sources.windows
import pytest

MODULES = [
    f"{package.__name__}.{module.name}"
    for package in (
        hotline_probe.actions,
        hotline_probe.checks,
        hotline_probe.sources,
        hotline_probe.sources.devices,
        hotline_probe.sources.windows,
    )
    for module in pkgutil.iter_modules(package.__path__)
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
