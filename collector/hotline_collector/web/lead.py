"""The lead's page: how the call centre did in some days, and the same as CSV."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from hotline_proto.v1 import agent_pb2 as pb
from starlette.responses import Response
from starlette.routing import Route

from hotline_collector.calls.desk import Desk
from hotline_collector.calls.errors import CallError, CallErrorKind, invalid
from hotline_collector.console.figure_words import FIGURE_WORDS
from hotline_collector.model.units import quantity, rough_duration
from hotline_collector.web.charts import Chart, Column, chart
from hotline_collector.web.dates import day_text, days_text
from hotline_collector.web.figures_csv import as_csv
from hotline_collector.web.guard import Guard, Visit
from hotline_collector.web.rendering import HOME, Pages, language_of

LEAD = f"{HOME}/lead"
OFFERED = (7, 30, 90)
_LONGEST = 20


class LeadPages:
    """The figures, for leads and admins."""

    def __init__(self, desk: Desk, guard: Guard, pages: Pages) -> None:
        self._desk = desk
        self._guard = guard
        self._pages = pages

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            self._guard.get(LEAD, self._show, "GetFigures"),
            self._guard.get(f"{LEAD}/figures.csv", self._csv, "GetFigures"),
        ]

    async def _show(self, visit: Visit) -> Response:
        asked = _asked(visit)
        try:
            told = await self._told(visit, asked)
        except CallError as error:
            if error.kind is not CallErrorKind.INVALID:
                raise
            return self._page(visit, asked, None, 400, str(error))
        return self._page(visit, asked, told)

    async def _csv(self, visit: Visit) -> Response:
        told, lang = await self._told(visit, _asked(visit)), language_of(visit.request)
        name = f"hotline-{told.first_day}-{told.last_day}.csv"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(as_csv(told, lang), media_type="text/csv; charset=utf-8", headers=headers)

    async def _told(self, visit: Visit, asked: Mapping[str, str]) -> pb.GetFiguresResponse:
        return await self._desk.reporting.figures(
            visit.who, days=_number(asked["days"]), first=asked["from"], last=asked["to"]
        )

    def _page(
        self,
        visit: Visit,
        asked: Mapping[str, str],
        told: pb.GetFiguresResponse | None,
        status: int = 200,
        wrong: str = "",
    ) -> Response:
        lang = language_of(visit.request)
        return self._pages.render(
            visit.request,
            "lead.html",
            reader=visit.reader,
            status=status,
            wrong=wrong,
            asked=asked,
            offered=OFFERED,
            told=told,
            f=FIGURE_WORDS[lang],
            span_chart=span_chart,
            share_chart=share_chart,
            took=functools.partial(rough_duration, lang=lang),
            percent=lambda share: quantity(round(share, 3), "1", lang),
            day=functools.partial(day_text, lang=lang),
            days=functools.partial(days_text, lang=lang),
        )


def span_chart(figure: pb.SpanFigure) -> Chart:
    """Return the medians of a span as bars, and its 90th percentiles as marks."""
    return chart(
        [
            Column((step.median_s,) if step.calls else (), step.p90_s if step.calls else 0.0, few=step.few)
            for step in figure.steps
        ]
    )


def share_chart(figure: pb.ShareFigure) -> Chart:
    """Return the shares as bars; the top is all."""
    return chart([Column((step.share,) if step.of else (), few=step.few) for step in figure.steps], 1.0)


def _asked(visit: Visit) -> dict[str, str]:
    query = visit.request.query_params
    return {name: query.get(name, "").strip()[:_LONGEST] for name in ("days", "from", "to")}


def _number(days: str) -> int:
    if not days:
        return 0
    if not (days.isascii() and days.isdigit() and 1 <= int(days) <= 9999):
        raise invalid(f"{days!r} is no number of days")
    return int(days)
