"""Regular expressions of the probe: hostile text must not make them slow."""

from __future__ import annotations

import importlib
import pkgutil
import re
import warnings
from collections.abc import Iterator

import hotline_probe
import pytest


def _patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for found in pkgutil.walk_packages(hotline_probe.__path__, "hotline_probe."):
        if found.name.endswith("__main__"):
            continue
        try:
            with warnings.catch_warnings(action="ignore"):
                module = importlib.import_module(found.name)
        except ImportError:  # the window without Tk
            continue
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                yield f"{found.name}.{name}", value


PATTERNS = dict(_patterns())


def test_there_are_patterns() -> None:
    assert len(PATTERNS) > 100


@pytest.mark.parametrize(
    "name", sorted(name for name, found in PATTERNS.items() if found.flags & re.MULTILINE)
)
def test_a_line_begins_with_blanks_of_its_own(name: str) -> None:
    # `^\s*` goes over all empty lines that follow, and again from each of them: quadratic.
    assert not re.search(r"\^\(?\\s[*+]", PATTERNS[name].pattern)
