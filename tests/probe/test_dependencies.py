"""The probe stays small: a caller's machine gets psutil, grpcio and protobuf, and nothing else."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ALLOWED = {"hotline-proto", "psutil", "grpcio", "protobuf", "typing-extensions"}


DELIVERY = Path(__file__).resolve().parents[2] / "docs" / "delivery.md"
# What paramiko does not need, what only builds C modules, and what is ours.
NOT_PACKED = {"invoke", "pycparser", "hotline-proto"}


def needed_by(name: str, extra: str = "") -> set[str]:
    """Return the names of all distributions that one needs on this system, with an extra of its own."""
    found: set[str] = set()
    open_ = [(name, extra)]
    while open_:
        asked, with_ = open_.pop()
        for text in metadata.requires(asked) or ():
            requirement = Requirement(text)
            here = requirement.marker is None or requirement.marker.evaluate({"extra": with_})
            if here and requirement.name.lower() not in found:
                found.add(requirement.name.lower())
                open_.append((requirement.name, ""))
    return found


def test_nothing_else_is_needed() -> None:
    assert needed_by("hotline-probe") <= ALLOWED
    assert {"psutil", "grpcio", "protobuf"} <= needed_by("hotline-probe")


def test_the_licences_of_all_that_the_builds_hold_are_told() -> None:
    pytest.importorskip("paramiko")
    told = set(re.findall(r"^\| ([a-z-]+) \| [^|]*(?:Apache|BSD|LGPL|MIT|PSF)", DELIVERY.read_text(), re.M))
    assert told - {"qrcodegen"} == needed_by("hotline-probe", "ssh") - NOT_PACKED
