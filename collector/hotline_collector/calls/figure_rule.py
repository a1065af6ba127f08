"""Of whom figures may be told: of teams, and of single agents only if the operator switched it on."""

from __future__ import annotations

from hotline_collector.calls.ports import Store
from hotline_collector.calls.settings import CallSettings

# Below that, a figure of a team says too much about one of them.
LEAST_AGENTS = 5
_ACTION = "figures.per_agent"


def figures_allowed(settings: CallSettings, agents: int) -> bool:
    """Tell whether a figure that comes from the work of so many agents may be told."""
    return settings.per_agent_figures or agents >= LEAST_AGENTS


async def note_change(store: Store, *, per_agent: bool) -> None:
    """Note in the audit trail that figures of single agents were switched on or off since the last start.

    Raises:
        StoreError: it could not be noted.
    """
    last = await store.last_audit(_ACTION)
    if per_agent != (last is not None and last.detail == "on"):
        await store.audit("operator", _ACTION, "", "on" if per_agent else "off")
