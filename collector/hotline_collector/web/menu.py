"""The console's menu: what leads where, and who sees it."""

from __future__ import annotations

from dataclasses import dataclass

from hotline_collector.calls.actor import Actor


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry; `word` is a word of the page, `roles` are those that see it."""

    href: str
    word: str
    roles: frozenset[str] = frozenset({"agent", "lead", "admin"})

    def seen_by(self, who: Actor) -> bool:
        """Tell whether somebody sees this entry."""
        return who.role in self.roles


MENU = (
    MenuItem("/desk", "calls"),
    MenuItem("/desk/rules", "rules_menu"),
    MenuItem("/desk/lead", "figures_menu", frozenset({"lead", "admin"})),
    MenuItem("/desk/admin", "administration", frozenset({"admin"})),
)
