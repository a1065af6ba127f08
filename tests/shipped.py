"""The shipped rules, loaded once for all tests of a process; nobody changes them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import hotline_rules
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.rulepack.loader import load_folder, load_installed
from hotline_proto.catalogue import load_catalogue


@cache
def shipped_rules() -> RuleSet:
    """Return them as the pack's folder has them."""
    return load_folder(Path(hotline_rules.__file__).parent, load_catalogue())


@cache
def installed_rules() -> RuleSet:
    """Return them as a collector finds them, with the name of the pack before those of its files."""
    return load_installed(load_catalogue())
