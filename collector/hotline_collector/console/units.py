"""Values in human form, as the terminal and the pages show them."""

from __future__ import annotations

from hotline_collector.model.units import (
    Lang,
    Limit,
    condition,
    duration,
    human,
    limit,
    quantity,
    rough_duration,
    rough_span,
    span,
    whole_minutes,
)

__all__ = [
    "Lang",
    "Limit",
    "condition",
    "duration",
    "human",
    "limit",
    "quantity",
    "rough_duration",
    "rough_span",
    "span",
    "whole_minutes",
]
