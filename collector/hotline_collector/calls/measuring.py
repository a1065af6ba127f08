"""Measuring something again at once, because somebody waits for it."""

from __future__ import annotations

from hotline_collector.calls import frames
from hotline_collector.calls.errors import conflict, invalid, locked
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.model.hints import did_you_mean
from hotline_collector.model.targets import COMPUTER

# A source takes seconds to run, and the probe takes no more than sixty such wishes a minute.
PAUSE_US = 5_000_000


def measure(call: CallRuntime, source: str, now: int) -> None:
    """Have a source of the caller's computer run at once; `now` in µs since the epoch.

    Raises:
        CallError: no such source, nobody is connected or allows it, or it was asked for only just now.
    """
    sources = call.around.catalogue.sources
    spec = sources.get(source)
    if spec is None or not spec.platforms:
        measured = [name for name, each in sources.items() if each.platforms]
        raise invalid(f"no probe measures {source[:64]!r}{did_you_mean(source[:64], measured)}")
    session = call.sessions.get(COMPUTER)
    if session is None or session.link is None:
        raise conflict("the caller is not connected, so nothing can be measured there")
    if not session.basic:
        raise locked("the caller has not allowed the basic readings yet")
    if session.row.platform not in spec.platforms:
        raise conflict(f"a probe on {session.row.platform} cannot measure {source}")
    if now < session.measured.get(source, 0) + PAUSE_US:
        raise conflict(f"{source} is being measured already; its readings are on their way")
    session.measured[source] = now
    session.send(frames.follow_up([source]))
