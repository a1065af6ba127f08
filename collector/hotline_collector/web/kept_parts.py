"""Parts of pages that are not made again as long as they would read the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

# Some kilobytes each; the fixes of some hundred open calls.
_MOST = 2000
Part = Callable[..., str]


class KeptParts:
    """What macros of templates made, by everything they made it of; those used last are kept.

    A page that is kept up to date is made every few seconds, and most of it reads as before.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._made: OrderedDict[Hashable, str] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], str]) -> str:
        """Return the part of a key, made by `make` if it is not there."""
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = make()
            if len(self._made) > self._most:
                self._made.popitem(last=False)
        else:
            self._made.move_to_end(key)
        return made

    def of(self, *whose: Hashable) -> Callable[..., str]:
        """Return the function that templates call as `kept(macro, key, *arguments)`.

        `whose` stands for what all macros of a page may use: its language and the key of its reader's forms.
        `key` holds whatever else the macro uses of its arguments and of the page, never the time of day.
        """

        def kept(macro: Part, key: Hashable, *arguments: object) -> str:
            name = getattr(macro, "name", "")
            return self.get((name, whose, key), lambda: macro(*arguments))

        return kept
