"""How small a group may be that figures are told of; the operator decides, and a change leaves a trace."""

from __future__ import annotations

from hotline_collector.calls.figures import MIN_GROUP
from hotline_collector.calls.ports import Store
from hotline_collector.calls.settings import CallSettings

_ACTION = "figures.per_agent"


def least_group(settings: CallSettings) -> int:
    """Return the number of calls that a group has at least of which figures are told."""
    return 1 if settings.per_agent_figures else MIN_GROUP


async def note_change(store: Store, *, per_agent: bool) -> None:
    """Note in the audit trail that the operator switched the smallest groups on or off since the last start.

    Raises:
        StoreError: it could not be noted.
    """
    last = await store.last_audit(_ACTION)
    if per_agent != (last is not None and last.detail == "on"):
        await store.audit("operator", _ACTION, "", "on" if per_agent else "off")
