"""Files of YAML, each read once for all tests of a process; nobody changes what is in them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def yaml_file(file: Path) -> Any:
    """Return what a file holds, by PyYAML's parser in C: the one in Python takes eight times as long."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
