"""Sends messages to the ticket system: signed, one after the other, again until they arrive or are too old.

Messages wait in the store, so a restart loses none; one that arrived while the collector died is sent again
with the same id.
"""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from typing import Protocol

import httpx

from hotline_collector.calls.clock import SteadyClock
from hotline_collector.calls.ports import Bus
from hotline_collector.calls.tickets import TOPIC
from hotline_collector.errors import StoreError
from hotline_collector.model.rows import DeliveryRow
from hotline_collector.security.webhooks import signed_headers
from hotline_collector.serve.webhook_target import Unreachable, place_of

_BATCH = 20
_LOOK_AGAIN_S = 60.0
_MAX_DETAIL = 200
# The receiver says that nobody will listen there again (RFC 9110, 15.5.11).
_GONE = 410
# What is wrong with the receiver and not with this one message.
_BUSY = frozenset({408, 425, 429})
_log = logging.getLogger(__name__)


class Outbox(Protocol):
    """Keeps messages that wait; raises `StoreError` if it cannot."""

    async def due_deliveries(self, now: int, limit: int) -> list[DeliveryRow]:
        """Return messages that wait and are due, oldest first."""
        ...

    async def next_delivery(self) -> int | None:
        """Return when the next message is due."""
        ...

    async def delivery_counts(self) -> dict[str, int]:
        """Return how many messages are in each state."""
        ...

    async def settle_delivery(self, row: DeliveryRow) -> bool:
        """Keep how an attempt went."""
        ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long it is tried: doubling from `first_s` to `longest_s`, with jitter.

    The defaults are 20 attempts over about half a day.
    """

    attempts: int = 20
    first_s: float = 5.0
    longest_s: float = 3600.0
    answer_s: float = 15.0

    def delay_s(self, failed: int) -> float:
        """Return how long to wait after so many failed attempts; half of it is chance."""
        whole = min(self.longest_s, self.first_s * 2.0 ** min(failed - 1, 30))
        return whole * random.uniform(0.5, 1.0)  # noqa: S311 - nothing depends on its being secret


@dataclass(frozen=True, slots=True)
class Receiver:
    """Whom to tell: address and key, which CAs to trust, and whether a private address is meant."""

    url: str
    key: bytes = field(repr=False)
    trusted: ssl.SSLContext
    private: bool = False


class WebhookSender:
    """One receiver's messages; `counts` and `fault` say how it stands."""

    def __init__(
        self,
        receiver: Receiver,
        outbox: Outbox,
        bus: Bus,
        clock: SteadyClock,
        patience: Patience = Patience(),
    ) -> None:
        self._receiver = receiver
        self._outbox = outbox
        self._bus = bus
        self._clock = clock
        self._patience = patience
        self._failed = 0
        self.counts: Mapping[str, int] = {}
        self.fault = ""

    async def run(self) -> None:
        """Send until cancelled."""
        client = httpx.AsyncClient(
            verify=self._receiver.trusted,
            trust_env=False,
            follow_redirects=False,
            timeout=self._patience.answer_s,
        )
        async with client, self._bus.subscribe(TOPIC) as news:
            while True:
                wait = await self._round(client)
                if self._failed:
                    await asyncio.sleep(wait)
                    continue
                try:
                    await asyncio.wait_for(news.next(), wait)
                except TimeoutError:
                    continue

    def health(self) -> Mapping[str, str]:
        """Return one line on how messages get through."""
        waiting, failed = self.counts.get("waiting", 0), self.counts.get("failed", 0)
        line = f"{waiting} waiting, {failed} given up"
        return {"webhook": f"{line}; {self.fault}" if self.fault else line}

    async def _round(self, client: httpx.AsyncClient) -> float:
        """Send what is due and return how long to wait then (s)."""
        try:
            for row in await self._outbox.due_deliveries(self._clock.now(), _BATCH):
                if not await self._attempt(client, row):
                    break
            self.counts = await self._outbox.delivery_counts()
            due = await self._outbox.next_delivery()
        except StoreError as error:
            _log.warning("messages to the ticket system wait: %s", error)
            return _LOOK_AGAIN_S
        if self._failed:
            return min(self._patience.delay_s(self._failed), _LOOK_AGAIN_S)
        wait = _LOOK_AGAIN_S if due is None else (due - self._clock.now()) / 1e6
        return min(max(wait, 0.0), _LOOK_AGAIN_S)

    async def _attempt(self, client: httpx.AsyncClient, row: DeliveryRow) -> bool:
        """Send one message; False if the receiver is out of reach, so that others may wait too."""
        status, row.detail = await self._send(client, row)
        row.attempts += 1
        arrived = 200 <= status < 300
        reached = bool(status) and status < 500 and status not in _BUSY
        now = self._clock.now()
        if arrived:
            row.state, row.settled, row.payload = "delivered", now, ""
        elif status == _GONE or row.attempts >= self._patience.attempts:
            row.state, row.settled = "failed", now
        else:
            row.due = now + round(self._patience.delay_s(row.attempts) * 1e6)
        self._failed = 0 if reached else self._failed + 1
        self.fault = "" if arrived else row.detail
        self._tell(row)
        await self._outbox.settle_delivery(row)
        return reached

    async def _send(self, client: httpx.AsyncClient, row: DeliveryRow) -> tuple[int, str]:
        """Return the status of the answer and what went wrong; 0 if there was no answer."""
        body = row.payload.encode()
        headers = {
            "content-type": "application/json",
            "user-agent": f"hotline/{metadata.version('hotline-collector')}",
            **signed_headers(self._receiver.key, row.id, self._clock.now() // 1_000_000, body),
        }
        try:
            async with asyncio.timeout(self._patience.answer_s):
                place = await place_of(self._receiver.url, private=self._receiver.private)
                request = client.build_request(
                    "POST",
                    place.url,
                    content=body,
                    headers={"host": place.host, **headers},
                    extensions={"sni_hostname": place.name, "timeout": client.timeout.as_dict()},
                )
                answer = await client.send(request, stream=True)
                # Only the status counts; a body of any length is left unread.
                await answer.aclose()
        except TimeoutError:
            return 0, f"no answer within {self._patience.answer_s:g} s"
        except (httpx.HTTPError, httpx.InvalidURL, Unreachable, OSError, ValueError) as error:
            return 0, (str(error) or type(error).__name__)[:_MAX_DETAIL]
        status = answer.status_code
        return status, "" if 200 <= status < 300 else f"the receiver answered {status}"

    def _tell(self, row: DeliveryRow) -> None:
        level = logging.ERROR if row.state == "failed" else logging.INFO
        _log.log(
            level,
            "webhook",
            extra={
                "call": row.call_id,
                "delivery": row.id,
                "event": row.event,
                "state": row.state,
                "attempts": row.attempts,
                "reason": row.detail,
            },
        )
