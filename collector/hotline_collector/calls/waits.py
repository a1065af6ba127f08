"""How long a caller has waited in the queue, and what the line has cost them; pure functions of a row.

A wait begins when the call enters the queue (`queued`) and ends when an agent takes it. A call that is
transferred waits once more; both waits count together. From the moment in which the caller asked to be called
back they are not on the line any more, so that nothing is charged from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from hotline_collector.model.rows import CallRow

_MINUTE_US = 60_000_000
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Tariff:
    """What the line costs while a caller waits: a price per minute after some free minutes.

    Without `charged` waiting is free, whatever the call itself costs. `currency` is a code of ISO 4217.
    """

    charged: bool = False
    price_per_minute: Decimal = Decimal(0)
    currency: str = "EUR"
    free_minutes: Decimal = Decimal(0)

    @property
    def free_us(self) -> int:
        """How long waiting is free, in microseconds."""
        return int(self.free_minutes * _MINUTE_US)


def begin(row: CallRow, now: int, *, for_agent: str = "") -> None:
    """Put a call into the queue; `for_agent` is whom it waits for, empty for anyone."""
    row.waited_from = row.waited_from or now
    row.queued, row.state, row.for_agent, row.agent, row.back_called = now, "waiting", for_agent, "", 0


def end(row: CallRow, now: int, tariff: Tariff) -> None:
    """Take a call out of the queue and add up how long it waited."""
    row.wait_paid_us, row.wait_us = paid(row, now, tariff), waited(row, now)
    row.queued, row.for_agent = 0, ""


def on_the_line_again(row: CallRow, now: int, tariff: Tariff) -> None:
    """Let a caller who wanted to be called back wait on the line; what they waited meanwhile stays free."""
    row.wait_paid_us, row.wait_us, row.queued = paid(row, now, tariff), waited(row, now), now
    row.back_number, row.back_asked = "", 0


def waited(row: CallRow, now: int) -> int:
    """Return how long a call has waited in the queue by now, all its waits together, in microseconds."""
    return row.wait_us + (max(0, now - row.queued) if row.queued else 0)


def paid(row: CallRow, now: int, tariff: Tariff) -> int:
    """Return the part of the wait that is charged, in microseconds."""
    if not row.queued or not tariff.charged or 0 < row.back_asked <= row.queued:
        return row.wait_paid_us
    until = min(row.back_asked or now, now)
    free = max(0, tariff.free_us - row.wait_us)
    return row.wait_paid_us + max(0, until - row.queued - free)


def cost(paid_us: int, tariff: Tariff) -> Decimal:
    """Return what a charged wait costs, in the tariff's currency, to the cent and by the second.

    The bill of the caller's provider may round otherwise, for instance up to whole minutes.
    """
    seconds = paid_us // 1_000_000
    return (tariff.price_per_minute * seconds / 60).quantize(_CENT, ROUND_HALF_UP)


def place_key(row: CallRow) -> tuple[int, str]:
    """Return what the queue is sorted by: who came first is served first, also after a transfer."""
    return row.opened, row.id
