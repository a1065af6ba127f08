"""Everything that has to do with accounts, put together over one store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

from hotline_collector.security.accounts import LocalAccounts, wall_us
from hotline_collector.security.administration import Administration, AdministrationKeeper
from hotline_collector.security.browsers import BrowserKeeper, Browsers
from hotline_collector.security.links import LinkKeeper, OneTimeLinks
from hotline_collector.security.own_account import OwnAccount, OwnKeeper
from hotline_collector.security.paced import Audit, PacedAccounts
from hotline_collector.security.pacing import Gate


class DoorKeeper(AdministrationKeeper, BrowserKeeper, LinkKeeper, OwnKeeper, Audit, Protocol):
    """Where all of it is kept; the store implements it."""


@dataclass(frozen=True, slots=True)
class Doors:
    """What lets people and programs in, and those who look after that."""

    accounts: PacedAccounts
    browsers: Browsers
    links: OneTimeLinks
    own: OwnAccount
    administration: Administration
    audit: Audit

    @classmethod
    def of(
        cls,
        store: DoorKeeper,
        local: LocalAccounts,
        gate: Gate,
        key: bytes,
        now: Callable[[], int] = wall_us,
    ) -> Self:
        """Put it together; `gate` is the one at which join codes wait, `key` hashes sessions and links."""
        paced, browsers = PacedAccounts(local, gate, store), Browsers(store, key, now)
        links = OneTimeLinks(store, local, key, store, now)
        own = OwnAccount(store, local, paced, browsers, store)
        return cls(paced, browsers, links, own, Administration(store, local, links, store), store)
