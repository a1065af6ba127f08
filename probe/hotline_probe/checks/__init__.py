"""Checks of what a caller names, layer by layer: name, address, route, TCP, TLS, HTTP."""

from hotline_probe.checks.run import run_check
from hotline_probe.checks.target import CheckTarget, is_own_network, parse_check

__all__ = ["CheckTarget", "is_own_network", "parse_check", "run_check"]
