"""Whole machines as the scenarios describe them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hotline_collector.rulepack.cases import Moment

from tests.rules.describing import described


@pytest.fixture(scope="session")
def moment() -> Callable[[dict[str, Any]], Moment]:
    """Return a function that turns what a scenario says about a machine into one moment of it."""
    return described
