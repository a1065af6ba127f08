"""Checks of what a caller names, layer by layer: name, address, route, TCP, TLS, HTTP."""

from hotline_probe.checks.run import run_check
from hotline_probe.checks.target import CheckTarget, parse_check

__all__ = ["CheckTarget", "parse_check", "run_check"]
