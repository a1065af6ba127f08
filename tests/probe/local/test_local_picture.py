"""Where a picture code leads: the operator's own page, and the caller is told which."""

from __future__ import annotations

import pytest
from hotline_probe.local.face import web_page
from hotline_probe.preset import Preset
from hotline_probe.texts import LANGUAGES
from hotline_proto.joincode import JoinTarget, parse_target

OPERATOR = Preset("Example Help", "help.example.org", web="https://help.example.org")
LINK = "hotline://{host}/378010907425?web=https://elsewhere.example"


def target(host: str) -> JoinTarget:
    return parse_target(LINK.format(host=host))


def test_a_link_cannot_lead_the_operators_callers_elsewhere() -> None:
    assert web_page(target(OPERATOR.host), OPERATOR) == OPERATOR.web


def test_another_call_centre_has_a_page_of_its_own() -> None:
    assert web_page(target("other.example"), OPERATOR) == "https://elsewhere.example"
    assert web_page(target("other.example"), None) == "https://elsewhere.example"
    assert web_page(JoinTarget("378010907425", "other.example"), OPERATOR) == ""


def test_without_a_link_the_build_knows() -> None:
    assert web_page(None, OPERATOR) == OPERATOR.web
    assert web_page(JoinTarget("378010907425", OPERATOR.host), OPERATOR) == OPERATOR.web
    assert web_page(None, None) == ""


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_caller_is_told_where_it_leads(language: str) -> None:
    assert "help.example.org" in LANGUAGES[language].local_picture.format(site="help.example.org")
