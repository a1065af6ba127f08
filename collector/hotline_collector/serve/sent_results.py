"""Takes a result that a caller's phone sends from the page of a picture code, and says how that went."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from hotline_proto.errors import JoinCodeError, SpokenError
from hotline_proto.joincode import normalise_code
from hotline_proto.spoken import heard_version

from hotline_collector.calls.actor import CALLER
from hotline_collector.calls.desk import Desk
from hotline_collector.calls.errors import CallError, CallErrorKind
from hotline_collector.errors import Busy
from hotline_collector.model.targets import COMPUTER, CodePurpose


class Outcome(StrEnum):
    """What the page then says."""

    SENT = "sent"
    BAD_DIGITS = "bad_digits"
    BAD_CODE = "no_such_code"
    OTHER_RULES = "other_rules"
    CONNECTED = "connected"
    BUSY = "busy"


class LookUp(Protocol):
    """Finds the call of a join code that stays valid, in the same paced queue as joining."""

    async def look_up(self, code: str, address: str, connection: str = "") -> CodePurpose | None:
        """Return what it is for, None if the code is wrong, used or expired; raises Busy."""
        ...


class SentResults:
    """Enters results into calls, as an agent does who hears the digits."""

    def __init__(self, desk: Desk, codes: LookUp) -> None:
        self._desk = desk
        self._codes = codes

    async def take(self, code: str, digits: str, address: str, connection: str) -> Outcome:
        """Enter the digits into the call of a code; never raises for what was sent."""
        try:
            heard_version(digits)
        except SpokenError:
            return Outcome.BAD_DIGITS
        try:
            purpose = await self._codes.look_up(normalise_code(code), address, connection)
        except JoinCodeError:
            return Outcome.BAD_CODE
        except Busy:
            return Outcome.BUSY
        if purpose is None or purpose.target != COMPUTER:
            return Outcome.BAD_CODE
        try:
            await self._desk.enter_spoken(CALLER, purpose.call_id, digits)
        except CallError as error:
            return _OUTCOMES.get(error.kind, Outcome.BAD_CODE)
        return Outcome.SENT


_OUTCOMES = {CallErrorKind.CONFLICT: Outcome.CONNECTED, CallErrorKind.INVALID: Outcome.OTHER_RULES}
