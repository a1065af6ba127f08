"""The rules in use: browsed and searched, one rule's page with its neighbours, cases and history."""

from __future__ import annotations

import asyncio
import functools

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hotline_collector.api.access import allowed
from hotline_collector.calls.desk import Desk
from hotline_collector.calls.errors import not_found
from hotline_collector.calls.reporting import RuleHistory
from hotline_collector.console.figure_words import FIGURE_WORDS
from hotline_collector.console.rule_book import RuleBook, subject_of
from hotline_collector.console.rule_headings import RULE_HEADINGS
from hotline_collector.console.rule_view import RuleViews
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.units import quantity
from hotline_collector.rulepack.cases import KINDS
from hotline_collector.web.charts import Chart, Column, chart
from hotline_collector.web.dates import days_text, moment_text
from hotline_collector.web.guard import Guard, Visit
from hotline_collector.web.rendering import HOME, Pages, language_of
from hotline_collector.web.rules_words import subject_name

RULES = f"{HOME}/rules"
HISTORY_DAYS = 90
# The method of AgentService whose role may see how rules did, and have cases played.
_RECORDS = "ListRuleRecords"
_MAX_SHOWN = 200
_MAX_SEARCH = 100


class RulesPages:
    """The pages of rules; what they did in calls is for leads and admins."""

    def __init__(self, desk: Desk, guard: Guard, pages: Pages) -> None:
        self._desk = desk
        self._guard = guard
        self._pages = pages
        self._book: tuple[RuleSet, RuleBook] | None = None

    def routes(self) -> list[Route]:
        """Return the routes."""
        one = f"{RULES}/{{rule_id}}"
        return [
            self._guard.get(RULES, self._list, "GetRulePack"),
            self._guard.get(one, self._show, "GetRulePack"),
            self._guard.post(f"{one}/cases", self._play, _RECORDS),
        ]

    async def _list(self, visit: Visit) -> Response:
        query, rules = visit.request.query_params, self._desk.manager.rules
        find, subject = query.get("find", "")[:_MAX_SEARCH], query.get("subject", "")[:_MAX_SEARCH]
        book, lang = await self._book_of(rules), language_of(visit.request)
        found = book.find(find, subject) if find.strip() or subject else []
        return self._pages.render(
            visit.request,
            "rules.html",
            reader=visit.reader,
            pack=self._desk.rule_pack(visit.who),
            find=find,
            subject=subject,
            subjects=book.subjects(),
            asked=bool(find.strip() or subject),
            found=found[:_MAX_SHOWN],
            left_out=max(len(found) - _MAX_SHOWN, 0),
            off=sorted(rules.pack.disabled),
            rules=rules.pack.rules,
            said=RuleViews(rules, lang).said,
            subject_name=functools.partial(subject_name, lang=lang),
            when=functools.partial(moment_text, lang=lang),
        )

    async def _show(self, visit: Visit) -> Response:
        rules, rule_id = self._desk.manager.rules, visit.request.path_params["rule_id"]
        if rule_id not in rules.pack.rules:
            raise not_found(f"the rules in use have none that is called {rule_id[:100]!r}")
        lang, may_see = language_of(visit.request), allowed(visit.who.role, _RECORDS)
        history = None
        if may_see:
            history = await self._desk.reporting.rule_history(visit.who, rule_id, HISTORY_DAYS)
        return self._pages.render(
            visit.request,
            "rule.html",
            reader=visit.reader,
            view=RuleViews(rules, lang).of(rule_id),
            h=RULE_HEADINGS[lang],
            f=FIGURE_WORDS[lang],
            off=rule_id in rules.pack.disabled,
            judges=rule_id in rules.by_id,
            subject=subject_of(rule_id),
            subject_name=functools.partial(subject_name, lang=lang),
            kinds=KINDS,
            cases=await self._desk.rule_cases.status(rule_id),
            history=history,
            history_days=HISTORY_DAYS,
            history_chart=history_chart,
            percent=lambda share: quantity(round(share, 3), "1", lang),
            days=functools.partial(days_text, lang=lang),
            when=functools.partial(moment_text, lang=lang),
        )

    async def _play(self, visit: Visit) -> Response:
        rule_id = visit.request.path_params["rule_id"]
        await self._desk.rule_cases.play(visit.who, rule_id)
        return RedirectResponse(f"{RULES}/{rule_id}#cases", 303)

    async def _book_of(self, rules: RuleSet) -> RuleBook:
        if self._book is None or self._book[0] is not rules:
            self._book = (rules, await asyncio.to_thread(RuleBook, rules))
        return self._book[1]


def history_chart(history: RuleHistory) -> Chart:
    """Return how often a rule was shown, right and wrong, side by side; the latter only of enough calls."""
    return chart(
        [Column((float(step.shown), float(step.right), float(step.wrong))) for step in history.steps]
    )
