"""What everybody does with their own account: password, taste, and where it is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hotline_collector.errors import AccountError
from hotline_collector.model.accounts import APPEARANCES, LANGUAGES, TokenRow
from hotline_collector.security.accounts import LocalAccounts
from hotline_collector.security.browsers import Browsers
from hotline_collector.security.paced import Audit, PacedAccounts


class OwnKeeper(Protocol):
    """Where accounts are kept; the store implements it."""

    async def set_taste(self, name: str, language: str, appearance: str) -> None:
        """Keep how somebody wants pages to speak and look."""
        ...

    async def tokens(self, now: int, user: str = "") -> list[TokenRow]:
        """Return the tokens that are valid, of one account or all."""
        ...

    async def drop_token(self, digest: bytes) -> bool:
        """Forget a token; False if there was none."""
        ...

    async def drop_logins(self, user: str, keep: bytes = b"") -> None:
        """End all sessions of browsers but one, and all logins of the command line."""
        ...


@dataclass(frozen=True, slots=True)
class Session:
    """Where an account is signed in; times are µs since the epoch.

    `device` names the browser, and is empty for the command line, of which `seen` is not known (0).
    """

    id: str
    browser: bool
    device: str
    created: int
    seen: int
    current: bool


class OwnAccount:
    """Somebody's own account; every method raises `StoreError` if the store fails."""

    def __init__(
        self, keeper: OwnKeeper, local: LocalAccounts, paced: PacedAccounts, browsers: Browsers, audit: Audit
    ) -> None:
        self._keeper = keeper
        self._local = local
        self._paced = paced
        self._browsers = browsers
        self._audit = audit

    async def set_taste(self, name: str, language: str, appearance: str) -> None:
        """Keep in which language and appearance somebody wants to work, in whichever browser.

        Raises:
            AccountError: there is no such language or appearance.
        """
        if language not in LANGUAGES or appearance not in APPEARANCES:
            raise AccountError(f"there is {', '.join(LANGUAGES)}, and {', '.join(APPEARANCES)}")
        await self._keeper.set_taste(name, language, appearance)
        await self._audit.audit(f"agent:{name}", "user.taste", "", f"{language}, {appearance}")

    async def change_password(
        self, name: str, old: str, new: str, token: str, address: str, connection: str
    ) -> bool:
        """Change a password, which ends every login but this browser's; False if the old one is wrong.

        Raises:
            Busy: too many attempts at once; the old password was not looked at.
            PasswordRefused: the new one is not taken.
        """
        if await self._paced.check(name, old, address, connection) is None:
            return False
        await self._local.change_password(name, new, self._browsers.mac(token))
        self._browsers.endings += 1
        await self._audit.audit(f"agent:{name}", "user.passwd", "", name)
        return True

    async def sessions(self, name: str, token: str) -> list[Session]:
        """Return where an account is signed in: this browser first, then others, then command lines."""
        here = self._browsers.mac(token)
        rows = await self._browsers.of(name)
        rows.sort(key=lambda row: row.mac != here)
        logins = await self._keeper.tokens(self._local.now(), name)
        return [
            *(
                Session(row.mac.hex(), True, row.device, row.created, row.seen, row.mac == here)
                for row in rows
            ),
            *(Session(row.digest.hex(), False, "", row.created, 0, False) for row in logins if not row.name),
        ]

    async def end_session(self, name: str, token: str, identity: str) -> None:
        """End one of one's own sessions.

        Raises:
            AccountError: it has ended already.
        """
        found = next((each for each in await self.sessions(name, token) if each.id == identity), None)
        if found is None:
            raise AccountError("this session has ended already")
        if found.browser:
            await self._browsers.drop(bytes.fromhex(identity))
        else:
            await self._keeper.drop_token(bytes.fromhex(identity))
        await self._audit.audit(f"agent:{name}", "user.session_end", "", name)

    async def end_others(self, name: str, token: str) -> None:
        """End all of one's own sessions but this one."""
        await self._keeper.drop_logins(name, self._browsers.mac(token))
        self._browsers.endings += 1
        await self._audit.audit(f"agent:{name}", "user.sessions_end", "", name)
