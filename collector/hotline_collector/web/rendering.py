"""Makes pages of templates: language, appearance, who is signed in, and headers that browsers obey."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import jinja2
from jinja2.environment import TemplateModule
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from hotline_collector.calls.actor import Actor
from hotline_collector.model.accounts import APPEARANCES
from hotline_collector.model.safe import harmless
from hotline_collector.model.units import Lang
from hotline_collector.web.helpers import helpers
from hotline_collector.web.kept_parts import KeptParts
from hotline_collector.web.language import choose_lang

HOME = "/desk"
# The value of a page that holds the macros made for it.
_MADE = "modules_made"
LANGUAGE, THEME = "hotline_language", "hotline_theme"
_FILES = resources.files("hotline_collector.web") / "pages"
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_WITHIN = re.compile(r"/desk(?:/[A-Za-z0-9/_-]{0,200})?(?:\?[A-Za-z0-9=&%.+_-]{0,300})?")


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a page is for: nobody yet, or somebody signed in with the key that their forms must bring."""

    who: Actor | None = None
    form_key: str = ""


@dataclass(frozen=True, slots=True)
class Taste:
    """The language and appearance that an account has chosen, empty if it has not."""

    language: str = ""
    appearance: str = ""


class _Template(jinja2.Template):
    """A template whose macros are made once a page, however many other templates import them."""

    def make_module(
        self,
        vars: dict[str, Any] | None = None,  # noqa: A002 - the library's own name
        shared: bool = False,
        locals: Mapping[str, Any] | None = None,  # noqa: A002
    ) -> TemplateModule:
        """Return the macros of this template on a page."""
        made: dict[str, TemplateModule] | None = (vars or {}).get(_MADE)
        if made is None or self.name is None:
            return super().make_module(vars, shared, locals)
        if self.name not in made:
            made[self.name] = super().make_module(vars, shared, locals)
        return made[self.name]


@cache
def _compiled() -> jinja2.Environment:
    """Return the templates; each is compiled once a process, which takes longer than any page."""
    templates = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (_FILES / name).read_text("utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.template_class = _Template
    # Escaping makes markup harmless; this does the same with control characters and direction overrides.
    templates.filters["clean"] = harmless
    return templates


class Pages:
    """Renders the console's pages for one operator."""

    def __init__(self, operator: str) -> None:
        self._operator = operator
        self._templates = _compiled()
        self._parts = KeptParts()

    def render(
        self,
        request: Request,
        template: str,
        /,
        *,
        reader: Reader = Reader(),
        status: int = 200,
        **values: object,
    ) -> Response:
        """Return a page; `values` are the template's own."""
        page = self.text(request, template, reader, **values)
        headers = {"content-security-policy": _POLICY, "vary": "accept-language, cookie"}
        return HTMLResponse(page, status_code=status, headers=headers)

    def text(self, request: Request, template: str, reader: Reader, /, **values: object) -> str:
        """Return what a template makes of some values."""
        lang = language_of(request)
        frame = {**helpers(lang)} | {
            "kept": self._parts.of(lang, reader.form_key),
            _MADE: {},
            "theme": theme_of(request),
            "operator": self._operator,
            "who": reader.who,
            "form_key": reader.form_key,
            "here": here(request),
        }
        return self._templates.get_template(template).render(frame | values)

    def error(self, request: Request, kind: str, status: int, reader: Reader, detail: str = "") -> Response:
        """Return a page that says what did not work; `detail` is English."""
        return self.render(request, "error.html", reader=reader, status=status, kind=kind, detail=detail)


def static_file(name: str, media_type: str) -> Response:
    """Return one of the console's own files."""
    return Response((_FILES / name).read_bytes(), media_type=media_type)


def language_of(request: Request) -> Lang:
    """Return the language asked for in the address, else the account's, else the browser's."""
    asked = request.query_params.get("lang", "") or taste_of(request).language
    return choose_lang(asked or request.cookies.get(LANGUAGE, ""), request.headers.get("accept-language", ""))


def theme_of(request: Request) -> str:
    """Return how the page shall look: auto, light or dark."""
    theme = taste_of(request).appearance or request.cookies.get(THEME, "")
    return theme if theme in APPEARANCES else "auto"


def taste_of(request: Request) -> Taste:
    """Return what the account of whoever asks has chosen, nothing if nobody is signed in."""
    taste: Taste = getattr(request.state, "taste", Taste())
    return taste


def here(request: Request) -> str:
    """Return the address of a page, to come back to."""
    query = request.url.query
    return within(request.url.path + (f"?{query}" if query else ""))


def within(address: str) -> str:
    """Return an address of the console as it is, and the console's start for any other."""
    return address if _WITHIN.fullmatch(address) else HOME
