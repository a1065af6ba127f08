"""What the operator's own systems know, entered on a call's page."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_collector.web.operator_facts import OPERATOR_FACTS
from hotline_proto.catalogue import Catalogue


def test_the_page_offers_every_fact_of_the_operator(catalogue: Catalogue) -> None:
    known = {name for name, spec in catalogue.facts.items() if spec.source == "operator"}
    assert set(OPERATOR_FACTS) == known


async def test_a_known_disturbance_shows_on_the_way(site: Any, join: Any) -> None:
    async with site.browser() as mia:
        probe = await join(site.world)
        await mia.sign_in(lang="de")
        path = f"/desk/calls/{probe.call.row.id}"
        await mia.open(path)
        await mia.send(f"{path}/fact", fact="operator.outage", value="ja", age="15", origin="NMS <b>")
        assert "Anbieter Hier bricht es: eine Störung ist bekannt" in mia.words()
        await mia.send(f"{path}/fact", fact="line.rate_down", value="16,5 Mbit/s", age="")
        await mia.open(f"{path}?find=operator+outage")
        assert "ja 15 min" in mia.words() and "<b>" not in mia.page.text.partition("facts-list")[2]
        await mia.open(f"{path}?find=line.rate_down")
        assert "16,5 Mbit/s" in mia.words()


@pytest.mark.parametrize(
    "fields",
    [
        {"fact": "operator.outage", "value": "perhaps"},
        {"fact": "operator.outage", "value": "yes", "age": "-1"},
        {"fact": "operator.outage", "value": "yes", "age": "²"},
        {"fact": "operator.outage", "value": "yes", "age": "9999999"},
        {"fact": "net.gateway.reachable", "value": "yes"},
        {"fact": "<script>", "value": "x" * 5000},
    ],
)
async def test_what_cannot_be_entered_is_said(site: Any, join: Any, fields: dict[str, str]) -> None:
    async with site.browser() as mia:
        probe = await join(site.world)
        await mia.sign_in()
        path = f"/desk/calls/{probe.call.row.id}"
        await mia.open(path)
        page = await mia.send(f"{path}/fact", **fields)
        assert page.status_code == 400 and 'role="alert"' in page.text and "<script>" not in page.text
