"""The admin's page of the audit trail: searched, paged, and its chain checked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from starlette.responses import Response
from starlette.routing import Route

from hotline_collector.calls.errors import invalid
from hotline_collector.errors import Busy
from hotline_collector.store.audit import AuditEntry, AuditFilter, ChainReport
from hotline_collector.web.admin_start import ADMIN
from hotline_collector.web.admin_users import actor_of
from hotline_collector.web.guard import Guard, Visit
from hotline_collector.web.rendering import Pages

AUDIT = f"{ADMIN}/audit"
_FIELDS = ("actor", "action", "call", "day")
_PAGE = 100
_MAX_FIELD = 100
_MAX_DIGITS = 18


class AuditTrail(Protocol):
    """Keeps the audit trail; the store implements it."""

    async def audit(self, actor: str, action: str, call_id: str, detail: str) -> None:
        """Append one entry."""
        ...

    async def audit_page(self, wanted: AuditFilter, before: int, limit: int) -> list[AuditEntry]:
        """Return some entries, the newest first."""
        ...

    async def verify_chain(self) -> ChainReport:
        """Check every entry."""
        ...


class AdminAudit:
    """Shows the audit trail; looking at it is an entry, too."""

    def __init__(self, trail: AuditTrail, guard: Guard, pages: Pages) -> None:
        self._trail = trail
        self._guard = guard
        self._pages = pages
        self._checking = asyncio.Lock()

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            self._guard.get(AUDIT, self._show, role="admin"),
            self._guard.post(f"{AUDIT}/verify", self._verify, role="admin"),
        ]

    async def _show(self, visit: Visit) -> Response:
        asked = visit.request.query_params
        given = {name: asked.get(name, "").strip()[:_MAX_FIELD] for name in _FIELDS}
        before = asked.get("before", "") or "0"
        if not (before.isascii() and before.isdigit() and len(before) <= _MAX_DIGITS):
            raise invalid(f"before is the number of an entry, not {before[:_MAX_FIELD]!r}")
        said = ", ".join(f"{name} {value}" for name, value in given.items() if value)
        await self._trail.audit(actor_of(visit), "audit.look", "", said)
        return await self._page(visit, given, int(before))

    async def _verify(self, visit: Visit) -> Response:
        if self._checking.locked():
            raise Busy("the chain is being checked already")
        async with self._checking:
            report = await self._trail.verify_chain()
        said = f"broken at {report.broken_at}" if report.broken_at else f"{report.entries} entries, unbroken"
        await self._trail.audit(actor_of(visit), "audit.verify", "", said)
        return await self._page(visit, dict.fromkeys(_FIELDS, ""), 0, report)

    async def _page(
        self, visit: Visit, given: Mapping[str, str], before: int, report: ChainReport | None = None
    ) -> Response:
        wanted = _filter(given)
        found = await self._trail.audit_page(wanted, before, _PAGE + 1)
        return self._pages.render(
            visit.request,
            "admin_audit.html",
            reader=visit.reader,
            entries=found[:_PAGE],
            older=found[_PAGE - 1].seq if len(found) > _PAGE else 0,
            given=given,
            before=before,
            report=report,
        )


def _filter(given: Mapping[str, str]) -> AuditFilter:
    since = until = 0
    if given["day"]:
        try:
            day = date.fromisoformat(given["day"])
            since, until = _midnight(day), _midnight(day + timedelta(days=1))
        except (ValueError, OverflowError):
            raise invalid(f"a day is written like 2026-11-29, not {given['day']!r}") from None
    return AuditFilter(given["actor"], given["action"], given["call"], since, until)


def _midnight(day: date) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1e6)
