"""Bounds what one evaluation may cost, since macros over macros grow without end."""

from __future__ import annotations

from typing import Final

# About a third of a second. The widest rule over all processes of a busy machine costs some ten thousand.
MOST_WORK: Final = 500_000


class TooMuchWork(Exception):
    """An evaluation has used up its work."""


class Work:
    """What an evaluation may still spend, in nodes evaluated or parts of values walked through."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MOST_WORK

    def spend(self, amount: int) -> None:
        """Take an amount away.

        Raises:
            TooMuchWork: there is not enough left.
        """
        self.left -= amount
        if self.left < 0:
            raise TooMuchWork
