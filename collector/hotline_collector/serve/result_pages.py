"""The page to which a picture code leads: shows a result, and one button sends it to the agent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from hotline_proto.errors import JoinCodeError, SpokenError
from hotline_proto.joincode import normalise_code
from hotline_proto.spoken import read_back
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hotline_collector.serve.sent_results import Outcome
from hotline_collector.web.forms import is_foreign, read_form

MAX_BODY = 2048
_STATUS = {
    Outcome.SENT: 200,
    Outcome.BAD_DIGITS: 400,
    Outcome.BAD_CODE: 404,
    Outcome.OTHER_RULES: 409,
    Outcome.CONNECTED: 409,
    Outcome.BUSY: 429,
}


class TakesResults(Protocol):
    """Enters a result into a call."""

    async def take(self, code: str, digits: str, address: str, connection: str) -> Outcome:
        """Enter the digits and tell how that went."""
        ...


Render = Callable[..., Response]


class ResultPages:
    """Looking changes nothing; only the button sends. `render` makes a page of a template and values."""

    def __init__(self, results: TakesResults, render: Render) -> None:
        self._results = results
        self._render = render

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/r", self._send, methods=["POST"]),
            Route("/r/{digits}", self._show),
            Route("/r/{code}/{digits}", self._show),
        ]

    async def _show(self, request: Request) -> Response:
        code, digits = request.path_params.get("code", ""), _spaced(request.path_params["digits"])
        outcome = None if digits else Outcome.BAD_DIGITS
        return self._page(request, outcome, _code(code), digits)

    async def _send(self, request: Request) -> Response:
        form = await read_form(request, MAX_BODY)
        code, digits = form.get("code", ""), _spaced(form.get("digits", ""))
        if not digits or is_foreign(request):
            return self._page(request, Outcome.BAD_DIGITS, "", "")
        host, port = (request.client.host, request.client.port) if request.client else ("", 0)
        outcome = await self._results.take(code, digits, host, f"{host}:{port}")
        return self._page(request, outcome, _code(code), digits, form.get("lang", ""))

    def _page(
        self, request: Request, outcome: Outcome | None, code: str, digits: str, lang: str = ""
    ) -> Response:
        status = 200 if outcome is None else _STATUS[outcome]
        word = "" if outcome is None else outcome.value
        here = "/".join(["/r", *([code] if code else []), digits.replace(" ", "")]) if digits else "/"
        values = {"outcome": word, "code": code, "digits": digits, "here": here}
        return self._render("result.html", request, status=status, lang=lang, **values)


def _code(text: str) -> str:
    try:
        return normalise_code(text)
    except JoinCodeError:
        return ""


def _spaced(text: str) -> str:
    """Return the digits in groups, empty if they are not a result that was copied without a mistake."""
    try:
        return read_back(text)
    except SpokenError:
        return ""
