"""The pages for callers: start, join with the code filled in, and the probe's builds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import jinja2
from hotline_proto.errors import JoinCodeError
from hotline_proto.joincode import JoinTarget, normalise_code
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from hotline_collector.calls.waiting_room import WaitingRoom
from hotline_collector.model.units import Lang
from hotline_collector.serve.downloads import Build
from hotline_collector.serve.page_texts import PAGE_TEXTS
from hotline_collector.serve.phone_pages import PhonePages, PhoneParts
from hotline_collector.serve.phone_texts import PHONE_TEXTS
from hotline_collector.serve.result_pages import ResultPages, TakesResults
from hotline_collector.serve.waiting_pages import WaitingPages
from hotline_collector.serve.waiting_texts import WAITING_TEXTS
from hotline_collector.web.language import choose_lang

_PAGES = resources.files("hotline_collector.serve") / "pages"


@dataclass(frozen=True, slots=True)
class CallerFacts:
    """What the pages tell: who the operator is, where probes join, and which builds are offered.

    `ca_fingerprint` is empty with a public certificate.
    """

    operator: str
    host: str
    grpc_port: int
    ca_fingerprint: str = ""
    addresses: tuple[str, ...] = ()
    builds: Sequence[Build] = ()
    web_url: str = ""


@cache
def _compiled() -> jinja2.Environment:
    """Return the templates; each is compiled once a process, which takes longer than any page."""
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (_PAGES / name).read_text("utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class CallerPages:
    """Renders the pages.

    `results` takes what callers send by picture codes, `room` is where they queue up, `phone` is for those
    with only a phone. Nothing here knows which codes exist, so that a page never tells.
    """

    def __init__(
        self,
        facts: CallerFacts,
        results: TakesResults | None = None,
        room: WaitingRoom | None = None,
        phone: PhoneParts | None = None,
    ) -> None:
        self._facts = facts
        outside_tls = facts.web_url.startswith("https:")
        self._waiting = WaitingPages(room, self._page, outside_tls).routes() if room else []
        self._results = ResultPages(results, self._page).routes() if results else []
        self._phone = PhonePages(phone, self._page).routes() if phone else []
        self._builds = {build.name: build for build in facts.builds}
        self._templates = _compiled()
        self._style = (_PAGES / "pages.css").read_text("utf-8")

    def routes(self) -> list[Route]:
        """Return the routes of all pages."""
        return [
            Route("/", self._start),
            Route("/join", self._typed),
            Route("/join/{code}", self._join),
            Route("/download/{name}", self._download),
            Route("/pages.css", self._css),
            *self._results,
            *self._waiting,
            *self._phone,
        ]

    async def _start(self, request: Request) -> Response:
        return self._page("start.html", request, wrong=False, typed="", waiting=self._entrance, given={})

    async def _typed(self, request: Request) -> Response:
        return self._joining(request, request.query_params.get("code", ""))

    async def _join(self, request: Request) -> Response:
        return self._joining(request, request.path_params["code"])

    def _joining(self, request: Request, text: str) -> Response:
        facts = self._facts
        try:
            code = normalise_code(text)
        except JoinCodeError:
            entrance = self._entrance
            return self._page(
                "start.html", request, 400, wrong=True, typed=text[:20], waiting=entrance, given={}
            )
        place = (facts.host, facts.grpc_port, facts.ca_fingerprint, facts.addresses, facts.web_url)
        target = JoinTarget(code, *place)
        phone = f"/phone/{code}" if self._phone else ""
        return self._page(
            "join.html", request, link=target.link(), builds=facts.builds, size=_size, phone=phone
        )

    async def _download(self, request: Request) -> Response:
        build = self._builds.get(request.path_params["name"])
        if build is None or not build.path.is_file():
            return PlainTextResponse("there is no such build; go back to the start page\n", status_code=404)
        return FileResponse(build.path, media_type="application/octet-stream", filename=build.name)

    async def _css(self, _request: Request) -> Response:
        return Response(self._style, media_type="text/css")

    @property
    def _entrance(self) -> str | None:
        """Return what is wrong at the entrance of the waiting room (nothing), None if there is no room."""
        return "" if self._waiting else None

    def _page(
        self, name: str, request: Request, status: int = 200, lang: str = "", **values: object
    ) -> HTMLResponse:
        shown = choose_lang(lang, "") if lang else _lang(request)
        template = self._templates.get_template(name)
        words = {**PAGE_TEXTS[shown], **WAITING_TEXTS[shown], **PHONE_TEXTS[shown]}
        page = template.render(t=words, lang=shown, operator=self._facts.operator, **values)
        return HTMLResponse(page, status_code=status, headers={"vary": "accept-language"})


def _lang(request: Request) -> Lang:
    return choose_lang(request.query_params.get("lang", ""), request.headers.get("accept-language", ""))


def _size(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
