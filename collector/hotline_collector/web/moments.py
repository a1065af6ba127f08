"""Times of day in the reader's form; the collector does not know where its readers are, so it says UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from hotline_collector.model.units import Lang

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def moment(at_us: int, lang: Lang, *, seconds: bool = False) -> str:
    """Return a time in µs since the epoch as in "29.11.2026, 14:05 UTC" or "29 Nov 2026, 14:05 UTC"."""
    at = datetime.fromtimestamp(at_us / 1e6, UTC)
    day = f"{at:%d.%m.%Y}" if lang == "de" else f"{at.day} {_MONTHS[at.month - 1]} {at.year}"
    return f"{day}, {at:%H:%M:%S} UTC" if seconds else f"{day}, {at:%H:%M} UTC"
