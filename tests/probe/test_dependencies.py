"""The probe stays small: a caller's machine gets psutil, grpcio and protobuf, and nothing else."""

from __future__ import annotations

from importlib import metadata

from packaging.requirements import Requirement

ALLOWED = {"hotline-proto", "psutil", "grpcio", "protobuf", "typing-extensions"}


def needed_by(name: str) -> set[str]:
    """Return the names of all distributions that one needs on this system, extras left out."""
    found: set[str] = set()
    open_ = [name]
    while open_:
        for text in metadata.requires(open_.pop()) or ():
            requirement = Requirement(text)
            here = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if here and requirement.name not in found:
                found.add(requirement.name)
                open_.append(requirement.name)
    return found


def test_nothing_else_is_needed() -> None:
    assert needed_by("hotline-probe") <= ALLOWED
    assert {"psutil", "grpcio", "protobuf"} <= needed_by("hotline-probe")
