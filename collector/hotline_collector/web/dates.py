"""Days and times as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

from hotline_collector.model.units import Lang

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def day_text(day: str, lang: Lang) -> str:
    """Return a day given as YYYY-MM-DD: 29 Nov 2026, 29.11.2026."""
    year, month, number = day.split("-")
    return f"{number}.{month}.{year}" if lang == "de" else f"{int(number)} {_MONTHS[int(month) - 1]} {year}"


def days_text(first: str, last: str, lang: Lang) -> str:
    """Return some days, as one if there is only one."""
    if first == last:
        return day_text(first, lang)
    return f"{day_text(first, lang)} – {day_text(last, lang)}"


def moment_text(at_us: int, lang: Lang) -> str:
    """Return a time given in microseconds since the epoch, to the minute, in UTC."""
    at = datetime.fromtimestamp(at_us / 1e6, UTC)
    return f"{day_text(at.date().isoformat(), lang)}, {at:%H:%M} UTC"
